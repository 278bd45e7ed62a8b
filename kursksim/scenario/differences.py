"""What two scenarios or what-ifs differ in: values with their ranges and units, rows, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.io import BadFile, read_bytes
from kursksim.scenario import catalogue
from kursksim.scenario.document import HEAD, TABLES, key_of
from kursksim.scenario.patch import Patch, read_patch
from kursksim.scenario.reader import PatchLike, load, patched
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import MAX_BYTES, read_toml
from kursksim.text import shortened

__all__ = ["Change", "diff_scenarios", "differences"]

_UNITS = {"_km": "km", "lat": "°", "lon": "°", "days": "days"}
_RANGES = {"value": ("low", "high"), "length_km": ("low_km", "high_km")}
"""Fields with a range of their own, and those that hold it."""
_PLACES_OF_FILES = ("[!.]*", "observed/[!.]*", "what-ifs/[!.]*")
_MOST = 120
"""Letters of a value that a line shows."""


@dataclass(frozen=True)
class Change:
    """One thing that is not the same in two scenarios.

    Attributes
    ----------
    part : str
        Section or table, such as ``legs``; ``files`` for the files of the folders.
    row : str
        Id of the row, name of the file; empty in a section.
    field : str
        Field of the row or section; empty where only one of the two has the row.
    one, other : object
        Both values; None where one of the two has none.
    unit : str
        Empty where there is none.
    one_range, other_range : (float, float) or None
        Low and high, of values that have a range.
    """

    part: str
    row: str
    field: str
    one: Any
    other: Any
    unit: str = ""
    one_range: tuple[float, float] | None = None
    other_range: tuple[float, float] | None = None

    @property
    def where(self) -> str:
        """Dotted path of what differs, as what-ifs write it: ``legs.M2.length_km``."""
        return ".".join(name for name in (self.part, self.row, self.field) if name)

    def said(self) -> tuple[str, str]:
        """Both values with their ranges and units, for a table."""
        return self._said(self.one, self.one_range), self._said(self.other, self.other_range)

    def _said(self, value: Any, span: tuple[float, float] | None) -> str:
        if value is None:
            return "not there"
        if isinstance(value, Mapping):
            value = ", ".join(f"{k} = {v}" for k, v in value.items())
        elif isinstance(value, float):
            value = f"{value:g}"
        text = shortened(value, _MOST)
        if span is not None:
            text += f" ({span[0]:g} to {span[1]:g})"
        return f"{text} {self.unit}".rstrip(" -")

    def __str__(self) -> str:
        one, other = self.said()
        return f"{self.where}: {one} against {other}"


def diff_scenarios(
    one: Scenario | PatchLike, other: Scenario | PatchLike, *, base: Scenario | str | None = None
) -> tuple[Change, ...]:
    """Find everything that two scenarios or what-ifs differ in.

    Parameters
    ----------
    one, other : Scenario, or what ``load`` takes, or a what-if
        A what-if is laid on ``base``, or else on the other one, or on the scenario for which it
        was written.
    base : Scenario or str, optional
        The scenario on which what-ifs are laid.

    Returns
    -------
    tuple of Change
        By section and table, in the order of the file; files of the two folders last. Empty for
        equal scenarios.

    Raises
    ------
    ScenarioError
        When one of them breaks a rule.
    BadUse
        For an unknown name, and for what-ifs of any campaign without a base.

    Examples
    --------
    >>> found = diff_scenarios("two-roads", {"title": "x", "set": {"parameters.fleet_0": 30}})
    >>> print(*found)
    parameters.fleet_0.value: 20 (12 to 40) veh against 30 (30 to 30) veh
    """
    given = [_opened(one), _opened(other)]
    whole = [g for g in given if isinstance(g, Scenario)]
    if base is not None:
        ground = base if isinstance(base, Scenario) else load(base)
    elif whole:
        ground = whole[0]
    else:
        ground = load(_written_for([g for g in given if isinstance(g, Patch)]))
    a, b = (g if isinstance(g, Scenario) else patched(ground, [g]) for g in given)
    return (*differences(a, b), *_files(a, b))


def _opened(source: Scenario | PatchLike) -> Scenario | Patch:
    """A scenario, or a what-if that is still to be laid on one."""
    if isinstance(source, (Scenario, Patch)):
        return source
    if isinstance(source, (str, Path)) and not _is_patch(source):
        return load(source)
    return read_patch(source)


def _is_patch(source: str | Path) -> bool:
    """Whether a name or a file is that of a what-if."""
    if catalogue.is_name(source):
        return source in catalogue.what_ifs()
    path = Path(source)
    return path.is_file() and "schema" not in read_toml(path, path.name)[0]


def _written_for(patches: list[Patch]) -> str:
    """The scenario of two what-ifs."""
    owners = sorted({p.scenario for p in patches} - {""})
    if len(owners) != 1:
        said = " and ".join(owners) or "any campaign"
        raise BadUse(f"what-ifs of {said}: name the scenario on which both are laid")
    return owners[0]


def differences(a: Scenario, b: Scenario) -> Iterator[Change]:
    """Everything in which two scenarios differ, but for the files of their folders."""
    for name in Scenario.model_fields:
        one, other = getattr(a, name), getattr(b, name)
        if name in TABLES:
            key = key_of(name)
            ones, others = _by_key(one, key), _by_key(other, key)
            for row in {**ones, **others}:
                yield from _of_rows(name, row, ones.get(row), others.get(row))
        elif name in HEAD:  # the name of the folder, the form and titles say nothing
            yield from _of_sections(name, _plain(one), _plain(other))


def _by_key(rows: Iterable[Any], key: str) -> dict[str, Any]:
    return {str(getattr(row, key)): row for row in rows}


def _plain(value: Any) -> Any:
    """A section as mappings and values."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value.model_dump() if hasattr(value, "model_dump") else value


def _of_sections(name: str, one: Any, other: Any) -> Iterator[Change]:
    """Differences of a section, key by key."""
    if not isinstance(one, Mapping):
        if one != other:
            yield Change(name, "", "", one, other, _unit(name))
        return
    for key in {**one, **other}:
        x, y = one.get(key), other.get(key)
        if isinstance(x, Mapping) and isinstance(y, Mapping):
            yield from _of_sections(f"{name}.{key}", x, y)
        elif x != y:
            yield Change(name, "", key, x, y, _unit(key))


def _of_rows(table: str, row: str, one: Any, other: Any) -> Iterator[Change]:
    """Differences of a row, field by field; a row that one alone has is a single difference."""
    ones, others = ({} if r is None else dict(r) for r in (one, other))
    unit = str((ones or others).get("unit", ""))
    if one is None or other is None:
        field = "value" if table == "parameters" else ""
        x, y = (_whole(r, key_of(table)) for r in (ones, others))
        yield Change(table, row, "", x, y, unit, _span(ones, field), _span(others, field))
        return
    ends = ones.keys() & set(chain.from_iterable(_RANGES.values()))
    for field in ones:
        spans = _span(ones, field), _span(others, field)
        if field not in ends and (ones[field], spans[0]) != (others[field], spans[1]):
            own = unit if field == "value" else _unit(field)
            yield Change(table, row, field, ones[field], others[field], own, *spans)


def _whole(row: Mapping[str, Any], key: str) -> Any:
    """A row as one value: a parameter's number, or the fields that say something."""
    if not row or "value" in row:
        return row.get("value")
    return {k: v for k, v in row.items() if v not in ("", None, ()) and k != key}


def _span(row: Mapping[str, Any], field: str) -> tuple[float, float] | None:
    """The range of a field, where it has one."""
    if field not in _RANGES or field not in row:
        return None
    low, high = _RANGES[field]
    return row[low], row[high]


def _unit(field: str) -> str:
    """The unit that the name of a field says."""
    return next((unit for end, unit in _UNITS.items() if field.endswith(end)), "")


def _files(a: Scenario, b: Scenario) -> Iterator[Change]:
    """Files that only one folder has, or that are not the same in both."""
    if not a.folder or not b.folder or a.folder == b.folder:
        return
    ones, others = (_sums(Path(s.folder)) for s in (a, b))
    for name in sorted({*ones, *others}):
        if ones.get(name) != others.get(name):
            yield Change("files", name, "", ones.get(name), others.get(name))


def _sums(folder: Path) -> dict[str, str]:
    """Files of a folder, with the beginning of the checksum of each."""
    found = {}
    # of a folder that holds more than a campaign the rest is left alone
    for path in sorted(chain.from_iterable(map(folder.glob, _PLACES_OF_FILES))):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file():
            continue
        try:
            data = read_bytes(path, MAX_BYTES)
        except BadFile as error:
            found[name] = error.rule
        else:
            found[name] = f"{len(data):,} bytes, sha256 {sha256(data).hexdigest()[:8]}"
    return found
