"""A playing campaign from a control map, a border, places and roads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from math import cos, radians, sqrt
from pathlib import Path
from typing import NamedTuple

from kursksim.drafting.axes import front_of, given_axes, proposed_axes
from kursksim.drafting.folder import FolderPlan, files_of
from kursksim.drafting.ground import Site, border_of, home_side, outline_of
from kursksim.drafting.layers import LINES, POINTS, POLYGONS, DrawnLayer, read_layer, tool
from kursksim.drafting.ledger import Size
from kursksim.drafting.places import Spot, spots_of
from kursksim.drafting.road_map import RoadMap
from kursksim.drafting.ways import Approach, chosen_routes
from kursksim.errors import BadUse, Problem, ScenarioError
from kursksim.io import refused_writes, write_whole
from kursksim.runs.save import staged
from kursksim.scenario.rings import KM_PER_DEGREE, Window
from kursksim.studies.checking import problems
from kursksim.terrain.plane import Plane
from kursksim.units import parse_date

__all__ = ["Files", "Options", "Scaffold", "assure_new", "draft", "scaffold"]

FINEST = 8
"""Resolution of the hexagons, unless the window is too large for it."""
_MOST_CELLS = 6000
_HEX_KM2 = 0.10533
"""Mean area of an H3 cell of resolution 9 (h3geo.org, statistics)."""
Choose = Callable[[Sequence[Approach]], Sequence[int] | None]
"""Picks routes by their numbers from 1; None leaves the choice to the library."""


class Files(NamedTuple):
    """The files that a campaign is made from."""

    outline: str | Path
    border: str | Path
    places: str | Path
    roads: str | Path
    axes: str | Path | int | None = None


class Options(NamedTuple):
    """What may be said besides the files; what is left out is proposed."""

    base: str = ""
    depot: str = ""
    inside: tuple[tuple[float, float], ...] = ()
    where: tuple[str, str] | None = None
    sides: tuple[str, str] = ("Holder", "Attacker")
    title: str = ""
    days: int = 60
    resolution: int | None = None
    terms: Mapping[str, str] = {}
    choose: Choose = lambda routes: None


class Scaffold(NamedTuple):
    """A folder that was written, and what was decided on the way."""

    folder: Path
    routes: list[Approach]
    chosen: list[Approach]
    notes: list[str]
    problems: tuple[Problem, ...]


def scaffold(
    folder: str | Path,
    *,
    window: Sequence[float],
    date: str | dt.date,
    outline: str | Path,
    border: str | Path,
    places: str | Path,
    roads: str | Path,
    axes: str | Path | int | None = None,
    base: str = "",
    depot: str = "",
    inside: Sequence[Sequence[float]] = (),
    where: tuple[str, str] | None = None,
    legs: Sequence[int] | None = None,
    sides: tuple[str, str] = ("Holder", "Attacker"),
    title: str = "",
    days: int = 60,
    resolution: int | None = None,
    terms: Mapping[str, str] | None = None,
) -> Path:
    """Make a campaign from files: a folder that plays, and says what is to be filled in.

    It needs the extra ``geo``. Files may be GeoJSON, KML, KMZ, shapefiles, GeoPackage, TopoJSON or
    extracts of OpenStreetMap, in any reference system that they name.

    Parameters
    ----------
    folder : str or Path
        A new or an empty one.
    window : four floats
        West, south, east and north rim of the map, degrees.
    date : str or datetime.date
        Day 0.
    outline : str or Path
        Polygons of the held ground.
    border : str or Path
        A line that cuts the window in two, or polygons whose boundary does.
    places : str or Path
        Points with names.
    roads : str or Path
        Lines; tags of OpenStreetMap say what is paved and where bridges are.
    axes : str, Path or int, optional
        Points on the front, or how many axes to propose.
    base, depot : str, optional
        Names of places; the largest that fit if left out.
    inside : sequence of (lon, lat), optional
        Points in the wanted polygons of the outline.
    where : (str, str), optional
        A property of the wanted polygons, and its value.
    legs : sequence of int, optional
        Numbers of the ways from base to depot, from the shortest, 1; proposed if left out.
    sides : (str, str)
        Names of holder and attacker.
    title : str, optional
        The folder's name if left out.
    days : int
    resolution : int, optional
        Of the H3 cells; 8, or less for a large window, if left out.
    terms : mapping, optional
        Who may use a file, by ``outline``, ``border``, ``places``, ``roads`` and ``axes``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    BadUse
        Without the extra, for files that fit neither each other nor the window, for a folder that
        holds something. Nothing is written then.
    ScenarioError
        For files that make no campaign that can work. Nothing is written then.

    Examples
    --------
    >>> import kursksim as ks
    >>> ks.scaffold(
    ...     "my-campaign", window=(34.9, 50.9, 35.6, 51.4), date="2024-12-01",
    ...     outline="control.geojson", border="countries.gpkg", places="places.kml",
    ...     roads="extract.osm.pbf", base="Sumy",
    ... )  # doctest: +SKIP
    """
    options = Options(
        base=base,
        depot=depot,
        inside=tuple((float(at[0]), float(at[1])) for at in inside),
        where=where,
        sides=sides,
        title=title,
        days=days,
        resolution=resolution,
        terms=terms or {},
        choose=lambda routes: legs,
    )
    files = Files(outline, border, places, roads, axes)
    return draft(Path(folder), window, date, files, options).folder


def draft(
    folder: Path,
    window: Sequence[float],
    date: str | dt.date,
    files: Files,
    options: Options | None = None,
) -> Scaffold:
    """Write a campaign's folder, whole or not at all; as ``scaffold``, which says more of it."""
    options = options or Options()
    assure_new(folder)
    box, start, notes = _box(window), parse_date(date), list[str]()
    layers = _layers(files)
    resolution = options.resolution or _resolution(box)
    pitch_km = _pitch_km(resolution)
    choice = {"inside": options.inside, "where": options.where}
    held = outline_of(layers["outline"], box, pitch_km, choice, notes)
    border = border_of(layers["border"], box, pitch_km, held, notes)
    plane = Plane((box.west + box.east) / 2, (box.south + box.north) / 2)
    ground = Site(box, held, border, plane, pitch_km)
    wanted = [name for name in (options.base, options.depot) if name]
    spots = spots_of(layers["places"], box, wanted, notes)
    home = _home(ground, spots, options.base)
    layers["roads"] = _roads(files, box, spots)
    work = RoadMap(ground, layers["roads"], spots, home, resolution)
    work.settle(options.base, options.depot, notes)
    routes = work.routes
    chosen = chosen_routes(routes, options.choose(routes))
    plan = _plan(work, chosen, layers, files, options, notes)._replace(
        title=options.title or folder.resolve().name, start=start, resolution=resolution
    )
    found = _written(folder, plan)
    return Scaffold(folder, routes, chosen, notes, found)


def assure_new(folder: Path) -> None:
    """Refuse a folder that holds something already.

    Raises
    ------
    BadUse
    """
    said = f"{str(folder)[:200]!r}"
    with refused_writes(said):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadUse(f"{said}: holds something already; name a new folder")


def _box(window: Sequence[float]) -> Window:
    rule = "window: must be west,south,east,north in degrees, such as 34.9,50.9,35.6,51.4"
    try:
        west, south, east, north = (float(side) for side in window)
    except (TypeError, ValueError):
        raise BadUse(rule) from None
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise BadUse(f"{rule}; given {west:g},{south:g},{east:g},{north:g}")
    return Window(west, south, east, north)


def _layers(files: Files) -> dict[str, DrawnLayer]:
    found = {
        "outline": read_layer(files.outline, POLYGONS),
        "border": read_layer(files.border, (*LINES, *POLYGONS)),
        "places": read_layer(files.places, (*POINTS, *POLYGONS)),
    }
    if isinstance(files.axes, (str, Path)):
        found["axes"] = read_layer(files.axes, POINTS)
    return found


def _resolution(box: Window) -> int:
    """The finest resolution up to 8 with no more cells than play at ease."""
    narrow = cos(radians((box.south + box.north) / 2))
    km2 = (box.east - box.west) * narrow * (box.north - box.south) * KM_PER_DEGREE**2
    return next(r for r in range(FINEST, 2, -1) if km2 / _cell_km2(r) <= _MOST_CELLS or r == 3)


def _cell_km2(resolution: int) -> float:
    return float(_HEX_KM2 * 7.0 ** (9 - resolution))


def _pitch_km(resolution: int) -> float:
    return sqrt(2 * _cell_km2(resolution) / sqrt(3))


def _home(ground: Site, spots: Mapping[str, Spot], base: str) -> tuple[float, float]:
    """A point on the home side of the border: the base where it is named."""
    if base:
        spot = spots[base]
        return spot.lon, spot.lat
    return home_side(ground)


def _roads(files: Files, box: Window, spots: Mapping[str, Spot]) -> DrawnLayer:
    """Roads in the window, and around places outside of it."""
    lon, lat = [s.lon for s in spots.values()], [s.lat for s in spots.values()]
    grown = Window(
        min(box.west, *lon) - 0.02,
        min(box.south, *lat) - 0.02,
        max(box.east, *lon) + 0.02,
        max(box.north, *lat) + 0.02,
    )
    layer = read_layer(files.roads, LINES, grown)
    if not layer.features:
        every = read_layer(files.roads, LINES)
        said = "holds no line: roads are lines"
        if every.features:
            who, shape, _ = every.features[0]
            at = shape.centroid
            said = f"no road runs through the window; {who} lies near {at.x:.4f},{at.y:.4f}"
            if grown.west <= at.y <= grown.east and grown.south <= at.x <= grown.north:
                said += ": exchange latitude and longitude"
        raise BadUse(f"{layer.file!r}: {said}")
    return layer


# -- the plan --------------------------------------------------------------------------------------


def _plan(
    work: RoadMap,
    chosen: list[Approach],
    layers: dict[str, DrawnLayer],
    files: Files,
    options: Options,
    notes: list[str],
) -> FolderPlan:
    ground, front = work.ground, front_of(work.ground, work.here)
    held = {n: s for n, s in work.spots.items() if work.is_held(s) and n in work.net.node_of}
    if "axes" in layers:
        axes = given_axes(layers["axes"], ground, held)
    else:
        count = files.axes if isinstance(files.axes, int) else None
        axes = proposed_axes(front, ground, held, count)
        notes.append(f"axes: {len(axes)} are proposed along {front.length:.0f} km of front")
    exits = work.exits_of(chosen)
    on_way = [p for p in reversed(chosen[0].places) if p in held and p not in exits]
    border = ground.xy(ground.border.coords)
    shapely = tool("shapely")
    line = shapely.LineString(border)
    reach = [line.distance(shapely.Point(*xy)) for xy in shapely.get_coordinates(front)]
    shares = tuple(f"share_{n}" for n in range(2, len(chosen) + 1))
    size = Size(options.days, front.length, float(max(reach)), chosen[0].km, shares)
    return FolderPlan(
        title="",
        start=dt.date.min,
        days=options.days,
        resolution=0,
        sides=options.sides,
        ground=ground,
        spots=work.spots,
        roads=work.net.roads,
        legs=work.legs(chosen),
        routes=chosen,
        exits=exits,
        phase_lines=on_way,
        key_place=work.depot,
        axes=axes,
        size=size,
        layers=layers,
        terms=options.terms,
        notes=notes,
    )


# -- writing ---------------------------------------------------------------------------------------


def _written(folder: Path, plan: FolderPlan) -> tuple[Problem, ...]:
    """Write the folder beside its place, check it, and give it its name."""
    from kursksim.plot import first_day, save
    from kursksim.plot.output import undisturbed
    from kursksim.scenario.reader import load

    target = folder.resolve()
    with refused_writes(repr(str(folder)[:200])), staged(target) as stage:
        for name, data in files_of(plan).items():
            write_whole(stage / name, data)
        found = problems(stage)
        if errors := [p for p in found if p.severity == "error"]:
            raise ScenarioError(errors)
        with undisturbed():
            save(first_day(load(stage)), stage / "map.png")
    return found
