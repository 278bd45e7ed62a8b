"""The reader refuses files: unreadable, huge, outside the folder, or no tables at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from scenario_kit import errors, key, write

from kursksim.errors import BadUse, ScenarioError
from kursksim.scenario.reader import load

FILES: dict[str, tuple[str, bytes, str]] = {
    "no TOML": ("scenario.toml", b'title = "x"\ndays = = 3\n', "scenario.toml line 2"),
    "key twice": ("scenario.toml", b"schema = 1\nschema = 1\n", "scenario.toml line 2"),
    "no such day": ("scenario.toml", b"schema = 1\nstart = 2025-02-30\n", "scenario.toml"),
    "nested": ("scenario.toml", b"schema = 1\na = " + b"[" * 100_000, "nested too deep"),
    "digits": ("scenario.toml", b"schema = 1\ndays = " + b"9" * 10_000, "too many digits"),
    "hex digits": (
        "scenario.toml",
        b"schema = 1\ndays = 0x" + b"f" * 10_000,
        "days a number of more than 30",
    ),
    "hex schema": ("scenario.toml", b"schema = 0x" + b"f" * 10_000, "newer"),
    "binary": ("scenario.toml", b"\x00\x01\x02", "NUL"),
    "Latin-1": (
        "scenario.toml",
        b"schema = 1\ntitle = 'S\xfcdfront'\n",
        "scenario.toml line 2: not UTF-8",
    ),
    "empty": ("scenario.toml", b"", "schema is missing"),
    "huge": ("scenario.toml", b"#" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
    "huge table": ("legs.csv", b"#" * (8 * 1024 * 1024 + 1), "legs.csv: larger than 8 MB"),
    "binary table": ("legs.csv", b"id\0,x\n", "legs.csv: holds NUL"),
    "Latin-1 table": ("legs.csv", b"id\nS\xfcd\n", "legs.csv line 2: not UTF-8"),
    "empty table": ("legs.csv", b"", "legs.csv line 1: empty"),
    "header only": ("border.csv", b"lon,lat\n", "at least 2"),
    "open quote": ("border.csv", b'lon,lat\n"0.1,0.2\n', "border.csv line 2: not CSV"),
    "column twice": ("border.csv", b"lon,lat,lat\n1,2,3\n", "'lat' stands twice"),
    "too many cells": ("border.csv", b"lon,lat\n1,2\n1,2,3\n", "border.csv line 3: 3 cells where"),
    "too few cells": ("border.csv", b"lon,lat\n1\n", "border.csv line 2: 1 cell where"),
    "too many columns": ("border.csv", b"lon,lat" + b",x" * 1000 + b"\n", "1002 columns"),
    "too many rows": (
        "border.csv",
        b"lon,lat\n" + b"0,0\n" * 20_001,
        "line 20002: more than 20000 rows",
    ),
    "giant cell": (
        "border.csv",
        b"lon,lat\n" + b"9" * 200_000 + b",0\n",
        "border.csv line 2: not CSV",
    ),
    "numerals of other scripts": (
        "border.csv",
        "lon,lat\n١,٢\n".encode(),
        "border.csv line 2: lon",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_unreadable_files_are_refused(case: str, tmp_path: Path) -> None:
    name, data, said = FILES[case]
    folder = write(tmp_path / "kit")
    (folder / name).write_bytes(data)
    with pytest.raises(ScenarioError) as caught:
        load(folder)
    lines = [str(p) for p in caught.value.problems]
    assert any(said in line for line in lines), lines
    assert not any("\n" in line for line in lines)


def test_an_unreadable_table_is_not_followed_by_unknown_names(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    (folder / "parameters.csv").write_bytes(b"\0")
    assert [str(p) for p in errors(folder)] == [
        "parameters.csv: holds NUL bytes, so it is not a text file"
    ]


def test_newer_schema_is_the_only_complaint(tmp_path: Path) -> None:
    def future(doc: dict[str, Any], tables: dict[str, Any]) -> None:
        doc.update(schema=2, unheard_of=1)

    assert len(errors(write(tmp_path / "kit", future))) == 1


@pytest.mark.parametrize(
    "name", ["missing", "missing.toml", "a\0b", "empty", "empty/scenario.toml", "a" * 300]
)
def test_sources_that_are_not_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / name)
    assert len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)


def test_a_folder_for_a_file_and_a_pipe(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    (folder / "legs.csv").unlink()
    os.mkfifo(folder / "legs.csv")
    assert [str(p) for p in errors(folder)] == ["legs.csv: not a regular file"]
    (folder / "scenario.toml").unlink()
    (folder / "scenario.toml").mkdir()
    assert [str(p) for p in errors(folder)] == ["scenario.toml: not a regular file"]


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "kit")
    shutil.move(folder / "legs.csv", tmp_path / "legs.csv")
    (folder / "legs.csv").symlink_to(tmp_path / "legs.csv")
    assert ["leads out" in p.what for p in errors(folder)] == [True]
    (folder / "legs.csv").unlink()
    (folder / "legs.csv").symlink_to("legs.csv")
    assert any("legs" in str(p) for p in errors(folder))


def test_only_names_and_paths_are_sources() -> None:
    with pytest.raises(BadUse, match="not int"):
        load(3)  # type: ignore[arg-type]


def test_a_policy_may_not_make_the_reader_open_a_file(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_bytes(b"\0 no JSON")
    scenario = load(
        write(tmp_path / "kit", key("policies.holder", f"orders:{tmp_path}/script.json"))
    )
    assert scenario.policies["holder"].startswith("orders:")
