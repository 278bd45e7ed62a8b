"""The scenario folder into which something is imported: what it holds, and how it changes.

A change is made of whole files. They are read in a copy of the folder by the readers of a scenario
first, and take their places together, so that a folder is never left half-changed.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from kursksim.errors import BadUse, ScenarioError
from kursksim.evidence import observations
from kursksim.filing import write_all
from kursksim.intake.foreign import Foreign, bad
from kursksim.io import BadFile, csv_bytes, decoded, read_bytes
from kursksim.scenario.document import columns, needed
from kursksim.scenario.reader import read
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import MAX_BYTES, Findings, Row, inside, read_csv
from kursksim.text import plain

__all__ = ["Imported", "TableSource", "Target", "key_for"]

HEAD = "scenario.toml"
NOTES = "DATA.md"
_RECORD: tuple[Callable[[Scenario], Sequence[object]], ...] = (
    observations.held_area,
    observations.settlements,
)


class TableSource(NamedTuple):
    """Who stands behind a table: the row of ``sources`` that its rows name.

    Attributes
    ----------
    name : str
        Title of the source, such as the name of a tracker.
    url, terms : str
        Where it is read, and who may use it for what.
    supports : str
        What it is cited for.
    """

    name: str
    url: str = ""
    terms: str = ""
    supports: str = ""


class Imported(NamedTuple):
    """What an import did.

    Attributes
    ----------
    files : tuple of Path
        Files that were written.
    rows : int
        Rows that were added or replaced.
    notes : tuple of str
        Whatever the user should know, a line each.
    """

    files: tuple[Path, ...]
    rows: int
    notes: tuple[str, ...]


def key_for(name: str) -> str:
    """A key of the table ``sources`` for the name of a source.

    Raises
    ------
    BadUse
        For a name without a letter or a digit of ASCII.
    """
    key = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:64]
    if not key:
        raise BadUse(f"name {plain(name)[:80]!r}: needs a Latin letter or a digit, for its key")
    return key


class Target:
    """A scenario folder that takes in a table.

    Parameters
    ----------
    folder : str or Path

    Raises
    ------
    BadUse
        For a folder without a scenario that can be read.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise BadUse(f"{str(folder)[:200]!r}: is no folder; --into names that of a scenario")
        made, problems = read(self.folder)
        wrong = [p for p in problems if p.severity == "error"]
        if made is None or wrong:
            rule = "the scenario cannot be read; mend it first, then import"
            raise bad(str(folder), f"{rule}: {wrong[0]}")
        self.scenario = made
        self.head = decoded(self._bytes(HEAD))
        self.document: Mapping[str, Any] = tomllib.loads(self.head)
        self.changed: dict[str, bytes] = {}

    def _bytes(self, name: str) -> bytes:
        try:
            return read_bytes(inside(self.folder, name), MAX_BYTES)
        except BadFile as error:
            raise bad(name, error.rule) from None

    def file_of(self, table: str) -> str:
        """Name of the file of a table of the scenario.

        Raises
        ------
        BadUse
            Where the table stands in scenario.toml.
        """
        if table in self.document:
            rule = f"the table {table} stands in it; move its rows to {table}.csv, then import"
            raise bad(HEAD, rule)
        return str(self.document.get("tables", {}).get(table, f"{table}.csv"))

    def rows(self, name: str, kinds: Mapping[str, str]) -> list[Row]:
        """Rows that a file of the folder has now; none without the file."""
        if not (self.folder / name).exists():
            return []
        try:
            return read_csv(inside(self.folder, name), name, kinds, set(), Findings())
        except ScenarioError as error:
            raise BadUse(str(error)) from None

    def put(self, name: str, kinds: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Give a file other rows."""
        self.changed[name] = csv_bytes(kinds, (_cells(row, kinds) for row in rows))

    def cite(self, origin: TableSource) -> str:
        """The key of a source, which becomes a row of ``sources`` if it is none.

        Raises
        ------
        BadUse
            Where the key is another source's, or has another address or other terms already.
        """
        key, title = key_for(origin.name), plain(origin.name)
        known = {source.key: source for source in self.scenario.sources}
        if key in known:
            if title not in (key, known[key].title):
                rule = f"key {key!r} is that of {known[key].title!r}; give it another name"
                raise bad("sources", rule)
            for name in ("url", "terms"):
                here, given = getattr(known[key], name), getattr(origin, name)
                if given and given != here:
                    rule = f"source {key!r} has other {name} ({here or 'none'}); change its row"
                    raise bad("sources", rule)
            return key
        row = {"key": key, "title": title, "url": plain(origin.url)}
        row |= {"supports": origin.supports, "terms": plain(origin.terms)}
        if "sources" in self.document:
            self._cite_inline(row)
            return key
        name = self.file_of("sources")
        kinds = columns("sources")
        old = self.rows(name, kinds)
        used = {name for name, text in row.items() if text}.union(needed("sources"), *old)
        kinds = {c: kind for c, kind in kinds.items() if c in used}
        self.put(name, kinds, [*old, row])
        return key

    def _cite_inline(self, row: Mapping[str, str]) -> None:
        """Add a row to the sources of scenario.toml, whose text is kept otherwise."""
        fields = ", ".join(f"{name} = {_quoted(text)}" for name, text in row.items() if text)
        listed = re.search(r"^sources\s*=\s*\[", self.head, re.MULTILINE)
        if listed:
            at = listed.end()
            text = f"{self.head[:at]}\n  {{ {fields} }},\n  {self.head[at:].lstrip()}"
        else:
            block = "\n".join(f"{name} = {_quoted(text)}" for name, text in row.items() if text)
            text = f"{self.head.rstrip()}\n\n[[sources]]\n{block}\n"
        wanted = {name: text_ for name, text_ in row.items() if text_}
        try:
            sources = tomllib.loads(text)["sources"]
        except (tomllib.TOMLDecodeError, KeyError):
            sources = []
        others = [s for s in sources if s != wanted]
        if others != self.document["sources"] or len(sources) != len(others) + 1:
            raise bad(HEAD, f"sources: add {{ {fields} }} to the list, then import again")
        self.changed[HEAD] = text.encode()

    def note(self, table: Foreign, into: str, origin: TableSource, lines: Sequence[str]) -> None:
        """Write down in DATA.md where a table is from; what an earlier import said is replaced."""
        title = f"### {plain(table.label)} → {into} ({key_for(origin.name)})"
        body = [
            f"source: {plain(origin.name)}{f', {plain(origin.url)}' if origin.url else ''}",
            f"terms: {plain(origin.terms) or 'not stated; find out before you pass it on'}",
            f"sha256: `{table.digest}`",
            *lines,
        ]
        section = "\n".join((title, "", *(f"- {line}" for line in body)))
        old = f"# Data of {plain(self.scenario.title)}\n"
        if (self.folder / NOTES).exists():
            try:
                old = decoded(self._bytes(NOTES))
            except BadFile as error:
                raise bad(NOTES, error.rule) from None
        kept = re.sub(rf"^{re.escape(title)}\n.*?(?=^#|\Z)", "", old, flags=re.M | re.S)
        self.changed[NOTES] = f"{kept.rstrip()}\n\n{section}\n".encode()

    def write(self, rows: int, notes: Sequence[str]) -> Imported:
        """Give the changed files their places, if the scenario can still be read with them.

        Raises
        ------
        BadUse
            With the first problem that there would be; nothing is written then.
        """
        self._try()
        files = {self.folder / name: data for name, data in self.changed.items()}
        write_all(files, str(self.folder))
        return Imported(tuple(files), rows, tuple(notes))

    def _try(self) -> None:
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "scenario"
            copy.mkdir()
            for path in self._read_by_the_reader():
                there = copy / path.relative_to(self.folder)
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, there)
            write_all({copy / name: data for name, data in self.changed.items()}, "the copy")
            made, problems = read(copy)
            found = [p for p in problems if p.severity == "error"]
            if made is not None:
                for reader in _RECORD:
                    try:
                        reader(made)
                    except ScenarioError as error:
                        found += error.problems
            if found:
                raise BadUse(f"{found[0]}; nothing was written")

    def _read_by_the_reader(self) -> list[Path]:
        """Files that belong to the scenario: its tables and its record."""
        kinds = (".toml", ".csv", ".geojson", ".json")
        places = (self.folder, self.folder / observations.FOLDER)
        listed = chain.from_iterable(place.iterdir() for place in places if place.is_dir())
        named = [self.folder / str(n) for n in self.document.get("tables", {}).values()]
        found = {p for p in listed if p.suffix in kinds} | set(named)
        return sorted(p for p in found if p.is_file() and p.stat().st_size <= MAX_BYTES)


def _cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[object]:
    """Values of a row as a table has them."""
    found = map(row.get, columns)
    return [str(value).lower() if isinstance(value, bool) else value for value in found]


def _quoted(text: str) -> str:
    """Text as a basic string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
