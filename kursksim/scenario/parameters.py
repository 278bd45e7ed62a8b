"""Parameter sets: the ledger's defaults, a draw from its ranges, or a member of a posterior."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim import models
from kursksim.errors import BadUse, nearest
from kursksim.rng import Streams
from kursksim.scenario.posterior import posterior
from kursksim.scenario.schema import Scenario

__all__ = ["MODES", "parameter_set", "refusal"]

MODES = ("default", "prior", "posterior")
ATTEMPTS = 1000


def parameter_set(scenario: Scenario, mode: str, streams: Streams) -> dict[str, float]:
    """The parameter values of one replication, by ledger id.

    Parameters
    ----------
    scenario : Scenario
    mode : {"default", "prior", "posterior"}
        ``prior`` draws every parameter uniformly in its range, each from a stream of its own name,
        so that a set depends on seed and replication alone. Sets that a model refuses (a stock
        target below the rationing time, a mean flyability below that of a bad day, a number beyond
        its legal bounds) are drawn again. ``posterior`` takes one of the sets that the scenario
        ships.
    streams : Streams

    Raises
    ------
    BadUse
        For an unknown mode, or a posterior where the scenario ships none.
    """
    if mode == "default":
        return dict(scenario.value)
    if mode == "posterior":
        if not (sets := posterior(scenario)):
            raise BadUse(f"parameters 'posterior': scenario {scenario.id!r} ships no posterior")
        luck = streams.uniform(-1, "parameter/posterior")
        # A what-if that sets a number makes its range a point; no posterior may undo that.
        settled = {p.id: p.value for p in scenario.parameters if p.low == p.high}
        return scenario.value | dict(sets[int(luck * len(sets))]) | settled
    if mode != "prior":
        raise BadUse(f"parameters {mode!r}; {nearest(mode, MODES)}")
    for attempt in range(ATTEMPTS):  # a later attempt reads further along the same streams
        drawn = {}
        for p in scenario.parameters:
            u = streams.uniform(-1, f"parameter/{p.id}", attempt)
            value = p.low + u * (p.high - p.low)
            drawn[p.id] = float(round(value)) if p.unit == "day index" else value
        if not refusal(scenario, drawn):
            return drawn
    raise BadUse(
        f"scenario {scenario.id!r}: no acceptable draw in {ATTEMPTS} from the ranges of its ledger",
    )


def refusal(scenario: Scenario, value: Mapping[str, float]) -> str:
    """The reason why a parameter set cannot be played: a number out of bounds, or one refused.

    Parameters
    ----------
    scenario : Scenario
    value : mapping of str to float
        Every parameter of the ledger.

    Returns
    -------
    str
        Empty for a set that can be played.
    """
    for name, info in models.required(scenario.models).items():
        given = value[scenario.aliases.get(name, name)]
        if not info.at_least <= given <= info.at_most:
            return f"{name} {given:g}: must lie in {info.at_least:g} to {info.at_most:g}"
    try:
        models.build(scenario.models, scenario.aliases, value)
    except ValueError as error:
        return str(error)
    return ""
