"""Commands that play: run, patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from kursksim.cli.inputs import choose_policies, read_scenario
from kursksim.cli.output import check_target, emit, heading, note, say, table
from kursksim.progress import bar
from kursksim.scenario.schema import Scenario

__all__ = ["Request", "patterns", "run"]

Texts = list[str] | None


class Request(NamedTuple):
    """The flags that say what is played, of every command that plays a scenario."""

    scenario: str
    what_ifs: tuple[str, ...]
    sets: tuple[str, ...]
    policies: tuple[str, ...]
    seed: int
    until: str | None
    parameters: str
    json: str | None

    @classmethod
    def of(
        cls, scenario: str, what_if: Texts, set: Texts, policy: Texts, seed: int, until: str | None, parameters: str,
        json: str | None,
    ) -> Request:  # fmt: skip
        """The flags as Typer gives them, which is None for those that may be repeated and were not given."""
        what_ifs, sets, policies = (tuple(texts or ()) for texts in (what_if, set, policy))
        return cls(scenario, what_ifs, sets, policies, seed, until, parameters, json)

    def read(self) -> tuple[Scenario, dict[str, str]]:
        """The scenario and the policies laid over its own; every flag is tried."""
        from kursksim.api import last_day
        from kursksim.errors import BadUse, nearest
        from kursksim.scenario.parameters import MODES

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
    from kursksim import api, plot
    from kursksim.cli.summary import as_rows, caveat, summary
    from kursksim.evidence.observations import held_area
    from kursksim.plot.backend import loaded
    from kursksim.runs import save as files

    scenario, policy = request.read()
    folder = Path("results") / f"{scenario.id}-seed{request.seed}" if out is None else Path(out)
    files.writable_target(folder)  # refused now rather than after the run
    check_target(request.json, outside=folder)
    held_area(scenario)  # the picture of the run reads it: a fault in it is told now
    loaded()  # what hinders pictures is said now, too
    with bar("Days played") as tick:
        made = api.run(
            scenario, seed=request.seed, replication=replication, until=request.until, policy=policy,
            parameters=request.parameters, record=record, progress=tick,
        )  # fmt: skip
    files.save(made, folder, draw=plot.pictures)
    named = (
        f"./{folder}" if str(folder).startswith("-") else str(folder)
    )  # as other commands can be given it
    rows = summary(made)
    content = {
        "provenance": made.provenance,
        "rows": as_rows(rows),
        "caveat": caveat(made),
        "results": str(folder),
    }
    if not emit(request.json, content):
        note(f"Results in {named}")
        return 0
    p = made.provenance
    heading(f"{p.title}, {p.start} to {p.until}")
    say(p.line(), "")
    table(
        ("measure", "value", "remark"), [(r.measure, r.shown(), r.remark) for r in rows], right={1}
    )
    say("", caveat(made), f"Results in {named}")
    return 0


def patterns(request: Request, replications: int) -> int:
    """Play many times and print the patterns beside what was observed.

    Parameters
    ----------
    request : Request
    replications : int
    """
    from kursksim import evidence
    from kursksim.ensembles import ensemble

    scenario, policy = request.read()
    check_target(request.json)
    specs = evidence.observations.patterns(scenario)
    rows: list[dict[str, Any]] = []
    if specs:
        with bar("Runs played") as tick:
            made = ensemble(
                scenario, replications=replications, seed=request.seed, until=request.until, policy=policy,
                parameters=request.parameters, progress=tick,
            )  # fmt: skip
        rows = evidence.patterns.report(evidence.patterns.evaluate(made, specs))
    counts = _counts(rows)
    content = {
        "scenario": scenario.id,
        "what_ifs": scenario.patches,
        "replications": replications,
        "seed": request.seed,
    }
    if emit(request.json, {**content, "counts": counts, "results": rows}):
        _print_patterns(scenario, rows, counts, f"replications {replications}, seed {request.seed}")
    return 0


def _counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Hits among all patterns, and among those that no input implies."""
    free = [r for r in rows if not r["implied"]]
    return {
        "patterns": len(rows),
        "hits": sum(r["hit"] for r in rows),
        "not_implied": len(free),
        "hits_not_implied": sum(r["hit"] for r in free),
    }


def _print_patterns(
    scenario: Scenario, rows: list[dict[str, Any]], counts: dict[str, int], runs: str
) -> None:
    """The table and its counts; a hit is said of the median, in parentheses the 10 to 90 % of the runs."""
    if not rows:
        say(f"{scenario.id}: no patterns were observed")
        return
    heading(f"{scenario.title}: {runs}")
    heads = ("id", "verdict", "title", "observed", "band", "model: median (10 to 90 %)")
    table(
        heads, [(r["id"], _verdict(r), r["title"], r["value"], r["band"], r["model"]) for r in rows]
    )
    free = f"{counts['hits_not_implied']} of the {counts['not_implied']} that no input implies"
    say("", f"{counts['hits']} of {counts['patterns']} patterns hit; {free}")


def _verdict(row: dict[str, Any]) -> str:
    """Hit or miss, and whether the inputs imply the pattern, so that a hit proves little."""
    return f"{'hit' if row['hit'] else 'MISS'}{', implied' if row['implied'] else ''}"
