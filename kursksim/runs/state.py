"""The state of a campaign between two days: a value to keep, send, compare and go on from."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from kursksim._version import results_version as current_version
from kursksim.errors import BadUse

__all__ = ["LAST_DAY", "Origin", "State", "damaged"]

FAMILY = b"kursksim state "
MAGIC = FAMILY + b"1\n"
"""First bytes of every state, with the version of its format."""
LIMIT_BYTES = 32 * 1024 * 1024
"""Most bytes that a state may unpack to."""
LAST_DAY = 100_000
"""No campaign lasts longer, and dates far beyond it cannot be told."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a state comes from: the same on every day of a run.

    Attributes
    ----------
    scenario, scenario_digest : str
    results_version : int
    parts : mapping of str to str
        A short digest of each value, row and parameter of the scenario, to name what differs.
    inputs : mapping of str to (int, str)
        Day of each dated input, and what it is.
    seed, replication : int
    fresh : tuple of (day, replication)
        From which days on the luck is that of which other replications.
    value : mapping of str to float
        Parameter values of the run, by ledger id.
    ledger : mapping of str to float
        The scenario's own values, whatever was drawn.
    own_map : bool
        False where the map was handed in.
    """

    scenario: str
    scenario_digest: str
    results_version: int
    parts: Mapping[str, str]
    inputs: Mapping[str, tuple[int, str]]
    seed: int
    replication: int
    fresh: tuple[tuple[int, int], ...]
    value: Mapping[str, float]
    ledger: Mapping[str, float]
    own_map: bool

    @cached_property
    def text(self) -> bytes:
        """All of it as JSON."""
        return _json({f.name: getattr(self, f.name) for f in fields(self)})


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """Everything that goes on in a campaign at one midnight, as plain data.

    Attributes
    ----------
    origin : Origin
    day : int
        Days played, which is the day to be played next; 0 on the eve of the campaign.
    outcome : str or None
    moved : mapping of str to int or None
        Dated inputs that an umpire or an order moved, with their new days; None if struck out.
    world : mapping
        The world, as ``kursksim.engine.midnight`` writes it down.
    memory : mapping of side to mapping
        What each policy remembers, by its spec. It is no part of the digest.
    """

    origin: Origin
    day: int
    outcome: str | None
    moved: Mapping[str, int | None]
    world: Mapping[str, Any] = field(repr=False)
    memory: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def scenario_digest(self) -> str:
        """Digest of the scenario that was played."""
        return self.origin.scenario_digest

    @property
    def results_version(self) -> int:
        """Results version of the library that played it."""
        return self.origin.results_version

    @cached_property
    def digest(self) -> str:
        """Hex digest of all but the memory: equal ones go on alike under the same orders."""
        return blake2b(self.origin.text + self._text, digest_size=16).hexdigest()

    @cached_property
    def _text(self) -> bytes:
        # mappings keep their order, in which sums were made
        return _json(
            {"day": self.day, "outcome": self.outcome, "moved": self.moved, "world": self.world}
        )

    def _check(self) -> None:
        """Refuse a day that its world does not have, and a memory that is none."""
        if not 0 <= self.day <= LAST_DAY or self.world["day"] != self.day - 1:
            raise damaged()
        for kept in self.memory.values():
            known = isinstance(kept.get("remembers", kept.get("refused")), (dict, str))
            if not known or not isinstance(kept["policy"], str):
                raise damaged()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        return self.digest == other.digest and _json(self.memory) == _json(other.memory)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return (
            f"<State of {self.origin.scenario!r} before day {self.day}, digest {self.digest[:8]}>"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return State.from_bytes, (self.to_bytes(),)

    def to_bytes(self) -> bytes:
        """Return the state as bytes: packed JSON. Reading them executes nothing that they hold."""
        parts = b'"origin":%b,"state":%b,"memory":%b' % (
            self.origin.text,
            self._text,
            _json(self.memory),
        )
        seal = blake2b(parts, digest_size=16).hexdigest().encode()
        # a higher level takes three times as long for a tenth less
        return MAGIC + zlib.compress(b'{"seal":"%b",%b}' % (seal, parts), 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> State:
        """The state out of bytes.

        Raises
        ------
        BadUse
            For bytes that are no state, that are damaged, or that another version wrote.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise BadUse(f"a state is read from bytes, not from {type(data).__name__}")
        data = bytes(data)
        if not data.startswith(FAMILY):
            raise BadUse("these bytes are no state of a kursksim campaign")
        if not data.startswith(MAGIC):
            raise BadUse(
                "the state has a format that this library does not read: a newer kursksim wrote it"
            )
        text = _unpacked(data[len(MAGIC) :])
        _check_seal(text)
        try:
            document = from_json(text)
            version = document["origin"]["results_version"]
            if version != current_version:
                raise BadUse(
                    f"the state has results version {version}, this library {current_version}:"
                    " the campaign cannot go on from it"
                )
            found: State = TypeAdapter(State).validate_python(
                {"origin": document["origin"], **document["state"], "memory": document["memory"]}
            )
            found._check()
            return found
        except BadUse:
            raise
        except (KeyError, TypeError, ValueError):  # a ValidationError is a ValueError
            raise damaged() from None


def damaged() -> BadUse:
    """The error of a state that does not hold what a state holds."""
    return BadUse("the state is damaged: it is not as it was written")


def _json(value: Any) -> bytes:
    return to_json(value, inf_nan_mode="constants")


def _unpacked(data: bytes) -> bytes:
    packer = zlib.decompressobj()
    try:
        text = packer.decompress(data, LIMIT_BYTES)
    except zlib.error:
        raise damaged() from None
    if not packer.eof or packer.unused_data:
        raise damaged()
    return text


def _check_seal(text: bytes) -> None:
    """Refuse a text that does not have the digest that it begins with: it is damaged."""
    head, length = b'{"seal":"', 32
    seal, parts = text[len(head) : len(head) + length], text[len(head) + length + 2 : -1]
    if not text.startswith(head) or blake2b(parts, digest_size=16).hexdigest().encode() != seal:
        raise damaged()
