"""Commands that play or that read what was played: run, why, patterns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kursksim.cli.inputs import choose_policies, read_scenario
from kursksim.cli.output import check_target, emit, heading, note, say, table
from kursksim.progress import bar
from kursksim.scenario.schema import Scenario

__all__ = ["Request", "patterns", "run", "why"]


class Request(NamedTuple):
    """The flags that run and patterns share."""

    scenario: str
    what_ifs: tuple[str, ...]
    sets: tuple[str, ...]
    policies: tuple[str, ...]
    seed: int
    until: str | None
    parameters: str
    json: str | None

    def read(self) -> tuple[Scenario, dict[str, str]]:
        """The scenario and the policies laid over its own; every flag is tried."""
        from kursksim.api import last_day
        from kursksim.errors import BadUse, nearest
        from kursksim.parameters import MODES

        made = read_scenario(self.scenario, self.what_ifs, self.sets)
        last_day(made, self.until)
        if self.parameters not in MODES:
            raise BadUse(f"--parameters {self.parameters!r}; {nearest(self.parameters, MODES)}")
        return made, choose_policies(self.policies, made)


def run(request: Request, *, replication: int, record: str, out: str | None) -> int:
    """Play once, write the folder, print the summary.

    Parameters
    ----------
    request : Request
    replication : int
    record : {"summary", "full"}
    out : str or None
        Folder of the results; ``results/SCENARIO-seedN`` if left out.
    """
    from kursksim import api, files
    from kursksim.cli.summary import CAVEAT, as_rows, summary

    scenario, policy = request.read()
    folder = Path("results") / f"{scenario.id}-seed{request.seed}" if out is None else Path(out)
    files.check_folder(folder)
    check_target(request.json, made_later=folder)
    with bar("Days played") as tick:
        made = api.run(
            scenario, seed=request.seed, replication=replication, until=request.until, policy=policy,
            parameters=request.parameters, record=record, progress=tick,
        )  # fmt: skip
    files.save(made, folder)
    rows = summary(made)
    content = {"provenance": made.provenance, "rows": as_rows(rows), "caveat": CAVEAT, "results": str(folder)}
    if not emit(request.json, content):
        note(f"Results in {folder}")
        return 0
    p = made.provenance
    heading(f"{p.title}, {p.start} to {p.until}")
    say(p.line(), "")
    table(("measure", "value", "remark"), [(_indented(r.measure), r.shown(), r.remark) for r in rows], right={1})
    say("", CAVEAT, f"Results in {folder}")
    return 0
