"""The program: its commands in the order of the help, each one function of a module of this folder.

A command that is named is built alone, as building them all takes longer than many a command works.
The modules import what is heavy inside their functions, so that the help is there at once.
"""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from kursksim._version import __version__

__all__ = ["COMMANDS", "program"]

COMMANDS = {
    "scenarios": "scenarios",
    "what-ifs": "scenarios",
    "new": "beginnings",
    "explain": "scenarios",
    "check": "scenarios",
    "cite": "scenarios",
    "schema": "scenarios",
    "run": "runs",
    "patterns": "runs",
    "ensemble": "ensembles",
    "compare": "ensembles",
    "sweep": "studies",
    "sensitivity": "studies",
    "discover": "discovery",
    "alternatives": "discovery",
    "verify": "studies",
    "calibrate": "calibration",
    "backtest": "forecasts",
    "forecast": "forecasts",
    "play": "games",
    "why": "why",
    "state": "midnights",
    "diff": "midnights",
    "reveal": "games",
    "tournament": "contests",
    "hub": "hub",
    "replay": "pages",
    "sheets": "pages",
    "import": "imports",
    "export": "exports",
}
"""Commands, and the modules that hold them; a keyword of Python has ``_`` after it there."""


class _Reader(TyperCommand):
    """A command that reads no arguments where none are given: Typer loads pydantic to read them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what is given; defaults stand as they are."""
        if args or any(param.required for param in self.params):
            return super().parse_args(ctx, args)
        return args


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kursksim {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Simulate a finished campaign day by day, for teaching: supply roads, interdiction, the
    decision to withdraw.
    """


def program(word: str = "") -> typer.Typer:
    """Return the program as one command, where a word names it, or with all of them."""
    made = typer.Typer(
        name="kursksim",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    alone = word in COMMANDS
    if not alone:
        made.callback()(_root)
    for name in [word] if alone else COMMANDS:
        module = import_module(f"kursksim.cli.{COMMANDS[name]}")
        function = name.replace("-", "_") + "_" * iskeyword(name)
        made.command(name, cls=_Reader)(getattr(module, function))
    return made
