"""Write ``CITATION.cff``, ``codemeta.json`` and ``.zenodo.json``: ``make citation``.

With ``--check`` nothing is written; the exit status is 1 where a file is not what would be written.
"""

from __future__ import annotations

import json
import re
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ASKED = (
    "If you use kursksim in teaching or research, please cite it, and say which version and"
    " scenario you used."
)
BESIDES = (
    "`kursksim cite SCENARIO` prints the sources of a scenario, which are to be cited besides."
)
LICENCES = {"MIT": "https://spdx.org/licenses/MIT"}
"""Addresses of licences, as codemeta wants them."""


def facts() -> dict[str, Any]:
    """What the three files say, from the files that everything else reads."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    about, options = setup["metadata"], setup["options"]
    version = re.search(
        r'^__version__ = "([^"]+)"$', (ROOT / "kursksim" / "_version.py").read_text("utf-8"), re.M
    )
    assert version is not None
    return {
        "name": about["name"],
        "version": version[1],
        "description": about["description"],
        "author": about["author"],
        "license": about["license"],
        "keywords": about["keywords"].split(", "),
        "python": options["python_requires"],
        "needs": options["install_requires"].split("\n")[1:],
    }


def files() -> dict[str, str]:
    """The text of each file by its name."""
    known = facts()
    abstract = f"{known['description']}. {BESIDES}"
    return {
        "CITATION.cff": _cff(known, abstract),
        "codemeta.json": _json(_codemeta(known, abstract)),
        ".zenodo.json": _json(_zenodo(known, abstract)),
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _cff(known: dict[str, Any], abstract: str) -> str:
    """Citation File Format 1.2. A text of JSON is one of YAML."""
    lines = {
        "cff-version": "1.2.0",
        "message": json.dumps(ASKED),
        "type": "software",
        "title": known["name"],
        "abstract": json.dumps(abstract, ensure_ascii=False),
        "authors": f"\n  - name: {json.dumps(known['author'])}",
        "version": known["version"],
        "license": known["license"],
        "keywords": "".join(f"\n  - {word}" for word in known["keywords"]),
    }
    return "".join(
        f"{key}:{value if value.startswith(chr(10)) else f' {value}'}\n"
        for key, value in lines.items()
    )


def _codemeta(known: dict[str, Any], abstract: str) -> dict[str, Any]:
    """CodeMeta 2.0."""
    return {
        "@context": "https://doi.org/10.5063/schema/codemeta-2.0",
        "@type": "SoftwareSourceCode",
        "name": known["name"],
        "description": abstract,
        "version": known["version"],
        "license": LICENCES[known["license"]],
        "author": [{"@type": "Organization", "name": known["author"]}],
        "keywords": known["keywords"],
        "programmingLanguage": {"@type": "ComputerLanguage", "name": "Python"},
        "runtimePlatform": f"Python {known['python']}",
        "softwareRequirements": known["needs"],
        "isAccessibleForFree": True,
    }


def _zenodo(known: dict[str, Any], abstract: str) -> dict[str, Any]:
    """Metadata of a deposit at Zenodo."""
    command = "kursksim cite SCENARIO"
    return {
        "upload_type": "software",
        "title": f"{known['name']}: {known['description'][0].lower()}{known['description'][1:]}",
        "description": f"<p>{abstract.replace(f'`{command}`', f'<code>{command}</code>')}</p>",
        "creators": [{"name": known["author"]}],
        "version": known["version"],
        "license": known["license"],
        "access_right": "open",
        "keywords": known["keywords"],
        "language": "eng",
    }


def main() -> int:
    """Write the files, or check them."""
    if "--check" not in sys.argv:
        for name, text in files().items():
            (ROOT / name).write_text(text, encoding="utf-8")
        return 0
    old = [
        n
        for n, text in files().items()
        if not (ROOT / n).is_file() or (ROOT / n).read_text("utf-8") != text
    ]
    if old:
        sys.stderr.write(
            f"not as setup.cfg has it: {', '.join(old)}; `make citation` writes them\n"
        )
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
