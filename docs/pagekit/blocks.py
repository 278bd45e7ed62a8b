"""Fenced blocks of a page, so that the site's own gallery and the tests run just what a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "blocks_of", "inline_commands"]

_MARK = re.compile(r"<!-- not run: (?P<why>.+?) -->")


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
    """

    page: str
    line: int
    language: str
    text: str
    not_run: str


def blocks_of(path: Path, root: Path) -> Iterator[Block]:
    """Fenced blocks of a Markdown page, in order."""
    fence, language, first, lines, why, mark = "", "", 0, [], "", ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        opened = re.match(r"^(`{3,}|~{3,})(.*)$", line)
        if fence:
            if opened and opened[1].startswith(fence) and not opened[2].strip():
                yield Block(path.relative_to(root).as_posix(), first, language, "\n".join(lines), why)
                fence, mark = "", ""
            else:
                lines.append(line)
        elif opened:
            fence, language, first, lines, why = opened[1], opened[2].strip(), number + 1, [], mark
        elif line.strip():
            found = _MARK.fullmatch(line.strip())
            mark = found["why"] if found else ""


def inline_commands(path: Path) -> list[str]:
    """What stands between backticks in the prose and begins with the program's name."""
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1\s*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(found.split()) for found in re.findall(r"`(kursksim [^`]+)`", text)]
