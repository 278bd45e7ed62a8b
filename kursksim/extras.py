"""The command that installs an optional library: one line, the same wherever it is advised."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["advice"]

NAME = "kursksim"
PLAIN = re.compile(r"[\w./][\w./:~=@+-]*" if os.name != "nt" else r"[\w.][\w.:~\\+-]*")
"""Words that every shell takes as they stand."""
READ_IN_QUOTES = re.compile(r"[$`\"\\!]")
"""What bash and zsh read even between double quotes."""


def advice(extra: str) -> str:
    """Return the command that installs an extra of this package, as the package is installed now.

    It runs in cmd.exe, PowerShell, bash and zsh: what has brackets stands in double quotes.

    Parameters
    ----------
    extra : str
        A name of ``options.extras_require`` in ``setup.cfg``.
    """
    return f"{_install()} {_requirement(extra)}"


def _requirement(extra: str) -> str:
    """What pip is to install: the clone, an address, or the package of the index."""
    wanted = f"{NAME}[{extra}]"
    clone = _clone()
    if clone is not None:
        here = clone == _here()
        return f"-e {_word(f'.[{extra}]' if here else f'{clone}[{extra}]')}"
    url = _address()
    return _word(f"{wanted} @ {url}" if url else wanted)


def _here() -> Path | None:
    """The folder in which the command will be typed; None where it has been removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _clone() -> Path | None:
    """The folder that holds the package beside its build file, if it is used from there."""
    above = Path(__file__).resolve().parents[1]
    return (
        above if (above / "pyproject.toml").is_file() and (above / "setup.cfg").is_file() else None
    )


def _address() -> str:
    """The address that pip noted for what did not come from an index; empty where it is gone."""
    try:
        noted = json.loads(distribution(NAME).read_text("direct_url.json") or "{}")
        url, vcs = str(noted.get("url", "")), noted.get("vcs_info")
    except (PackageNotFoundError, OSError, ValueError, AttributeError):
        return ""
    parts = urlsplit(url)
    from urllib.request import url2pathname  # it loads the whole of HTTP

    if parts.scheme == "file" and not Path(url2pathname(parts.path)).exists():
        return ""
    if not vcs:
        return url
    revision = vcs.get("requested_revision")
    return f"{vcs.get('vcs', 'git')}+{url}{f'@{revision}' if revision else ''}"


def _install() -> str:
    """How this Python installs: its own ``pip``, pip through Python, or uv where it has none."""
    if not sys.executable:
        return "pip install"
    python = Path(sys.executable)
    here = _here()
    # [1:]: a name without a folder would be looked for on the path
    below = here is not None and here in python.parents[1:]
    word = _word(str(python.relative_to(here) if here is not None and below else python))
    if find_spec("pip") is None and shutil.which("uv"):
        return f"uv pip install --python {word}"
    found = shutil.which("pip")
    if found and Path(found).absolute().parent == python.parent:
        return "pip install"
    # PowerShell takes a quoted word for text, unless "&" calls it; cmd.exe does not know "&", and
    # alone sets PROMPT
    called = os.name == "nt" and word.startswith('"') and "PROMPT" not in os.environ
    return f"{'& ' if called else ''}{word} -m pip install"


def _word(text: str) -> str:
    """Text as one word of a shell."""
    if PLAIN.fullmatch(text):
        return text
    return shlex.quote(text) if os.name != "nt" and READ_IN_QUOTES.search(text) else f'"{text}"'
