"""A5, A7: what a convoy meets on one leg: survivors are binomial, attempts are Poisson in the hours of presence.

Attempts are a Poisson stream that is thinned: each is aimed at one of n vehicles and would kill it or not, so the
streams of lethal attempts at each vehicle and of those that kill nobody are independent, and so are the vehicles that
come back from the yard and those that do not. The whole joint law is asked, not only its moments. The simulation draws
it in another order, the number of hits first and from one uniform; that number is also asked uniform by uniform.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp, expm1, sqrt

import numpy as np
import pytest
import road_kit
from road_kit import LEVEL, of_kind, same_law
from scipy import stats

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.convoys import depart
from kursksim.engine.dawn import begin, draw_weather
from kursksim.engine.dispatch import open_roads
from kursksim.engine.encounters import lay_out
from kursksim.engine.engine import Engine
from kursksim.engine.morning import resume
from kursksim.engine.trips import Trip
from kursksim.models.interdiction import DroneTeams, Strike
from kursksim.terrain.hexmap import terrain_of

N = 20_000
PLENTY = 10**9


def many(
    model: DroneTeams, launched: float, passing: float, vehicles: int, left: int = PLENTY
) -> list[Strike]:
    """Strikes on many convoys with independent luck."""
    luck = np.random.Generator(np.random.PCG64([vehicles, 11]))
    return [
        model.strike(launched, passing, vehicles, u, left, lambda n: luck.random(n).tolist())
        for u in luck.random(N).tolist()
    ]


def strikes(
    model: DroneTeams, launched: float, passing: float, vehicles: int, left: int = PLENTY
) -> tuple[np.ndarray, np.ndarray]:
    """Hits and attempts of many convoys with independent luck."""
    met = many(model, launched, passing, vehicles, left)
    return np.array([len(fates) for _, fates in met]), np.array([attempts for attempts, _ in met])


def within(
    sample: np.ndarray, mean: float, variance: float | None = None, fourth: float | None = None
) -> None:
    """Mean, and variance where asked for, within 4 standard errors; ``fourth`` is the fourth central moment."""
    sd = sqrt(variance) if variance is not None else float(sample.std())
    assert abs(sample.mean() - mean) <= 4 * sd / sqrt(len(sample))
    if variance is not None and fourth is not None:
        assert abs(sample.var(ddof=1) - variance) <= 4 * sqrt((fourth - variance**2) / len(sample))


@pytest.mark.parametrize("vehicles", [1, 3, 6])
@pytest.mark.parametrize(("launched", "passing"), [(0.3, 1.0), (4.0, 0.67), (25.0, 1.0)])
def test_survivors_are_binomial(vehicles: int, launched: float, passing: float) -> None:
    """A5: mean and variance of what one strike leaves."""
    model = DroneTeams()
    hit, _ = strikes(model, launched, passing, vehicles)
    p = exp(-launched * passing * model.p_kill / vehicles)
    spread = vehicles * p * (1 - p)
    within(vehicles - hit, vehicles * p, spread, spread * (1 + 3 * (vehicles - 2) * p * (1 - p)))


@pytest.mark.parametrize("launched", [0.2, 3.0, 40.0])
def test_attempts_that_cannot_kill_are_poisson(launched: float) -> None:
    """A7: mean and variance."""
    hit, attempts = strikes(DroneTeams(p_kill=0.0), launched, 1.0, 3)
    assert not hit.any()
    within(attempts, launched, launched, launched + 3 * launched**2)


@pytest.mark.parametrize("vehicles", [1, 3])
@pytest.mark.parametrize("launched", [0.3, 3.0, 12.0])
def test_attempts_have_the_mean_of_the_rate_whatever_they_kill(
    vehicles: int, launched: float
) -> None:
    _, attempts = strikes(DroneTeams(p_kill=0.35), launched, 1.0, vehicles)
    within(attempts, launched)


@pytest.mark.parametrize("left", [0, 1, 4])
def test_attempts_never_exceed_the_sorties_left(left: int) -> None:
    hit, attempts = strikes(DroneTeams(p_kill=0.35), 10.0, 1.0, 3, left)
    assert attempts.max() <= left
    assert (hit <= attempts).all()


def at(u: float, launched: float, vehicles: int, p_kill: float = 0.24) -> tuple[int, int]:
    """Hits and attempts at one uniform; where something is hit, of attempts that each hit another vehicle."""
    met = DroneTeams(p_kill=p_kill).strike(launched, 1.0, vehicles, u, PLENTY, lambda n: [0.0] * n)
    return len(met.fates), met.attempts


@pytest.mark.parametrize("vehicles", [1, 2, 4, 30, 400])
def test_a_higher_hazard_never_kills_fewer(vehicles: int) -> None:
    """Common luck: whatever a convoy has lost at a low rate it has lost at a higher one."""
    rates = (0.5, 2.0, 8.0, 30.0, 300.0, 3e4)
    luck = np.random.Generator(np.random.PCG64(3)).random(300).tolist()
    hits = np.array([[at(u, launched, vehicles)[0] for launched in rates] for u in luck])
    assert (np.diff(hits, axis=1) >= 0).all()
    assert len(np.unique(hits)) > min(vehicles, 20)
    assert (hits[:, -1] == vehicles).mean() > 0.9


@pytest.mark.parametrize("vehicles", [1, 3, 10, 300])
@pytest.mark.parametrize("launched", [1e-9, 1e-3, 0.4, 6.0, 60.0])
@pytest.mark.parametrize("p_kill", [0.0, 0.24, 1.0])
def test_one_uniform_passes_from_nothing_to_misses_to_hits(
    vehicles: int, launched: float, p_kill: float
) -> None:
    """The bounds are exp(-m) and exp(-m p), to the last float below them and the first that is not."""
    bound, spared = exp(-launched), exp(-launched * p_kill)
    below = np.nextafter([bound, spared], 0.0).tolist()
    for u in (0.0, bound / 2, below[0]):
        assert at(u, launched, vehicles, p_kill) == (0, 0)
    if p_kill < 1:
        for u in (bound, (bound + spared) / 2, below[1]):
            hits, attempts = at(u, launched, vehicles, p_kill)
            assert hits == 0
            assert attempts >= 1
    if p_kill > 0:
        for u in (spared, (spared + 1) / 2, 1 - 2**-53):
            hits, attempts = at(u, launched, vehicles, p_kill)
            assert 1 <= hits <= vehicles
            assert attempts >= hits


@pytest.mark.parametrize("vehicles", [1, 3, 10, 300])
@pytest.mark.parametrize("launched", [0.02, 1.5, 9.0])
def test_hits_are_the_binomial_quantile_of_the_uniform(vehicles: int, launched: float) -> None:
    """A grid of uniforms against the distribution function of SciPy."""
    grid = ((np.arange(4000) + 0.5) / 4000).tolist()
    hits = np.array([at(u, launched, vehicles)[0] for u in grid])
    p = -expm1(-launched * 0.24 / vehicles)
    assert stats.binom.cdf(hits, vehicles, p) == pytest.approx(
        np.maximum(stats.binom.cdf(hits, vehicles, p), grid), abs=1e-12
    )
    assert (stats.binom.cdf(hits - 1, vehicles, p) <= np.array(grid) + 1e-12).all()


def test_two_small_convoys_meet_what_one_large_meets() -> None:
    """M22: a convoy of 6 as two of 3 on the leg together: the same exponent a vehicle at theta 1, double at theta 0."""
    rate, hours = 2.0, 1.5

    def exponent(theta: float, convoys: int) -> float:
        model = DroneTeams(swamp_theta=theta)
        return rate * hours * model.dilution(convoys) * model.p_kill / (6 / convoys)

    assert exponent(1.0, 2) == pytest.approx(exponent(1.0, 1))
    assert exponent(0.0, 2) == pytest.approx(2 * exponent(0.0, 1))


def drive(
    rate: float,
    hours: float,
    gap: float,
    days: int,
    latitude: float,
    vehicles: int = 1,
    **change: float,
) -> tuple[Engine, float]:
    """Convoys one after the other over one leg out and home, by the real process, under a constant rate of attempts.

    Returns the engine and the attempts to be expected, if every convoy drives both ways.
    """
    scenario = ks.load("two-roads")
    alone = {
        "fleet_0": 1e6,
        "load_hours": 0.0,
        "p_kill": 0.0,
        "night_factor": 0.4,
        "repair_share": 0.0,
    }
    terrain = replace(terrain_of(scenario), latitude=latitude)
    engine = Engine(
        scenario,
        seed=5,
        value={**scenario.value, **alone, **change},
        terrain=terrain,
        keep_events=True,
    )
    world, expected = engine.world, 0.0
    leg = world.legs["A1"]
    world.stores.place = leg.to_place
    for day in range(days):
        begin(world, day, {})
        resume(world)
        draw_weather(world)
        world.day, count = day, round(24 / gap)
        course = world.movement.course([leg])
        for k in range(count):
            depart(world, [Trip(k, "west", course, vehicles, 24 * day + k * gap, day)])
            for hour in (k * gap, k * gap + hours):
                light = world.weather.sunrise <= hour < world.weather.sunset
                expected += rate * hours * (1.0 if light else 0.4)
        open_roads(world)
        world.drones.airframes = float(PLENTY)
        leg.today.hours, leg.today.launched, leg.today.passing, leg.today.left = (
            hours,
            rate,
            1.0,
            PLENTY,
        )
        world.today.timetable = lay_out(world)
        world.today.env.run(until=24 * (day + 1))
    return engine, expected


def booked(engine: Engine, kind: type) -> dict[str, float]:
    """Amounts of one kind of event by convoy."""
    found: dict[str, float] = {}
    for _, _, e in engine.world.log or ():
        if isinstance(e, kind):
            found[e.subject] = found.get(e.subject, 0.0) + e.amount
    return found


@pytest.mark.parametrize(("latitude", "factor"), [(-80.0, 1.0), (80.0, 0.4), (0.0, 0.7)])
def test_attempts_follow_the_hours_of_presence(latitude: float, factor: float) -> None:
    """A7 through the real process: rate times hours, times the night's factor in the dark. In January the sun
    does not set in the far south nor rise in the far north; on the equator half the day is dark."""
    rate, hours, gap, days = 3.0, 0.2, 0.5, 40
    engine, expected = drive(rate, hours, gap, days, latitude)
    flown = sum(booked(engine, fx.SortiesFlown).values())
    assert engine.world.fleet.serviceable == 10**6
    assert expected == pytest.approx(rate * 2 * hours * 24 / gap * days * factor, rel=gap / 12)
    assert abs(flown - expected) <= 4 * sqrt(expected)


@pytest.mark.parametrize(("vehicles", "mean"), [(1, 3.0), (3, 4.0), (6, 12.0)])
def test_convoys_on_the_road_lose_what_the_law_says(vehicles: int, mean: float) -> None:
    """A5, A7 through the real process: n vehicles set out, Binomial(n, exp(-m p / n)) arrive, and as many as arrive set
    out for home and are thinned again. Attempts are the rate times the hours that somebody was there to be seen.
    """
    hours, days, p_kill = 0.02, 9, 0.3
    engine, _ = drive(mean / hours, hours, 0.05, days, -80.0, vehicles, p_kill=p_kill)
    payload, convoys = engine.models.supply.payload, 480 * days
    arrived = booked(engine, fx.Delivered)
    out = np.zeros(convoys)
    out[: len(arrived)] = [tonnes / payload for tonnes in arrived.values()]
    p = exp(-mean * p_kill / vehicles)
    spread = vehicles * p * (1 - p)
    within(out, vehicles * p, spread, spread * (1 + 3 * (vehicles - 2) * p * (1 - p)))
    left = out[: len(arrived)]
    chance = np.exp(-mean * p_kill / left)
    home = sum(booked(engine, fx.Returned).values())
    assert abs(home - (left * chance).sum()) <= 4 * sqrt((left * chance * (1 - chance)).sum())
    expected = mean * (convoys + len(arrived))
    assert abs(sum(booked(engine, fx.SortiesFlown).values()) - expected) <= 4 * sqrt(expected)


def law(mean: float, lethal: float, vehicles: int, most: int) -> np.ndarray:
    """Chances of so many vehicles hit (rows) and attempts (columns; the last is that many or more), by convolution.

    A vehicle under a stream of mean a = lethal / n is missed with chance exp(-a), or met by one lethal attempt or more;
    those that kill nobody come on top.
    """
    count, a = np.arange(most), lethal / vehicles
    met, rest = stats.poisson.pmf(count, a), stats.poisson.pmf(count, mean - lethal)
    met[0] = 0.0
    found = np.zeros((vehicles + 1, most + 1))
    found[0, :most] = rest
    for _ in range(vehicles):
        struck = np.array([np.convolve(row[:most], met)[:most] for row in found])
        found *= exp(-a)
        found[1:, :most] += struck[:-1]
    found[:, most] = stats.binom.pmf(np.arange(vehicles + 1), vehicles, 1 - exp(-a)) - found.sum(1)
    return found.clip(0.0)


def test_the_law_of_thinning_has_the_margins_that_it_must() -> None:
    found = law(3.0, 1.2, 3, 40)
    assert found.sum(1) == pytest.approx(stats.binom.pmf(range(4), 3, 1 - exp(-0.4)))
    assert found[:, :40].sum(0) == pytest.approx(stats.poisson.pmf(range(40), 3.0))


@pytest.mark.parametrize("vehicles", [1, 3])
@pytest.mark.parametrize(("launched", "passing"), [(0.8, 1.0), (6.0, 0.67)])
def test_hits_and_attempts_are_a_thinned_poisson_stream(
    launched: float, passing: float, vehicles: int
) -> None:
    """A5, A7: hits and attempts together, in one draw."""
    model = DroneTeams(p_kill=0.35)
    hit, attempts = strikes(model, launched, passing, vehicles)
    seen, most = np.zeros((vehicles + 1, 21)), 20
    np.add.at(seen, (hit, np.minimum(attempts, most)), 1)
    assert same_law(seen, law(launched, launched * passing * 0.35, vehicles, most)) > LEVEL / 4


def test_what_becomes_of_the_vehicles_hit_is_independent_of_all_else() -> None:
    """A5: fates are uniform, whatever the number of hits, their place among them, and the attempts."""
    met = [one for one in many(DroneTeams(p_kill=0.3), 4.0, 1.0, 3) if one.fates]
    fates = np.concatenate([one.fates for one in met])
    first = np.array([one.fates[0] for one in met])
    last = np.array([one.fates[-1] for one in met if len(one.fates) > 1])
    attempts = np.array([one.attempts for one in met])
    p = [stats.kstest(sample, "uniform").pvalue for sample in (fates, first, last)]
    pairs = np.array([one.fates[:2] for one in met if len(one.fates) > 1])
    for a, b in ((first, attempts), (first, [len(one.fates) for one in met]), pairs.T):
        p.append(stats.spearmanr(a, b).pvalue)
    assert min(p) > LEVEL / len(p), p


def test_strikes_of_played_days_are_a_thinned_poisson_stream() -> None:
    """A5, A7 in whole days, from the events: convoys of three meet a law as they set out; of the vehicles that a convoy
    has lost together, on any leg, so many are wrecked for good.
    """
    mean, p_kill, speed, mended, most = 2.0, 0.3, 500.0, 0.35, 20
    engine = road_kit.drive(
        4, 1500.0, {"A1": 1.0}, convoy_n=3.0, p_kill=p_kill, v_road=speed, repair_share=mended,
        sorties_team=24 * mean / (5.0 / speed) / 8,
    )  # fmt: skip
    flown = {(e.subject, hour): e.amount for hour, e in of_kind(engine, fx.SortiesFlown)}
    hits = {(e.subject, hour): e for hour, e in of_kind(engine, fx.Hit)}
    seen = np.zeros((4, most + 1))
    for hour, e in of_kind(engine, fx.ConvoySent):
        if e.amount == 3:  # the last of a day may be shorter; the leg under drones is the first
            met = (e.subject, hour)
            seen[hits[met].amount if met in hits else 0, min(flown.get(met, 0), most)] += 1
    assert seen.sum() > 1900
    assert same_law(seen, law(mean, mean * p_kill, 3, most)) > LEVEL / 3
    for n in (1, 2):
        wrecked = np.bincount([e.wrecked for e in hits.values() if e.amount == n], minlength=n + 1)
        assert (
            same_law(wrecked.astype(float), stats.binom.pmf(range(n + 1), n, 1 - mended))
            > LEVEL / 3
        )
