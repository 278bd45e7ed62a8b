"""The file of a bank: what a weighing reads of it, small enough to ship with a scenario.

The sets and their winters are no part of it, as both are worked out again from the seed. The
figures keep every digit, so that weights are those of the store that the file was made from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from kursksim.api import MAX_DAYS
from kursksim.ensembles import Design, load_ensemble
from kursksim.ensembles.make import fingerprint, planned, provenance
from kursksim.ensembles.sources import Stored
from kursksim.ensembles.store import MUST_AGREE, parted
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import known_record
from kursksim.evidence.tracker import shown_days
from kursksim.io import BadFile, array_bytes, read_arrays, write_whole
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import (
    PlayedSets,
    bank_design,
    measured_with_patterns,
    played_of,
)
from kursksim.units import day_of, parse_date

__all__ = ["FILE", "STORE", "KeptBank", "bank_that_ships", "stored_bank", "write_bank"]

FILE = "bank.npz"
"""Name of the file in a scenario's folder."""
STORE = "bank.sqlite"
"""Name of the store in a folder of a calibration."""
LIMIT_BYTES = 64 * 1024 * 1024
KEYS = tuple(key for key in MUST_AGREE if key != "design")
"""What a bank and a scenario must share before its sets are drawn again."""


@dataclass(frozen=True, eq=False)
class KeptBank:
    """A bank that was played, and what it was played with.

    Attributes
    ----------
    head : mapping of str to str
        Its provenance, as that of a store.
    count : int
        Its sets, those that failed among them.
    played : PlayedSets
    """

    head: Mapping[str, str]
    count: int
    played: PlayedSets

    def design(self, scenario: Scenario) -> Design:
        """Draw its sets again.

        Raises
        ------
        BadUse
            For a bank of another scenario, other what-ifs, another record or results version, and
            for one whose sets are not drawn again, as where some are missing.
        """
        seed = int(self.head["seed"])
        here = planned(scenario, replications=1, seed=seed, measures=measured_with_patterns)
        if said := parted(self.head, provenance(here.campaign), KEYS):
            raise BadUse(said)
        ids = observations.calibrated(scenario)
        made = bank_design(scenario, ids, self.count, seed)
        if fingerprint(made) != self.head["design"]:
            raise BadUse(
                f"has other sets than the {self.count} of seed {seed}: some are missing, other"
                " parameters varied, or scipy draws others here"
            )
        return made


def stored_bank(folder: Path, make: str) -> KeptBank:
    """The bank in a folder of a calibration; none is played.

    Parameters
    ----------
    folder : Path
    make : str
        The command that makes one, for the refusals.

    Raises
    ------
    BadUse
        Where there is none, or a half-made one.
    """
    if not (folder / STORE).is_file():
        raise BadUse(f"no bank lies there; make one with {make}")
    there = load_ensemble(folder / STORE)
    numbers = {*there.numbers, *there.failures}
    # workers end their sets in any order: an ended bank may lack one of the middle
    if missing := set(range(len(numbers))) - numbers:
        raise BadUse(f"is half made: set {min(missing)} is missing; go on with {make}")
    assert isinstance(there.source, Stored)
    return KeptBank(there.source.provenance, len(numbers), played_of(there))


# -- the file ------------------------------------------------------------------------------------


def write_bank(path: str | Path, bank: KeptBank, scenario: Scenario) -> None:
    """Write a bank for a scenario to ship.

    Raises
    ------
    BadUse
        For a place that cannot be written to.
    """
    played, record = bank.played, known_record(scenario, observations.calibrated(scenario), None)
    days = shown_days(scenario, record)
    head = {key: bank.head[key] for key in MUST_AGREE} | {"count": str(bank.count)}
    arrays = {
        "head": np.array(json.dumps(head)),
        "numbers": np.array(played.numbers, dtype="<i4"),
        "figures": np.array(list(played.values)),
        # a figure beside itself packs better than a set
        "values": np.array(list(played.values.values()), dtype="<f8"),
        "days": np.array(days, dtype="<i4"),
        "held_km2": played.held[:, days].T.astype("<f8"),
    }
    write_whole(Path(path), array_bytes(arrays))


def bank_that_ships(scenario: Scenario) -> KeptBank | None:
    """The bank in a scenario's folder; None where it ships none.

    Raises
    ------
    BadUse
        For a file that cannot be read as one.
    """
    path = catalogue.ships(scenario.id, scenario.folder, FILE)
    return None if path is None else _kept(path, path.stat().st_mtime_ns, scenario)


# the forecasts of one session begin with the same bank
@lru_cache(maxsize=2)
def _kept(path: Path, changed: int, scenario: Scenario) -> KeptBank:
    """The bank of a file, read again once it has ``changed``."""
    try:
        arrays = read_arrays(path, LIMIT_BYTES)
    except BadFile as error:
        raise BadUse(f"{FILE}: {error.rule}") from None
    try:
        return _read(scenario, arrays)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        raise BadUse(f"{FILE}: is no bank, or its parts do not fit together") from None


def _read(scenario: Scenario, arrays: Mapping[str, np.ndarray[Any, Any]]) -> KeptBank:
    """A bank from the arrays of its file."""
    head = {str(key): str(value) for key, value in json.loads(str(arrays["head"])).items()}
    numbers = [int(k) for k in arrays["numbers"].tolist()]
    values = arrays["values"].astype(float)
    # its own days: a campaign cut short is another one, which is found later
    first, last = (parse_date(head[key]) for key in ("start", "until"))
    if not 0 <= day_of(last, first) < MAX_DAYS:
        raise ValueError
    held = np.full((len(numbers), day_of(last, first) + 1), np.nan)
    if not {*MUST_AGREE, "count"} <= set(head) or int(head["seed"]) < 0:
        raise ValueError
    if not numbers or numbers != sorted({k for k in numbers if 0 <= k < int(head["count"])}):
        raise ValueError
    names = [str(name) for name in arrays["figures"].tolist()]
    if values.shape != (len(names), len(numbers)):
        raise ValueError
    held[:, arrays["days"]] = arrays["held_km2"].T
    figures = dict(zip(names, values.tolist(), strict=True))
    return KeptBank(head, int(head["count"]), PlayedSets(scenario, numbers, figures, held))
