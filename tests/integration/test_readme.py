"""What the README and the pages behind it tell a newcomer to type works, as typed, in their order, in one folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/tour.md", "docs/prove-it.md")
]
README, _, PROOF = PAGES
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.S | re.M)

PLAYED = "end 3\nquit\n"
"""What is typed into a game."""
NOT_TYPED = {
    "kursksim verify": "a quarter of an hour; tests/causal plays the same relations",
    "kursksim verify --fast": "played by tests/unit/test_verify.py",
}


def blocks(*languages: str) -> list[str]:
    """Fenced blocks of some languages."""
    text = "\n".join(PAGES)
    return [m["body"] for m in FENCE.finditer(text) if m["language"] in languages]


def commands() -> list[str]:
    """Every line to be typed in a shell, in the order of the pages."""
    blocked = blocks("", "shell")
    lines = [line.partition("#")[0].strip() for body in blocked for line in body.splitlines()]
    return [line for line in lines if line]


def in_text() -> list[str]:
    """Whole commands that stand in the text of the pages rather than in a block."""
    prose = FENCE.sub("", "\n".join(PAGES))
    spans = (" ".join(s.split()) for s in re.findall(r"`([^`]+)`", prose))
    return [s for s in spans if re.match(r"(kursksim|pip|cp) \S+ \S|kursksim what-ifs", s)]


def ours() -> list[list[str]]:
    """Arguments of the program, command by command."""
    return [
        shlex.split(line)[1:] for line in [*commands(), *in_text()] if line.startswith("kursksim ")
    ]


def test_the_first_lines_install_activate_and_run() -> None:
    wanted = ["python3 -m venv", "pip install -e .", "kursksim run december-march"]
    for line, begin in zip(commands(), wanted, strict=False):
        assert line.startswith(begin), (line, begin)


def test_the_readme_is_short() -> None:
    """A screen and a half: three pictures, five commands after the first lines, five limits."""
    assert len(README.split()) < 750
    assert len(re.findall(r"!\[", README)) == 3
    first, then = (m["body"].splitlines() for m in list(FENCE.finditer(README))[:2])
    assert (len(first), len(then)) == (3, 5)
    assert re.findall(r"^(\d)\. ", README, re.M) == list("12345")


def test_the_page_names_pictures_and_pages_that_are_there() -> None:
    for path in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / path).is_file(), path
    for path in re.findall(r"`((?:docs|scenarios|notebooks|tests|kursksim)/[\w./-]+)`", README):
        assert (ROOT / path).exists(), path


def test_readme_has_python_in_three_lines() -> None:
    assert len([line for line in blocks("python")[0].splitlines() if line.strip()]) == 3


def test_every_command_is_understood() -> None:
    """Its flags and arguments fit; nothing is played."""
    import typer

    from kursksim.cli.app import program

    typed = ours()
    assert len(typed) >= 25
    command = typer.main.get_command(program())
    for one in command.commands.values():
        one.callback = lambda **given: given
    for words in typed:
        with command.make_context("kursksim", list(words)) as context:
            assert isinstance(command.invoke(context), dict), words


def test_what_a_command_reads_was_made_by_one_before_it() -> None:
    made = {"./cut.toml"}  # the block above its commands
    for line in commands():
        words = shlex.split(line)
        outs = [b for a, b in pairwise(words) if a in ("--out", "-o", "--save", "--store")]
        read = [
            w
            for w in words[2:]
            if words[0] == "kursksim" and re.search(r"[/.]\w", w) and w not in outs
        ]
        for name in read:
            if re.fullmatch(r"[a-z_.]+=.*|\d{4}-\d\d-\d\d", name):
                continue  # a value or a date
            assert any(name == m or name.startswith(f"{m}/") for m in made), (line, name, made)
        made |= {*outs}


def test_the_cut_of_the_readme_is_a_what_if(tmp_path: Path) -> None:
    path = tmp_path / "cut.toml"
    path.write_text(blocks("toml")[0], encoding="utf-8")
    assert ks.load("december-march", what_if=path).cuts == ("tonnage-power",)


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block.replace("replications=20", "replications=2"), "README.md", "exec"), {})
    assert (".png" in block) == bool(list(tmp_path.glob("*.png")))


@pytest.mark.slow
def test_the_cut_arrow_shows_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cut.toml").write_text(blocks("toml")[0], encoding="utf-8")
    section = " ".join(PROOF.split())
    for line in (c for c in commands() if "cut.toml" in c or "out/stays" in c):
        assert main(shlex.split(line)[1:]) == 0, capsys.readouterr().err
    shown = capsys.readouterr().out
    ends = [
        f"{ks.load_run(Path('out') / n).daily['held_km2'].iloc[-1]:.0f}" for n in ("stays", "cut")
    ]
    assert f"holds {ends[0]} km² on 31 March, the second {ends[1]}" in section
    found = re.search(r"Ground held on the last day .*?\+(\d+) \(\+(\d+) to \+(\d+)\) km²", shown)
    assert found
    assert f"keeps {found[1]} km² more (95 % interval {found[2]} to {found[3]})" in section


@pytest.mark.slow
def test_every_command_works_as_typed_in_a_new_environment(tmp_path: Path) -> None:
    """A copy of the project, a shell, and the page from its first line to its last; only repetitions are fewer."""
    own = shutil.ignore_patterns(
        ".*", "__pycache__", "*.egg-info", "build", "dist", "results", "out"
    )
    shutil.copytree(ROOT, tmp_path, ignore=own, dirs_exist_ok=True)
    (tmp_path / "cut.toml").write_text(blocks("toml")[0], encoding="utf-8")
    typed = [re.sub(r"-n \d+", "-n 2", c) for c in [*commands(), *in_text()] if c not in NOT_TYPED]
    script = ["set -e"]
    for line in typed:
        script += [
            f"echo {shlex.quote(f'> {line}')} >&2",
            f"{line} < {'typed' if ' play ' in line else '/dev/null'}",
        ]
    (tmp_path / "typed").write_text(PLAYED, encoding="utf-8")
    env = {
        k: v
        for k, v in os.environ.items()
        if k not in ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
    }
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=3600,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stderr[-1500:], done.stdout[-1500:])
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"base", "no-drones", "few", "early", "left-a-month-earlier", "stays", "cut"} == written
    for name in (
        "out/base/map.png",
        "campaign.html",
        "runs.sqlite",
        "game.json",
        "page/reveal.md",
    ):
        assert (tmp_path / name).is_file(), name
