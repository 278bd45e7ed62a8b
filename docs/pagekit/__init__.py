"""Generated pages of the site in docs/generated, with a check of prose against code."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["write"]


def write(docs: Path, *, pictures: bool = True) -> list[Path]:
    """Write all generated pages.

    Parameters
    ----------
    docs : pathlib.Path
        The folder of the site's sources; pages go into its folder ``generated``.
    pictures : bool
        Draw the gallery, which takes some seconds; without it, old pictures stay.

    Returns
    -------
    list of pathlib.Path
        The pages.

    Raises
    ------
    Disagreement
        When the template of the model description and the code disagree.
    """
    from pagekit import api, commands, evidence, gallery, odd, scenarios, what_ifs

    home = docs / "generated"
    pages = {
        "odd.md": odd.page((docs / odd.TEMPLATE).read_text(encoding="utf-8")),
        "what-ifs.md": what_ifs.page(),
        "commands.md": commands.page(),
        "evidence.md": evidence.page((docs / "evidence.md").is_file()),
        **api.pages(),
        **scenarios.pages(),
    }
    for old in home.glob("**/*.md"):
        if old.relative_to(home).as_posix() not in pages:
            old.unlink()
    for name, text in pages.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if (
            not path.is_file() or path.read_text(encoding="utf-8") != text
        ):  # an unchanged page is not built anew
            path.write_text(text, encoding="utf-8")
    if pictures:
        shutil.rmtree(home / "gallery", ignore_errors=True)
        gallery.draw(docs / "gallery.md", home / "gallery")
    return [home / name for name in pages]
