"""Sweep the second road: how many of the trips should it carry?

    python scenarios/sweep_second_road.py

The drone teams are as many as before; they spread over both roads with the traffic. A road more
makes each of them safer. Is half and half best, and how far apart must two points be before their
intervals say so?
"""

from pathlib import Path

import kursksim as ks
from kursksim.studies import Sweep

SHARES = [0.0, 0.15, 0.3, 0.45, 0.6]


def main(
    out: Path = Path("results/sweep-second-road"), runs: int = 5, until: str | None = None
) -> Sweep:
    """Play, print, draw."""
    made = ks.studies.sweep(
        "december-march",
        {"second_share": SHARES},
        what_if="second-road",
        replications=runs,
        seed=1,
        until=until,
    )

    for measure in ("order_day", "vehicles_lost", "held_km2_end"):
        print(measure)
        print(made.table(measure).round(2).to_string(index=False))

    out.mkdir(parents=True, exist_ok=True)
    ks.plot.save(ks.plot.sweep(made, "order_day"), out / "order_day.png")
    ks.plot.save(ks.plot.sweep(made, "vehicles_lost"), out / "vehicles_lost.png")
    print(f"Pictures in {out}")
    return made


if __name__ == "__main__":
    main()
