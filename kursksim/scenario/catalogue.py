"""Scenarios and what-ifs that ship with the library, by name."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path

from kursksim.errors import BadUse, nearest
from kursksim.scenario.tables import read_toml

__all__ = ["find", "find_what_if", "is_name", "names", "of_another", "ships", "what_ifs"]


@cache
def _home() -> Path:
    """Folder of the shipped data: the package ``kursksim_scenarios``, or its source in a clone."""
    with suppress(ModuleNotFoundError, TypeError):
        found = Path(str(resources.files("kursksim_scenarios")))
        if found.is_dir():
            return found
    return Path(__file__).resolve().parents[2] / "scenarios"


def names() -> tuple[str, ...]:
    """Names of the shipped scenarios, sorted."""
    return tuple(sorted(p.parent.name for p in _home().glob("*/scenario.toml")))


def what_ifs() -> tuple[str, ...]:
    """Names of the shipped what-ifs, sorted."""
    return tuple(sorted(p.stem for p in (_home() / "what-ifs").glob("*.toml")))


def find(name: str) -> Path:
    """Folder of a shipped scenario.

    Raises
    ------
    BadUse
        For an unknown name; the message lists those that exist.
    """
    if name in (known := names()):
        return _home() / name
    if name in what_ifs():
        raise BadUse(f"{name!r} is a what-if, not a scenario: lay it on one ({', '.join(known)})")
    raise BadUse(f"scenario {name[:80]!r} is unknown; {nearest(name[:80], known)}{_beside(name)}")


def ships(name: str, folder: str, file: str) -> Path | None:
    """A file that lies beside a scenario's tables; None where there is none.

    Parameters
    ----------
    name : str
        Id of the scenario.
    folder : str
        Where it was read from; empty for one that came without, as those of the catalogue do.
    file : str
    """
    if not folder and name in names():
        folder = str(find(name))
    path = Path(folder) / file
    return path if folder and path.is_file() else None


def find_what_if(name: str) -> Path:
    """Patch file of a shipped what-if.

    Raises
    ------
    BadUse
        For an unknown name; the message lists those that exist.
    """
    if name in (known := what_ifs()):
        return _home() / "what-ifs" / f"{name}.toml"
    if name in names():
        raise BadUse(f"{name!r} is a scenario, not a what-if; `kursksim what-ifs` lists those")
    raise BadUse(f"what-if {name[:80]!r} is unknown; {nearest(name[:80], known)}{_beside(name)}")


def of_another(what_if: str, owner: str, scenario: str) -> str:
    """The error for a what-if of another scenario: its owner, and the what-ifs of this one."""
    heads = {name: read_toml(find_what_if(name), name)[0] for name in what_ifs()}
    own = [name for name, head in heads.items() if head.get("scenario", scenario) == scenario]
    rule = f"{what_if[:80]!r} is a what-if of {owner}, not of {scenario}"
    return f"{rule}; those of {scenario}: {', '.join(own) or 'none'}"


def is_name(source: str | Path) -> bool:
    """Whether a source is a shipped name: a bare word, without a slash or a suffix."""
    if isinstance(source, Path) or source in ("", ".", ".."):
        return False
    return "/" not in source and "\\" not in source and not Path(source).suffix


def _beside(name: str) -> str:
    """A hint for a bare word that names a folder, or a file without its suffix."""
    with suppress(OSError, ValueError):  # no name of a file at all, or one that is too long
        if name and Path(name).is_dir():
            return f" (to read the folder of that name, write './{name}')"
        if name and Path(f"{name}.toml").is_file():
            return f" (to read the file, write './{name}.toml')"
    return ""
