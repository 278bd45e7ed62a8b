"""Draws the gallery: the Python blocks of its page, run in order in the folder of its pictures."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from pagekit.blocks import blocks_of

__all__ = ["draw"]


def draw(page: Path, folder: Path) -> None:
    """Run the blocks of the gallery; each saves its picture beside the others.

    Parameters
    ----------
    page, folder : pathlib.Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, Any] = {}
    blocks = list(blocks_of(page, page.parent))
    with contextlib.chdir(folder):
        for block in blocks:
            if block.language == "python":
                exec(compile(block.text, f"{block.page}:{block.line}", "exec"), names)
