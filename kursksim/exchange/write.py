"""A run or an ensemble written in the form of another program: one file, or a folder of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from kursksim.ensembles.results import Ensemble
from kursksim.errors import BadUse, nearest
from kursksim.exchange.animation import vidigi_files
from kursksim.exchange.crate import crate_files
from kursksim.exchange.geojson import geojson_bytes
from kursksim.exchange.geopackage import geopackage_bytes
from kursksim.exchange.kml import kml_bytes
from kursksim.exchange.tables import csv_files, parquet_files
from kursksim.filing import new_folder, write_all
from kursksim.io import write_whole
from kursksim.runs.record import Run

__all__ = ["FORMATS", "export"]

_FILES: dict[str, Callable[..., bytes]] = {
    "geojson": geojson_bytes,
    "gpkg": geopackage_bytes,
    "kml": kml_bytes,
}
"""Formats of one file, which may show one evening."""
_FOLDERS: dict[str, Callable[[Run], dict[str, bytes]]] = {
    "csv": csv_files,
    "parquet": parquet_files,
    "rocrate": crate_files,
    "vidigi": vidigi_files,
}
"""Formats of several files."""
FORMATS = (*_FILES, *_FOLDERS)
"""Names of the formats."""
_OF_STORES = ("parquet", "rocrate")
_DATED = (*_FILES, "csv")


def export(
    made: Run | Ensemble, target: str | Path, *, format: str, date: str | None = None
) -> tuple[Path, ...]:
    """Write a run or an ensemble in the form of another program.

    Parameters
    ----------
    made : Run or Ensemble
        An ensemble is written as ``parquet`` or ``rocrate``.
    target : str or Path
        A file for geojson, gpkg and kml, which is replaced if it exists; a new or empty folder for
        csv, parquet, rocrate and vidigi.
    format : str
    date : date, optional
        The evening that a map shows; every day if left out.

    Returns
    -------
    tuple of Path
        The files. All of them are written, or none.

    Raises
    ------
    BadUse
        For an unknown format, one that does not suit, a library that is missing, or a place that
        cannot be written to.
    """
    if format not in FORMATS:
        raise BadUse(f"format {format!r} is unknown; {nearest(format, FORMATS)}")
    if date is not None and format not in _DATED:
        raise BadUse(f"format {format!r}: holds all days; a date goes with {', '.join(_DATED)}")
    said = repr(str(target)[:200])
    if isinstance(made, Ensemble):
        if format not in _OF_STORES:
            raise BadUse(
                f"format {format!r}: is of a run; an ensemble has {' and '.join(_OF_STORES)}"
            )
        folder = new_folder(target, said)
        return _of_ensemble(made, folder, format, said)
    if format in _FILES:
        write_whole(Path(target), _FILES[format](made, date), said=said)
        return (Path(target),)
    folder = new_folder(target, said)
    make = _FOLDERS[format] if date is None else partial(csv_files, date=date)
    return _written(make(made), folder, said)


def _of_ensemble(made: Ensemble, folder: Path, format: str, said: str) -> tuple[Path, ...]:
    if format == "parquet":
        return tuple(made.export(folder))
    return _written(crate_files(made), folder, said)


def _written(files: dict[str, bytes], folder: Path, said: str) -> tuple[Path, ...]:
    placed = {folder / name: data for name, data in files.items()}
    write_all(placed, said)
    return tuple(placed)
