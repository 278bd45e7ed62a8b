"""Several files at once: all of them are written, or none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from kursksim.errors import BadUse
from kursksim.io import refused_writes, replacing

__all__ = ["new_folder", "write_all"]


def write_all(files: Mapping[Path, bytes], said: str) -> None:
    """Write files whole. None takes its name before all of them are on disk.

    Parameters
    ----------
    files : mapping of Path to bytes
        Folders on the way are made, and are gone again after an error.
    said : str
        How messages name the whole.

    Raises
    ------
    BadUse
        For a place that cannot be written to; what was there before is then still there.
    """
    parents = set().union(*(target.parents for target in files))
    made = sorted((p for p in parents if not p.exists()), reverse=True)
    try:
        with refused_writes(said), ExitStack() as stack:
            for target, data in files.items():
                # a folder of that name would refuse its file only when others have their names
                if target.is_dir():
                    raise BadUse(f"{said}: {target.name!r} is a folder there")
                target.parent.mkdir(parents=True, exist_ok=True)
                half = stack.enter_context(replacing(target))
                half.write_bytes(data)
    except BaseException:
        for folder in made:  # from the inside out
            with suppress(OSError):
                folder.rmdir()
        raise


def new_folder(given: str | Path, said: str) -> Path:
    """Return a folder for several files, which must be new or empty.

    Raises
    ------
    BadUse
    """
    folder = Path(given)
    with refused_writes(said):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadUse(f"{said}: holds something already; name a new folder")
    return folder
