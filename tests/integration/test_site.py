"""The documentation site: it is built without a warning, what it says agrees with the code, and all that it shows runs."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.engine.campaign import order_of_the_day
from kursksim.engine.order_of_the_day import EVENING, MORNING
from kursksim.explain import explain
from kursksim.scenario import catalogue
from kursksim.scenario.patch import read_patch

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))  # the site's own tools lie beside its pages

import make_columns  # noqa: E402
from pagekit import api, commands, facts, odd, scenarios, what_ifs  # noqa: E402
from pagekit.blocks import Block, blocks_of, inline_commands  # noqa: E402

WRITTEN = sorted(
    p for p in DOCS.rglob("*.md")
    if "generated" not in p.relative_to(DOCS).parts and p.name not in ("evidence_wrong.md", odd.TEMPLATE)
)  # fmt: skip
BLOCKS = [b for p in WRITTEN for b in blocks_of(p, DOCS)]
RUN = ("shell", "python", "toml", "sql")
SHOWN = ("text", "json")
MOST_NOT_RUN = 8
TEMPLATE = (DOCS / odd.TEMPLATE).read_text(encoding="utf-8")


def label(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


# -- prose and code --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def described() -> str:
    return odd.page(TEMPLATE)


def test_the_model_description_agrees_with_the_code(described: str) -> None:
    assert "must match" not in described
    assert "fill:" not in described
    for slot in ks.models.SLOTS:
        assert ks.models.DEFAULT_MODELS[slot] in described
    assert all(f"`{name}`" in described for name in facts.parameters("model/supply depot"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("exponential time of mean `repair_days`", "exponential time", "parameters that the prose leaves out: repair_days"),
        ("`serviceable`, `on_road`, ", "`serviceable`, ", "state Fleet: in the code and not in the prose: on_road"),
        ("- `weather`: flying weather", "", "streams: in the code and not in the prose: weather"),
        ("`kappa` Σ men", "`capper` Σ men", "names in the prose that no model has: capper"),
        ("| `fibre` |", "| `glass` |", "kinds of dated input"),
        ("<!-- must match: streams -->", "", "markers: in the code and not in the prose: streams"),
        ("<!-- must name: parameters model/air bombs -->", "", "markers"),
        ("<!-- fill: software -->", "<!-- fill: hardware -->", "nothing fills"),
    ],
)  # fmt: skip
def test_prose_that_differs_is_refused(old: str, new: str, said: str) -> None:
    assert old in TEMPLATE
    with pytest.raises(odd.Disagreement, match=re.escape(said)):
        odd.page(TEMPLATE.replace(old, new, 1))


def test_names_in_another_order_are_refused() -> None:
    rows = [
        line for line in TEMPLATE.splitlines() if line.startswith(("| `reserve` |", "| `raid` |"))
    ]
    assert len(rows) == 2
    turned = TEMPLATE.replace(rows[0], "\0").replace(rows[1], rows[0]).replace("\0", rows[1])
    with pytest.raises(odd.Disagreement, match="orders attacker: another order"):
        odd.page(turned)


def test_sections_of_models_in_another_order_are_refused() -> None:
    head, supply, rest = re.split(
        r"(?=### Supply: `depot`)|(?=### Interdiction: `teams`)", TEMPLATE
    )
    drones, rest = re.split(r"(?=### Air: `bombs`)", rest)
    with pytest.raises(odd.Disagreement, match="models and policies: another order"):
        odd.page(head + drones + supply + rest)


def test_the_order_of_the_day_is_that_of_the_engine(described: str) -> None:
    steps = order_of_the_day()
    assert [*steps] == [
        *(act.__name__ for act in MORNING), "run_hours", *(act.__name__ for act in EVENING), "check_ledger", "decide",
    ]  # fmt: skip
    rows = [f"| {k} | `{name}` | {text} |" for k, (name, text) in enumerate(steps.items(), start=1)]
    assert "\n".join(rows) in described


def test_every_step_is_told_in_a_line_of_its_own() -> None:
    told = list(order_of_the_day().values())
    assert len(set(told)) == len(told)
    assert all(line.endswith(".") and len(line) < 115 for line in told)
    assert explain(ks.load("two-roads")).order_of_the_day == tuple(told)


def test_a_model_that_the_code_gains_is_missed_in_the_prose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = [*facts.registered(), "policy/attacker timid"]
    monkeypatch.setattr(facts, "registered", lambda: more)
    with pytest.raises(
        odd.Disagreement, match="not in the prose: parameters policy/attacker timid"
    ):
        odd.page(TEMPLATE)


def test_symbols_of_the_model_page_are_parameters() -> None:
    """``model.md`` is prose by hand; what it writes as code and looks like a parameter is one."""
    known = {p for m in facts.registered() for p in facts.parameters(m)}
    known |= {p.id for name in ("december-march", "two-roads") for p in ks.load(name).parameters}
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    symbols = set(re.findall(r"`([a-z][A-Za-z0-9]*_\w+)`", text))
    assert len(symbols) > 30
    assert symbols <= known


@pytest.mark.parametrize("name", make_columns.PAGES)
def test_the_tables_of_the_code_are_those_of_the_page(name: str) -> None:
    """``make columns`` writes them; both pages name every column, figure and order."""
    assert (DOCS / name).read_text(encoding="utf-8") == make_columns.PAGES[name]()


def test_the_page_of_the_environments_has_the_figures_of_the_code() -> None:
    text = (DOCS / "environments.md").read_text(encoding="utf-8")
    assert text.count("from the code -->") == 2
    assert make_columns.environments_page(text) == text


# -- generated pages -------------------------------------------------------------------------------------------


def test_a_page_of_a_scenario_has_its_numbers_sources_and_assumed_share() -> None:
    scenario = ks.load("december-march")
    page = scenarios.page(scenario)
    assert f"**{scenario.assumed_share():.0%}**" in page
    for p in scenario.parameters:
        assert f"| `{p.id}` |" in page, p.id
    for s in scenario.sources:
        assert f"| {s.key} |" in page, s.key
    for i in scenario.inputs:
        assert i.date.isoformat() in page, i.id
    assert "](" + "/" not in page


def test_the_catalogue_has_every_what_if() -> None:
    page = what_ifs.page()
    for name in catalogue.what_ifs():
        patch = read_patch(name)
        assert f"\n## {name}\n" in page
        for path in patch.set:
            assert f"`{path}`" in page


def test_every_command_and_every_public_name_has_its_place() -> None:
    page = commands.page()
    for name, command in commands.commands().items():
        assert f"\n## {name}\n" in page
        for option in command.params:
            for flag in option.opts if option.param_type_name == "option" else ():
                assert flag in page, (name, flag)
    found = api.public()
    assert set(found["kursksim"]) == {f"kursksim.{n}" for n in ks.__all__ if n not in ks._MODULES}
    pages = api.pages()
    for module, members in found.items():
        for name in members:
            assert f"\n## {name.rpartition('.')[2]}\n" in pages[f"api/{module}.md"]


def test_the_gallery_shows_every_picture() -> None:
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^## (\w+)$", text, re.MULTILINE)) == sorted(ks.plot.__all__)
    used = "".join(b.text for b in blocks_of(DOCS / "gallery.md", DOCS))
    assert all(f"ks.plot.{name}(" in used for name in ks.plot.__all__)
    shown = re.findall(r"\{figure\} generated/gallery/(\S+)\n:alt: (.+)\n\n(.+)\n```", text)
    assert len(shown) == len(ks.plot.__all__) - 2  # all but save and pictures
    for picture, alt, caption in shown:
        assert f'"{picture}"' in used
        assert min(len(alt), len(caption)) > 20


# -- what is shown runs ----------------------------------------------------------------------------------------


def test_every_block_says_what_it_is() -> None:
    odd_ones = [
        f"{b.page}:{b.line} {b.language!r}"
        for b in BLOCKS
        if b.language not in (*RUN, *SHOWN) and b.language[:1] != "{"
    ]
    assert odd_ones == []
    assert sum(b.language in RUN for b in BLOCKS) > 30


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    left = [f"{b.page}:{b.line}: {b.not_run}" for b in BLOCKS if b.not_run]
    assert 0 < len(left) <= MOST_NOT_RUN, "\n".join(left)
    assert all(re.search(r"network|machines|hours|person", line) for line in left), "\n".join(left)


@pytest.mark.parametrize("path", WRITTEN, ids=label)
def test_commands_in_the_prose_are_known(path: Path) -> None:
    known = commands.commands()
    for line in inline_commands(path):
        words = line.split()[1:]
        if not words[0].islower():
            continue  # a placeholder
        assert words[0] in known or words[0].startswith("--"), line
        if words[0] in known:
            flags = {o for p in known[words[0]].params for o in (*p.opts, *p.secondary_opts)} | {
                "--help"
            }
            assert {
                w.split("=")[0] for w in words[1:] if w.startswith("-") and w != "-"
            } <= flags, line


def small(text: str) -> str:
    """A block with ensembles of two replications, of thirty where the campaign takes no time."""
    lines = text.split("\n")
    counts = ["30" if "two-roads" in line else "2" for line in lines]
    given = re.compile(r"(-n |replications=)[\d_]+")
    return "\n".join(given.sub(rf"\g<1>{n}", line) for n, line in zip(counts, lines, strict=True))


@pytest.fixture
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Surroundings in which a shell finds this version of the program."""
    home = tmp_path_factory.mktemp("bin")
    script = home / "kursksim"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kursksim "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{home}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }


def typed(text: str, env: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Run the lines of a shell block; plain commands of ours within this process."""
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] == "kursksim" and not set("|<>&;$") & set(line.split(" #")[0]):
            status = main(words[1:])
            said = capsys.readouterr()
            assert status == 0, (line, said.err)
        else:
            done = subprocess.run(
                ["bash", "-ec", line],
                env=env,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, (line, done.stderr)


def lie_down(block: Block) -> None:
    """A TOML block: what it shows is TOML, a what-if where it looks like one, and a file where it is said to be."""
    read = tomllib.loads(block.text)
    if "why" in read:
        read_patch(read)
    if block.file:
        Path(block.file).write_text(block.text, encoding="utf-8")


RUN_ELSEWHERE = {
    "tour.md",
    "prove-it.md",
    "gallery.md",
    "lessons/lesson-45.md",
    "lessons/lesson-90.md",
    "first_fit/README.md",
}
"""The build runs the gallery's blocks, as it draws its pictures with them; ``test_lessons`` types the lessons, ``test_fit`` the fit,
``test_readme`` what follows the README."""
PAGES = sorted({b.page for b in BLOCKS if b.language in RUN and not b.not_run} - RUN_ELSEWHERE)
"""Pages with something to run."""


@pytest.mark.slow
@pytest.mark.usefixtures("own_registry")
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_runs(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: dict[str, str],
) -> None:
    """Block after block in one folder, as a reader would; Python blocks of a page share their names."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    ran = 0
    for block in blocks_of(DOCS / page, DOCS):
        if block.not_run or block.language not in RUN:
            continue
        ran += 1
        if block.language == "shell":
            typed(small(block.text), program, capsys)
        elif block.language == "python":
            exec(compile(small(block.text), f"{page}:{block.line}", "exec"), names)
        elif block.language == "toml":
            lie_down(block)
        else:
            with contextlib.closing(sqlite3.connect("runs.sqlite")) as store:
                for statement in filter(None, map(str.strip, block.text.split(";"))):
                    assert store.execute(statement).fetchall() is not None
    assert ran


# -- the site --------------------------------------------------------------------------------------------------


class _Pictures(HTMLParser):
    """Pictures of a page, and whether each says what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img":
            self.found.append((given.get("src") or "", given.get("alt") or ""))


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    for package in ("sphinx", "myst_parser", "furo"):
        if find_spec(package) is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
                f"{package} is not installed"
            )
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(tmp_path / "trees"), str(DOCS), str(tmp_path / "html")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=1800, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    home = tmp_path / "html"
    for page in (
        "index",
        "tutorial",
        "generated/odd",
        "generated/scenarios/two-roads",
        "generated/evidence",
        "what_ifs",
    ):
        assert (home / f"{page}.html").is_file(), page
    unsaid = []
    for path in home.rglob("*.html"):
        pictures = _Pictures()
        pictures.feed(path.read_text(encoding="utf-8"))
        unsaid += [(path.name, src) for src, alt in pictures.found if len(alt) < 8]
        assert all(
            (path.parent / src).is_file() for src, _ in pictures.found if not src.startswith("http")
        ), path.name
    assert unsaid == []
    assert len(list((home / "_images").glob("*.png"))) > len(ks.plot.__all__)
