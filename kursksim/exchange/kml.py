"""A run as KML 2.2, with the standard library alone: a folder a layer, spans of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from xml.etree import ElementTree as xml

from kursksim.exchange.geojson import plain_value
from kursksim.exchange.layers import Feature, Layer, Point, layers_of
from kursksim.plot.style import BLUE, INK, VERMILION
from kursksim.runs.record import Run

__all__ = ["kml_bytes"]

SPACE = "http://www.opengis.net/kml/2.2"


def kml_bytes(run: Run, date: str | dt.date | None = None) -> bytes:
    """A run as a KML file, whose viewers show features by their time."""
    root = xml.Element("kml", {"xmlns": SPACE})
    document = xml.SubElement(root, "Document")
    xml.SubElement(document, "name").text = run.scenario.title
    for name, colour, fill in (("holder", BLUE, "66"), ("attacker", VERMILION, "66")):
        _style(document, name, colour, fill)
    _style(document, "line", INK, "ff")
    for layer in layers_of(run, date):
        folder = xml.SubElement(document, "Folder")
        xml.SubElement(folder, "name").text = layer.name
        for feature in layer.features:
            _placemark(folder, layer, feature)
    made: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _style(document: xml.Element, name: str, colour: str, fill: str) -> None:
    """A style; KML writes colours as opacity, blue, green, red."""
    style = xml.SubElement(document, "Style", {"id": name})
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    for part, opacity in (("LineStyle", "ff"), ("PolyStyle", fill)):
        at = xml.SubElement(style, part)
        xml.SubElement(at, "color").text = f"{opacity}{blue}{green}{red}".lower()


def _placemark(folder: xml.Element, layer: Layer, feature: Feature) -> None:
    values = dict(zip(layer.fields, feature.values, strict=True))
    mark = xml.SubElement(folder, "Placemark")
    named = values.get("road") or values.get("hex_id") or layer.name
    xml.SubElement(mark, "name").text = str(named)
    span = xml.SubElement(mark, "TimeSpan")
    xml.SubElement(span, "begin").text = values["begin_date"].date().isoformat()
    xml.SubElement(span, "end").text = values["end_date"].date().isoformat()
    xml.SubElement(mark, "styleUrl").text = f"#{values.get('owner', 'line')}"
    data = xml.SubElement(mark, "ExtendedData")
    for field, value in values.items():
        if plain_value(value) is not None:
            one = xml.SubElement(data, "Data", {"name": field})
            xml.SubElement(one, "value").text = str(plain_value(value))
    if layer.kind == "Polygon":
        ring = xml.SubElement(xml.SubElement(mark, "Polygon"), "outerBoundaryIs")
        _coordinates(xml.SubElement(ring, "LinearRing"), feature.points[0])
        return
    many = xml.SubElement(mark, "MultiGeometry") if layer.kind == "MultiLineString" else mark
    for line in feature.points:
        _coordinates(xml.SubElement(many, "LineString"), line)


def _coordinates(at: xml.Element, points: Sequence[Point]) -> None:
    xml.SubElement(at, "coordinates").text = " ".join(f"{lon},{lat}" for lon, lat in points)
