"""Metamorphic relations: what must hold between runs whose settings differ. Each is defined once.

A relation compares a measure of paired replications, with and without a change, and says which way
the mean of the differences must lie (``laws``). Relations that are limits of single models, or
exact on small campaigns, are in ``limits`` and ``exact``. Some were wrong as first stated: they are
here as corrected, with the argument.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

from kursksim.runs.outcomes import holder_losses, key_place_day, last, order_day, total
from kursksim.studies.verify.dated import DATED
from kursksim.studies.verify.laws import (
    Relation,
    Setting,
    fingerprint,
    held_on,
    loss_per_trip,
    supply_orders,
)
from kursksim.studies.verify.offensive import OFFENSIVE
from kursksim.studies.verify.traps import NEVER, SHORT, TRAPS_AND_CUTS

__all__ = ["RELATIONS"]

# the second contingent left out
_ALONE = {"dprk_men": 0.0, "dprk_reinforce": 0.0}
_NO_FIBRE = {"parameters.fibre_share_0": 0.0, "parameters.fibre_share_1": 0.0}
_ALL_FIBRE = {"parameters.fibre_share_0": 1.0, "parameters.fibre_share_1": 1.0}
# Parameters that count men, vehicles or teams: a campaign of another size has more or less of each.
# Bombs are not among them, as they multiply power whatever the size.
_SIZE = (
    *("ua_men_0", "ru_men_0", "dprk_men", "dprk_reinforce", "ua_repl", "ru_repl"),
    *("assault_0", "assault_hi", "assault_lo"),
    *("ru_group_0", "ru_group_peak", "sumy_men", "fleet_0", "fleet_repl", "convoy_n"),
    *("teams_base", "teams_rubicon", "airframes_day", "density_max", "hold_density_max"),
    *("heavy_0", "repair_bays", "road_capacity"),
)


_BAD_DAYS = (
    *("2024-12-16", "2024-12-17", "2024-12-19", "2024-12-23", "2024-12-31", "2025-01-01"),
    *("2025-01-08", "2025-01-09", "2025-01-10", "2025-01-18", "2025-01-25", "2025-01-26"),
)
_FORECAST = dt.date(2025, 2, 16)


def _flying(state: str) -> dict[str, str]:
    """Flying weather of the reported bad days up to January."""
    return {f"weather.{date}.flying": state for date in _BAD_DAYS}


def _teams(share: float) -> Setting:
    """The campaign with so many times the drone teams."""
    return Setting(times={"teams_base": share, "teams_rubicon": share})


def _dose() -> tuple[Relation, ...]:
    """M1 in four steps: more teams never bring more to the depot, nor keep the key place longer."""
    found = []
    for n, (fewer, more) in enumerate(pairwise((0.0, 0.5, 1.0, 1.5, 2.0)), 1):
        step = f"drone teams {fewer:g} to {more:g} times"
        delivered = Relation(
            f"M1a{n}",
            "metamorphic",
            f"{step}: not more is delivered by the end of February",
            "more teams at the same roads only add attempts",
            measure=total("delivered_t", "2025-02-28"),
            law="not more",
            base=_teams(fewer),
            changed=_teams(more),
        )
        kept = replace(
            delivered,
            id=f"M1b{n}",
            says=f"{step}: the key place does not fall later",
            why="as M1a, through fleet, depot and order",
            measure=key_place_day,
        )
        found += [delivered, kept]
    return tuple(found)


def _scaled(k: float) -> Setting:
    return Setting(set={"parameters.axis_noise": 0.0}, times=dict.fromkeys(_SIZE, k))


_METAMORPHIC: tuple[Relation, ...] = (
    *_dose(),
    Relation(
        "M2",
        "metamorphic",
        "without drones supply gives no order",
        "nothing else empties the fleet",
        measure=supply_orders,
        law="equal",
        base=Setting(("no-drones",), set={"parameters.t_margin": 1.0}),
    ),
    Relation(
        "M3",
        "metamorphic",
        "the special unit ten days earlier brings the order earlier",
        "the fleet shrinks earlier",
        measure=order_day,
        law="less",
        changed=Setting(set={"parameters.rubicon_day": 61.0}),
    ),
    Relation(
        "M4a",
        "metamorphic",
        "without the second contingent not less is held on 12 January",
        (
            "fewer men attack. Stated for the push that they join: without them the attacker "
            "fills up until January, pushes when he would pause, and has taken more by the end "
            "of February, when with them he has men for another push"
        ),
        measure=held_on("2025-01-12"),
        law="not less",
        changed=Setting(times=_ALONE),
    ),
    Relation(
        "M4b",
        "metamorphic",
        "without the second contingent the key place does not fall earlier",
        "as M4a",
        measure=key_place_day,
        law="not less",
        changed=Setting(times=_ALONE),
    ),
    Relation(
        "M5",
        "metamorphic",
        "a second road brings the order no earlier",
        "as T1c, which asks for more",
        measure=order_day,
        law="not less",
        changed=Setting(("second-road",)),
    ),
    Relation(
        "M6a",
        "metamorphic",
        "twice the vehicles: the order comes no earlier",
        "more are left to send",
        measure=order_day,
        law="not less",
        changed=Setting(("double-fleet",)),
    ),
    Relation(
        "M6b",
        "metamorphic",
        "three times the replacements: the order comes no earlier",
        "as M6a",
        measure=order_day,
        law="not less",
        changed=Setting(("triple-replacement",)),
    ),
    Relation(
        "M6c",
        "metamorphic",
        "three times the replacements: the same loss per trip before the fleet is short",
        (
            "until then as many vehicles are sent in the same convoys; stated for "
            "replacements, as a larger fleet on day 0 may send more trips while stocks are "
            "filled"
        ),
        measure=loss_per_trip("2025-01-10"),
        law="near",
        changed=Setting(("triple-replacement",)),
    ),
    Relation(
        "M7",
        "metamorphic",
        "more jamming against radio drones alone: the order comes no earlier",
        "jamming acts on radio drones",
        measure=order_day,
        law="not less",
        base=Setting(set=_NO_FIBRE),
        changed=Setting(("more-ew-no-fibre",)),
    ),
    Relation(
        "M8",
        "metamorphic",
        "more jamming against fibre drones alone changes nothing at all",
        "fibre is not jammed",
        measure=fingerprint(),
        law="equal",
        base=Setting(set=_ALL_FIBRE),
        changed=Setting(("more-ew",), set=_ALL_FIBRE),
    ),
    Relation(
        "M9",
        "metamorphic",
        "fibre drones that reach 13 km instead of 10: the order comes no later",
        (
            "more of the road is reached. Stated within the distances of the road: from 13 "
            "to 16 km it fails by a day, as teams that are sent where traffic and reach are"
            " then also stand over the many tracks behind the border"
        ),
        measure=order_day,
        law="not more",
        base=Setting(set={"parameters.R_fibre_1": 10.0}),
        changed=Setting(set={"parameters.R_fibre_1": 13.0}),
    ),
    Relation(
        "M11",
        "metamorphic",
        "more mud: less is captured in December and January",
        "assaults slow down",
        measure=total("captured_km2", "2025-01-31"),
        law="less",
        base=Setting(set={"parameters.mud_winter": 0.3}),
        changed=Setting(set={"parameters.mud_winter": 0.6}),
    ),
    Relation(
        "M12a",
        "metamorphic",
        "an earlier ceasefire keeps not less ground",
        "nothing is taken once it is kept",
        measure=last("held_km2"),
        law="not less",
        base=Setting(("ceasefire-mar-05",)),
        changed=Setting(("ceasefire-feb-15",)),
    ),
    Relation(
        "M12b",
        "metamorphic",
        "an earlier ceasefire costs not more men",
        "as M12a",
        measure=holder_losses,
        law="not more",
        base=Setting(("ceasefire-mar-05",)),
        changed=Setting(("ceasefire-feb-15",)),
    ),
    Relation(
        "M12c",
        "metamorphic",
        "up to the earlier of two ceasefires nothing differs",
        "neither is known before",
        measure=fingerprint("2025-02-14"),
        law="equal",
        base=Setting(("ceasefire-mar-05",)),
        changed=Setting(("ceasefire-feb-15",)),
    ),
    Relation(
        "M13a",
        "metamorphic",
        "an earlier order: not more missing",
        "the roads out are freer",
        measure=last("holder_missing_captured"),
        law="not more",
        base=Setting(("order-mar-01",)),
        changed=Setting(("order-feb-01",)),
    ),
    Relation(
        "M13b",
        "metamorphic",
        "an order before the offer of 11 March, against one after it: less leverage",
        (
            "less is held when a ceasefire may come. Between two orders before the offer it"
            " fails, as both hold the last strip alone by then, and who left earlier holds "
            "a few km² more of it. Stated without drones: where they hunt, hunger breaks the line"
            " of who stays, and he soon holds less than the strip"
        ),
        measure=last("leverage"),
        law="less",
        base=Setting(("no-drones", "order-mar-15")),
        changed=Setting(("no-drones", "order-feb-01")),
    ),
    Relation(
        "M14",
        "metamorphic",
        "who never withdraws holds not less on 9 March than who orders on 1 March",
        (
            "nothing is vacated. Not so a week later: his hungry line has broken, and who left in "
            "time stands on the strip"
        ),
        measure=held_on("2025-03-09"),
        law="not less",
        base=Setting(("order-mar-01",)),
        changed=Setting(("never-withdraw",)),
    ),
    Relation(
        "M15a",
        "metamorphic",
        "better defences: not less is held on 12 January",
        "a lower ratio advances less",
        measure=held_on("2025-01-12"),
        law="not less",
        changed=Setting(set={"parameters.def_mult": 2.6}),
    ),
    Relation(
        "M15b",
        "metamorphic",
        "better defences: not less is held on 28 February",
        "as M15a",
        measure=held_on("2025-02-28"),
        law="not less",
        changed=Setting(set={"parameters.def_mult": 2.6}),
    ),
    Relation(
        "M16",
        "metamorphic",
        "men who fight as well unfed: the order comes no earlier",
        (
            "the decision looks at stocks; ground lost more slowly keeps the road out of "
            "reach longer"
        ),
        measure=order_day,
        law="not less",
        changed=Setting(cut=("tonnage-power",)),
    ),
    Relation(
        "M17",
        "metamorphic",
        "no weight on flanks at short reach: the order comes no earlier",
        "as T4",
        measure=order_day,
        law="not less",
        base=Setting(set=SHORT),
        changed=Setting(set={**SHORT, "parameters.flank_weight": 0.0}),
    ),
    Relation(
        "M18",
        "metamorphic",
        "a campaign of half the size holds the same ground on 28 February",
        (
            "all that counts men, vehicles and teams is halved, with vehicles per convoy; "
            "whole vehicles and sorties leave a few km²"
        ),
        measure=held_on("2025-02-28"),
        law="near",
        base=_scaled(1.0),
        changed=_scaled(0.5),
        bound=6.0,
    ),
    Relation(
        "M23",
        "metamorphic",
        "before the first order that differs two policies see the same campaign",
        "luck is addressed, not consumed",
        measure=fingerprint("2025-01-31"),
        law="equal",
        base=Setting(policy=NEVER),
        changed=Setting(policy={"holder": "fixed_date:2025-02-01"}),
    ),
    Relation(
        "M25a",
        "metamorphic",
        "drones on against off, who never leaves: 20 km² on 16 March",
        "as T6a",
        measure=held_on("2025-03-16"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(("no-drones",), policy=NEVER),
        bound=20.0,
        more_pairs=4,
    ),
    Relation(
        "M25b",
        "metamorphic",
        "drones on against off, who never leaves: 50 km² on 30 March",
        "as T6a",
        measure=held_on("2025-03-30"),
        law="more",
        base=Setting(policy=NEVER),
        changed=Setting(("no-drones",), policy=NEVER),
        bound=50.0,
    ),
    Relation(
        "M26a",
        "metamorphic",
        "the reported days of bad weather up to January good instead: more is captured",
        "bombs fall on more days",
        measure=total("captured_km2", "2025-01-31"),
        law="more",
        changed=Setting(set=_flying("good")),
    ),
    Relation(
        "M26b",
        "metamorphic",
        "what became known after the date of a forecast changes nothing",
        "a forecast reads what was known",
        measure=fingerprint(),
        law="equal",
        base=Setting(set={"as_of": _FORECAST}),
        changed=Setting(set={"as_of": _FORECAST, "weather.2025-03-15.flying": "good"}),
    ),
)

# ids are those of the documentation
RELATIONS = (*TRAPS_AND_CUTS, *_METAMORPHIC, *DATED, *OFFENSIVE)
