"""What-ifs as a comparison is given them: read, named, and names and folders for what is kept of several ensembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.scenario import Patch, PatchLike, read_patch

__all__ = ["file_name", "named", "read", "store_folder"]


def named(what_ifs: PatchLike | Sequence[PatchLike | Sequence[PatchLike]]) -> dict[str, list[PatchLike]]:
    """What-ifs by name; those of a combination are joined by ``+``.

    Raises
    ------
    BadUse
        For none, or two of the same name.
    """
    listed = [what_ifs] if isinstance(what_ifs, (str, Path, Mapping, Patch)) else list(what_ifs)
    found: dict[str, list[PatchLike]] = {}
    for one in listed:
        parts: list[Any] = list(one) if isinstance(one, (list, tuple)) else [one]
        name = "+".join(_name(p) for p in parts)
        if name in found or name == "base":
            raise BadUse(f"what-if {name!r}: given twice" if name in found else "what-if 'base': is taken")
        found[name] = parts
    if not found:
        raise BadUse("no what-if to compare with")
    return found


def read(patch: PatchLike) -> Patch:
    """A what-if, read if it is not yet."""
    return patch if isinstance(patch, Patch) else read_patch(patch)


def _name(patch: Any) -> str:
    if isinstance(patch, Mapping):
        return str(patch.get("title") or "what-if")
    return patch.title if isinstance(patch, Patch) else Path(str(patch)).stem


def file_name(name: str) -> str:
    """A name that is safe as one of a file."""
    return "".join(c if c.isalnum() or c in "+-_" else "_" for c in name)[:120]


def store_folder(store: str | Path) -> Path:
    """The folder of the stores of several ensembles, made where it is missing.

    Raises
    ------
    BadUse
        For a folder that cannot be made.
    """
    folder = Path(store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise BadUse(f"store {str(store)!r}: {getattr(error, 'strerror', None) or error}") from None
    return folder
