"""Stores with bytes flipped, cut, swapped, and with odd values in their tables: read, or refused in one line."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fuzz_kit import PARTS, bounded, ends_well
from repetitions import FULL

from kursksim.ensembles import ensemble, load_ensemble

CASES = 250 if FULL else 40
VALUES: tuple[Any, ...] = (
    None,
    "",
    "x",
    -1,
    10**12,
    1.5,
    float("inf"),
    b"\xff\x00",
    "2025-01-02",
    "9" * 400,
    "{}",
    "[",
)
TABLES = ("provenance", "replication", "daily", "control", "cell", "outcome", "withdrawal")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "store.sqlite"
    ensemble("two-roads", replications=2, seed=3, until="2025-01-03", store=path)
    return path.read_bytes()


def bent(data: bytes, rng: random.Random) -> bytes:
    """A file with its bytes spoiled."""
    made, how = bytearray(data), rng.randrange(5)
    if how == 0:
        for _ in range(rng.choice((1, 3, 50))):
            made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    elif how == 1:
        del made[rng.randrange(len(made)) :]
    elif how == 2:
        page, other = (4096 * rng.randrange(len(made) // 4096) for _ in range(2))
        made[page : page + 4096], made[other : other + 4096] = (
            made[other : other + 4096],
            made[page : page + 4096],
        )
    elif how == 3:
        first = rng.randrange(len(made))
        made[first : first + rng.choice((1, 100, 5000))] = b""
    else:
        made += rng.randbytes(rng.choice((1, 4096)))
    return bytes(made)


def odd(path: Path, rng: random.Random) -> None:
    """Odd values, rows taken out, tables dropped or renamed, in a file that SQLite finds sound."""
    db = sqlite3.connect(path)
    table = rng.choice(TABLES)
    columns = [c[1] for c in db.execute(f"PRAGMA table_info({table})")]
    column, how = rng.choice(columns), rng.randrange(5)
    try:
        if how <= 1:
            key = f"{columns[0]} = (SELECT {columns[0]} FROM {table} ORDER BY random() LIMIT 1)"
            db.execute(
                f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {key}", (rng.choice(VALUES),)
            )
        elif how == 2:
            db.execute(
                f"DELETE FROM {table} WHERE {column} = (SELECT {column} FROM {table} LIMIT 1)"
            )
        elif how == 3:
            db.execute(f"DROP TABLE {table}")
        else:
            db.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO odd")
        db.commit()
    except sqlite3.IntegrityError:
        pass
    db.close()


def use(path: Path) -> None:
    """Everything that a store is read for."""
    ens = load_ensemble(path)
    for read in (
        lambda: ens.daily, lambda: ens.outcomes, lambda: ens.matrix("held_km2"), lambda: ens.failures,
        lambda: list(ens.members), lambda: ens.control_probability("2025-01-02"), lambda: repr(ens),
        lambda: ens.outcome("order_day"),
    ):  # fmt: skip
        ends_well(read)


@pytest.mark.parametrize("part", PARTS)
def test_a_spoiled_store_is_read_or_refused(sound: bytes, tmp_path: Path, part: int) -> None:
    path = tmp_path / "store.sqlite"
    for case in range(CASES):
        rng = random.Random(1000 * part + case)
        for left in tmp_path.iterdir():
            left.unlink()
        path.write_bytes(bent(sound, rng) if case % 2 else sound)
        if case % 2 == 0:
            odd(path, rng)
        before = path.read_bytes()
        with bounded():
            ends_well(lambda: use(path))
            assert path.read_bytes() == before
            ends_well(
                lambda: ensemble(
                    "two-roads", replications=2, seed=3, until="2025-01-03", store=path
                )
            )
