"""Compare three what-ifs with the campaign: what would have changed, and how sure is that?

    python scenarios/compare_what_ifs.py

Each what-if is played with the same luck as the campaign itself, pair by pair, so that a difference
is that of the what-if and not of the weather. The interval says how far the mean difference may lie
from what many more pairs give.
"""

from pathlib import Path

import kursksim as ks

WHAT_IFS = ["no-drones", "second-road", "order-feb-01"]


def main(
    out: Path = Path("results/compare-what-ifs"), pairs: int = 10, until: str | None = None
) -> ks.Comparison:
    """Play, print, draw."""
    compared = ks.compare("december-march", WHAT_IFS, replications=pairs, seed=1, until=until)

    for what_if in WHAT_IFS:
        held = compared.difference(what_if, "held_km2_end")
        print(
            f"{what_if:14s} {held.difference:+7.1f} km² on the last day ({held.low:+.1f} to"
            f" {held.high:+.1f})"
        )

    # The same for every measure, as a table; losses of men are indices, not estimates.
    print(compared.table.round(2).to_string(index=False))

    out.mkdir(parents=True, exist_ok=True)
    for what_if in WHAT_IFS:
        ks.plot.save(ks.plot.difference(compared, what_if), out / f"{what_if}.png")
    print(f"Pictures in {out}")
    return compared


if __name__ == "__main__":
    main()
