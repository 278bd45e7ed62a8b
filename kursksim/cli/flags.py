"""Flags that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Optional

import typer

__all__ = [
    "BankSets", "BankStore", "Dask", "Json", "Measures", "Parameters", "Policies", "Rounds", "ScenarioName", "Seed",
    "Sets", "StudyOut", "StudyStore", "Until", "WhatIfs", "Workers", "whole",
]  # fmt: skip


MOST_WORKERS = 1000
"""A slip of the finger must not start more processes than a machine can bear."""


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Parser of a whole number that is not below a least one, nor above a largest if there is one."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most is not None and value > most):
            bound = "" if most is None else f", {most} at most"
            raise typer.BadParameter(
                f"{str(text)[:80]!r} must be a whole number, {least} or more{bound}"
            )
        return value

    return parse


ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A shipped name, a folder or a TOML file.")
]
WhatIfs = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--what-if",
        metavar="NAME",
        help="Lay a what-if on it: a shipped name or a file. May be repeated.",
    ),
]
Sets = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one value, such as parameters.teams_base=0. May be repeated.",
    ),
]
Policies = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--policy",
        metavar="SIDE=NAME[:ARG]",
        help="Decision rule of holder or attacker. May be repeated.",
    ),
]
Json = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--json", metavar="FILE", help="Write the same content as JSON; '-' is standard output."
    ),
]
Seed = Annotated[int, typer.Option("--seed", parser=whole(0), metavar="N", help="Fixes all luck.")]
Until = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--until",
        metavar="DATE",
        help="Last day played, such as 2025-03-01; the scenario's last day if left out.",
    ),
]
Parameters = Annotated[
    str,
    typer.Option(
        "--parameters", metavar="SET", help="default, prior (drawn from the ranges) or posterior."
    ),
]
Workers = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        "--workers",
        parser=whole(1, MOST_WORKERS),
        metavar="N",
        help="Processes; one for each core if left out.",
    ),
]
Dask = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Play on the Dask cluster with this scheduler: tcp://host:8786.",
    ),
]
Measures = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--measure", metavar="ID", help="Outcome to look at, such as order_day. May be repeated."
    ),
]
StudyStore = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--store",
        metavar="FILE",
        help="SQLite file that keeps the runs; one of the same is gone on with.",
    ),
]
StudyOut = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("-o", "--out", metavar="DIR", help="Folder of tables and pictures."),
]
BankSets = Annotated[
    int, typer.Option("-n", "--sets", parser=whole(2), metavar="N", help="Sets of the bank.")
]
Rounds = Annotated[
    int, typer.Option("--rounds", parser=whole(0), metavar="N", help="Rounds of 500 sets at most.")
]
BankStore = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--store",
        metavar="DIR",
        help="Folder of the bank and the rounds; gone on with if it is there.",
    ),
]
