"""Play the catalogue of what-ifs and write docs/what_ifs.md: effects, and surprises.

Run from the root of the project: ``make what-ifs`` (a quarter of an hour on two cores; what is in
results/what-ifs is not played again). Nothing is chosen: 40 pairs, seed 1.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import kursksim as ks
from kursksim.ensembles.comparison import Comparison, Difference
from kursksim.ensembles.workers import cores, pool
from kursksim.scenario import catalogue
from kursksim.scenario.patch import read_patch

DOCS = Path(__file__).resolve().parent
PAIRS = 40
SHOWN = (
    ("held_km2_end", "held on the last day, km²"),
    ("order_day", "order, days"),
    ("sudzha_day", "Sudzha, days"),
    ("holder_losses", "holder's losses, index"),
    ("vehicles_lost", "vehicles lost"),
    ("leverage", "leverage, km²"),
)


def played() -> Comparison:
    """All what-ifs against the base."""
    with pool(cores()) as workers:
        return ks.compare(
            "december-march",
            list(catalogue.what_ifs("december-march")),
            replications=PAIRS,
            seed=1,
            executor=workers,
            store=DOCS.parent / "results" / "what-ifs",
        )


def cell(found: Difference) -> str:
    """A difference with its interval; in bold where the interval leaves out zero."""
    digits = (
        0
        if abs(found.difference) >= 10 or found.measure in ("holder_losses", "vehicles_lost")
        else 1
    )
    text = f"{found.difference:+.{digits}f} ({found.low:+.{digits}f} to {found.high:+.{digits}f})"
    return f"**{text}**" if found.low > 0 or found.high < 0 else text


def section(compared: Comparison, name: str, surprises: dict[str, dict[str, str]]) -> list[str]:
    """One what-if: why, what was expected, what came out."""
    patch, coupling = read_patch(name), next(c for c in compared.couplings if c.what_if == name)
    lines = [
        f"## {name}: {patch.title}",
        "",
        patch.why,
        "",
        "| expected | came out | |",
        "|---|---|---|",
    ]
    for measure, direction in patch.expect.items():
        found = compared.difference(name, measure)
        title = compared.base.measures[measure].title
        lines.append(f"| {title}: {direction} | {cell(found)} | {compared.verdict(found)} |")
    first = coupling.first
    if first is not None:
        effect = " → ".join(e or "nothing" for e in first.effect)
        what = (first.orders[0] if first.orders else effect).replace("|", "/")[:200]
        same = f"{coupling.identical_days:.0%} of the days are the same in both runs"
        lines += ["", f"{same}; pair {first.replication} parts on {first.date}: {what}."]
    for measure, text in surprises.get(name, {}).items():
        lines += [
            "",
            f"*Surprise* ({compared.base.measures[measure].title.lower()})."
            f" {' '.join(text.split())}",
        ]
    return [*lines, ""]


def checked(compared: Comparison) -> dict[str, dict[str, str]]:
    """Explanations by what-if and measure; every surprise has one, and no other has."""
    with (DOCS / "surprises.toml").open("rb") as file:
        told = tomllib.load(file)
    known: dict[str, dict[str, str]] = {name: {} for name in told}
    written = set()
    for name, by_measure in told.items():
        for measure, entry in by_measure.items():
            known[name][measure] = entry["found"]
            written.add((name, measure))
    surprises = [d for d in compared.differences if compared.verdict(d) == "surprise"]
    there = {(d.what_if, d.measure) for d in surprises}
    if there != written:
        missing, extra = sorted(there - written), sorted(written - there)
        raise SystemExit(f"surprises.toml: missing {missing}, no surprise {extra}")
    return known


def page(compared: Comparison) -> str:
    """The whole page."""
    surprises = checked(compared)
    lines = [
        "# What-ifs and what they did",
        "",
        f"Written by `docs/make_what_ifs.py` on {dt.date.today().isoformat()}: december-march at"
        " default parameters,"
        f" {PAIRS} pairs of the same luck, seed 1, results version {ks.results_version}. A figure"
        " is the mean of what-if"
        " less base with its 95 % interval, bold where that leaves out zero. Days: positive is"
        " later; what does not"
        " happen by the end counts as the day after it. Losses of men are indices. Directions were"
        " written into the"
        " what-ifs before they were played.",
        "",
        f"| what-if | {' | '.join(title for _, title in SHOWN)} |",
        f"|---|{'---|' * len(SHOWN)}",
    ]
    for name in compared.variants:
        cells = [cell(compared.difference(name, m)) for m, _ in SHOWN]
        lines.append(
            f"| [{name}](#{name}-{anchor(read_patch(name).title)}) | {' | '.join(cells)} |"
        )
    lines += ["", "Combine them: `kursksim compare december-march nets+second-road`.", ""]
    for name in compared.variants:
        lines += section(compared, name, surprises)
    return "\n".join(lines).rstrip() + "\n"


def anchor(title: str) -> str:
    """A heading as the end of a link."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


if __name__ == "__main__":
    (DOCS / "what_ifs.md").write_text(page(played()), encoding="utf-8")
