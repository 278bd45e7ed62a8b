"""What must hold between runs: traps, cut arrows and metamorphic relations, each defined once.

A relation compares a measure of paired replications, with and without a change, and says which way the mean of the
differences must lie (``laws``). Relations of relations.csv that are limits of single models or exact on synthetic maps
are in ``limits``; those that were wrong as first stated are here as corrected, with the argument.
"""

from __future__ import annotations

from itertools import pairwise

from kursksim.runs.outcomes import holder_losses, key_place_day, last, order_day, total
from kursksim.studies.verify.laws import (
    ERRORS,
    Relation,
    Setting,
    Verdict,
    fingerprint,
    held_on,
    hungriest,
    judge,
    loss_per_trip,
    reach_gained,
    slowing,
    strip_stands,
    supply_orders,
    teams_astray,
)

__all__ = ["ERRORS", "RELATIONS", "Relation", "Setting", "Verdict", "judge"]

_NEVER = {"holder": "never"}
_SHORT = {"parameters.R_fibre_0": 8.0, "parameters.R_fibre_1": 10.0, "parameters.R_radio": 8.0}
"""Reach at which only ground gained towards the road brings it under drones."""

_TRAPS_AND_CUTS: tuple[Relation, ...] = (
    Relation(
        "T1a", "trap", "teams are conserved under a second road",
        "a team over one road is over no other; counting it on both made a second road harmful",
        teams_astray, "not more", Setting(("second-road",)), bound=1e-9,
    ),
    Relation(
        "T1b", "trap", "a second road delivers more",
        "the same teams face twice the road; detours open when a road is cut",
        total("delivered_t", "2025-02-28"), "more", changed=Setting(("second-road",)),
    ),
    Relation(
        "T1c", "trap", "a second road brings the order later", "as T1b, through the fleet and the depot",
        order_day, "more", changed=Setting(("second-road",)),
    ),
    Relation(
        "T1d", "trap", "a second road lowers the loss per trip", "as T1b",
        loss_per_trip("2025-02-28"), "less", changed=Setting(("second-road",)),
    ),
    Relation(
        "T2", "trap", "never to withdraw costs more men by the end than to withdraw",
        "starving men die faster and the cut off are lost; without that, holding out is free",
        holder_losses, "more", changed=Setting(("never-withdraw",)),
    ),
    Relation(
        "T3a", "trap", "with supply cut off from power more ground is held",
        "unfed men fight worse; the decision is held fixed (never) so that only power speaks",
        held_on("2025-03-16"), "more", Setting(policy=_NEVER), Setting(cut=("tonnage-power",), policy=_NEVER),
    ),
    Relation(
        "T3b", "trap", "with supply cut off from power fewer men are lost", "as T3a",
        holder_losses, "less", Setting(policy=_NEVER), Setting(cut=("tonnage-power",), policy=_NEVER),
    ),
    Relation(
        "T4", "trap", "without an eye for the flanks the order comes later, at short reach",
        "with drones that do not reach the road from the first day, closing on it is what brings them over it",
        order_day, "more", Setting(set=_SHORT), Setting(cut=("flank-distance",), set=_SHORT),
    ),
    Relation(
        "T5", "trap", "after an early order the border is fed",
        "the depot moves back with the line and the border has roads of its own",
        hungriest, "more", Setting(("order-feb-01",)), bound=0.9,
    ),
    Relation(
        "T6a", "trap", "who never leaves holds at least 20 km² more on 16 March without drones",
        "the collapse is not only the speed of vacating",
        held_on("2025-03-16"), "more", Setting(policy=_NEVER), Setting(("no-drones",), policy=_NEVER), bound=20.0,
        more_pairs=4,
    ),
    Relation(
        "T6b", "trap", "who never leaves holds at least 50 km² more on 30 March without drones", "as T6a",
        held_on("2025-03-30"), "more", Setting(policy=_NEVER), Setting(("no-drones",), policy=_NEVER), bound=50.0,
    ),
    Relation(
        "T7", "trap", "without drones supply gives no order", "nothing else empties the fleet",
        supply_orders, "equal", Setting(("no-drones",), set={"parameters.t_margin": 1.0}),
    ),
    Relation(
        "T8", "trap", "the winter is slower than December",
        "the first assaults meet half-dug positions; those dug since then hold better",
        slowing, "more",
    ),
    Relation(
        "T9", "trap", "the strip at the border outlives March in most runs",
        "a prepared line with short supply against an attacker who has culminated",
        strip_stands, "more", bound=0.5,
    ),
    Relation(
        "K1", "knock-out", "distance → hazard cut: the front's way no longer changes what drones reach",
        "reach is everywhere the same", reach_gained, "less", changed=Setting(cut=("distance-hazard",)),
    ),
    Relation(
        "K2", "knock-out", "hazard → fleet cut: fewer vehicles are destroyed", "attempts hit nothing",
        total("vehicles_lost"), "less", changed=Setting(cut=("hazard-fleet",)),
    ),
    Relation(
        "K3", "knock-out", "fleet → tonnage cut: more is delivered to those who stay",
        "losses are made good overnight, so trips do not fall with the fleet",
        total("delivered_t"), "more", Setting(policy=_NEVER), Setting(cut=("fleet-tonnage",), policy=_NEVER),
    ),
    Relation(
        "K4", "knock-out", "tonnage → power cut: more ground is held by those who stay", "as T3a",
        held_on("2025-03-30"), "more", Setting(policy=_NEVER), Setting(cut=("tonnage-power",), policy=_NEVER),
    ),
    Relation(
        "K5", "knock-out", "power → ground cut: none is captured", "no ratio moves the front",
        total("captured_km2"), "less", changed=Setting(cut=("power-ground",)),
    ),
    Relation(
        "K6", "knock-out", "supply → order cut: the order comes later or never",
        "only a closing corridor is left to give it",
        order_day, "more", changed=Setting(cut=("supply-order",)),
    ),
    Relation(
        "K7", "knock-out", "order → ground cut: none is vacated", "the order is prepared for ever",
        total("vacated_km2"), "less", changed=Setting(cut=("order-ground",)),
    ),
    Relation(
        "K8", "knock-out", "flank → distance cut: drones gain less reach by the end of February",
        "the plan has no eye for what brings them nearer, at a reach at which that matters",
        reach_gained, "less", Setting(set=_SHORT), Setting(cut=("flank-distance",), set=_SHORT),
    ),
)  # fmt: skip


def _teams(share: float) -> Setting:
    """The campaign with so many times the drone teams."""
    return Setting(times={"teams_base": share, "teams_rubicon": share})


def _dose() -> tuple[Relation, ...]:
    """M1 in four steps: more teams never bring more to the depot, nor keep the key place longer."""
    shares, found = (0.0, 0.5, 1.0, 1.5, 2.0), []
    for n, (fewer, more) in enumerate(pairwise(shares), 1):
        step = f"drone teams {fewer:g} to {more:g} times"
        found.append(Relation(
            f"M1a{n}", "metamorphic", f"{step}: not more is delivered by the end of February",
            "more teams at the same roads only add attempts", total("delivered_t", "2025-02-28"), "not more",
            _teams(fewer), _teams(more),
        ))  # fmt: skip
        found.append(Relation(
            f"M1b{n}", "metamorphic", f"{step}: the key place does not fall later",
            "as M1a, through fleet, depot and order", key_place_day, "not more", _teams(fewer), _teams(more),
        ))  # fmt: skip
    return tuple(found)


_ALONE = {"dprk_men": 0.0, "dprk_reinforce": 0.0}
_NO_FIBRE = {"parameters.fibre_share_0": 0.0, "parameters.fibre_share_1": 0.0}
_ALL_FIBRE = {"parameters.fibre_share_0": 1.0, "parameters.fibre_share_1": 1.0}
_SIZE = (
    "ua_men_0", "ru_men_0", "dprk_men", "dprk_reinforce", "ua_repl", "ru_repl", "ru_group_0", "ru_group_peak",
    "sumy_men", "fleet_0", "fleet_repl", "convoy_n", "teams_base", "teams_rubicon", "airframes_day", "density_max",
    "heavy_0", "repair_bays", "road_capacity",
)  # fmt: skip
"""What counts men, vehicles or teams: all that a campaign of another size has more or less of. Bombs are not among it:
they multiply power, whatever the size."""


def _scaled(k: float) -> Setting:
    return Setting(set={"parameters.axis_noise": 0.0}, times=dict.fromkeys(_SIZE, k))


_METAMORPHIC: tuple[Relation, ...] = (
    *_dose(),
    Relation(
        "M2", "metamorphic", "without drones supply gives no order", "nothing else empties the fleet",
        supply_orders, "equal", Setting(("no-drones",), set={"parameters.t_margin": 1.0}),
    ),
    Relation(
        "M3", "metamorphic", "the special unit ten days earlier brings the order earlier", "the fleet shrinks earlier",
        order_day, "less", changed=Setting(set={"parameters.rubicon_day": 61.0}),
    ),
    Relation(
        "M4a", "metamorphic", "without the second contingent not less is held on 28 February", "fewer men attack",
        held_on("2025-02-28"), "not less", changed=Setting(times=_ALONE),
    ),
    Relation(
        "M4b", "metamorphic", "without the second contingent the key place does not fall earlier", "as M4a",
        key_place_day, "not less", changed=Setting(times=_ALONE),
    ),
    Relation(
        "M5", "metamorphic", "a second road brings the order no earlier", "as T1c, which asks for more",
        order_day, "not less", changed=Setting(("second-road",)),
    ),
    Relation(
        "M6a", "metamorphic", "twice the vehicles: the order comes no earlier", "more are left to send",
        order_day, "not less", changed=Setting(("double-fleet",)),
    ),
    Relation(
        "M6b", "metamorphic", "three times the replacements: the order comes no earlier", "as M6a",
        order_day, "not less", changed=Setting(("triple-replacement",)),
    ),
    Relation(
        "M6c", "metamorphic", "three times the replacements: the same loss per trip before the fleet is short",
        "until then as many vehicles are sent in the same convoys; stated for replacements, as a larger fleet on day 0"
        " may send more trips while stocks are filled", loss_per_trip("2025-01-10"), "near",
        changed=Setting(("triple-replacement",)),
    ),
    Relation(
        "M7", "metamorphic", "more jamming against radio drones alone: the order comes no earlier",
        "jamming acts on radio drones", order_day, "not less", Setting(set=_NO_FIBRE), Setting(("more-ew-no-fibre",)),
    ),
    Relation(
        "M8", "metamorphic", "more jamming against fibre drones alone changes nothing at all", "fibre is not jammed",
        fingerprint(), "equal", Setting(set=_ALL_FIBRE), Setting(("more-ew",), set=_ALL_FIBRE),
    ),
    Relation(
        "M9", "metamorphic", "fibre drones that reach 13 km instead of 10: the order comes no later",
        "more of the road is reached. Stated within the distances of the road: from 13 to 16 km it fails by a day,"
        " as teams that are sent where traffic and reach are then also stand over the many tracks behind the border",
        order_day, "not more", Setting(set={"parameters.R_fibre_1": 10.0}), Setting(set={"parameters.R_fibre_1": 13.0}),
    ),
    Relation(
        "M11", "metamorphic", "more mud: less is captured in December and January", "assaults slow down",
        total("captured_km2", "2025-01-31"), "less", changed=Setting(set={"parameters.mud_winter": 0.6}),
    ),
    Relation(
        "M12a", "metamorphic", "an earlier ceasefire keeps not less ground", "nothing is taken once it is kept",
        last("held_km2"), "not less", Setting(("ceasefire-mar-05",)), Setting(("ceasefire-feb-15",)),
    ),
    Relation(
        "M12b", "metamorphic", "an earlier ceasefire costs not more men", "as M12a",
        holder_losses, "not more", Setting(("ceasefire-mar-05",)), Setting(("ceasefire-feb-15",)),
    ),
    Relation(
        "M12c", "metamorphic", "up to the earlier of two ceasefires nothing differs", "neither is known before",
        fingerprint("2025-02-14"), "equal", Setting(("ceasefire-mar-05",)), Setting(("ceasefire-feb-15",)),
    ),
    Relation(
        "M13a", "metamorphic", "an earlier order: not more missing", "the roads out are freer",
        last("holder_missing_captured"), "not more", Setting(("order-mar-01",)), Setting(("order-feb-01",)),
    ),
    Relation(
        "M13b", "metamorphic", "an order before the offer of 11 March, against one after it: less leverage",
        "less is held when a ceasefire may come. Between two orders before the offer it fails, as both hold the last"
        " strip alone by then, and who left earlier holds a few km² more of it",
        last("leverage"), "less", Setting(("order-mar-15",)), Setting(("order-feb-01",)),
    ),
    Relation(
        "M14", "metamorphic", "who never withdraws holds not less on 16 March", "nothing is vacated",
        held_on("2025-03-16"), "not less", changed=Setting(("never-withdraw",)),
    ),
    Relation(
        "M15a", "metamorphic", "better defences: not less is held on 12 January", "a lower ratio advances less",
        held_on("2025-01-12"), "not less", changed=Setting(set={"parameters.def_mult": 2.6}),
    ),
    Relation(
        "M15b", "metamorphic", "better defences: not less is held on 28 February", "as M15a",
        held_on("2025-02-28"), "not less", changed=Setting(set={"parameters.def_mult": 2.6}),
    ),
    Relation(
        "M16", "metamorphic", "men who fight as well unfed: the order comes no earlier",
        "the decision looks at stocks; ground lost more slowly keeps the road out of reach longer",
        order_day, "not less", changed=Setting(cut=("tonnage-power",)),
    ),
    Relation(
        "M17", "metamorphic", "no weight on flanks at short reach: the order comes no earlier", "as T4",
        order_day, "not less", Setting(set=_SHORT), Setting(set={**_SHORT, "parameters.flank_weight": 0.0}),
    ),
    Relation(
        "M18", "metamorphic", "a campaign of half the size holds the same ground on 28 February",
        "all that counts men, vehicles and teams is halved, with vehicles per convoy; whole vehicles and sorties"
        " leave a few km²", held_on("2025-02-28"), "near", _scaled(1.0), _scaled(0.5), bound=6.0,
    ),
    Relation(
        "M23", "metamorphic", "before the first order that differs two policies see the same campaign",
        "luck is addressed, not consumed", fingerprint("2025-01-31"), "equal", Setting(policy=_NEVER),
        Setting(policy={"holder": "fixed_date:2025-02-01"}),
    ),
    Relation(
        "M25a", "metamorphic", "drones on against off, who never leaves: 20 km² on 16 March", "as T6a",
        held_on("2025-03-16"), "more", Setting(policy=_NEVER), Setting(("no-drones",), policy=_NEVER), bound=20.0,
        more_pairs=4,
    ),
    Relation(
        "M25b", "metamorphic", "drones on against off, who never leaves: 50 km² on 30 March", "as T6a",
        held_on("2025-03-30"), "more", Setting(policy=_NEVER), Setting(("no-drones",), policy=_NEVER), bound=50.0,
    ),
)  # fmt: skip

RELATIONS: tuple[Relation, ...] = (*_TRAPS_AND_CUTS, *_METAMORPHIC)
"""Every relation, by kind; ids are those of the documentation."""
