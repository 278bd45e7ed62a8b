"""Run the campaign of December 2024 to March 2025 once and draw what was held.

    python scenarios/run_campaign.py

Change the seed, and the weather and the luck of the roads change; the mechanisms stay.
"""

from pathlib import Path

import kursksim as ks


def main(out: Path = Path("results/run-campaign"), until: str | None = None) -> ks.Run:
    """Play, print, draw."""
    scenario = ks.load("december-march")
    run = ks.run(scenario, seed=7, until=until)

    # One row a day: what stood in the books at dusk.
    daily = run.daily
    print(
        daily[["date", "held_km2", "vehicles_lost", "days_of_supply", "force_ratio", "phase"]].iloc[
            ::15
        ]
    )

    # Why did the commander stay, or go? The last decision has the observations and the rule.
    print(run.why(run.provenance.until))

    out.mkdir(parents=True, exist_ok=True)
    ks.plot.save(ks.plot.held_area(run), out / "held_area.png")
    ks.plot.save(ks.plot.chain(run), out / "chain.png")
    ks.plot.save(ks.plot.map(run, run.provenance.until), out / "map.png")
    print(f"Pictures in {out}")
    return run


if __name__ == "__main__":
    main()
