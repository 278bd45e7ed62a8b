"""The catalogue of what-ifs, from their files: changes, reasons and expectations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kursksim.scenario import catalogue
from kursksim.scenario.patch import Patch, read_patch
from pagekit.text import code, markdown, table

__all__ = ["page"]


def page() -> str:
    """The whole page."""
    names = catalogue.what_ifs()
    lines = [
        "# Catalogue of what-ifs",
        "",
        f"{len(names)} small files that ship with the library, each with its campaign."
        " `kursksim what-ifs` lists"
        " them; [](../what_ifs.md) shows what each did when it was played, and where that surprised"
        " its author;"
        " [](../how-to-what-if.md) says how to write one.",
        "",
        *table(("campaign", "name", "title"), map(_line, names)),
    ]
    for name in names:
        lines += _section(name, read_patch(name))
    return "\n".join(lines) + "\n"


def _line(name: str) -> tuple[str, str, str]:
    patch = read_patch(name)
    return patch.scenario or "any", f"[{name}](#{name})", markdown(patch.title)


def _section(name: str, patch: Patch) -> list[str]:
    expected = ", ".join(
        f"{code(measure)} {direction}" for measure, direction in patch.expect.items()
    )
    return [
        f"## {name}",
        "",
        f"**{markdown(patch.title)}.** {markdown(patch.why)}",
        "",
        *table(("what", "where", "new"), _changes(patch)),
        f"Expected, before it was played: {expected}."
        if expected
        else "Nothing was expected of it beforehand.",
        "",
    ]


def _changes(patch: Patch) -> Iterator[tuple[str, str, str]]:
    for path, value in patch.set.items():
        yield "set", code(path), code(_said(value))
    for kind, rows in patch.add.items():
        for row in rows:
            rest = {k: v for k, v in row.items() if k not in ("id", "note", "name")}
            yield (
                "add",
                f"{kind} {code(row.get('id', ''))}",
                f"{markdown(row.get('name', ''))} {code(_said(rest))}".strip(),
            )
    for kind, ids in patch.remove.items():
        yield "remove", markdown(kind), ", ".join(code(i) for i in ids)
    for arrow in patch.cut:
        yield "cut", "arrow", code(arrow)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} = {_said(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_said, value))}]"
    return str(value)
