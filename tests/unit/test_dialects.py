"""Tables as spreadsheets and other people's programs write them are read as they were meant, or refused in one line."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_kit import TABLES, errors, write

import kursksim as ks
from kursksim.errors import ScenarioError
from kursksim.evidence import observations
from kursksim.io import read_json
from kursksim.scenario.document import columns
from kursksim.scenario.reader import read as read_scenario
from kursksim.scenario.tables import Findings, Row, read_csv

KINDS = {
    "id": "text",
    "lat": "number",
    "size": "number",
    "count": "integer",
    "on": "boolean",
    "date": "date",
}
KINDS |= {"note": "text"}


@dataclass(frozen=True)
class Dialect:
    """How a program writes a table."""

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    line_end: str = "\n"
    truth: tuple[str, str] = ("false", "true")
    date: str = "{0:%Y}-{0:%m}-{0:%d}"
    quote: Any = csv.QUOTE_MINIMAL
    padded: bool = False
    sep_line: bool = False
    empty: int = 0
    """Empty columns and rows at the end."""
    head: Any = field(default=str)

    def cell(self, value: Any) -> str:
        """A value as the program writes it."""
        if isinstance(value, bool):
            return self.truth[value]
        if isinstance(value, dt.date):
            return self.date.format(value)
        text = str(value).replace(".", self.decimal) if isinstance(value, float) else str(value)
        return f" {text} " if self.padded and text else text

    def table(self, names: list[str], rows: list[list[Any]]) -> bytes:
        """The bytes of a table."""
        out = io.StringIO(newline="")
        if self.sep_line:
            out.write(f"sep={self.separator}{self.line_end}")
        sheet = csv.writer(
            out, delimiter=self.separator, lineterminator=self.line_end, quoting=self.quote
        )
        blank = [""] * self.empty
        sheet.writerow([*map(self.head, names), *blank])
        sheet.writerows([*map(self.cell, row), *blank] for row in rows)
        if self.empty:
            sheet.writerows([[""] * (len(names) + self.empty)] * self.empty)
        return out.getvalue().encode(self.encoding)


DIALECTS = {
    "plain": Dialect(),
    "Excel, English": Dialect(truth=("FALSE", "TRUE"), line_end="\r\n", encoding="utf-8-sig"),
    "Excel, German": Dialect(
        ";", ",", "utf-8-sig", "\r\n", ("FALSCH", "WAHR"), "{0:%d}.{0:%m}.{0:%Y}", empty=2
    ),
    "Excel, Unicode text": Dialect("\t", ",", "utf-16", "\r\n", ("FALSE", "TRUE")),
    "Excel, Japanese": Dialect(
        encoding="utf-8-sig", line_end="\r\n", date="{0:%Y}/{0.month}/{0.day}"
    ),
    "Excel, French": Dialect(";", ",", "utf-8-sig", "\r\n", ("FAUX", "VRAI"), sep_line=True),
    "LibreOffice, German, commas": Dialect(
        ",", ",", truth=("FALSCH", "WAHR"), date="{0.day}.{0.month}.{0:%Y}"
    ),
    "LibreOffice, every cell quoted": Dialect(";", ".", quote=csv.QUOTE_ALL, padded=True),
    "an old Mac": Dialect(line_end="\r", truth=("no", "yes"), head=str.title),
    "pandas": Dialect("\t", truth=("False", "True"), date="{0:%Y}-{0:%m}-{0:%d} 00:00:00"),
    "a database": Dialect(
        "\t", ".", "utf-16-be", truth=("0", "1"), head=lambda name: f" {name.upper()} "
    ),
}

texts = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zs", "Zl", "Zp", "Cf")
    )
)
numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 2) + 0.0) | st.sampled_from([1e-7, 2.5e12])
table_rows = st.lists(
    st.tuples(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.floats(-85, 85).map(lambda x: round(x, 3)),
        numbers,
        st.integers(-(10**6), 10**6),
        st.booleans(),
        st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
        texts.map(lambda t: unicodedata.normalize("NFC", t)).filter(
            lambda t: not t.startswith("=")
        ),
    ).map(list),
    min_size=1,
    max_size=6,
)


def read(folder: Path, data: bytes, kinds: dict[str, str] = KINDS) -> tuple[list[Row], list[str]]:
    """Rows of a table, and what is said of it."""
    path, out = folder / "table.csv", Findings()
    path.write_bytes(data)
    rows = read_csv(path, "table.csv", kinds, set(kinds) - {"note"}, out)
    return rows, [str(p) for p in out.problems]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(rows=table_rows, name=st.sampled_from(sorted(DIALECTS)))
def test_a_table_reads_as_it_was_meant_in_every_dialect(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]], name: str
) -> None:
    made, said = read(tmp_path_factory.getbasetemp(), DIALECTS[name].table(list(KINDS), rows))
    assert said == []
    assert [{**row} for row in made] == [
        {k: v for k, v in zip(KINDS, row, strict=True) if v != ""} for row in rows
    ]


TYPED = {
    "number": float,
    "integer": int,
    "boolean": lambda text: text == "true",
    "date": dt.date.fromisoformat,
}


def resaved(path: Path, kinds: dict[str, str], dialect: Dialect) -> None:
    """Save a plain table as another program does."""
    head, *body = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    rows = [
        [
            TYPED.get(kinds[name], str)(text) if text else ""
            for name, text in zip(head, cells, strict=True)
        ]
        for cells in body
    ]
    path.write_bytes(dialect.table(head, rows))


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_a_whole_scenario_is_read_in_every_dialect(tmp_path: Path, name: str) -> None:
    plain = ks.load(write(tmp_path / "plain"))
    folder = write(tmp_path / "kit")
    for table in TABLES:
        resaved(folder / f"{table}.csv", columns(table), DIALECTS[name])
    assert errors(folder) == []
    assert ks.load(folder) == plain
    assert ks.load(folder).places == plain.places


@pytest.mark.parametrize("name", ["Excel, German", "Excel, Unicode text"])
def test_the_campaign_and_its_record_survive_a_spreadsheet(tmp_path: Path, name: str) -> None:
    plain = ks.load("december-march")
    folder = Path(shutil.copytree(plain.folder, tmp_path / "mine"))
    for path in folder.glob("*.csv"):
        kinds = (
            dict.fromkeys((*plain.value, "results_version"), "number")
            if path.stem == "posterior"
            else columns(path.stem)
        )
        resaved(path, kinds, DIALECTS[name])
    for path in (folder / "observed").glob("*.csv"):
        head = next(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        kinds = {
            n: "number" if n.endswith(("_km2", "_low", "_high", "influence")) else "text"
            for n in head
        }
        kinds |= {n: "date" for n in ("date", "known_on") if n in head} | {
            n: "boolean" for n in ("implied",) if n in head
        }
        resaved(path, kinds, DIALECTS[name])
    mine = ks.load(folder)
    assert mine.digest == plain.digest
    assert mine.sources == plain.sources
    for reader in (
        observations.held_area,
        observations.settlements,
        observations.timeline,
        observations.calibrated,
    ):
        assert reader(mine) == reader(plain)
    assert repr(observations.patterns(mine)) == repr(observations.patterns(plain))
    one, other = (
        ks.run(s, parameters="posterior", until="2024-12-08").provenance.values
        for s in (mine, plain)
    )
    assert one == other


READ = {
    "TRUE": ("on", "TRUE", True),
    "True": ("on", "True", True),
    "no": ("on", "No", False),
    "Ukrainian": ("on", "ХИБНІСТЬ", False),
    "Turkish": ("on", "YANLIŞ", False),
    "Greek": ("on", "ΑΛΗΘΕΣ", True),
    "Norwegian": ("on", "USANN", False),
    "R": ("on", "T", True),
    "a number for truth": ("on", "1.0", True),
    "kept as text by an apostrophe": ("size", "'50.5", 50.5),
    "kept as text by a formula": ("date", '=""2024-08-24""', dt.date(2024, 8, 24)),
    "dashes": ("date", "2024\u201308\u201324", dt.date(2024, 8, 24)),
    "degrees": ("lat", "51.11°", 51.11),
    "invisible marks": ("size", "\u200f\ufeff7.5\u200b", 7.5),
    "dots": ("date", "24.08.2024", dt.date(2024, 8, 24)),
    "dots without zeros": ("date", "4.8.2024", dt.date(2024, 8, 4)),
    "year first": ("date", "2024/8/24", dt.date(2024, 8, 24)),
    "Korean": ("date", "2024. 8. 24.", dt.date(2024, 8, 24)),
    "midnight": ("date", "2024-08-24T00:00:00", dt.date(2024, 8, 24)),
    "a whole number with decimals": ("count", "3.0", 3),
    "exponent": ("size", "1.5E+03", 1500.0),
    "thin space": ("size", "13\u202f000", 13000.0),
    "no-break space": ("size", "13\u00a0000.5", 13000.5),
    "apostrophe": ("size", "13'000.25", 13000.25),
    "apostrophe of Swiss German": ("size", "1\u2019013\u2019000", 1013000.0),
    "minus sign": ("size", "\u22124.5", -4.5),
    "two marks, English": ("size", "1,234.5", 1234.5),
    "millions, English": ("size", "1,234,567", 1234567.0),
    "quoted decimal comma": ("size", "0,512", 0.512),
    "a coordinate": ("lat", "51,110", 51.11),
}
REFUSED = {
    "formula": ("size", "=B2+1", "is a formula; save the table with its values"),
    "hemisphere": ("lat", "51.11 N", "decimal degrees such as 51.19"),
    "slashes": ("date", "03/04/2025", "reads as day or as month first"),
    "slashes, whichever day": ("date", "24/08/2024", "must be a date such as 2025-03-07"),
    "two digits of a year": ("date", "24.08.24", "lacks its century"),
    "serial": ("date", "45528", "count of days: give its column the format YYYY-MM-DD"),
    "a time of day": ("date", "2024-08-24 13:00:00", "must be a date"),
    "no such day": ("date", "31.02.2025", "is no day of the calendar"),
    "month in words": ("date", "24-Aug-24", "must be a date"),
    "percent": ("size", "12%", "without a percent sign"),
    "thousands or decimals": ("size", "1,234", "may be 1.234 or 1234"),
    "spreadsheet's error": ("size", "#REF!", "is an error of the spreadsheet"),
    "spreadsheet's error in German": ("on", "#WERT!", "is an error of the spreadsheet"),
    "groups of two": ("size", "13 00", "no separators of thousands"),
    "unit": ("size", "13 km", "no unit"),
    "perhaps": ("on", "maybe", "must be true or false"),
    "half": ("count", "2.5", "must be a whole number"),
    "missing, as R writes it": ("size", "NA", "leave the cell empty"),
    "underscore": ("size", "13_000", "no separators of thousands"),
}


@pytest.mark.parametrize("case", READ)
def test_a_cell_that_means_one_thing_is_read(tmp_path: Path, case: str) -> None:
    name, text, value = READ[case]
    (row,), said = read(tmp_path, f'{name}\n"{text}"\n'.encode(), {name: KINDS[name]})
    assert said == []
    assert row[name] == value
    assert type(row[name]) is type(value)


@pytest.mark.parametrize("case", REFUSED)
def test_a_cell_that_may_mean_two_things_is_refused(tmp_path: Path, case: str) -> None:
    name, text, rule = REFUSED[case]
    (row,), said = read(tmp_path, f'{name}\n"{text}"\n'.encode(), {name: KINDS[name]})
    assert row.said == {name}
    assert len(said) == 1
    assert said[0].startswith(f"table.csv line 2: {name} '{text}' ")
    assert rule in said[0]


def column(folder: Path, mark: str, *cells: str) -> list[Any] | str:
    """The values of a column of numbers beside a column of names, or the first thing that is said of it."""
    lines = [f"id{mark}size", *(f'a{mark}"{c}"' for c in cells)]
    try:
        rows, said = read(folder, "\n".join(lines).encode(), {"id": "text", "size": "number"})
    except ScenarioError as error:
        return str(error)
    return said[0] if said else [row["size"] for row in rows]


def test_all_numbers_of_a_file_decide_on_its_decimal_mark(tmp_path: Path) -> None:
    assert column(tmp_path, ";", "1,5", "1,234") == [1.5, 1.234]
    assert column(tmp_path, ";", "1,234") == [1.234]
    assert column(tmp_path, ";", "1.5", "1.234") == [1.5, 1.234]
    assert column(tmp_path, ";", "1,5", "1.234,5", "1.234.567") == [1.5, 1234.5, 1234567.0]
    assert column(tmp_path, ",", "1.234", "1,234.5") == [1.234, 1234.5]
    assert column(tmp_path, ",", "1,5", "1,234") == [1.5, 1.234]
    assert "may be 1.234 or 1234" in column(tmp_path, ";", "1.234")
    assert "may be 1.234 or 1234" in column(tmp_path, ";", "1,5", "1.234")
    mixed = column(tmp_path, ";", "1,5", "7", "2.5")
    assert "decimal commas (line 2: '1,5') and decimal points (line 4: '2.5') in one table" in mixed
    assert "\n" not in mixed


def test_after_an_error_in_the_header_nothing_is_said_of_rows(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    path = folder / "places.csv"
    plain = path.read_text(encoding="utf-8")
    for head, said in (("lat,lon", "unknown column 'latitude'"), ("id,", "column 'id' is missing")):
        broken = plain.replace(head, "latitude,lon" if head != "id," else "name,", 1).replace(
            "0.1", "x"
        )
        path.write_text(broken, encoding="utf-8")
        lines = [str(p) for p in errors(folder)]
        assert all(line.startswith("places.csv line 1: ") for line in lines), lines
        assert any(said in line for line in lines), lines
        assert len(lines) == 2


def test_names_of_columns_as_people_write_them(tmp_path: Path) -> None:
    kinds = {"id": "text", "uncertainty_km": "number"}
    for head in ("ID,Uncertainty km", "id,uncertainty-km", "\u200bid,\u00a0UNCERTAINTY_KM"):
        rows, said = read(tmp_path, f"{head}\na,1.5\n".encode(), kinds)
        assert not said
        assert [dict(r) for r in rows] == [{"id": "a", "uncertainty_km": 1.5}]


@pytest.mark.parametrize("above", ["# made by hand\n", "Places; all of them\n\n"])
def test_what_stands_above_the_header_is_pointed_at(tmp_path: Path, above: str) -> None:
    folder = write(tmp_path / "kit")
    path = folder / "outline.csv"
    path.write_text(above + path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    (said,) = errors(folder)
    assert said.where == "outline.csv line 1"
    assert said.what.endswith("names the columns: take away what stands above it")


def test_rows_that_are_left_out_are_not_missed_elsewhere(tmp_path: Path) -> None:
    """One fault of a table of places, and not one more for each road between them."""
    folder = write(tmp_path / "kit")
    path = folder / "places.csv"
    plain = path.read_text(encoding="utf-8")
    head, rows = plain.split("\n", 1)
    for text, said in (
        (
            f"{head}\n{rows.replace(',', ';')}",
            "the columns are set apart by ';', those of the header by ','",
        ),
        (f"{head}\n# a remark\n{rows}", "1 cell where the header has"),
        (head, "the scenario has no places"),
    ):
        path.write_text(text, encoding="utf-8")
        lines = [str(p) for p in errors(folder)]
        assert all(line.startswith("places.csv") and said in line for line in lines), lines
        assert 0 < len(lines) <= 4


def test_numbers_that_are_no_degrees_are_said_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    path = folder / "outline.csv"
    path.write_text("lon;lat\n" + "3521;5105\n" * 40, encoding="utf-8")
    lines = [str(p) for p in errors(folder)]
    assert len(lines) == 4
    assert lines[-1].endswith("more numbers with the same fault; are they degrees?")


@pytest.mark.parametrize("mark", ["|", " ", ":"])
def test_columns_set_apart_otherwise_are_one_line(tmp_path: Path, mark: str) -> None:
    folder = write(tmp_path / "kit")
    path = folder / "outline.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", mark), encoding="utf-8")
    (said,) = errors(folder)
    assert said.where == "outline.csv line 1"
    assert "names no column of this table" in said.what


def test_the_same_fault_of_many_cells_is_said_once(tmp_path: Path) -> None:
    rows = "".join(f"{day:02}/03/2025\n" for day in range(1, 29))
    _, said = read(tmp_path, f"date\n{rows}".encode(), {"date": "date"})
    assert len(said) == 4
    assert said[-1].startswith("table.csv: date: 25 more cells with the same fault")


FOREIGN = {
    "xlsx": (b"PK\x03\x04" + b"\0" * 40, "a spreadsheet"),
    "xls": (b"\xd0\xcf\x11\xe0" + b"\0" * 40, "a spreadsheet (.xls)"),
    "web page": (b"\r\n<html><table>", "a web page"),
    "pdf": (b"%PDF-1.7", "a PDF"),
    "German Windows": (
        "id,x\nGröße,1\n".encode("cp1252"),
        "table.csv line 2: not UTF-8 text: the byte 0xF6",
    ),
    "Russian Windows, old Mac's lines": (
        "id\rСуджа\r".encode("cp1251"),
        "table.csv line 2: not UTF-8",
    ),
    "odd UTF-16": (b"\xff\xfei\0d\0\n\0x", "not UTF-16 text"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_file_that_is_no_text_is_recognised(tmp_path: Path, case: str) -> None:
    data, said = FOREIGN[case]
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, data)
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert "\n" not in str(problem)
    assert "save it as CSV UTF-8" in str(problem)


def test_a_table_under_another_name_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    for name in ("Sources.csv", "sources.xlsx", "sources.csv.txt"):
        (folder / "sources.csv").rename(folder / name)
        _, problems = read_scenario(folder)
        assert [p.where for p in problems if p.severity == "warning"] == [name]
        (folder / name).rename(folder / "sources.csv")
    (folder / "sources.md").write_text("notes")
    assert ks.load(folder).sources


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_documents_saved_by_an_editor_are_read(tmp_path: Path, encoding: str) -> None:
    folder = write(tmp_path / "kit")
    plain = ks.load(folder)
    path = folder / "scenario.toml"
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", "\r\n").encode(encoding))
    assert ks.load(folder) == plain
    (tmp_path / "x.json").write_bytes('{"a place": "조선"}'.encode(encoding))
    assert read_json(tmp_path / "x.json", 1000) == {"a place": "조선"}


def test_letters_and_their_accents_are_joined(tmp_path: Path) -> None:
    """A Mac writes 조 as three letters and ü as two; a name is the same name however it was typed."""
    decomposed, joined = ("Zu\u0308rich \u110c\u1169", "Zürich 조")
    (row,), said = read(tmp_path, f"id\n{decomposed}\n".encode(), {"id": "text"})
    assert not said
    assert row["id"] == joined


def test_short_rows_and_columns_without_a_name(tmp_path: Path) -> None:
    kinds = {"id": "text", "size": "number", "note": "text"}
    path, out = tmp_path / "t.csv", Findings()
    path.write_text("id,size,note,,\na,1\nb,2,x,,\n,,,,\nc,3,,,7\n")
    made = [dict(r) for r in read_csv(path, "t.csv", kinds, {"id", "size"}, out)]
    assert made == [{"id": "a", "size": 1.0}, {"id": "b", "size": 2.0, "note": "x"}]
    (said,) = map(str, out.problems)
    assert said.startswith("t.csv line 5: 5 cells where the header has 3 columns")
    path.write_text("id,,size\na,7,1\n")
    with pytest.raises(ScenarioError, match="column 2 has no name"):
        read_csv(path, "t.csv", kinds, {"id", "size"}, Findings())
    path.write_text('"id" ; "size" ;"note" \n"a;b" ; "1,5" ;"x" \n')
    assert [dict(r) for r in read_csv(path, "t.csv", kinds, {"id"}, out)] == [
        {"id": "a;b", "size": 1.5, "note": "x"}
    ]


def test_decimal_commas_between_commas_are_one_fault(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    path = folder / "outline.csv"
    path.write_text("lon,lat\n" + "0,1,0,03\n" * 42)
    lines = [str(p) for p in errors(folder)]
    assert len(lines) == 4 + 1  # and that no outline is left
    assert "needs semicolons between its columns" in lines[0]
    assert lines[3].startswith("outline.csv: 39 more rows with the same fault")


@pytest.mark.parametrize("first", [0, 1])
def test_a_column_that_only_counts_the_rows_is_passed_over(tmp_path: Path, first: int) -> None:
    rows, said = read(
        tmp_path, f'"","id"\n"{first}","a"\n"{first + 1}","b"\n'.encode(), {"id": "text"}
    )
    assert not said
    assert [dict(r) for r in rows] == [{"id": "a"}, {"id": "b"}]


def test_a_mark_of_the_byte_order_that_stands_twice(tmp_path: Path) -> None:
    rows, said = read(tmp_path, b"\xef\xbb\xbf\xef\xbb\xbfid\na\n", {"id": "text"})
    assert not said
    assert [dict(r) for r in rows] == [{"id": "a"}]
