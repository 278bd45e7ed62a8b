"""A shipped scenario as a folder of one's own."""

from __future__ import annotations

from pathlib import Path

from kursksim.drafting.scaffold import assure_new
from kursksim.errors import BadUse
from kursksim.io import BadFile, read_bytes, refused_writes, write_whole
from kursksim.runs.save import staged
from kursksim.scenario import catalogue

__all__ = ["copy_of"]

_MOST_BYTES = 64 * 1024 * 1024


def copy_of(name: str, folder: Path) -> list[str]:
    """Copy a shipped scenario with all that belongs to it, whole or not at all.

    Parameters
    ----------
    name : str
        Of the catalogue.
    folder : Path
        A new or an empty one.

    Returns
    -------
    list of str
        Names of the files, sorted.

    Raises
    ------
    BadUse
        For an unknown name, or a folder that holds something.
    """
    assure_new(folder)
    home = catalogue.find(name)
    found = sorted(p for p in home.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc"))
    said = repr(str(folder)[:200])
    with refused_writes(said), staged(folder.resolve()) as stage:
        for path in found:
            target = stage / path.relative_to(home)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                write_whole(target, read_bytes(path, _MOST_BYTES))
            except BadFile as error:
                raise BadUse(f"{path.name}: {error.rule}") from None
    return [path.relative_to(home).as_posix() for path in found]
