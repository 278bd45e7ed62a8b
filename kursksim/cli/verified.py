"""The command that judges: verify."""

from __future__ import annotations

from kursksim.cli.executors import executor
from kursksim.cli.output import check_target, emit, heading, say, table
from kursksim.progress import bar

__all__ = ["verify"]


def verify(fast: bool, seed: int, workers: int | None, dask: str | None, json: str | None) -> int:
    """Play and judge; 1 if anything fails.

    Parameters
    ----------
    fast : bool
    seed : int
    workers : int or None
    dask, json : str or None
    """
    from kursksim.studies.verify.relations import RELATIONS
    from kursksim.studies.verify.verify import QUICK, findings

    check_target(json)
    with executor(workers, dask) as pool, bar("Runs played") as tick:
        found = findings(fast=fast, seed=seed, executor=pool, progress=tick)
    failed = [f.id for f in found if f.verdict == "fails"]
    left = [r.id for r in RELATIONS if fast and r.id not in QUICK]
    content = {
        "fast": fast,
        "seed": seed,
        "results": [f._asdict() for f in found],
        "not_played": left,
    }
    if emit(json, content):
        heading(f"What must hold: {len(found) - len(failed)} of {len(found)} hold")
        rows = [
            (
                f.id,
                f.kind,
                f.verdict if f.verdict == "holds" else "FAILS",
                f"{f.effect:.3g}",
                f"{f.se:.2g}",
                f.law,
                f.says,
            )
            for f in found
        ]
        table(("id", "kind", "verdict", "effect", "std. error", "must be", "says"), rows)
        if left:
            say("", f"Not played in a fast run: {', '.join(left)}")
    return 1 if failed else 0
