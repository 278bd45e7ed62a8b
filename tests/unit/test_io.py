"""Files that are written whole or not at all, and JSON files of somebody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from kursksim.errors import BadUse
from kursksim.io import begins_with, read_json, read_model, replacing, write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "x.json"
    for data in (b"first", b"second"):
        write_whole(place, data)
        assert place.read_bytes() == data
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert place.stat().st_mode == plain.stat().st_mode  # as any other file, whatever the umask
    assert {p.name for p in tmp_path.iterdir()} == {"x.json", "plain"}


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    place = tmp_path / "x.csv"
    place.write_bytes(b"before")

    def fail_on_the_way() -> None:
        with replacing(place) as half:
            half.write_bytes(b"hal")
            assert half.parent == place.parent
            raise error

    with pytest.raises(error):
        fail_on_the_way()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x.csv", b"before")]


@pytest.mark.parametrize(
    ("name", "said"), [("", "is a folder"), ("no/x", "No such file"), ("a\0b", "null")]
)
def test_a_place_that_cannot_be_written_to_is_said_in_one_line(
    tmp_path: Path, name: str, said: str
) -> None:
    with pytest.raises(BadUse, match=said) as refused:
        write_whole(tmp_path / name, b"x")
    assert str(refused.value).startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


class Form(BaseModel, strict=True):
    format: str
    days: tuple[int, ...]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": "ours", "days": [1, 2]}', ""),
        ('{"format": "ours", "days": [1, "2"]}', "days.1: Input should be a valid integer"),
        ('{"format": "theirs"}', "is not a form"),
        ("[]", "is not a form"),
        ('{"format": NaN}', "cannot be read: NaN is no number"),
        ("{", "no JSON at line 1"),
        ("[" * 100_000, "cannot be read"),
        ('{"format": "ours", "days": ' + "[" * 500 + "]" * 500 + "}", "recursion"),
        ("\udcff", "cannot be read"),
        (" " * 1001, "larger than 1000 bytes, the most that is read"),
    ],
)
def test_a_file_is_read_as_what_it_should_be_or_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    place = tmp_path / "x.json"
    place.write_bytes(text.encode(errors="surrogateescape"))
    limit = 1000 if text.isspace() else 1_000_000

    def read() -> Form:
        return read_model(Form, place, limit, format="ours", what="a form")

    if not said:
        assert read().days == (1, 2)
        return
    with pytest.raises(BadUse, match=said) as refused:
        read()
    assert str(refused.value).startswith(f"{place}: ")
    assert len(str(refused.value).splitlines()) == 1


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        ("pipe", "not a regular file"),
        ("", "not a regular file"),
        ("none", "no such file"),
    ):
        with pytest.raises(BadUse, match=f"^orders of ours: {said}"):
            read_json(tmp_path / name, 10, said="orders of ours")
    assert not begins_with(tmp_path / "pipe", b"x")
