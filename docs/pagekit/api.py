"""The reference of the Python interface: every public name in the lists of the package."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import ModuleType

import kursksim as ks
from pagekit.text import code, flowing

__all__ = ["pages", "public"]

BESIDE = (
    "evidence.hub_tables",
    "evidence.observations",
    "runs.outcomes",
    "explain",
    "scenario.sources",
    "play.envs",
    "play.reveal.laid_open",
    "studies.hub",
    "studies.hub_setup",
    "studies.reveal",
    "plot.evidence",
    "policies.base",
)
"""Modules that users need and that are no attribute of the package by a name of their own."""


def public() -> dict[str, list[str]]:
    """Public names by module, as dotted names, from the lists of the public modules."""
    modules = [n for n in ks.__all__ if isinstance(getattr(ks, n), ModuleType)]
    found = {
        "kursksim": [
            f"kursksim.{n}" for n in ks.__all__ if not isinstance(getattr(ks, n), ModuleType)
        ]
    }
    for name in sorted({*modules, *BESIDE}):
        module = import_module(f"kursksim.{name}")
        listed = [
            n
            for n in getattr(module, "__all__", [])
            if not isinstance(getattr(module, n), ModuleType)
        ]
        if listed:
            found[f"kursksim.{name}"] = [f"kursksim.{name}.{n}" for n in listed]
    return found


def pages() -> dict[str, str]:
    """Pages by file name: an index, and one for each module."""
    found = public()
    seen: dict[int, str] = {}
    made = {f"api/{module}.md": _page(module, members, seen) for module, members in found.items()}
    lines = [
        "# Python interface",
        "",
        "Names are loaded on first use: `import kursksim as ks` costs almost nothing. Units and"
        " shapes stand with each"
        " argument; what is refused raises `BadUse` with one line that says what is wrong.",
        "",
        "```{toctree}",
        ":maxdepth: 1",
        "",
        *found,
        "```",
    ]
    return {"api/index.md": "\n".join(lines) + "\n", **made}


def _page(module: str, members: list[str], seen: dict[int, str]) -> str:
    """The page of a module; what another page has described already is only named, with a link."""
    about = inspect.getdoc(import_module(module)) or ""
    lines = [f"# {module}", "", *flowing(about.split(">>>")[0])]
    for name in members:
        home, _, last = name.rpartition(".")
        value = getattr(import_module(home), last)
        lines += [f"## {last}", ""]
        if not callable(value):  # plain data: the words beside it are no docstring
            lines += [f"A `{type(value).__name__}`: {code(value)}", ""]
        elif id(value) in seen:
            lines += [f"See {{py:obj}}`{seen[id(value)]}`.", ""]
        else:
            seen[id(value)] = name
            lines += ["```{eval-rst}", *_directive(name, value), "```", ""]
    return "\n".join(lines)


def _directive(name: str, value: object) -> list[str]:
    if not inspect.isclass(value):
        return [f".. autofunction:: {name}"]
    if issubclass(value, BaseException):
        return [f".. autoexception:: {name}"]
    return [f".. autoclass:: {name}", "   :members:"]
