"""Flags that several commands share, as types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from typer import Argument, BadParameter, Option

from kursksim.cli.output import check_target

__all__ = [
    "BankSets",
    "BankStore",
    "Dask",
    "Json",
    "Measures",
    "Parameters",
    "Policies",
    "Replication",
    "Rounds",
    "ScenarioName",
    "Seed",
    "Sets",
    "StudyOut",
    "StudyStore",
    "Text",
    "Texts",
    "Until",
    "WhatIfs",
    "Workers",
    "whole",
]

MOST_WORKERS = 1000
"""A slip of the finger must not start more processes than a machine can bear."""

Text = str | None
Texts = list[str] | None
"""A flag that may be repeated; None where it was not given."""


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a parser of whole numbers from a least one up, to a largest if there is one."""
    bound = f"{least} or more" + ("" if most is None else f", {most} at most")

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1  # refused below, as any other number that is too small
        if value < least or (most is not None and value > most):
            raise BadParameter(f"{str(text)[:80]!r} must be a whole number, {bound}")
        return value

    return parse


ScenarioName = Annotated[
    str, Argument(metavar="SCENARIO", help="A shipped name, a folder or a TOML file.")
]
WhatIfs = Annotated[
    Texts,
    Option(
        "--what-if",
        metavar="NAME",
        help="Lay a what-if on it: a shipped name or a file. May be repeated.",
    ),
]
Sets = Annotated[
    Texts,
    Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one value, such as parameters.teams_base=0. May be repeated.",
    ),
]
Policies = Annotated[
    Texts,
    Option(
        "--policy",
        metavar="SIDE=NAME[:ARG]",
        help="Decision rule of holder or attacker. May be repeated.",
    ),
]
Json = Annotated[
    Text,
    Option(
        "--json",
        callback=check_target,
        metavar="FILE",
        help="Write the same content as JSON; '-' is standard output.",
    ),
]
Seed = Annotated[int, Option("--seed", parser=whole(0), metavar="N", help="Fixes all luck.")]
Replication = Annotated[
    int,
    Option("--replication", parser=whole(0), metavar="N", help="Which replication of that seed."),
]
Until = Annotated[
    Text,
    Option(
        "--until",
        metavar="DATE",
        help="Last day played, such as 2025-03-01; the scenario's last day if left out.",
    ),
]
Parameters = Annotated[
    str,
    Option(
        "--parameters", metavar="SET", help="default, prior (drawn from the ranges) or posterior."
    ),
]
Workers = Annotated[
    int | None,
    Option(
        "--workers",
        parser=whole(1, MOST_WORKERS),
        metavar="N",
        help="Processes; one for each core if left out.",
    ),
]
Dask = Annotated[
    Text,
    Option(
        "--dask",
        metavar="ADDRESS",
        help="Play on the Dask cluster with this scheduler: tcp://host:8786.",
    ),
]
Measures = Annotated[
    Texts,
    Option(
        "--measure", metavar="ID", help="Outcome to look at, such as order_day. May be repeated."
    ),
]
StudyStore = Annotated[
    Text,
    Option(
        "--store",
        metavar="FILE",
        help="SQLite file that keeps the runs; the same command resumes from it.",
    ),
]
StudyOut = Annotated[
    Text, Option("-o", "--out", metavar="DIR", help="Folder of tables and pictures.")
]
BankSets = Annotated[
    int, Option("-n", "--sets", parser=whole(2), metavar="N", help="Sets of the bank.")
]
Rounds = Annotated[
    int, Option("--rounds", parser=whole(0), metavar="N", help="Rounds of 500 sets at most.")
]
BankStore = Annotated[
    Text,
    Option(
        "--store",
        metavar="DIR",
        help="Folder of the bank and the rounds; the same command resumes from it.",
    ),
]
