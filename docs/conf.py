"""The documentation site: ``make docs`` builds it into build/docs."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import pagekit  # noqa: E402

import kursksim  # noqa: E402

project = "kursksim"
author = "the kursksim project"
project_copyright = "see LICENSE and the data terms of each scenario"
version = release = kursksim.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 4
source_suffix = {".md": "markdown"}
exclude_patterns = [
    "_build",
    "pagekit",
    "pictures",
    "odd.in.md",  # the template of generated/odd.md
    "evidence_wrong.md",  # a part of evidence.md
]
suppress_warnings = [
    "ref.python"
]  # types in docstrings are prose: a word that is the name of many attributes is no link
highlight_language = "none"
nitpicky = False

autodoc_typehints = "none"  # they stand in the docstrings, with their units
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_use_param = False  # types are prose ("date", "mapping of day to float"): nothing to link

html_theme = "furo"
html_title = f"kursksim {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}


class _MayBeEmpty(logging.Filter):
    """A filter that lets a glob match no page, as lessons may be missing.

    Sphinx gives that warning no type, so suppress_warnings cannot name it. A page in no toctree
    stays an error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown."""
        return getattr(record, "subtype", None) != "empty_glob"


logging.getLogger("sphinx.sphinx.directives.other").addFilter(_MayBeEmpty())


def _generate(app: Any) -> None:
    pagekit.write(Path(app.srcdir), pictures=app.builder.name == "html")


def setup(app: Any) -> None:
    """Write the generated pages before anything is read."""
    app.connect("builder-inited", _generate)
