"""What-ifs of a comparison by name, and names and folders for the stores of several ensembles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.scenario.patch import Patch, opened
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Scenario

__all__ = ["file_name", "named", "read", "store_folder"]

# names of devices, which Windows gives to no file
DEVICES = {
    "CON",
    "PRN",
    "AUX",
    "NUL",
    *(f"COM{n}" for n in range(10)),
    *(f"LPT{n}" for n in range(10)),
}


def named(
    what_ifs: PatchLike | Sequence[PatchLike | Sequence[PatchLike]],
) -> dict[str, list[PatchLike]]:
    """What-ifs by name; the names of a combination are joined by ``+``.

    Raises
    ------
    BadUse
        For none, or two of the same name.
    """
    listed = [what_ifs] if isinstance(what_ifs, (str, Path, Mapping, Patch)) else list(what_ifs)
    found: dict[str, list[PatchLike]] = {}
    for one in listed:
        parts: list[Any] = list(one) if isinstance(one, (list, tuple)) else [one]
        name = "+".join(map(_name, parts))
        if name == "base":
            raise BadUse("what-if 'base': is taken")
        if name in found:
            raise BadUse(f"what-if {name!r}: given twice")
        found[name] = parts
    if not found:
        raise BadUse("no what-if to compare with")
    return found


def read(parts: Iterable[PatchLike], base: Scenario) -> list[Patch]:
    """What-ifs that are to be laid on a scenario, read where they are not yet."""
    campaign = Path(base.folder) if base.folder else None
    return opened(parts, campaign)


def _name(patch: PatchLike) -> str:
    if isinstance(patch, Mapping):
        return str(patch.get("title") or "what-if")
    return patch.title if isinstance(patch, Patch) else Path(str(patch)).stem


def file_name(name: str) -> str:
    """A name that is safe as that of a file, on Windows too."""
    safe = "".join(c if c.isalnum() or c in "+-_" else "_" for c in name)[:120]
    return f"_{safe}" if safe.upper() in DEVICES else safe


@contextmanager
def store_folder(store: str | Path) -> Iterator[Path]:
    """The folder for the stores of several ensembles, made where it is missing.

    After an error it is gone again, unless a store is in it.

    Raises
    ------
    BadUse
        For a folder that cannot be made.
    """
    folder, made = Path(store), list[Path]()
    with ExitStack() as undo:
        undo.callback(_remove_empty, made)
        try:
            made += [p for p in (folder, *folder.parents) if not p.exists()]
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise BadUse(f"store {str(store)!r}: {said}") from None
        yield folder
        undo.pop_all()


def _remove_empty(folders: Iterable[Path]) -> None:
    """Take away the folders that are empty, the innermost first."""
    for folder in folders:
        with suppress(OSError, ValueError):
            folder.rmdir()
