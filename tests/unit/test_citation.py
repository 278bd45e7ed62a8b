"""How the project wants to be cited: three files of one source, each as its readers take it."""

from __future__ import annotations

import json
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))

import make_citation  # noqa: E402

NAMES = ("CITATION.cff", "codemeta.json", ".zenodo.json")
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")


def read(name: str) -> Any:
    text = (ROOT / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        return json.loads(text)
    return pytest.importorskip("yaml", reason="PyYAML is not installed").safe_load(text)


def test_the_files_are_what_the_script_writes() -> None:
    assert set(make_citation.files()) == set(NAMES)
    for name, text in make_citation.files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, f"{name} is old: make citation"


def test_the_check_finds_a_file_that_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("setup.cfg", "kursksim/_version.py", *NAMES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(make_citation, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["make_citation.py", "--check"])
    assert make_citation.main() == 0
    (tmp_path / "kursksim" / "_version.py").write_text('__version__ = "9.9.9"\n', encoding="utf-8")
    (tmp_path / "codemeta.json").unlink()
    assert make_citation.main() == 1
    assert (
        "CITATION.cff, codemeta.json, .zenodo.json; `make citation` writes them"
        in capsys.readouterr().err
    )
    monkeypatch.setattr(sys, "argv", ["make_citation.py"])
    assert make_citation.main() == 0
    assert (
        json.loads((tmp_path / "codemeta.json").read_text(encoding="utf-8"))["version"] == "9.9.9"
    )


@pytest.mark.parametrize("name", NAMES)
def test_all_say_the_same(name: str) -> None:
    content = read(name)
    assert content["version"] == ks.__version__
    assert content["keywords"] == SETUP["metadata"]["keywords"].split(", ")
    assert SETUP["metadata"]["license"] == "MIT" and content["license"].rsplit("/", 1)[-1] == "MIT"
    people = content.get("authors") or content.get("author") or content["creators"]
    assert [p["name"] for p in people] == [SETUP["metadata"]["author"]]
    assert SETUP["metadata"]["description"] in content.get("abstract", content.get("description"))


def test_the_version_has_one_source() -> None:
    assert SETUP["metadata"]["version"] == "attr: kursksim._version.__version__"


def test_the_citation_file_has_what_its_format_asks_for() -> None:
    """Keys and types of the Citation File Format 1.2.0 that are used here."""
    content = read("CITATION.cff")
    assert {"authors", "cff-version", "message", "title"} <= set(content), "what must be there"
    assert set(content) <= {
        "abstract", "authors", "cff-version", "keywords", "license", "message", "title", "type", "version",
    }  # fmt: skip
    assert content["cff-version"] == "1.2.0" and content["type"] == "software"
    assert all(isinstance(content[key], str) for key in ("abstract", "message", "title", "version"))
    assert all(set(author) == {"name"} for author in content["authors"]), "an entity, no person"
    assert len(set(content["keywords"])) == len(content["keywords"])


def test_the_codemeta_file_has_terms_of_its_context() -> None:
    content = read("codemeta.json")
    assert content["@context"] == "https://doi.org/10.5063/schema/codemeta-2.0"
    assert content["@type"] == "SoftwareSourceCode"
    assert set(content) - {"@context", "@type"} <= {
        "author", "description", "isAccessibleForFree", "keywords", "license", "name", "programmingLanguage",
        "runtimePlatform", "softwareRequirements", "version",
    }  # fmt: skip
    assert content["license"].startswith("https://spdx.org/licenses/")
    assert content["softwareRequirements"] == SETUP["options"]["install_requires"].split("\n")[1:]


def test_the_zenodo_file_has_fields_of_a_deposit() -> None:
    content = read(".zenodo.json")
    assert content["upload_type"] == "software" and content["access_right"] == "open"
    assert {"title", "description", "creators"} <= set(content), "what must be there"
    assert set(content) <= {
        "access_right", "creators", "description", "keywords", "language", "license", "title", "upload_type", "version",
    }  # fmt: skip
    assert all(set(creator) <= {"name", "affiliation", "orcid"} for creator in content["creators"])


def test_the_script_runs_from_anywhere(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "docs" / "make_citation.py"), "--check"]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
