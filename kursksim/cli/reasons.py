"""The command why: an evening of a run, or what gave the order over many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kursksim.cli.many import Where, say_failures
from kursksim.cli.output import check_target, emit, heading, note, say, table
from kursksim.cli.playing import Request
from kursksim.errors import BadUse
from kursksim.text import aligned, number, plain

if TYPE_CHECKING:
    from kursksim.ensembles import Ensemble
    from kursksim.runs.record import Run
    from kursksim.studies.why import Cause, WhyDecided

__all__ = ["Question", "why"]


class Question(NamedTuple):
    """The arguments of why; None and empty where they were not given."""

    source: str
    evening: str | None
    date: str | None
    side: str
    seed: int | None
    until: str | None
    policies: tuple[str, ...]
    what_ifs: tuple[str, ...]
    sets: tuple[str, ...]
    parameters: str | None
    json: str | None

    def when(self) -> str:
        """The evening asked about.

        Raises
        ------
        BadUse
            Where none is given, or two.
        """
        if self.evening is not None and self.date is not None:
            raise BadUse(
                f"two dates, {self.evening[:80]!r} and --date {self.date[:80]!r}: give one"
            )
        found = self.evening if self.date is None else self.date
        if found is None:
            raise BadUse(
                "missing argument DATE, the evening to explain; or -n N for what gave the order over N runs"
            )
        return found

    def request(self, seed: int) -> Request:
        """As the flags of a command that plays; ``seed`` is the one where none was given."""
        return Request(
            self.source, self.what_ifs, self.sets, self.policies, seed if self.seed is None else self.seed, self.until,
            self.parameters or "default", self.json,
        )  # fmt: skip

    def playing(self) -> list[str]:
        """Flags given that say how something is played."""
        given = {
            "--seed": self.seed, "--until": self.until, "--policy": self.policies, "--what-if": self.what_ifs,
            "--set": self.sets, "--parameters": self.parameters,
        }  # fmt: skip
        return [flag for flag, value in given.items() if value not in (None, ())]


def why(question: Question, replications: int | None, where: Where) -> int:
    """Explain an evening of a saved run or of one played now, or count the causes of the order over many runs.

    Parameters
    ----------
    question : Question
    replications : int or None
        Runs to play; None for one evening.
    where : Where
        Workers for them.
    """
    if replications is not None:
        return _causes(question, replications, where)
    if where.workers is not None or where.dask is not None:
        raise BadUse("--workers and --dask go with -n: one evening needs no others to play it")
    date = question.when()
    check_target(question.json)
    made = (
        _played(question, date)
        if _is_scenario(question.source, bool(question.playing()))
        else _saved(question)
    )
    found = _explained(made, date, question.side)
    content = {
        "run": made.provenance, "decision": found.decision, "verdict": found.verdict, "flip": found.flip,
        "note": found.note,
    }  # fmt: skip
    if emit(question.json, content):
        _print(made, found)
    return 0


def _is_scenario(source: str, playing: bool) -> bool:
    """Whether a source names a scenario: a shipped name, a TOML file, a folder with a scenario in it.

    A folder that holds a saved run is that run, whatever its name. Where a scenario that ships has the same name, the
    scenario is meant if something is to be played (a flag asks for it), else the run, which is said.
    """
    from kursksim.runs.file import RUN_FILE
    from kursksim.scenario import catalogue

    shipped = source in catalogue.names()
    if shipped and playing:
        return True
    try:
        if (Path(source) / RUN_FILE).is_file():
            if shipped:
                note(
                    f"kursksim: {source!r} is read as the saved run in ./{source}, not as the scenario of that name"
                )
            return False
        if (Path(source) / "scenario.toml").is_file():
            return True
    except (OSError, ValueError):
        pass
    return catalogue.is_name(source) or source.endswith(".toml")


def _saved(question: Question) -> Run:
    from kursksim.runs.load import load_run

    if given := question.playing():
        raise BadUse(
            f"{', '.join(given)}: a saved run was played already; these go with a scenario"
        )
    return load_run(question.source)


def _played(question: Question, date: str) -> Run:
    """A run up to the evening: what would come after has no part in its decision."""
    from kursksim import api
    from kursksim.progress import bar
    from kursksim.units import parse_date

    if question.until is not None:
        raise BadUse("--until goes with -n: one run is played up to the evening asked about")
    request = question.request(0)
    scenario, policy = request.read()
    until = max(parse_date(date), scenario.start).isoformat()  # the eve is an evening too
    with bar("Days played") as tick:
        return api.run(
            scenario,
            seed=request.seed,
            until=until,
            policy=policy,
            parameters=request.parameters,
            progress=tick,
        )


def _explained(made: Run, date: str, side: str) -> WhyDecided:
    """The explanation; without the change that turns it where the run cannot be played again."""
    from kursksim.studies.why import WhyDecided, explain_decision

    taken = made.why(date, side)
    try:
        return explain_decision(made, date, side)
    except BadUse as error:
        return WhyDecided(taken, taken.known.get("forecast", {}), "", None, str(error))


def _print(made: Run, found: WhyDecided) -> None:
    taken = found.decision
    name = made.scenario.sides[taken.side].name  # type: ignore[index]
    heading(f"{taken.date}, evening: {name} ({taken.side})")
    margin = "none"
    if taken.margin is not None:
        margin = f"{taken.margin:+.2f} of the rule's own threshold (negative: it had not fired)"
    lines = [
        ("policy", taken.policy),
        ("options", ", ".join(taken.options)),
        ("choice", taken.choice),
    ]
    lines += [
        ("rule", taken.rule),
        ("margin", margin),
        *([("reason", taken.reason)] if taken.reason else []),
    ]
    lines += [("would turn it", line) for line in _flip_lines(found)]
    say(*aligned(lines[0], lines[1:]))
    if found.forecast:
        say("")
        options = list(found.forecast)
        figures = list(next(iter(found.forecast.values())))
        rows = [(f, *(number(found.forecast[o][f]) for o in options)) for f in figures]
        table(("forecast", *options), rows, right=range(1, len(options) + 1))
    if known := _flat({k: v for k, v in taken.known.items() if k != "forecast"}):
        say("")
        table(("known that evening", "figure"), known, right={1})


def _flip_lines(found: WhyDecided) -> list[str]:
    """The change in one line, and what the rule says then."""
    f = found.flip
    if f is None:
        return [found.note]
    by = (
        f"a change by {f.size:.0%} of what it usually is" if f.usual else "which it has always been"
    )
    first = f"{f.field} {number(f.becomes)} in place of {number(f.was)} ({by}): {f.choice}"
    return [f"{first}; then {f.decision.rule}"]


def _flat(known: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Known figures one by one: tables by axis, leg or route as ``name, key``."""
    found: list[tuple[str, str]] = []
    for name, value in known.items():
        label = f"{before}, {name}" if before else str(name)
        if isinstance(value, Mapping) and value:
            found += _flat(value, label)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append((label, number(value)))
        else:
            found.append((label, plain(value) if value or value is False else "none"))
    return found


# -- many runs -------------------------------------------------------------------------------------------------------


def _causes(question: Question, replications: int, where: Where) -> int:
    """Play many runs and print how often each cause gave the order."""
    from kursksim.cli.executors import executor
    from kursksim.ensembles import ensemble
    from kursksim.progress import bar
    from kursksim.studies.why import first_causes

    if question.evening is not None or question.date is not None:
        raise BadUse(
            "-n counts the causes of the order over runs, each on its own evening: leave the date out"
        )
    if question.side != "holder":
        raise BadUse(f"--side {question.side[:80]!r}: only the holder gives an order to withdraw")
    if not _is_scenario(question.source, playing=True):
        raise BadUse(
            f"{question.source[:200]!r} is no scenario: -n plays a scenario, a saved run is one run"
        )
    request = question.request(1)
    scenario, policy = request.read()
    check_target(question.json)
    with executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        made = ensemble(
            scenario, replications=replications, seed=request.seed, until=request.until, policy=policy,
            parameters=request.parameters, progress=tick, executor=pool,
        )  # fmt: skip
    causes = first_causes(made)
    content = {
        "scenario": scenario.id, "what_ifs": scenario.patches, "replications": made.replications,
        "seed": request.seed, "failures": made.failures, "causes": causes,
    }  # fmt: skip
    if emit(question.json, content):
        _print_causes(made, causes)
    return 0


def _print_causes(made: Ensemble, causes: Sequence[Cause]) -> None:
    from kursksim.units import add_days

    start = made.scenario.start
    heading(
        f"{made.scenario.title}: what gave the order to withdraw in {made.replications} runs, seed {made.seed}"
    )
    rows = [
        (
            c.cause, c.runs, f"{c.share:.0%} ({c.low:.0%} to {c.high:.0%})",
            add_days(start, round(c.median_day)).isoformat() if c.median_day == c.median_day else "",
        )
        for c in causes
    ]  # fmt: skip
    table(("cause", "runs", "share (95 % interval)", "median evening"), rows, right={1})
    say_failures(made)
