"""Sheets from the command line."""

from __future__ import annotations

from collections.abc import Sequence

from kursksim.cli.inputs import read_scenario
from kursksim.cli.output import check_target, emit, say

__all__ = ["sheets"]


def sheets(
    source: str, out: str, turns: int, what_if: Sequence[str], sets: Sequence[str], json: str | None
) -> int:
    """Write the sheets of a scenario and say where they are.

    Parameters
    ----------
    source : str
    out : str
        A folder, or a file whose name ends in .pdf.
    turns : int
    what_if, sets : sequence of str
    json : str or None
    """
    from kursksim.sheets import write as printed

    check_target(json)
    printed.check_target(out)
    scenario = read_scenario(source, what_if, sets)
    written = printed.sheets(scenario, out, turns=turns)
    if emit(
        json,
        {
            "scenario": scenario.id,
            "what_ifs": scenario.patches,
            "turns": turns,
            "files": [*map(str, written)],
        },
    ):
        say(*map(str, written))
    return 0
