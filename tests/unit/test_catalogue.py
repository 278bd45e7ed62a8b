"""The catalogue: what ships, what a bare word means, and where the data are found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scenario_kit import write

from kursksim.errors import BadUse
from kursksim.scenario import catalogue
from kursksim.scenario.patch import read_patch
from kursksim.scenario.reader import load, patched


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue of its own: a package kursksim_scenarios with one scenario and one what-if."""
    home = tmp_path / "site" / "kursksim_scenarios"
    write(home / "two-tracks")
    (home / "__init__.py").write_text('"""Data."""\n')
    (home / "notes").mkdir()
    (home / "what-ifs").mkdir()
    (home / "what-ifs" / "no-drones.toml").write_text(
        'title = "No drones"\nwhy = "x"\nset."parameters.drone_teams" = 0\n'
    )
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.delitem(sys.modules, "kursksim_scenarios", raising=False)
    catalogue._home.cache_clear()
    yield home
    sys.modules.pop("kursksim_scenarios", None)
    catalogue._home.cache_clear()


def test_a_package_of_data_is_found(shop: Path) -> None:
    assert catalogue.names() == ("two-tracks",)
    assert catalogue.what_ifs() == ("no-drones",)
    assert catalogue.find("two-tracks") == shop / "two-tracks"
    assert catalogue.find_what_if("no-drones") == shop / "what-ifs" / "no-drones.toml"


def test_names_load_what_ships(shop: Path) -> None:
    assert load("two-tracks") == load(shop / "two-tracks")
    assert load("two-tracks", ["no-drones"]).value["drone_teams"] == 0
    assert read_patch("no-drones").title == "No drones"


def test_a_campaign_has_what_ifs_of_its_own(shop: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    write(mine)
    for folder, teams in ((shop / "two-tracks", 3), (mine, 7)):
        (folder / "what-ifs").mkdir()
        for name in ("no-drones", "few"):
            (folder / "what-ifs" / f"{name}.toml").write_text(
                f'title = "Few"\nwhy = "x"\nset."parameters.drone_teams" = {teams}\n'
            )
    assert catalogue.what_ifs() == catalogue.what_ifs("two-tracks") == ("few", "no-drones")
    assert list(catalogue.shelves()["two-tracks"]) == ["few", "no-drones"]
    # a name means the campaign's own what-if first, wherever it is said
    for source, teams in (("two-tracks", 3), (mine, 7), (mine / "scenario.toml", 7)):
        for name in ("no-drones", "few"):
            assert load(source, [name]).value["drone_teams"] == teams
    assert patched(load(mine), ["few"]).value["drone_teams"] == 7
    with pytest.raises(BadUse, match="what-if 'fewer' is unknown; known: few, no-drones"):
        load(mine, ["fewer"])


@pytest.mark.parametrize("name", ["two-track", "what-ifs", "notes", "", "TWO-TRACKS"])
def test_unknown_scenarios(name: str, shop: Path) -> None:
    with pytest.raises(BadUse, match="is unknown; known: two-tracks") as caught:
        catalogue.find(name)
    assert "\n" not in str(caught.value)


def test_unknown_names_are_guessed(shop: Path) -> None:
    with pytest.raises(BadUse, match="did you mean 'two-tracks'"):
        load("two-traks")
    with pytest.raises(BadUse, match="did you mean 'no-drones'"):
        read_patch("no-drone")


def test_a_folder_of_that_name_is_pointed_at(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadUse, match=r"write '\./mine'"):
        load("mine")
    assert load("./mine").id == "mine"
    monkeypatch.chdir(tmp_path / "mine")
    assert load(".").id == "mine"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("two-roads", True),
        ("a b", True),
        ("x.toml", False),
        ("./x", False),
        ("a/b", False),
        ("a\\b", False),
        (".", False),
        ("..", False),
        (Path("two-roads"), False),
    ],
)
def test_what_counts_as_a_name(source: str | Path, name: bool) -> None:
    assert catalogue.is_name(source) is name


def test_source_tree_is_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.resources.files", absent)
    catalogue._home.cache_clear()
    try:
        home = catalogue._home()
        assert home.name == "scenarios"
        assert home.parent == Path(catalogue.__file__).parents[2]
    finally:
        catalogue._home.cache_clear()


def test_import_of_the_package_stays_light() -> None:
    code = (
        "import sys, kursksim; print('pydantic' in sys.modules, 'kursksim.scenario' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root()
    )
    assert told.stdout.split() == ["False", "False"]


def _root() -> Path:
    return Path(catalogue.__file__).parents[2]
