"""Draw the pictures of the README anew, and write its list of misses, from the code as it stands.

Run from the root of the project: ``make pictures``. Nothing is chosen: the run is seed 7 of the
first command, the ensemble is seed 1 of ``kursksim patterns december-march -n 40``.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import kursksim as ks
from kursksim.evidence.patterns import evaluate, report
from kursksim.intervals import SPREAD_SAID

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
BEGIN, END = "<!-- patterns: begin -->", "<!-- patterns: end -->"


def draw() -> None:
    """The pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    run = ks.run("december-march", seed=7)
    ks.plot.save(ks.plot.held_area(run), PICTURES / "held_area.png")
    ks.plot.save(ks.plot.map(run, "2025-03-01"), PICTURES / "map.png")
    ks.plot.save(ks.plot.chain(run), PICTURES / "chain.png")
    ks.plot.save(ks.plot.maps(run), PICTURES / "maps.png")
    compared = ks.compare("december-march", "order-feb-01", replications=20, seed=1)
    ks.plot.save(ks.plot.difference(compared), PICTURES / "what_if.png")


def misses(ensemble: ks.Ensemble) -> str:
    """The section of the README: misses as numbers, and how many patterns hit."""
    rows = report(evaluate(ensemble))
    hits = [r for r in rows if r["hit"]]
    missed = [r for r in rows if not r["hit"]]
    implied = sum(bool(r["implied"]) for r in hits)
    told = (
        f"Medians of {ensemble.replications} replications at default parameters (seed 1, kursksim"
        f" {ks.__version__}, results version {ks.results_version},"
        f" {dt.date.today().isoformat()}): {len(hits)} of {len(rows)} patterns hit, {implied} of"
        " them implied by an input or a rule."
    )
    if not missed:
        return told
    lines = [
        f"{told} The misses:",
        "",
        f"| pattern | observed | band | model: median ({SPREAD_SAID}) |",
        "|---|---|---|---|",
        *(
            f"| {r['id']} {r['title']} | {r['value']} | {r['band']} | {r['model']} |"
            for r in missed
        ),
    ]
    return "\n".join(lines)


def main() -> None:
    """Pictures, then the section."""
    draw()
    ensemble = ks.ensemble("december-march", replications=40, seed=1)
    ks.plot.save(ks.plot.fan(ensemble), PICTURES / "fan.png")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    readme.write_text(f"{head}{BEGIN}\n{misses(ensemble)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
