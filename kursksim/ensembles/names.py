"""What-ifs as a comparison is given them: read, named, and names and folders for what is kept of several ensembles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.scenario import Patch, PatchLike, read_patch

__all__ = ["file_name", "named", "read", "store_folder"]

DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10)),
}


def named(
    what_ifs: PatchLike | Sequence[PatchLike | Sequence[PatchLike]],
) -> dict[str, list[PatchLike]]:
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
            raise BadUse(
                f"what-if {name!r}: given twice" if name in found else "what-if 'base': is taken"
            )
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
    """A name that is safe as one of a file, on Windows too, where some names are those of devices."""
    safe = "".join(c if c.isalnum() or c in "+-_" else "_" for c in name)[:120]
    return f"_{safe}" if safe.upper() in DEVICES else safe


@contextmanager
def store_folder(store: str | Path) -> Iterator[Path]:
    """The folder of the stores of several ensembles, made where it is missing; after an error it is gone again,
    unless a store is in it.

    Raises
    ------
    BadUse
        For a folder that cannot be made.
    """
    folder, made = Path(store), list[Path]()
    try:
        made += [p for p in (folder, *folder.parents) if not p.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        _remove_empty(made)
        raise BadUse(f"store {str(store)!r}: {getattr(error, 'strerror', None) or error}") from None
    try:
        yield folder
    except BaseException:
        _remove_empty(made)
        raise


def _remove_empty(folders: Iterable[Path]) -> None:
    """Take away folders, the innermost first, until one is not empty."""
    for folder in folders:
        with suppress(OSError, ValueError):
            folder.rmdir()
