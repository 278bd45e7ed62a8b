"""Fenced blocks of a page: the gallery of the site and the tests run just what a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "blocks_of", "inline_commands"]

_MARK = re.compile(r"<!-- (?P<kind>not run|file): (?P<said>.+?) -->")


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes
    ----------
    page : str
        Path of the page, from the folder of the site.
    line : int
        Line of its first line.
    language : str
        '' where the fence names none; ``{name}`` for a directive.
    text : str
    not_run : str
        Why nobody runs it: what stands in a comment ``not run: ...`` before it.
    file : str
        Name of the file that a reader is to make of it, from a comment ``file: ...`` before it.
    """

    page: str
    line: int
    language: str
    text: str
    not_run: str
    file: str


def blocks_of(path: Path, root: Path) -> Iterator[Block]:
    """Fenced blocks of a Markdown page, in order."""
    fence, language, first = "", "", 0
    lines: list[str] = []
    mark: tuple[str, str] = ("", "")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        opened = re.match(r"^(`{3,}|~{3,})(.*)$", line)
        if fence:
            if opened and opened[1].startswith(fence) and not opened[2].strip():
                marks = {"not run": "", "file": ""} | {mark[0]: mark[1]}
                page = path.relative_to(root).as_posix()
                yield Block(
                    page, first, language, "\n".join(lines), marks["not run"], marks["file"]
                )
                fence, mark = "", ("", "")
            else:
                lines.append(line)
        elif opened:
            fence, language, first, lines = opened[1], opened[2].strip(), number + 1, []
        elif line.strip():
            found = _MARK.fullmatch(line.strip())
            mark = (found["kind"], found["said"]) if found else ("", "")


def inline_commands(path: Path) -> list[str]:
    """What stands between backticks in the prose and begins with the program's name."""
    text = re.sub(
        r"^(`{3,}|~{3,}).*?^\1\s*$",
        "",
        path.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    return [" ".join(found.split()) for found in re.findall(r"`(kursksim [^`]+)`", text)]
