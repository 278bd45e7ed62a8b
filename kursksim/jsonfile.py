"""A JSON file that somebody else may have written: bounded, never executed, and refused in one line that names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kursksim.decoded import decoded
from kursksim.errors import BadUse
from kursksim.text import plain

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["read_json", "read_model"]

Model = TypeVar("Model", bound="BaseModel")


def read_json(path: Path, limit_bytes: int, *, said: str = "", what: str = "") -> Any:
    """The content of a JSON file.

    Parameters
    ----------
    path : Path
    limit_bytes : int
        A larger file is refused, and never read beyond it.
    said : str
        How messages name the file; its path if left out.
    what : str
        What it should be, with its article: ``a saved game``.

    Raises
    ------
    BadUse
        For a file that is missing, no regular file, too large, no Unicode text or no JSON.
    """
    said = said or str(path)
    try:
        if not path.is_file():  # a pipe would wait for ever, a device never end
            raise BadUse(f"{said}: {'is not a file' if path.exists() else 'there is no such file'}")
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            so = f", so no {what.partition(' ')[2]}" if what else ""
            raise BadUse(f"{said}: larger than {limit_bytes} bytes{so}")
        return json.loads(decoded(data), parse_constant=_no_constant)
    except BadUse:
        raise
    except json.JSONDecodeError as error:
        raise BadUse(f"{said}: is not {what or 'JSON'}: no JSON at line {error.lineno} ({error.msg})") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadUse(f"{said}: cannot be read: {plain(error)[:200]}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def read_model(model: type[Model], path: Path, limit_bytes: int, *, format: str, what: str) -> Model:
    """A document with a ``format`` of ours, as its model.

    Parameters
    ----------
    model : subclass of pydantic.BaseModel
    path : Path
    limit_bytes : int
    format : str
        What ``format`` must be, before the rest is looked at.
    what : str
        What the file should be, with its article.

    Raises
    ------
    BadUse
        As ``read_json``, for another format, and for the first field that breaks a rule of the model.
    """
    from pydantic import ValidationError

    content = read_json(path, limit_bytes, what=what)
    if not isinstance(content, dict) or content.get("format") != format:
        raise BadUse(f"{path}: is not {what}")
    try:
        return model.model_validate_json(json.dumps(content))  # as JSON: a strict tuple takes no list from Python
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(p) for p in first["loc"]) or "the file"
        raise BadUse(f"{path}: {plain(at)[:200]}: {plain(first['msg'])}") from None
    except (ValueError, RecursionError) as error:
        raise BadUse(f"{path}: cannot be read: {plain(error)[:200]}") from None
