"""A game laid open: the same luck for every course, regret that is 0 where nothing was better, no knowledge too early."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks
from kursksim.evidence.observations import timeline
from kursksim.play.reveal.courses import Course, Task, best_of, play_courses, task_of
from kursksim.play.reveal.laid_open import known_by, reveal
from kursksim.play.reveal.page import escaped, markdown, sections
from kursksim.runs.payoffs import men_at_start, payoffs, payoffs_of, score_of
from kursksim.studies.reveal import Reveal
from kursksim.units import parse_date

SEED = 7


def play_course(game: ks.Game, task: Task) -> Course:
    (found,) = play_courses(game, [task])
    return found


def same(one: Any, other: Any) -> bool:
    """Equal mappings of numbers, NaN equal to NaN."""
    return set(one) == set(other) and all(
        one[k] == other[k] or (math.isnan(one[k]) and math.isnan(other[k])) for k in one
    )


@pytest.fixture(scope="module")
def game() -> ks.Game:
    """Night convoys on some evenings, an early order to withdraw, a remark."""
    made = ks.Game("two-roads", seed=SEED)
    for day in range(8):
        made.step({"holder": {"night_share": 1.0}} if day in (1, 3) else {})
    made.note("the road <b>west</b> | is *gone*")
    made.step({"holder": {"withdraw": True}})
    return made.play_on()


@pytest.fixture(scope="module")
def opened(game: ks.Game) -> Reveal:
    return reveal(game, step=1)


# -- the same luck -----------------------------------------------------------------------------------------------


def test_your_course_is_the_game(game: ks.Game, opened: Reveal) -> None:
    course = play_course(game, task_of(game, game.scenario.last_day))
    assert course.run.tables == game.run().tables
    assert same(opened.yours.values, payoffs(game.run()))
    assert course.not_possible == ()


def test_a_rule_s_course_is_its_run(opened: Reveal) -> None:
    for line in opened.lines:
        if line.kind != "yours":
            run = ks.run("two-roads", seed=SEED, policy={"holder": line.name})
            assert same(line.values, payoffs(run)), line.name
            assert list(line.held_km2) == run.daily["held_km2"].tolist()
            assert line.order_day == run.order_day


def test_without_orders_nothing_differs_from_the_staff() -> None:
    made = reveal(ks.Game("two-roads", seed=3).play_on(), step=0)
    staff = next(line for line in made.lines if line.name == made.scenario.policies["holder"])
    assert same(made.yours.values, staff.values)
    assert made.yours.held_km2 == staff.held_km2
    assert made.deviations == ()


def test_what_the_other_side_ordered_stays_in_every_course() -> None:
    game = ks.Game("two-roads", seed=SEED)
    for _ in range(6):
        game.step({"attacker": {"reserve": 0.9}, "holder": {"night_share": 1.0}})
    made = reveal(game, side="holder", effects=0, step=0)
    staff = play_course(game, task_of(game, 5).without("holder"))
    alone = ks.run("two-roads", seed=SEED, until="2025-01-06")
    rule = next(line for line in made.lines if line.name == "threshold")
    assert same(rule.values, payoffs(staff.run))
    assert rule.values["attacker_losses"] != payoffs(alone)["attacker_losses"]


# -- regret ------------------------------------------------------------------------------------------------------


def test_regret_is_never_negative_and_zero_for_the_best(opened: Reveal) -> None:
    for r in opened.regrets:
        if r.regret == r.regret:
            assert r.regret >= 0
            way = r.payoff.better("holder")
            assert r.best == pytest.approx(r.yours + way * r.regret)
            assert (r.course == "yours") == (r.regret == 0)


def test_the_best_course_has_no_regret(opened: Reveal) -> None:
    """Play the date with the fewest losses as a game of one's own: nothing is to be regretted in losses."""
    best = best_of(opened.tried, opened.payoffs["holder_losses"])
    assert best is not None
    game = ks.Game("two-roads", seed=SEED)
    while not game.over:
        game.step({"holder": {"withdraw": True}} if game.day == best.day + 1 else {})
    made = reveal(game, step=0, effects=0)
    assert made.regret("holder_losses").regret == 0
    assert made.regret("holder_losses").course == "yours"
    assert made.yours.values["holder_losses"] == best.values["holder_losses"]


def test_hindsight_is_as_good_as_every_date_played(opened: Reveal) -> None:
    values = []
    for day in range(0, 21, 4):
        run = ks.run("two-roads", seed=SEED, policy={"holder": f"fixed_date:2025-01-{day + 1:02d}"})
        values += [payoffs(run)] if run.daily["phase"].iloc[-1] == "final" else []
    assert len(values) > 2
    for payoff in opened.payoffs.values():
        best, way = best_of(opened.tried, payoff), payoff.better("holder")
        assert (best is None) == (way == 0)
        if best is not None:
            assert all(way * best.values[payoff.id] >= way * v[payoff.id] for v in values), (
                payoff.id
            )


def test_an_order_whose_price_is_not_yet_paid_is_not_the_best(opened: Reveal) -> None:
    late = [t for t in opened.tried if not t.over]
    assert late
    assert all(t.day > max(o.day for o in opened.tried if o.over) for t in late)
    best = next(line for line in opened.lines if line.kind == "hindsight")
    assert best.name not in {f"fixed_date:{t.date}" for t in late}


def test_a_decision_has_no_regret_of_its_own(opened: Reveal) -> None:
    with pytest.raises(ks.BadUse, match="no regret in 'order_day'"):
        opened.regret("order_day")


def test_a_coarse_search_is_refined(game: ks.Game, opened: Reveal) -> None:
    coarse = reveal(game, step=5, effects=0)
    days = [t.day for t in coarse.tried]
    assert {0, 5, 10, 15, 20} <= set(days) < set(range(21))
    best = best_of(coarse.tried, coarse.payoffs["holder_score"])
    assert best is not None
    assert set(range(best.day - 1, min(20, best.day + 1) + 1)) <= set(
        days
    )  # its neighbours were tried too
    fine = {t.day: t.values for t in opened.tried}
    assert all(same(t.values, fine[t.day]) for t in coarse.tried)


def test_more_weight_on_the_men_changes_the_score_alone(game: ks.Game, opened: Reveal) -> None:
    heavy = reveal(game, step=0, effects=0, men_weight=3.0)
    run = game.run()
    lost = heavy.yours.values["holder_losses"] / men_at_start(run, "holder")
    assert heavy.yours.values["holder_score"] == pytest.approx(
        opened.yours.values["holder_score"] - 2 * lost
    )
    kept = {k: v for k, v in opened.yours.values.items() if not k.endswith("_score")}
    assert same(kept, {k: v for k, v in heavy.yours.values.items() if not k.endswith("_score")})
    for weight, name, score in opened.weights:
        for t in opened.tried:
            if t.over:
                other = score_of(
                    opened.scenario, "holder", t.values, men_at_start(run, "holder"), weight
                )
                assert score >= other, (weight, name, t.date)


# -- decisions ---------------------------------------------------------------------------------------------------


def test_each_deviation_is_told_with_the_staff_s_reason_and_its_effect(
    game: ks.Game, opened: Reveal
) -> None:
    assert [d.day for d in opened.deviations] == [1, 3, 8]
    assert [dict(d.given) for d in opened.deviations] == [
        dict(game.moves[d.day].given["holder"]) for d in opened.deviations
    ]
    order = opened.deviations[-1]
    assert order.suggested == {"withdraw": False}
    assert order.rule == next(d.rule for d in game.decisions if d.side == "holder" and d.day == 7)
    again = ks.Game("two-roads", seed=SEED)
    for day in range(21):
        again.step({"holder": {"night_share": 1.0}} if day in (1, 3) else {})
    mine, other = payoffs(game.run()), payoffs(again.run())
    assert order.effect is not None
    assert {m: mine[m] - other[m] for m in order.effect} == order.effect
    assert order.effect["held_km2_end"] < 0


def test_orders_about_the_withdrawal_are_played_first(game: ks.Game) -> None:
    made = reveal(game, effects=1, step=0)
    assert [d.effect is not None for d in made.deviations] == [False, False, True]


def test_orders_that_are_not_possible_in_another_course_are_told() -> None:
    """Who counter-attacks after refusing to withdraw could not have done so after the order."""
    game = ks.Game("two-roads", seed=SEED, policy={"holder": "fixed_date:2025-01-03"})
    for day in range(8):
        given = {"withdraw": False} if day > 2 else {}
        game.step({"holder": {**given, "counter_attack": "tip"} if day == 6 else given})
    course = play_course(game, task_of(game, 7).without("holder", 3))
    assert course.run.order_day == 2
    assert len(course.not_possible) == 1
    assert course.not_possible[0].startswith("2025-01-07: ")
    assert "counter_attack 'tip'" in course.not_possible[0]
    assert play_course(game, task_of(game, 7)).not_possible == ()


# -- how far -----------------------------------------------------------------------------------------------------


def test_at_a_turn_nothing_later_is_shown(game: ks.Game) -> None:
    early = game.branch(9)
    made = reveal(early, step=0, effects=0)
    assert (made.day, made.date) == (8, "2025-01-09")
    assert all(len(line.held_km2) == 9 for line in made.lines)
    assert all(k.known_on <= made.date for k in made.known)
    assert same(reveal(game, date="2025-01-09", step=0, effects=0).yours.values, made.yours.values)
    whole = reveal(early, play_on=True, step=0, effects=0)
    assert whole.day == 20
    assert same(whole.yours.values, payoffs(game.run()))


def test_what_cannot_be_revealed_is_refused(game: ks.Game) -> None:
    with pytest.raises(ks.BadUse, match="nothing has been played"):
        reveal(ks.Game("two-roads"))
    with pytest.raises(ks.BadUse, match="can be revealed from"):
        reveal(game.branch(3), date="2025-01-10")
    with pytest.raises(ks.BadUse, match="side 'both'"):
        reveal(game, "both")
    with pytest.raises(ks.BadUse, match="step -1"):
        reveal(game, step=-1, effects=0)


def test_the_attacker_has_regrets_of_its_own() -> None:
    game = ks.Game("two-roads", seed=SEED)
    for _ in range(5):
        game.step({"attacker": {"reserve": 0.9}})
    made = reveal(game)
    assert made.side == "attacker"
    assert {line.name for line in made.lines} == {"yours", "shaping", "frontal"}
    assert made.tried == ()
    ways = {r.payoff.id: r.payoff.better("attacker") for r in made.regrets}
    assert ways["held_km2_end"] == -1
    assert "holder_losses" not in ways
    assert made.regret("held_km2_end").best <= made.yours.values["held_km2_end"]


# -- the record --------------------------------------------------------------------------------------------------


def test_the_public_record_is_complete_and_never_early() -> None:
    scenario = ks.load("december-march")
    rows = timeline(scenario)
    assert len(rows) > 30
    assert any(e.known_on > e.date for e in rows)
    everything = known_by(scenario, "2030-01-01")
    assert len(everything) == len(rows) + len(scenario.inputs)
    for date in ("2024-12-01", "2025-01-16", "2025-02-26", "2025-03-10", "2025-03-17"):
        known = known_by(scenario, date)
        assert all(k.known_on <= date for k in known)
        assert len(known) == sum(k.known_on <= date for k in everything)
    later = [k for k in everything if k.date < k.known_on]
    for k in later:  # what had happened but was not public is not shown
        assert k not in known_by(
            scenario, parse_date(k.known_on).replace(day=1)
        ) or k.known_on.endswith("-01")
    assert all(k.sources for k in everything if k.kind == "event")


def test_a_scenario_without_a_record_says_so(opened: Reveal) -> None:
    assert opened.history.held == ()
    assert opened.history.order is None
    text = [s for section in sections(opened) for s in (*section.before, *section.after)]
    assert any("Nothing was observed" in s for s in text)


def test_an_event_known_before_it_happened_is_refused(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "camp"
    shutil.copytree(Path(ks.__file__).parents[1] / "scenarios" / "two-roads", folder)
    (folder / "observed").mkdir(exist_ok=True)
    (folder / "observed" / "timeline.csv").write_text(
        "date,known_on,what,source\n2025-01-05,2025-01-04,A bridge fell,fiction\n", "utf-8"
    )
    with pytest.raises(ks.ScenarioError, match="known_on 2025-01-04 is before the date 2025-01-05"):
        known_by(ks.load(folder), "2025-01-10")


# -- page and picture --------------------------------------------------------------------------------------------


def test_the_page_tells_the_decisions_and_escapes_what_people_wrote(opened: Reveal) -> None:
    page = markdown(opened, "reveal.png")
    assert "<b>" not in page
    assert escaped("the road <b>west</b> | is *gone*") in page
    assert page.count("\n| 2025-01-0") >= 4  # three evenings and the note
    for section in sections(opened):
        assert all(len(row) == len(section.heads) for row in section.rows)
    assert "![Courses" in page
    for payoff in payoffs_of(opened.scenario, "holder").values():
        if payoff.better("holder"):
            assert escaped(payoff.title) in page


def test_the_picture_shows_every_course(opened: Reveal) -> None:
    left, right = ks.plot.reveal(opened)
    drawn = {line.get_gid(): line.get_ydata() for line in left.get_lines() if line.get_gid()}
    assert {line.name for line in opened.lines} <= set(drawn)
    for line in opened.lines:
        assert list(drawn[line.name]) == list(line.held_km2)
    assert len(right.patches) == 2 * len(opened.regrets)
    bars = [p.get_width() for p in right.patches]
    assert all(0 <= width <= 1 for width in bars)
