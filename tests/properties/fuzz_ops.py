"""Ways to break a file or a folder of files: bytes, lines, cells, trees of values, links and encodings.

An operation changes a mapping of file names to contents in place; all its choices come from the generator it is given.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass

import scenario_kit
from fuzz_values import DATES, HUGE, NUMBERS, ODD_TEXTS, change_tree

__all__ = ["FOLDER_OPS", "JSON_OPS", "Files", "Special"]


@dataclass(frozen=True)
class Special:
    """Something that stands where a file is expected: a link to ``target``, a folder, a pipe, a locked or sparse file."""

    kind: str
    target: str = ""


Files = dict[str, "bytes | Special"]
Operation = Callable[[Files, random.Random], None]

_NUMBER = re.compile(rb"(?<![\w.\"-])-?\d+(?:\.\d+)?(?![\w.-])")
_DATE = re.compile(rb"\d{4}-\d{2}-\d{2}")
_QUOTED = re.compile(rb'"([^"\n]*)"')
_KEY = re.compile(rb"\b([a-z_]+)(?= ?=)")


def _text(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _pick(files: Files, rng: random.Random, ending: str = "") -> str:
    """A file with bytes of its own; '' when there is none."""
    names = [
        n for n, data in sorted(files.items()) if isinstance(data, bytes) and n.endswith(ending)
    ]
    return rng.choice(names) if names else ""


def _on_bytes(change: Callable[[bytes, random.Random], bytes], ending: str = "") -> Operation:
    """An operation on the bytes of one file."""

    def operation(files: Files, rng: random.Random) -> None:
        if name := _pick(files, rng, ending):
            data = files[name]
            assert isinstance(data, bytes)
            files[name] = change(data, rng)

    return operation


# -- bytes -----------------------------------------------------------------------------------------------------------


def _flip(data: bytes, rng: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8, 100))):
        if made:
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return bytes(made)


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    new = rng.choice(
        (
            bytes([rng.randrange(256)]),
            b"\0",
            b"\xff\xfe",
            b"\r",
            b"\n",
            b'"',
            b"'''",
            b"\xef\xbb\xbf",
            b"[" * 3000,
            b"#",
            b"\x1a",
            rng.randbytes(30),
        )
    )
    return data[:at] + new + data[at:]


def _delete(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 1, 2, 10, 100, 1000)) :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(data) + 1), rng.choice((5, 50, 500))
    return data[:at] + data[at : at + size] * rng.choice((2, 3, 50)) + data[at + size :]


def _encode(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    how = rng.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "twice", "cp500"))
    if how == "twice":
        return b"\xef\xbb\xbf" * 2 + data
    return (
        text.replace("o", "ö").encode(how, "replace")
        if how == "latin-1"
        else text.encode(how, "replace")
    )


def _replace_all(data: bytes, rng: random.Random) -> bytes:
    kinds = (b"", b"\n", b" " * 1000, b"\0" * 1000, rng.randbytes(1000), b"a" * HUGE, b"[" * 200_000, b'{"a":' * 50_000, b"\n" * 100_000,
             b"a = " + b"[" * 5000, b"a." * 5000 + b"a = 1", b'"', b"id,id,id", b"," * 200_000, b"{}", b"[]", b"null")  # fmt: skip
    return rng.choice(kinds)


def _line_ends(data: bytes, rng: random.Random) -> bytes:
    return data.replace(
        b"\n",
        rng.choice((b"\r\n", b"\r", b"\n\r", b"\n\n", b"\x0b", b"\x0c\n", "\u2028".encode(), b"")),
    )


# -- lines and tokens ------------------------------------------------------------------------------------------------


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.choice(("drop", "twice", "swap", "shuffle", "move", "cut", "join", "many"))
    if how == "drop":
        del lines[min(a, b) : min(a, b) + rng.choice((1, 1, 3, 20))]
    elif how == "twice":
        lines.insert(b, lines[a])
    elif how == "swap":
        lines[a], lines[b] = lines[b], lines[a]
    elif how == "shuffle":
        rng.shuffle(lines)
    elif how == "move":
        lines.insert(b, lines.pop(a))
    elif how == "cut":
        lines = lines[:a]
    elif how == "join":
        lines[a : a + 2] = [b"".join(lines[a : a + 2])]
    else:
        lines[a:a] = [lines[a]] * rng.choice((100, 21_000))
    return b"\n".join(lines)


def _token(
    pattern: re.Pattern[bytes], values: Callable[[bytes, random.Random], bytes]
) -> Operation:
    def change(data: bytes, rng: random.Random) -> bytes:
        found = list(pattern.finditer(data))
        if not found:
            return data
        hit = rng.choice(found)
        return data[: hit.start()] + values(hit[0], rng) + data[hit.end() :]

    return _on_bytes(change)


def _other_number(old: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.5:  # something near, that may well be legal
        value = float(old)
        return repr(
            rng.choice(
                (
                    value * 2,
                    value * 10,
                    value / 10,
                    -value,
                    value + 1,
                    value * rng.random(),
                    value * 1.01,
                )
            )
        ).encode()
    return rng.choice(NUMBERS).encode()


def _jitter(data: bytes, rng: random.Random) -> bytes:
    """Some numbers a little different, so that most of the results can still be played."""
    some, size = rng.choice((0.01, 0.05, 0.3)), rng.choice((0.1, 0.5, 1.0, 3.0))

    def change(hit: re.Match[bytes]) -> bytes:
        if rng.random() > some:
            return hit[0]
        if len(hit[0]) > 15:  # made so by an operation before this one
            return hit[0]
        value = float(hit[0]) * rng.choice(
            (1 + size * rng.random(), 1 / (1 + size * rng.random()), 1.0 + size, 0.0)
        )
        return (repr(round(value, 5)) if b"." in hit[0] else str(round(value))).encode()

    return _NUMBER.sub(change, data)


def _other_text(old: bytes, rng: random.Random) -> bytes:
    new = rng.choice(ODD_TEXTS)
    return rng.choice(
        (
            b'"' + _text(new) + b'"',
            json.dumps(new).encode(),
            b"'" + _text(new) + b"'",
            old[:-1] + _text(new)[:200] + b'"',
        )
    )


# -- cells -----------------------------------------------------------------------------------------------------------


def _cells(data: bytes, rng: random.Random) -> bytes:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline="")))
    except csv.Error:  # broken by an operation before this one
        return data
    if not rows or not rows[0]:
        return data
    a, b, r = rng.randrange(len(rows[0])), rng.randrange(len(rows[0])), rng.randrange(len(rows))
    how = rng.choice(
        (
            "drop",
            "rename",
            "swap",
            "twice",
            "cell",
            "cell",
            "cell",
            "cell",
            "more",
            "less",
            "wide",
            "huge",
            "column",
        )
    )
    if how in ("drop", "swap", "twice", "column"):
        for row in rows:
            if max(a, b) < len(row):
                _columns(row, how, a, b, rng)
    elif how == "rename":
        rows[0][a] = rng.choice(
            (rows[0][a].upper(), rows[0][a] + " ", "value", "id", "", *ODD_TEXTS)
        )
    elif how == "cell":
        rows[r][a % max(1, len(rows[r])) :][:1] = []
        rows[r].insert(
            a,
            rng.choice(
                (
                    *NUMBERS,
                    *DATES,
                    *ODD_TEXTS,
                    rows[rng.randrange(len(rows))][0] if rows[-1] else "",
                )
            ),
        )
    elif how == "more":
        rows[r].append("1")
    elif how == "less":
        rows[r] = rows[r][:-1]
    elif how == "wide":
        rows = [row + [str(n) for n in range(150)] for row in rows]
    else:
        rows[r].append("z" * 1_000_000)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return _text(out.getvalue())


def _columns(row: list[str], how: str, a: int, b: int, rng: random.Random) -> None:
    if how == "drop":
        del row[a]
    elif how == "swap":
        row[a], row[b] = row[b], row[a]
    elif how == "twice":
        row.insert(b, row[a])
    else:
        row[a] = rng.choice((*NUMBERS, "", row[b]))


# -- trees -----------------------------------------------------------------------------------------------------------


def _toml_tree(data: bytes, rng: random.Random) -> bytes:
    try:
        tree = tomllib.loads(data.decode())
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            change_tree(tree, rng, dates=True)
        return _text(scenario_kit.document(tree))
    except (
        ValueError,
        IndexError,
        RecursionError,
        OverflowError,
    ):  # broken by an operation before this one
        return data


def _json_tree(data: bytes, rng: random.Random) -> bytes:
    try:
        tree = json.loads(data)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            change_tree(tree, rng, dates=False)
        return _text(json.dumps(tree, ensure_ascii=rng.random() < 0.8))
    except (ValueError, IndexError, RecursionError, OverflowError):
        return data


# -- folders ---------------------------------------------------------------------------------------------------------


def _special(files: Files, rng: random.Random) -> None:
    name = rng.choice(sorted(files))
    link = (
        "/dev/zero",
        "/dev/null",
        "/dev/full",
        "/",
        ".",
        "..",
        "nowhere",
        "/dev/stdin",
        "../outside.csv",
        name,
        "a.pipe",
        f"./{rng.choice(sorted(files))}",
    )
    files[name] = rng.choice(
        (
            *(Special("link", t) for t in link),
            Special("folder"),
            Special("pipe"),
            Special("locked"),
            Special("sparse"),
            Special("loop"),
        )
    )


def _swap_files(files: Files, rng: random.Random) -> None:
    a, b = rng.choice(sorted(files)), rng.choice(sorted(files))
    files[a], files[b] = files[b], files[a]


def _lose(files: Files, rng: random.Random) -> None:
    del files[rng.choice(sorted(files))]


def _rename(files: Files, rng: random.Random) -> None:
    old = rng.choice(sorted(files))
    new = rng.choice(
        (
            old.upper(),
            old + "~",
            "x" * 200,
            "é.csv",
            "lines.csv",
            "observed",
            "events.csv",
            "a b.csv",
            "-rf",
        )
    )
    if new not in files:
        files[new] = files.pop(old)


BYTE_OPS = tuple(
    _on_bytes(f)
    for f in (
        _flip,
        _insert,
        _delete,
        _cut,
        _repeat,
        _encode,
        _replace_all,
        _line_ends,
        _lines,
        _lines,
    )
)
NUMBER, DATE, TEXT = (
    _token(_NUMBER, _other_number),
    _token(_DATE, lambda o, r: r.choice(DATES).encode()),
    _token(_QUOTED, _other_text),
)
KEY = _token(
    _KEY,
    lambda old, rng: rng.choice(
        (old.upper(), old + b"s", b"id", b"a.b", b"'x y'", b'""', b"title")
    ),
)
TREE, CELLS = _on_bytes(_toml_tree, ".toml"), _on_bytes(_cells, ".csv")
FOLDER_OPS: tuple[Operation, ...] = (
    *BYTE_OPS, *(_on_bytes(_jitter),) * 30, *(NUMBER,) * 6, *(DATE,) * 2, *(TEXT,) * 3, KEY, KEY, *(TREE,) * 12, *(CELLS,) * 6, _special, _special, _swap_files, _lose, _rename,
)  # fmt: skip
JSON_OPS: tuple[Operation, ...] = (
    *BYTE_OPS, *(NUMBER,) * 3, DATE, DATE, *(TEXT,) * 3, *(_on_bytes(_json_tree, ".json"),) * 12, *(CELLS,) * 6, _special, _swap_files, _lose, _rename,
)  # fmt: skip
