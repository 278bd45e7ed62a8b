"""Draw the pictures of the README anew, and write the list of misses, from the code as it stands.

Run from the root of the project: ``make pictures``. Nothing is chosen: the run is seed 7 of the
first command, the ensemble is seed 1 of ``kursksim patterns december-march -n 40``.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

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
    ks.plot.save(ks.plot.map(run, "2025-03-01"), PICTURES / "map.png")
    compared = ks.compare("december-march", "order-feb-01", replications=20, seed=1)
    ks.plot.save(ks.plot.difference(compared), PICTURES / "what_if.png")


def shoot() -> None:
    """A picture of the replay page, as a browser shows it on 1 March; without one, say so."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no chromium: docs/pictures/replay.png stays as it is")
        return
    with TemporaryDirectory() as folder:
        page = ks.replay_page(
            ks.run("december-march", seed=7, record="full"), Path(folder) / "campaign.html"
        )
        # root may not have a sandbox of its own
        flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1366,900"]
        target = f"--screenshot={PICTURES / 'replay.png'}"
        address = f"{Path(page).as_uri()}#day=2025-03-01"
        subprocess.run([browser, *flags, target, address], check=True, capture_output=True)


def misses(ensemble: ks.Ensemble) -> str:
    """The section of docs/limits.md: misses as numbers, and how many patterns hit."""
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
    shoot()
    ensemble = ks.ensemble("december-march", replications=40, seed=1)
    ks.plot.save(ks.plot.fan(ensemble), PICTURES / "fan.png")
    limits = ROOT / "docs" / "limits.md"
    text = limits.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    limits.write_text(f"{head}{BEGIN}\n{misses(ensemble)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
