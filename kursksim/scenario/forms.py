"""Forms that all rows of a scenario share: names, texts, degrees, and where a row comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = [
    "ID_PATTERN",
    "NAME_PATTERN",
    "SOFT",
    "Frozen",
    "Id",
    "InputKind",
    "Lat",
    "Lon",
    "Name",
    "Side",
    "Sourced",
    "Status",
    "Text",
]

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
NAME_PATTERN = r"^[^\x00-\x1f/\\]+$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=64)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f/\\]+$")]
Text = Annotated[str, StringConstraints(max_length=4000)]
Lat = Annotated[float, Field(ge=-85, le=85)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Side = Literal["holder", "attacker"]
Status = Literal["reported", "dataset", "literature", "computed", "estimate", "fitted", "assumed"]
SOFT: tuple[Status, ...] = ("assumed", "fitted")
"""Statuses of numbers that no source fixes."""


class Frozen(BaseModel):
    """A frozen record that refuses unknown keys, other types, infinities and NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Sourced(Frozen):
    """A row with its sources: keys of the sources table, separated by ``;``."""

    source: Text = ""
    status: Status
    note: Text = ""

    @model_validator(mode="after")
    def _source_or_assumed(self) -> Sourced:
        if self.status != "assumed" and self.source in ("", "none"):
            raise ValueError(
                f"status {self.status!r} needs a source; only 'assumed' may do without"
            )
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Source keys of the row."""
        return tuple(k.strip() for k in self.source.split(";") if k.strip())


InputKind = Literal[
    "teams",
    "commit",
    "reinforce",
    "counter_attack",
    "holder_power",
    "open_axis",
    "closure",
    "crossing",
    "ceasefire_offer",
    "ceasefire",
    "weather",
    "fibre",
    "routes",
]
"""What a dated input may do."""
