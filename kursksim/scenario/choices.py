"""Which models and policies a scenario chooses, and whether the ledger holds every number that they need."""

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
    """Parameters of the chosen models and policies; an unknown choice is told of elsewhere."""
    from kursksim.models.base import infos, required  # on first use: models import numpy

    found: dict[str, ParamInfo] = {}
    with suppress(BadUse):
        found.update(required({k: v for k, v in models.items() if isinstance(v, str)}))
    for side, spec in policies.items():
        with suppress(BadUse):
            found.update(infos(registry.lookup(f"policy/{side}", str(spec).partition(":")[0])))
    return {name: info for name, info in found.items() if not info.optional}


def _models(raw: Raw) -> dict[str, Any]:
    given = raw.doc.get("models")
    return {k: v for k, v in given.items() if k != "defaults"} if isinstance(given, dict) else {}


def _policies(raw: Raw) -> dict[str, Any]:
    given = raw.doc.get("policies")
    return given if isinstance(given, dict) else {}


def complete(models: Mapping[str, str]) -> dict[str, str]:
    """The choice with every slot named, in the order of the day."""
    from kursksim.models.base import DEFAULT_MODELS

    return {**DEFAULT_MODELS, **models}


def fill_defaults(raw: Raw, out: Findings) -> None:
    """Add what the ledger leaves out from the models' own defaults, where the scenario asks for it."""
    given = raw.doc.get("models")
    if not isinstance(given, dict) or "defaults" not in given:
        return
    where = raw.where("models", "defaults")
    if not isinstance(given["defaults"], bool):
        if not any(p.where == where for p in out.problems):
            out.error(
                where,
                f"models.defaults {show(given['defaults'])}: must be true or false, without quotes",
            )
        return
    if not given["defaults"]:
        return
    rows = raw.rows("parameters")
    have = {r.get("id") for r in rows if isinstance(r.get("id"), str)}
    aliases = raw.doc.get("aliases")
    for name, info in _needs(_models(raw), _policies(raw)).items():
        if name in have or (isinstance(aliases, dict) and name in aliases):
            continue
        cells = {
            "id": name,
            "value": info.default,
            "low": info.low,
            "high": info.high,
            "unit": info.unit,
        }
        more = {"group": LIBRARY, "meaning": info.meaning, "source": "", "status": "assumed"}
        rows.append(Row(cells | more, where))


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
    if not out.failed:
        known_arrows = known_cuts(models)
        for name in draft.head.get("cuts", ()):
            if name not in known_arrows:
                out.unknown(raw.where("cuts"), "cuts: unknown arrow", name, known_arrows)
    if not out.failed:
        _arguments(draft, policies, out)
        _together(draft, models, out)


def _together(draft: Draft, models: Mapping[str, str], out: Findings) -> None:
    """The values of a model agree with each other."""
    from kursksim.models.base import build

    try:
        build(
            models, draft.head["aliases"], {p.id: p.value for p in draft.parameters.items.values()}
        )
    except BadUse as error:
        out.error(draft.raw.where("parameters"), str(error))


def _arguments(draft: Draft, policies: Mapping[str, str], out: Findings) -> None:
    """Policies take their arguments; one that names a file is left to the run, as a scenario opens none."""
    from kursksim.policies.base import build_policy
    from kursksim.policies.scripted import names_file

    head = draft.head
    value = {p.id: p.value for p in draft.parameters.items.values()}
    for side, spec in policies.items():
        if names_file(spec.partition(":")[2]):
            continue
        try:
            build_policy(side, spec, value, head["aliases"], head["start"], head["days"])
        except BadUse as error:
            out.error(draft.raw.where("policies", side), f"policies.{side} {show(spec)}: {error}")


def _ledger(draft: Draft, needs: Mapping[str, ParamInfo], out: Findings) -> None:
    """Every model parameter stands in the ledger, in its unit, inside its legal bounds."""
    ledger, aliases = draft.parameters, draft.head.get("aliases", {})
    for name, target in aliases.items():
        where = draft.raw.where("aliases", name)
        if target not in ledger.known:
            out.unknown(where, f"aliases.{name}: unknown parameter", target, ledger.known)
        elif needs and name not in needs:
            out.warn(
                where, f"aliases.{name}: no chosen model or policy has a parameter of that name"
            )
    _misspelt(draft, needs, out)
    for name, info in needs.items():
        ident = aliases.get(name, name)
        if ident not in ledger.known:
            if name not in aliases:
                rule = "add it, name it in [aliases], or set [models] defaults = true"
                out.error(
                    "parameters",
                    f"parameter {show(name)} ({info.meaning}; {info.unit}) is missing: {rule}",
                )
        elif ident in ledger.items:
            _bounds(draft, ident, info, out)


def _misspelt(draft: Draft, needs: Mapping[str, ParamInfo], out: Findings) -> None:
    """Ledger rows that look like a misspelt parameter of a model whose default stands in its place."""
    defaulted = [p.id for p in draft.parameters.items.values() if p.group == LIBRARY]
    for ident, row in draft.parameters.items.items():
        if (
            row.group != LIBRARY
            and ident not in needs
            and (close := get_close_matches(ident, defaulted, 1, 0.8))
        ):
            meant = f"did you mean {show(close[0])}, for which the library's default is taken?"
            out.warn(
                draft.parameters.where[ident],
                f"parameter {show(ident)} is no parameter of a model; {meant}",
            )


def _bounds(draft: Draft, ident: str, info: ParamInfo, out: Findings) -> None:
    row, where = draft.parameters.items[ident], draft.parameters.where[ident]
    legal = f"it takes {info.at_least:g} to {info.at_most:g}"
    if not info.at_least <= row.value <= info.at_most:
        out.error(where, f"parameter {show(ident)}: value {row.value:g} is impossible; {legal}")
    elif not info.at_least <= row.low <= row.high <= info.at_most:
        out.warn(
            where,
            f"parameter {show(ident)}: range {row.low:g} to {row.high:g} is partly impossible; {legal}",
        )
    if " ".join(row.unit.split()) != " ".join(info.unit.split()):
        out.warn(
            where,
            f"parameter {show(ident)}: unit {show(row.unit)}, where the model reads {show(info.unit)}",
        )
