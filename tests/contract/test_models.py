"""What every registered model must do, whoever wrote it: a new one inherits these tests by being registered."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.errors import BadUse, KursksimError
from kursksim.models import DEFAULT_MODELS, SLOTS
from kursksim.models.base import infos
from kursksim.models.combat import AxisState
from kursksim.registry import lookup, names

BARE = {"model/assault:steady", "model/interdiction:none"}
"""Models that stand for the lack of a mechanism, and so have no parameters."""
MODELS = [(slot, name) for slot in SLOTS for name in names(f"model/{slot}")]
POLICIES = [(side, name) for side in ("holder", "attacker") for name in names(f"policy/{side}")]
EVERY = [f"model/{s}:{n}" for s, n in MODELS] + [f"policy/{s}:{n}" for s, n in POLICIES]
SHARES = np.linspace(0.0, 1.0, 6).tolist()
LUCK = [0.0, 1e-9, 0.3, 0.5, 0.97, 1 - 1e-12]
DEVIATES = [-7.0, -1.0, 0.0, 0.5, 7.0]
KM = np.array([0.0, 0.5, 3.0, 9.0, 30.0, 1e4])
MEANS = [0.0, 1e-9, 2.0, 90.0, 1e4]


def cls(kind_and_name: str) -> Any:
    kind, name = kind_and_name.split(":")
    return lookup(kind, name)


# Probes: what a slot's model answers. Those of ``probabilities`` must lie in [0, 1]; all of ``probe`` must repeat.


def weather(m: Any) -> tuple[list[float], list[Any]]:
    found, today = [], None
    for day in (0, 1, 70, 95, 120, 300):
        for u in LUCK:
            today = m.step(day, dt.date(2025, 1, 1) + dt.timedelta(days=day), 51.0, today, u)
            found.append(today)
    assert all(0 <= w.sunrise <= w.sunset <= 24 for w in found)
    return [v for w in found for v in (w.flyability, w.mud)], found


def supply(m: Any) -> tuple[list[float], list[Any]]:
    issued = [
        m.fulfilment(s, d, r)
        for s in (0.0, 1.0, 90.0, 5e3)
        for d in (0.0, 5.0, 300.0)
        for r in (0.0, 4.0, 400.0)
    ]
    shares = [*issued, *(m.dispatch_share(x) for x in SHARES), m.sustainable_loss(100.0)]
    speeds = [
        m.speed_km_h(paved, mud, wrecks)
        for paved in (True, False)
        for mud in SHARES
        for wrecks in (0.0, 50.0)
    ]
    assert min(speeds) > 0
    wanted = [m.vehicles_wanted(d, s, x) for d in (0.0, 50.0) for s in (0.0, 900.0) for x in SHARES]
    assert min(wanted) >= 0
    demand = m.demand_t(np.array([4000.0, 100.0]), np.array([0.0, 2.0]))
    assert demand >= 0
    return shares, [shares, speeds, wanted, demand]


def strike(m: Any, launched: float, u: float, left: int) -> tuple[int, Any]:
    """Attempts and fates of a convoy of three, with the same uniform wherever one is asked for."""
    asked: list[int] = []

    def more(count: int) -> list[float]:
        asked.append(count)
        return [u] * count

    attempts, fates = m.strike(launched, 0.7, 3, u, left, more)
    assert 0 <= attempts <= left
    assert len(fates) <= min(3, attempts)
    assert all(0 <= fate < 1 for fate in fates)
    assert len(asked) == bool(fates)  # once, and only where something is hit
    return attempts, fates


def interdiction(m: Any) -> tuple[list[float], list[Any]]:
    reach = [float(v) for r in (0.0, 9.0, 20.0) for v in m.point_reach(KM, r)]
    types = [v for day in (-1, 0, 50, 200) for v in m.shares(day)]
    assert all(math.isclose(sum(m.shares(day)), 1.0) for day in range(-1, 200))
    passing = [m.pass_share(a, b, c) for a in (0.0, 2.0) for b in (0.0, 1.0) for c in SHARES]
    thin = [m.dilution(c) for c in range(6)]
    met = [strike(m, x, u, left) for x in MEANS for u in LUCK for left in (0, 2, 50)]
    for x in MEANS:  # the test for many at once never misses what ``strike`` finds
        nothing = m.nothing(np.full(len(LUCK), x), np.array(LUCK)).tolist()
        assert not any(
            strike(m, x, u, 50)[0] for u, sure in zip(LUCK, nothing, strict=True) if sure
        )
    assert m.launched_per_hour(10.0, 0.5, 0.5) >= 0
    return [*reach, *types, *passing, *thin], [reach, types, passing, thin, met, m.ranges_km(30)]


def air(m: Any) -> tuple[list[float], list[Any]]:
    gains = [m.power_gain(s, f) for s in (0.0, 1.0, 3.0) for f in SHARES]
    assert min(gains) >= 1
    days = [m.repair_days(u) for u in LUCK]
    assert days == sorted(days)
    assert days[0] > 0
    closed = [m.closes(u, surge) for u in LUCK for surge in (False, True)]
    assert all(isinstance(c, bool) for c in closed)
    return [], [gains, days, closed]


def combat(m: Any) -> tuple[list[float], list[Any]]:
    losses = [m.holder_loss(r, f) for r in (0.0, 0.3, 5.0, 1e9, math.inf) for f in SHARES]
    losses += [m.attacker_loss(r, e) for r in (0.0, 0.3, 5.0, 1e9, math.inf) for e in (1.0, 3.0)]
    power = [m.supplied_power(f) for f in SHARES]
    assert power == sorted(power)
    prepared = [m.next_preparation(p, km) for p in SHARES for km in (0.0, 0.2, 5.0)]
    prepared += [m.next_preparation(p, 0.0, wear) for p in SHARES for wear in (0.1, 1.0)]
    states = [
        AxisState(a, h, f, posture, 0.4, 1.2, 1.0)
        for a in (0.0, 4e3) for h in (0.0, 900.0) for f in (0.0, 1.0) for posture in ("prepared", "hasty", "delaying", "final")
    ]  # fmt: skip
    ratios = [m.ratio(s, m.luck(0.0)) for s in states]
    assert min(ratios) >= 0
    speeds = [m.advance_km(r, mud) for r in (0.0, 0.5, 1.5, 4.0, math.inf) for mud in SHARES]
    assert all(0 <= v < math.inf for v in speeds)
    assert m.luck(0.0) == m.error(0.0) == 1.0
    return [*losses, *power, *prepared], [
        losses,
        power,
        prepared,
        ratios,
        speeds,
        [draw(z) for draw in (m.luck, m.error) for z in DEVIATES],
    ]


def assault(m: Any) -> tuple[list[float], list[Any]]:
    advice = [m.advises(men, p) for men in (0.0, 5e3, 1e5) for p in (False, True)]
    assert all(isinstance(a, bool) for a in advice)
    assert m.assault_0 >= 0
    tempo = [m.tempo(p) for p in (False, True)]
    factors = [m.power(p) for p in (False, True)] + [m.wear(p) for p in (False, True)]
    assert min(factors) > 0
    return tempo, [advice, tempo, factors]


def withdrawal(m: Any) -> tuple[list[float], list[Any]]:
    tired = [m.tired(km) for km in KM.tolist()]
    assert tired == sorted(tired, reverse=True)
    parts = m.orderliness(10.0, 100.0, 3.0, 30.0, 20.0, 90.0)
    nothing = m.orderliness(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    lines = [m.line_km(20.0, d) for d in range(12)]
    assert lines == sorted(lines, reverse=True)
    assert lines[0] == 20.0
    assert not m.moving(0)
    days = [m.exit_days(15.0), m.close_days(10.0, 0.0), m.close_days(10.0, 2.0)]
    assert min(days) > 0
    return [*tired, *parts, *nothing], [tired, parts, lines, days]


def diplomacy(m: Any) -> tuple[list[float], list[Any]]:
    answers = [m.leverage_km2(300.0, w, kept) for w in SHARES for kept in (False, True)]
    assert all(0 <= gain <= 300.0 for gain, _ in answers)
    return [left for _, left in answers], answers


PROBES: dict[str, Callable[[Any], tuple[list[float], list[Any]]]] = {
    "weather": weather, "supply": supply, "interdiction": interdiction, "air": air, "assault": assault,
    "combat": combat, "withdrawal": withdrawal, "diplomacy": diplomacy,
}  # fmt: skip


def test_every_slot_is_probed_and_filled() -> None:
    assert set(PROBES) == set(SLOTS) == set(DEFAULT_MODELS)
    assert all(DEFAULT_MODELS[slot] in names(f"model/{slot}") for slot in SLOTS)


@pytest.mark.parametrize(("slot", "name"), MODELS)
def test_a_model_is_a_frozen_value(slot: str, name: str) -> None:
    made = lookup(f"model/{slot}", name)()
    assert dataclasses.is_dataclass(made)
    if f"model/{slot}:{name}" in BARE:
        assert made == type(made)()
        return
    field = dataclasses.fields(made)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(made, field, 0.0)
    twin = type(made)()
    assert made == twin
    assert hash(made) == hash(twin)
    assert pickle.loads(pickle.dumps(made)) == made
    assert dataclasses.replace(made, **{field: getattr(made, field) * 1.0001}) != made


@pytest.mark.parametrize(("slot", "name"), MODELS)
def test_equal_inputs_give_equal_outputs(slot: str, name: str) -> None:
    one, other = (lookup(f"model/{slot}", name)() for _ in range(2))
    first = repr(PROBES[slot](one))
    assert repr(PROBES[slot](one)) == first
    assert repr(PROBES[slot](other)) == first
    assert one == other


@pytest.mark.parametrize(("slot", "name"), MODELS)
def test_probabilities_are_probabilities(slot: str, name: str) -> None:
    """With the defaults, and with each parameter in turn at either end of its range."""
    kind = lookup(f"model/{slot}", name)
    refused = []
    for field, info in infos(kind).items():
        for value in (info.default, info.low, info.high):
            try:
                made = kind(**{field: value})
            except ValueError:
                refused.append((field, value))
                continue
            assert all(0 <= p <= 1 for p in PROBES[slot](made)[0]), (field, value)
    for field, value in refused:
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})
    if f"model/{slot}:{name}" in BARE:
        assert all(0 <= p <= 1 for p in PROBES[slot](kind())[0])
        return
    assert len(refused) < len(infos(kind))


@pytest.mark.parametrize("kind_and_name", EVERY)
def test_parameters_say_what_they_are(kind_and_name: str) -> None:
    kind = cls(kind_and_name)
    declared = infos(kind)
    if kind_and_name.startswith("model/"):
        # known days and the date of day 0 are data of the campaign, no numbers of the ledger
        assert set(declared) == {f.name for f in dataclasses.fields(kind)} - {"known", "start"}
        assert bool(declared) != (kind_and_name in BARE)
    for name, info in declared.items():
        assert info.at_least <= info.low <= info.default <= info.high <= info.at_most, name
        assert info.low < info.high, name
        assert info.unit.strip(), name
        assert len(info.meaning.split()) >= 2, name
        if info.unit.startswith("fraction"):
            assert info.at_least >= 0, name
            assert info.high <= 1, name
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")  # the one that dataclass writes


def test_a_name_means_one_thing() -> None:
    """Two models or policies with a parameter of the same name declare it alike: the ledger has it once."""
    meant: dict[str, Any] = {}
    for kind_and_name in EVERY:
        for name, info in infos(cls(kind_and_name)).items():
            assert meant.setdefault(name, info) == info, (name, kind_and_name)


@pytest.mark.parametrize(
    "kind", [*(f"model/{s}" for s in SLOTS), "policy/holder", "policy/attacker"]
)
def test_an_unknown_name_is_refused_with_those_known(kind: str) -> None:
    known = names(kind)
    assert known == tuple(sorted(known))
    with pytest.raises(BadUse, match=known[0]):
        lookup(kind, known[0] + "x")


def test_a_ledger_that_a_model_refuses_is_an_error_of_ours() -> None:
    """Legal one by one, not together: whoever loads or plays it gets a line, not a traceback."""
    with pytest.raises(KursksimError, match="stock_target"):
        ks.run(
            "two-roads",
            set={"parameters.stock_target": 3.0, "parameters.tau_ration": 7.0},
            until="2025-01-01",
        )
