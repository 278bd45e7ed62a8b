"""Files of a geographic information system, read by pyogrio: features in degrees, with their tags.

GeoJSON, KML and KMZ, shapefiles, GeoPackage, TopoJSON, extracts of OpenStreetMap.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from kursksim.errors import BadUse
from kursksim.extras import advice
from kursksim.io import BadFile, read_bytes
from kursksim.scenario.rings import Window
from kursksim.text import plain

__all__ = ["DrawnFeature", "DrawnLayer", "read_layer", "tool"]

LINES = ("LineString", "MultiLineString")
POINTS = ("Point",)
POLYGONS = ("Polygon", "MultiPolygon")
MOST_BYTES = 1 << 31
"""Largest file that is read."""
NAMES = ("name", "Name", "NAME", "name:en", "title", "label")
"""Columns that name a feature, best first."""
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
"""Further tags of OpenStreetMap, as GDAL packs them into one column."""
_OF_OSM = {POINTS: ("points",), LINES: ("lines",)}
"""Layers of an extract of OpenStreetMap that are worth reading for points alone, or lines alone."""


class DrawnFeature(NamedTuple):
    """A feature: how messages name it, its geometry of shapely in degrees, and its tags."""

    who: str
    geometry: Any
    tags: dict[str, str]

    @property
    def name(self) -> str:
        """Its name; empty for one without."""
        return next((self.tags[k].strip() for k in NAMES if self.tags.get(k, "").strip()), "")


class DrawnLayer(NamedTuple):
    """What was read of a file, and what identifies the file."""

    file: str
    features: list[DrawnFeature]
    driver: str
    system: str
    digests: dict[str, str]
    """SHA-256 by file: a shapefile has several."""


def tool(name: str) -> Any:
    """Return a module of shapely, pyproj or pyogrio.

    Raises
    ------
    BadUse
        Without it; the extra ``geo`` brings it.
    """
    try:
        return import_module(name)
    except ImportError:
        lib = name.partition(".")[0]
        raise BadUse(f"a campaign from files needs {lib}: {advice('geo')}") from None


def read_layer(path: str | Path, kinds: Sequence[str], box: Window | None = None) -> DrawnLayer:
    """Read the features of some kinds of geometry from all layers of a file.

    Parameters
    ----------
    path : str or Path
    kinds : sequence of str
        Types of geometry that are wanted.
    box : Window, optional
        Only features that meet this rectangle, degrees.

    Returns
    -------
    DrawnLayer
        Without features of other kinds, or without geometry.

    Raises
    ------
    BadUse
        For a file that cannot be read, that is empty, whose coordinates are no degrees and whose
        reference system is unknown.
    """
    ogr = tool("pyogrio")
    tool("shapely")
    file = Path(path)
    said = repr(str(path))
    digests = _digests(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL tells of columns that it cannot read
        try:
            names = [str(row[0]) for row in ogr.list_layers(file)]
            infos = {n: ogr.read_info(file, layer=n) for n in _worth(file, names, tuple(kinds))}
        except (ogr.errors.DataSourceError, ogr.errors.DataLayerError, ValueError) as error:
            formats = "GeoJSON, KML, KMZ, shapefile, GeoPackage, TopoJSON, OSM"
            raise BadUse(
                f"{said}: cannot be read: {plain(error)[:160]}; known: {formats}"
            ) from None
        features: list[DrawnFeature] = []
        for name, info in infos.items():
            features += _features(ogr, file, name, info, box)
    if not features and box is None:
        raise BadUse(f"{said}: holds no feature: the layer is empty; name another file")
    wanted = [f for f in features if f.geometry.geom_type in kinds]
    drivers = sorted({str(info.get("driver") or "") for info in infos.values()})
    systems = sorted({str(info.get("crs") or "none named: degrees") for info in infos.values()})
    return DrawnLayer(file.name, wanted, ", ".join(drivers), ", ".join(systems), digests)


def _worth(file: Path, names: list[str], kinds: tuple[str, ...]) -> list[str]:
    """Layers to read: of an extract of OpenStreetMap, which is large, only those of the kinds."""
    if file.name.endswith((".osm", ".pbf")):
        return [n for n in names if n in _OF_OSM.get(kinds, names)]
    return names


def _digests(file: Path) -> dict[str, str]:
    """SHA-256 of a file, and of those beside it that belong to a shapefile."""
    parts = [file]
    if file.suffix.lower() == ".shp":
        kinds = (".dbf", ".prj", ".shx", ".cpg")
        parts += [p for kind in kinds if (p := file.with_suffix(kind)).is_file()]
    return {part.name: _digest(part) for part in parts}


def _digest(file: Path) -> str:
    try:
        return sha256(read_bytes(file, MOST_BYTES)).hexdigest()
    except BadFile as error:
        raise BadUse(f"{str(file)!r}: {error.rule}") from None


def _features(
    ogr: Any, file: Path, layer: str, info: dict[str, Any], box: Window | None
) -> Iterator[DrawnFeature]:
    """The features of one layer, in degrees."""
    shapely = tool("shapely")
    turn = _to_degrees(info.get("crs"), f"{str(file)!r}, layer {layer!r}")
    near = None if box is None else _seen_from(info.get("crs"), box)
    try:
        meta, _, wkb, columns = ogr.raw.read(file, layer=layer, bbox=near and tuple(near))
    except (ogr.errors.DataSourceError, ogr.errors.DataLayerError, ValueError) as error:
        raise BadUse(f"{str(file)!r}, layer {layer!r}: {plain(error)[:160]}") from None
    fields = [str(name) for name in meta["fields"]]
    for number, shape in enumerate(shapely.from_wkb(wkb), start=1):
        if shape is None or shape.is_empty:
            continue
        values = (column[number - 1] for column in columns)
        tags = _tags(dict(zip(fields, values, strict=True)))
        feature = DrawnFeature("", shapely.force_2d(shape), tags)
        who = f"feature {number}" + (f" ({feature.name!r})" if feature.name else "")
        placed = feature.geometry if turn is None else turn(feature.geometry)
        _assure_degrees(placed, f"{file.name!r}, {who}")
        yield DrawnFeature(who, placed, tags)


def _tags(columns: dict[str, Any]) -> dict[str, str]:
    """Columns with something in them as text, and the tags that GDAL packed into one of them."""
    found = {k: str(v) for k, v in columns.items() if v is not None and v == v and str(v) != ""}
    packed = _HSTORE.findall(found.pop("other_tags", ""))
    return dict(packed) | found


def _to_degrees(system: str | None, said: str) -> Any:
    """A function that brings a geometry to degrees of WGS 84; None where it is there already."""
    if system in (None, "EPSG:4326", "OGC:CRS84"):
        return None
    proj, shapely = tool("pyproj"), tool("shapely")
    try:
        change = proj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except proj.exceptions.CRSError:
        raise BadUse(
            f"{said}: its reference system is unknown; export it in WGS 84 (EPSG:4326)"
        ) from None

    def moved(points: Any) -> Any:
        import numpy as np

        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    return lambda shape: shapely.transform(shape, moved)


def _seen_from(system: str | None, box: Window) -> tuple[float, float, float, float]:
    """A rectangle of degrees in the reference system of a layer."""
    if system in (None, "EPSG:4326", "OGC:CRS84"):
        return box
    change = tool("pyproj").Transformer.from_crs("EPSG:4326", system, always_xy=True)
    west, south, east, north = change.transform_bounds(*box)
    return west, south, east, north


def _assure_degrees(shape: Any, who: str) -> None:
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        at = f"[{west:g}, {south:g}]"
        if -90 <= west <= east <= 90 and -180 <= south <= north <= 180:
            raise BadUse(
                f"{who}: {at} is [latitude, longitude]; exchange the two numbers of every vertex"
            )
        raise BadUse(
            f"{who}: {at} is no degrees but a projection's, and the file does not say which; export"
            " it in WGS 84 (EPSG:4326), or name its system by `ogr2ogr -a_srs`"
        )
