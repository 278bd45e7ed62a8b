"""Markdown from data: tables, cells, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kursksim.text import plain

__all__ = ["code", "flowing", "link", "markdown", "table"]


def markdown(text: object) -> str:
    """Text on one line in which nothing is read as markup."""
    return re.sub(r"([\\`*\[\]<>|{}$])", r"\\\1", plain(text))


def code(text: object) -> str:
    """Code on one line; empty text stays empty."""
    said = plain(text).replace("`", "'").replace("|", "\\|")
    return f"`{said}`" if said else ""


def link(url: str) -> str:
    """A link that shows no more of a long address than its host; what is no address stays text."""
    if not url.startswith(("http://", "https://")):
        return markdown(url)
    host = url.split("/")[2].removeprefix("www.")
    return f"[{host}](<{url.replace('>', '%3E').replace(' ', '%20')}>)"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table with cells of Markdown, and an empty line; "none" without rows."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return (
        [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *body, ""] if body else ["none", ""]
    )


def flowing(docstring: str) -> list[str]:
    """Paragraphs of a docstring as Markdown, without its sections of NumPy style."""
    text = re.split(r"\n\s*\w[\w ]*\n\s*-{3,}", docstring.strip())[0]
    parts = re.split(r"\n\s*\n|\n(?=\s*- )", text)
    paragraphs = [" ".join(p.split()) for p in parts]
    lines = []
    for paragraph in paragraphs:
        lines += [_literals(paragraph), ""]
    return lines


def _literals(text: str) -> str:
    """Text with what stood between double backticks as code."""
    parts = text.split("``")
    return "".join(
        code(p) if k % 2 else re.sub(r"([\\\[\]<>|{}$]|(?<!\*)\*(?!\*))", r"\\\1", p)
        for k, p in enumerate(parts)
    )
