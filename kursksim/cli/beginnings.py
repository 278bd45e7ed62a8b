"""The command `new`: a campaign of one's own, from files or from one that ships."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option, prompt

from kursksim.cli.flags import Json, Text, Texts, whole
from kursksim.cli.output import emit, say, table
from kursksim.errors import BadUse, nearest
from kursksim.text import plain

if TYPE_CHECKING:
    from kursksim.drafting.ways import Approach

__all__ = ["new"]

NEEDED = {
    "window": "Window, west,south,east,north in degrees",
    "date": "First day, such as 2025-03-07",
    "outline": "File with the polygons of the held ground",
    "border": "File with the border",
    "places": "File with the places, points with names",
    "roads": "File with the roads",
}
"""What must be said, by flag, and how it is asked for on a terminal."""
ROLES = ("outline", "border", "places", "roads", "axes")


def new(
    folder: Annotated[str, Argument(metavar="FOLDER", help="A new folder.")],
    *,
    window: Annotated[
        Text, Option("--window", metavar="W,S,E,N", help="Rim of the map, degrees.")
    ] = None,
    date: Annotated[Text, Option("--date", metavar="DATE", help="Day 0.")] = None,
    outline: Annotated[
        Text, Option("--outline", metavar="FILE", help="Polygons of the ground held on day 0.")
    ] = None,
    border: Annotated[
        Text, Option("--border", metavar="FILE", help="The border: a line, or countries.")
    ] = None,
    places: Annotated[Text, Option("--places", metavar="FILE", help="Points with names.")] = None,
    roads: Annotated[
        Text, Option("--roads", metavar="FILE", help="Lines, such as an OpenStreetMap extract.")
    ] = None,
    axes: Annotated[
        Text,
        Option("--axes", metavar="FILE|N", help="Points on the front, or how many."),
    ] = None,
    base: Annotated[
        Text, Option("--base", metavar="PLACE", help="Where supplies come from.")
    ] = None,
    depot: Annotated[Text, Option("--depot", metavar="PLACE", help="Where they go.")] = None,
    inside: Annotated[
        Texts,
        Option("--inside", metavar="LON,LAT", help="Take the polygon around it. May be repeated."),
    ] = None,
    where: Annotated[
        Text,
        Option("--where", metavar="PROPERTY=VALUE", help="Take the polygons that have it."),
    ] = None,
    legs: Annotated[
        Text,
        Option("--legs", metavar="N,N", help="Ways from base to depot, by number; 1 is shortest."),
    ] = None,
    holder: Annotated[Text, Option("--holder", metavar="NAME", help="Who holds.")] = None,
    attacker: Annotated[Text, Option("--attacker", metavar="NAME", help="Who attacks.")] = None,
    title: Annotated[Text, Option("--title", metavar="TEXT", help="Of the campaign.")] = None,
    days: Annotated[
        int, Option("--days", parser=whole(1, 400), metavar="N", help="Length of the campaign.")
    ] = 60,
    resolution: Annotated[
        Any, Option("--resolution", parser=whole(3, 9), metavar="N", help="Of the H3 cells.")
    ] = None,
    terms: Annotated[
        Texts,
        Option("--terms", metavar="FLAG=TEXT", help="Who may use a file, as outline=TEXT."),
    ] = None,
    like: Annotated[
        Text, Option("--like", metavar="SCENARIO", help="Copy one that ships, to begin with.")
    ] = None,
    json: Json = None,
) -> None:
    """Make a campaign of your own: from map files, or as a copy of a shipped one."""
    given = {"window": window, "date": date, "outline": outline, "border": border}
    given |= {"places": places, "roads": roads}
    if like is not None:
        _copy(like, folder, [name for name, value in given.items() if value is not None], json)
        return
    from kursksim.drafting.scaffold import Files, Options, assure_new, draft

    assure_new(Path(folder))
    said = {name: value or _asked(name) for name, value in given.items()}
    options = Options(
        base=base or "",
        depot=depot or "",
        inside=tuple(_point(text) for text in inside or ()),
        where=_pair("--where", where) if where else None,
        sides=(
            holder or _maybe("Who holds", "Holder"),
            attacker or _maybe("Who attacks", "Attacker"),
        ),
        title=title or "",
        days=days,
        resolution=resolution,
        terms=dict(_terms(terms)),
        choose=lambda routes: _ways(legs, routes),
    )
    several = int(axes) if axes and axes.isascii() and axes.isdigit() else axes
    files = Files(said["outline"], said["border"], said["places"], said["roads"], several)
    made = draft(
        Path(folder), _numbers("--window", said["window"], 4), said["date"], files, options
    )
    content = {
        "folder": folder,
        "ways": [{"places": r.places, "km": r.km, "chosen": r in made.chosen} for r in made.routes],
        "notes": made.notes,
        "problems": made.problems,
    }
    if emit(json, content):
        _show(made.routes, made.chosen)
        say("", *(plain(note) for note in made.notes))
        say(*(plain(f"{p.severity}: {p}") for p in made.problems))
        say(
            "", f"{plain(folder)}: written; `kursksim check ./{plain(folder)}` says what is missing"
        )


def _copy(like: str, folder: str, others: Sequence[str], json: str | None) -> None:
    """Copy a shipped scenario."""
    from kursksim.drafting.copies import copy_of

    if others:
        raise BadUse(
            f"--like and --{others[0]}: a copy, or a campaign from files; give one of them"
        )
    files = copy_of(like, Path(folder))
    if emit(json, {"folder": folder, "files": files}):
        say(f"{plain(folder)}: a copy of {like}, {len(files)} files; edit scenario.toml")


# -- what is asked ---------------------------------------------------------------------------------


def _terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _asked(name: str) -> str:
    """The answer to a question; without a terminal, a refusal that names the flag."""
    if not _terminal():
        raise BadUse(f"--{name} is missing: {NEEDED[name][0].lower()}{NEEDED[name][1:]}")
    return str(prompt(NEEDED[name])).strip()


def _maybe(question: str, default: str) -> str:
    return str(prompt(question, default=default)).strip() if _terminal() else default


def _sides(holder: str | None, attacker: str | None) -> tuple[str, str]:
    return holder or _maybe("Who holds", "Holder"), attacker or _maybe("Who attacks", "Attacker")


def _ways(legs: str | None, routes: Sequence[Approach]) -> list[int] | None:
    """Numbers of the chosen ways; None for those that the library proposes."""
    if legs is None:
        if not _terminal() or len(routes) == 1:
            return None
        _show(routes, ())
        legs = str(prompt("Ways to use, by number; nothing for a proposal", default="")).strip()
        if not legs:
            return None
    return [round(number) for number in _numbers("--legs", legs)]


def _show(routes: Sequence[Approach], chosen: Sequence[Approach]) -> None:
    """Ways from base to depot as a table."""
    rows = []
    for number, route in enumerate(routes, start=1):
        shared = f"{100 * route.shared(routes[0]):.0f} %" if number > 1 else ""
        mark = "taken" if route in chosen else ""
        rows.append((number, f"{route.km:.1f}", shared, " - ".join(route.places), mark))
    table(("way", "km", "as way 1", "over", ""), rows, right={0, 1, 2})


# -- what flags mean -------------------------------------------------------------------------------


def _numbers(flag: str, text: str, count: int | None = None) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or (count and len(found) != count):
        wanted = f"{count} numbers" if count else "numbers"
        raise BadUse(f"{flag} {text[:80]!r}: must be {wanted} with commas between them")
    return found


def _point(text: str) -> tuple[float, float]:
    lon, lat = _numbers("--inside", text, 2)
    return lon, lat


def _pair(flag: str, text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not name or not mark:
        raise BadUse(f"{flag} {text[:80]!r}: must be NAME=VALUE")
    return name, value


def _terms(texts: Texts) -> list[tuple[str, str]]:
    found = [_pair("--terms", text) for text in texts or ()]
    for role, _ in found:
        if role not in ROLES:
            raise BadUse(f"--terms {role[:80]!r}: no such file; {nearest(role, ROLES)}")
    return found
