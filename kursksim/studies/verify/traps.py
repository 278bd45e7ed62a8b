"""Traps, in which a wrong model is caught, and knock-outs, in which an arrow of the model is cut.

Each is defined once, as a relation between paired runs (``laws``).
"""

from __future__ import annotations

from dataclasses import replace

from kursksim.runs.outcomes import holder_losses, order_day, total
from kursksim.studies.verify.laws import (
    Relation,
    Setting,
    held_on,
    hungriest,
    loss_per_trip,
    reach_gained,
    slowing,
    strip_stands,
    supply_orders,
    teams_astray,
)

__all__ = ["NEVER", "SHORT", "TRAPS_AND_CUTS"]

NEVER = {"holder": "never"}
# reach at which only ground gained towards the road brings it under drones, and a plan that is the
# rule's own: one that follows reports has its eye for the flanks from them
SHORT = {
    "parameters.R_fibre_0": 8.0,
    "parameters.R_fibre_1": 10.0,
    "parameters.R_radio": 8.0,
    "parameters.val_reports": 0.0,
}

# The weeks in which the strip is tried. The attack across the border is put off beyond them: where
# nobody holds the border it closes the corridor in days, and the order comes two weeks earlier.
_APRIL = Setting(set={"days": 151}, times={"novenke_day": 2.0})

TRAPS_AND_CUTS: tuple[Relation, ...] = (
    Relation(
        "T1a",
        "trap",
        "teams are conserved under a second road",
        ("a team over one road is over no other; counting it on both made a second road harmful"),
        measure=teams_astray,
        law="not more",
        base=Setting(("second-road",)),
        bound=1e-09,
    ),
    Relation(
        "T1b",
        "trap",
        "a second road delivers more",
        "the same teams face twice the road; detours open when a road is cut",
        measure=total("delivered_t", "2025-02-28"),
        law="more",
        changed=Setting(("second-road",)),
    ),
    Relation(
        "T1c",
        "trap",
        "a second road brings the order later",
        "as T1b, through the fleet and the depot",
        measure=order_day,
        law="more",
        changed=Setting(("second-road",)),
    ),
    Relation(
        "T1d",
        "trap",
        "a second road lowers the loss per trip",
        "as T1b",
        measure=loss_per_trip("2025-02-28"),
        law="less",
        changed=Setting(("second-road",)),
    ),
    Relation(
        "T2",
        "trap",
        "never to withdraw costs more men by the end than to withdraw",
        ("starving men die faster and the cut off are lost; without that, holding out is free"),
        measure=holder_losses,
        law="more",
        changed=Setting(("never-withdraw",)),
    ),
    Relation(
        "T3a",
        "trap",
        "with supply cut off from power more ground is held",
        ("unfed men fight worse; the decision is held fixed (never) so that only power speaks"),
        measure=held_on("2025-03-16"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(cut=("tonnage-power",), policy=NEVER),
    ),
    Relation(
        "T3b",
        "trap",
        "with supply cut off from power fewer men are lost",
        "as T3a",
        measure=holder_losses,
        law="less",
        base=Setting(policy=NEVER),
        changed=Setting(cut=("tonnage-power",), policy=NEVER),
    ),
    Relation(
        "T3c",
        "trap",
        "with supply cut off from power at least 40 km² more is held on 9 March",
        "hunger breaks the line before the order does; whoever orders is free to",
        measure=held_on("2025-03-09"),
        law="more",
        changed=Setting(cut=("tonnage-power",)),
        bound=40.0,
        more_pairs=2,
    ),
    Relation(
        "T4",
        "trap",
        "without an eye for the flanks the order comes later, at short reach",
        (
            "with drones that do not reach the road from the first day, closing on it is "
            "what brings them over it"
        ),
        measure=order_day,
        law="more",
        base=Setting(set=SHORT),
        changed=Setting(cut=("flank-distance",), set=SHORT),
    ),
    Relation(
        "T5",
        "trap",
        "after an early order the border is fed",
        "the depot moves back with the line and the border has roads of its own",
        measure=hungriest,
        law="more",
        base=Setting(("order-feb-01",)),
        bound=0.9,
    ),
    Relation(
        "T6a",
        "trap",
        "who never leaves holds at least 20 km² more on 16 March without drones",
        "the collapse is not only the speed of vacating",
        measure=held_on("2025-03-16"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(("no-drones",), policy=NEVER),
        bound=20.0,
        more_pairs=4,
    ),
    Relation(
        "T6b",
        "trap",
        "who never leaves holds at least 50 km² more on 30 March without drones",
        "as T6a",
        measure=held_on("2025-03-30"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(("no-drones",), policy=NEVER),
        bound=50.0,
    ),
    Relation(
        "T7",
        "trap",
        "without drones supply gives no order",
        "nothing else empties the fleet",
        measure=supply_orders,
        law="equal",
        base=Setting(("no-drones",), set={"parameters.t_margin": 1.0}),
    ),
    Relation(
        "T8",
        "trap",
        "the winter is slower than December",
        "the first assaults meet half-dug positions; those dug since then hold better",
        measure=slowing,
        law="more",
    ),
    Relation(
        "T9",
        "trap",
        "the strip at the border outlives March in most runs",
        "a prepared line with short supply against an attacker who has culminated",
        measure=strip_stands,
        law="more",
        bound=0.5,
    ),
    Relation(
        "T10",
        "trap",
        "a strip without border brigades holds less on 30 April",
        (
            "it is as strong as its men; once it stood whoever was behind it. Stated without the "
            "attack across the border, which changes the day of the order where nobody meets it"
        ),
        measure=held_on("2025-04-30"),
        law="less",
        base=_APRIL,
        changed=replace(_APRIL, times={**_APRIL.times, "sumy_men": 0.0}),
        more_pairs=2,
    ),
    Relation(
        "K1",
        "knock-out",
        "distance → hazard cut: the front's way no longer changes what drones reach",
        "reach is everywhere the same",
        measure=reach_gained,
        law="less",
        changed=Setting(cut=("distance-hazard",)),
    ),
    Relation(
        "K2",
        "knock-out",
        "hazard → fleet cut: fewer vehicles are destroyed",
        "attempts hit nothing",
        measure=total("vehicles_lost"),
        law="less",
        changed=Setting(cut=("hazard-fleet",)),
    ),
    Relation(
        "K3",
        "knock-out",
        "fleet → tonnage cut: more is delivered to those who stay",
        "losses are made good overnight, so trips do not fall with the fleet",
        measure=total("delivered_t"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(cut=("fleet-tonnage",), policy=NEVER),
    ),
    Relation(
        "K4",
        "knock-out",
        "tonnage → power cut: more ground is held by those who stay",
        "as T3a",
        measure=held_on("2025-03-30"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(cut=("tonnage-power",), policy=NEVER),
    ),
    Relation(
        "K5",
        "knock-out",
        "power → ground cut: none is captured",
        "no ratio moves the front",
        measure=total("captured_km2"),
        law="less",
        changed=Setting(cut=("power-ground",)),
    ),
    Relation(
        "K6",
        "knock-out",
        "supply → order cut: the order comes later or never",
        "only a closing corridor is left to give it",
        measure=order_day,
        law="more",
        changed=Setting(cut=("supply-order",)),
    ),
    Relation(
        "K7",
        "knock-out",
        "order → ground cut: none is vacated",
        "the order is prepared for ever",
        measure=total("vacated_km2"),
        law="less",
        changed=Setting(cut=("order-ground",)),
    ),
    Relation(
        "K8",
        "knock-out",
        "flank → distance cut: drones gain less reach by the end of February",
        ("the plan has no eye for what brings them nearer, at a reach at which that matters"),
        measure=reach_gained,
        law="less",
        base=Setting(set=SHORT),
        changed=Setting(cut=("flank-distance",), set=SHORT),
    ),
    Relation(
        "K9",
        "knock-out",
        "losses → push cut: the winter slows down less",
        "no offensive culminates; positions are dug alike",
        measure=slowing,
        law="less",
        changed=Setting(cut=("losses-push",)),
    ),
)
