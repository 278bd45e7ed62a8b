"""Scenarios: what they are, where they are found, how they are read and patched."""

from kursksim.scenario.document import json_schema
from kursksim.scenario.patch import Patch, from_set, parse_set, read_patch
from kursksim.scenario.reader import PatchLike, load, patched, read
from kursksim.scenario.schema import SCHEMA_VERSION, Scenario

__all__ = [
    "SCHEMA_VERSION",
    "Patch",
    "PatchLike",
    "Scenario",
    "from_set",
    "json_schema",
    "load",
    "parse_set",
    "patched",
    "read",
    "read_patch",
]
