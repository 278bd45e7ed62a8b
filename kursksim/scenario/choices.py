"""Choice of models and policies, and the numbers that they need from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kursksim import registry
from kursksim.errors import BadUse
from kursksim.scenario.rows import Draft, Raw
from kursksim.scenario.tables import Findings, Row, show

if TYPE_CHECKING:
    from kursksim.models.base import ParamInfo

__all__ = ["LIBRARY", "check_choices", "complete", "fill_defaults"]

LIBRARY = "library default"
"""Group of the parameters that ``[models] defaults = true`` took from the models."""


def _needs(models: Mapping[str, Any], policies: Mapping[str, Any]) -> dict[str, ParamInfo]:
    """Parameters of the chosen models and policies; unknown choices are reported elsewhere."""
    from kursksim.models.base import infos, required  # on first use: models import numpy

    found: dict[str, ParamInfo] = {}
    with suppress(BadUse):
        found |= required({k: v for k, v in models.items() if isinstance(v, str)})
    for side, spec in policies.items():
        with suppress(BadUse):
            found |= infos(registry.lookup(f"policy/{side}", str(spec).partition(":")[0]))
    return {name: info for name, info in found.items() if not info.optional}


def complete(models: Mapping[str, str]) -> dict[str, str]:
    """The choice with every slot named, in the order of the day."""
    from kursksim.models.base import DEFAULT_MODELS

    return {**DEFAULT_MODELS, **models}


def _section(raw: Raw, name: str) -> dict[str, Any]:
    """A section as it was written; empty where it is no table, which validation reports later."""
    given = raw.doc.get(name)
    return given if isinstance(given, dict) else {}


def fill_defaults(raw: Raw, out: Findings) -> None:
    """Fill gaps of the ledger from the models' own defaults, where the scenario asks for it."""
    models, where = _section(raw, "models"), raw.where("models", "defaults")
    wanted = models.get("defaults", False)
    if not isinstance(wanted, bool):
        # Defaults are filled in twice, before and after patches: say it once.
        if not any(p.where == where for p in out.problems):
            out.error(
                where,
                f"models.defaults {show(wanted)}: must be true or false, without quotes",
            )
    elif wanted:
        rows = raw.rows("parameters")
        have = {r["id"] for r in rows if isinstance(r.get("id"), str)} | {*_section(raw, "aliases")}
        invented = raw.doc.get("fictional", False) is True
        for name, info in _needs(models, _section(raw, "policies")).items():
            # A default with a date would bring one campaign's weapons and weather to another.
            if name not in have and (invented or info.timeless):
                cells = {key: getattr(info, key) for key in ("low", "high", "unit", "meaning")}
                cells |= {"id": name, "value": info.default, "group": LIBRARY}
                rows.append(Row(cells | {"source": "", "status": "assumed"}, where))


def check_choices(draft: Draft, out: Findings) -> None:
    """Check policies, models and the ledger against what is registered.

    Parameters
    ----------
    draft : Draft
    out : Findings
        Where problems go.
    """
    raw = draft.raw
    policies = draft.head.get("policies", {})
    for side, spec in policies.items():
        where, name = raw.where("policies", side), spec.partition(":")[0]
        known = registry.names(f"policy/{side}")
        if not name:
            out.error(where, f"policies.{side} {show(spec)}: must be NAME or NAME:ARGUMENT")
        elif known and name not in known:
            out.unknown(where, f"policies.{side}: unknown policy", name, known)
    models = draft.head.get("models", {})
    from kursksim.models.base import SLOTS, known_cuts

    for slot, name in models.items():
        where, known = raw.where("models", slot), registry.names(f"model/{slot}")
        if slot not in SLOTS:
            out.unknown(where, "models: unknown slot", slot, SLOTS)
        elif known and name not in known:
            out.unknown(where, f"models.{slot}: unknown model", name, known)
    _ledger(draft, _needs(models, policies), out)
    _rivers(draft, models, out)
    if out.failed:
        return  # models and policies can be asked only if all that they read is valid
    known_arrows = known_cuts(models)
    for name in draft.head["cuts"]:
        if name not in known_arrows:
            out.unknown(raw.where("cuts"), "cuts: unknown arrow", name, known_arrows)
    if not out.failed:
        _build(draft, out)


def _rivers(draft: Draft, models: Mapping[str, str], out: Findings) -> None:
    """The chosen models know what the tables have: crossings by weight, drone teams."""
    supply, watch = models.get("supply", ""), models.get("interdiction", "")
    with suppress(BadUse):
        if draft.crossings.known and not hasattr(
            registry.lookup("model/supply", complete(models)["supply"]), "weight_t"
        ):
            given = f"the supply model {show(supply or 'depot')} knows no crossings"
            out.error(
                draft.raw.where("models", "supply"), f'crossings: {given}; choose supply = "river"'
            )
    for ident, item in draft.inputs.items.items():
        if item.kind == "teams" and watch == "none":
            who = f"input {show(ident)} of kind teams"
            rule = "the interdiction model 'none' has no teams; choose another"
            out.error(draft.inputs.where[ident], f"{who}: {rule}")


def _build(draft: Draft, out: Findings) -> None:
    """The values of each model agree with each other, and policies accept their arguments."""
    from kursksim.models.base import build
    from kursksim.policies.base import build_policy
    from kursksim.policies.scripted import names_file

    head, value = draft.head, {p.id: p.value for p in draft.parameters.items.values()}
    for side, spec in head["policies"].items():
        if names_file(spec.partition(":")[2]):
            continue  # the run opens the file: a scenario opens none outside its folder
        try:
            build_policy(side, spec, value, head["aliases"], head["start"], head["days"])
        except BadUse as error:
            out.error(draft.raw.where("policies", side), f"policies.{side} {show(spec)}: {error}")
    try:
        build(head["models"], head["aliases"], value)
    except BadUse as error:
        out.error(draft.raw.where("parameters"), str(error))


def _ledger(draft: Draft, needs: Mapping[str, ParamInfo], out: Findings) -> None:
    """Every model parameter stands in the ledger, in its unit, inside its legal bounds."""
    ledger, aliases = draft.parameters, draft.head.get("aliases", {})
    for name, target in aliases.items():
        where = draft.raw.where("aliases", name)
        if target not in ledger.known:
            out.unknown(where, f"aliases.{name}: unknown parameter", target, ledger.known)
        elif needs and name not in needs:
            out.warn(
                where,
                f"aliases.{name}: no chosen model or policy has a parameter of that name",
            )
    _misspelt(draft, needs, out)
    for name, info in needs.items():
        ident = aliases.get(name, name)
        if ident not in ledger.known and name not in aliases:
            what = f"parameter {show(name)} ({info.meaning}; {info.unit})"
            rule = "add it, name it in [aliases], or set [models] defaults = true"
            if not (info.timeless or draft.head.get("fictional", False)):
                rule = "it belongs to a time, so that a campaign must give its own; no default"
            out.error("parameters", f"{what} is missing: {rule}")
        elif ident in ledger.items:
            _bounds(draft, ident, info, out)


def _misspelt(draft: Draft, needs: Mapping[str, ParamInfo], out: Findings) -> None:
    """Warn of ledger rows that look like a misspelt parameter, for which a default was taken."""
    rows, where = draft.parameters.items, draft.parameters.where
    defaulted = [ident for ident, row in rows.items() if row.group == LIBRARY]
    for ident in sorted(rows.keys() - needs.keys() - set(defaulted)):
        for close in get_close_matches(ident, defaulted, 1, 0.8):
            out.warn(
                where[ident],
                f"parameter {show(ident)} is no parameter of a model; "
                f"did you mean {show(close)}, for which the library's default is taken?",
            )


def _bounds(draft: Draft, ident: str, info: ParamInfo, out: Findings) -> None:
    """A parameter lies inside the bounds of its model, and is in the model's unit."""
    row, where = draft.parameters.items[ident], draft.parameters.where[ident]
    who, legal = f"parameter {show(ident)}:", f"it takes {info.at_least:g} to {info.at_most:g}"
    if not info.at_least <= row.value <= info.at_most:
        out.error(where, f"{who} value {row.value:g} is impossible; {legal}")
    elif not info.at_least <= row.low <= row.high <= info.at_most:
        out.warn(where, f"{who} range {row.low:g} to {row.high:g} is partly impossible; {legal}")
    if row.unit.split() != info.unit.split():
        out.warn(where, f"{who} unit {show(row.unit)}, where the model reads {show(info.unit)}")
