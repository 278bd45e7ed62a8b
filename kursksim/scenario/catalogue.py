"""Scenarios and what-ifs that ship with the library, by name."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path

from kursksim.errors import BadUse, nearest
from kursksim.scenario.tables import read_toml

__all__ = [
    "fictional",
    "find",
    "find_what_if",
    "is_name",
    "names",
    "of_another",
    "place_of",
    "place_of_what_if",
    "shelves",
    "ships",
    "what_ifs",
]


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


@cache
def fictional() -> str:
    """Name of the shipped scenario that is fiction: small, and the default of whoever learns."""
    heads = {name: read_toml(find(name) / "scenario.toml", name)[0] for name in names()}
    return next(name for name, head in heads.items() if head.get("fictional"))


def shelves() -> dict[str, dict[str, Path]]:
    """Shipped what-ifs by name, by the campaign that they belong to; '' for those of any."""
    return {"": _shelf(_home())} | {name: _shelf(_home() / name) for name in names()}


def _shelf(home: Path) -> dict[str, Path]:
    """What-ifs of a folder by name, sorted."""
    with suppress(OSError):
        return {path.stem: path for path in sorted((home / "what-ifs").glob("*.toml"))}
    return {}


def what_ifs(scenario: str = "") -> tuple[str, ...]:
    """Names of the shipped what-ifs, sorted: of one scenario and of any, or all of them."""
    found = (s for campaign, s in shelves().items() if campaign in ("", scenario) or not scenario)
    return tuple(sorted(set().union(*found)))


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


def place_of(source: str | Path) -> Path:
    """Where a scenario lies: the folder of a name that ships, or the path that is given.

    Raises
    ------
    BadUse
        For an unknown name.
    """
    return find(str(source)) if is_name(source) else Path(source)


def place_of_what_if(source: str | Path, campaign: Path | None = None) -> Path:
    """File of a what-if: by its name, as in ``find_what_if``, or the path that is given.

    Raises
    ------
    BadUse
        For an unknown name.
    """
    return find_what_if(str(source), campaign) if is_name(source) else Path(source)


def find_what_if(name: str, campaign: Path | None = None) -> Path:
    """Patch file of a what-if.

    Parameters
    ----------
    name : str
    campaign : pathlib.Path, optional
        Folder of the campaign on which it is laid: its own what-ifs come first, then those of any
        campaign, then those of the others that ship.

    Raises
    ------
    BadUse
        For an unknown name.
    """
    found = list(shelves().values())
    if campaign is not None:
        found.insert(0, _shelf(campaign.parent if campaign.name == "scenario.toml" else campaign))
    for shelf in found:
        if name in shelf:
            return shelf[name]
    if name in names():
        raise BadUse(f"{name!r} is a scenario, not a what-if; `kursksim what-ifs` lists those")
    known = set().union(*found)
    raise BadUse(f"what-if {name[:80]!r} is unknown; {nearest(name[:80], known)}{_beside(name)}")


def of_another(what_if: str, owner: str, scenario: str) -> str:
    """The error for a what-if of another scenario: its owner, and the what-ifs of this one."""
    rule = f"{what_if[:80]!r} is a what-if of {owner}, not of {scenario}"
    return f"{rule}; those of {scenario}: {', '.join(what_ifs(scenario)) or 'none'}"


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
