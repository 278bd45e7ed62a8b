"""The command line: what it prints, where, with which status; and that no fault ever shows a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Ended

from kursksim import __version__
from kursksim.cli import main
from kursksim.scenario import catalogue

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "scenarios", "what-ifs", "explain", "check", "cite", "schema", "run", "patterns", "ensemble", "compare", "sweep",
    "sensitivity", "discover", "alternatives", "verify", "calibrate", "backtest", "forecast", "play", "why", "state",
    "diff", "reveal", "tournament", "hub",
    "replay", "sheets", "import", "export",
)  # fmt: skip
LISTS = (
    ["scenarios"],
    ["what-ifs"],
    ["explain", "two-roads"],
    ["check", "two-roads"],
    ["cite", "december-march"],
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run on disk."""
    folder = tmp_path_factory.mktemp("saved") / "run"
    assert (
        main(["run", "two-roads", "--seed", "3", "--until", "2025-01-04", "--out", str(folder)])
        == 0
    )
    return folder


def outside(*args: str, before: str = "", **more: Any) -> subprocess.Popen[str]:
    """Start the command as a process of its own; ``before`` is run in it first."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    code = (
        f"import sys, time\n{before}\nfrom kursksim.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(
        [sys.executable, "-c", code, *args], env=environment, text=True, **pipes
    )


def refused(ended: Ended, *words: str) -> None:
    """One line on standard error that says what is wrong, nothing on standard output, status 2."""
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("kursksim: ")
    assert ended.err.count("\n") == 1
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err


# -- start-up ----------------------------------------------------------------------------------------------------------


def test_module_and_version() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "kursksim", "--version"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"kursksim {__version__}\n", "")


@pytest.mark.parametrize("flag", ["--version", "--help", "-h"])
def test_light_start(flag: str) -> None:
    heavy = "{'numpy', 'pandas', 'matplotlib', 'simpy', 'pydantic', 'networkx'}"
    before = f"import atexit; atexit.register(lambda: sys.stderr.write(' '.join({heavy} & set(sys.modules))))"
    with outside(flag, before=before) as process:
        out, err = process.communicate()
    assert process.returncode == 0
    assert out
    assert err == ""


def test_help_lists_the_commands(kursksim: Any) -> None:
    text = kursksim("--help").out
    assert [
        line.split()[0] for line in text.split("Commands:")[1].splitlines() if line.strip()
    ] == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(kursksim: Any, command: str) -> None:
    ended = kursksim(command, "-h")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: kursksim {command}")


# -- tables in, maps out -----------------------------------------------------------------------------------------------


def test_a_table_comes_in_and_a_map_goes_out(kursksim: Any, saved: Path, tmp_path: Path) -> None:
    shutil.copytree(catalogue.find("two-roads"), tmp_path / "kit")
    table = tmp_path / "map.csv"
    table.write_text("date,held_km2,colour\n2025-01-02,75\n", encoding="utf-8")
    ended = kursksim("import", "held-area", str(table), "--tracker", "Map", "--into", "kit")
    assert (ended.status, ended.err) == (
        0,
        "kursksim: warning: map.csv: columns not read: colour\n",
    )
    assert "1 rows taken in" in ended.out
    assert kursksim("check", "./kit").status == 0
    ended = kursksim("export", str(saved), "--date", "2025-01-02", "-o", "x.geojson", "--json", "-")
    assert json.loads(ended.out) == {"format": "geojson", "files": ["x.geojson"]}
    made = json.loads((tmp_path / "x.geojson").read_text(encoding="utf-8"))
    assert {f["properties"]["layer"] for f in made["features"]} == {"cells", "roads", "front"}


# -- bad use -----------------------------------------------------------------------------------------------------------

BAD_USE: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "no command": ([], ("missing command", "--help")),
    "unknown command": (["rnu"], ("rnu", "run")),
    "unknown flag": (["run", "two-roads", "--sed", "1"], ("--sed", "--seed")),
    "unknown flag before": (["--verbose"], ("--verbose",)),
    "missing argument": (["run"], ("SCENARIO",)),
    "nothing to import": (["import", "held-areas", "x.csv"], ("did you mean 'held-area'",)),
    "areas of nobody": (["import", "held-area", "x.csv"], ("--tracker",)),
    "a tracker of weather": (["import", "weather", "x.csv", "--tracker", "A"], ("--source",)),
    "gaps in areas": (["import", "held-area", "x.csv", "--tracker", "A", "--gaps"], ("--gaps",)),
    "import into no scenario": (["import", "weather", "x.csv"], ("holds no scenario.toml",)),
    "unknown form": (["export", "x", "--format", "shp", "-o", "y"], ("'shp'", "gpkg")),
    "export of nothing": (["export", "nowhere", "-o", "y"], ("nowhere", "no such file")),
    "missing second argument": (["why", "results"], ("DATE",)),
    "one argument too many": (["run", "two-roads", "twice"], ("twice",)),
    "flag without value": (["run", "two-roads", "--seed"], ("--seed",)),
    "negative seed": (["run", "two-roads", "--seed", "-1"], ("--seed", "0")),
    "seed of letters": (["run", "two-roads", "--seed", "abc"], ("--seed", "abc")),
    "seed with a fraction": (["run", "two-roads", "--seed", "1.5"], ("--seed",)),
    "negative replication": (["run", "two-roads", "--replication", "-2"], ("--replication",)),
    "no replications": (["patterns", "two-roads", "-n", "0"], ("-n",)),
    "unknown scenario": (["run", "two-raods"], ("two-raods", "did you mean 'two-roads'")),
    "missing folder": (["run", "./nowhere"], ("nowhere", "no such file")),
    "missing file": (["explain", "nowhere.toml"], ("nowhere.toml",)),
    "date that is none": (["run", "two-roads", "--until", "2025-02-30"], ("2025-02-30",)),
    "date in words": (["run", "two-roads", "--until", "tomorrow"], ("tomorrow",)),
    "date before the start": (["run", "two-roads", "--until", "2024-12-31"], ("2024-12-31", "2025-01-01")),
    "policy without a side": (["run", "two-roads", "--policy", "never"], ("SIDE=NAME",)),
    "policy of nobody": (["run", "two-roads", "--policy", "holdr=never"], ("holdr", "did you mean 'holder'")),
    "unknown policy": (["run", "two-roads", "--policy", "holder=nver"], ("nver", "did you mean 'never'")),
    "bad policy argument": (["run", "two-roads", "--policy", "holder=fixed_date:soon"], ("soon",)),
    "missing orders": (["run", "two-roads", "--policy", "holder=orders:none.json"], ("none.json",)),
    "two policies": (["run", "two-roads", "--policy", "holder=never", "--policy", "holder=never"], ("two policies",)),
    "unknown what-if": (["run", "december-march", "--what-if", "no-drone"], ("did you mean 'no-drones'",)),
    "what-if of another": (["run", "two-roads", "--what-if", "second-road"], ()),
    "set without =": (["run", "two-roads", "--set", "parameters.drift"], ("PATH=VALUE",)),
    "set without a path": (["run", "two-roads", "--set", "=3"], ("PATH=VALUE",)),
    "set of nothing known": (["run", "two-roads", "--set", "parameters.payloadd=3"], ("payloadd", "did you mean")),
    "set of another type": (["run", "two-roads", "--set", "parameters.payload=heavy"], ("payload",)),
    "set beyond bounds": (["run", "two-roads", "--set", "parameters.payload=-3"], ("payload",)),
    "set twice": (["run", "two-roads", "--set", "days=3", "--set", "days=4"], ("days", "twice")),
    "values at odds": (["run", "two-roads", "--set", "parameters.stock_target=3.1"], ("stock_target", "tau_ration")),
    "unknown parameter set": (["run", "two-roads", "--parameters", "priors"], ("did you mean 'prior'",)),
    "posterior to nowhere": (["calibrate", "december-march", "--out", "no/such/folder.csv"], ("--out", "its folder does not exist")),
    "a scenario as a command": (["two-roads"], ("kursksim run two-roads",)),
    "no posterior": (["run", "two-roads", "--parameters", "posterior"], ("posterior",)),
    "unknown record": (["run", "two-roads", "--record", "ful"], ("did you mean 'full'",)),
    "json in no folder": (["run", "two-roads", "--json", "nowhere/x.json"], ("nowhere",)),
    "json that is a folder": (["scenarios", "--json", "."], ("must be a file",)),
    "json with a NUL": (["scenarios", "--json", "a\0b"], ("--json", "cannot be written")),
    "json of a long name": (["scenarios", "--json", "n" * 300], ("--json", "cannot be written")),
    "more runs than can be kept": (["patterns", "december-march", "-n", "9" * 30], ("replications", "1000000")),
    "json inside the run": (["run", "two-roads", "--out", "here", "--json", "here/x.json"], ("here",)),
    "run that is not there": (["why", "nowhere", "2025-01-02"], ("nowhere",)),
    "explain a wrong set": (["explain", "two-roads", "--set", "x"], ("PATH=VALUE",)),
    "check an unknown name": (["check", "two-raods"], ("did you mean 'two-roads'",)),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_USE)
def test_bad_use_is_one_line(kursksim: Any, tmp_path: Path, name: str) -> None:
    args, words = BAD_USE[name]
    refused(kursksim(*args), *words)
    assert list(tmp_path.iterdir()) == []


def test_control_characters_stay_out_of_messages(kursksim: Any) -> None:
    refused(kursksim("run", "two\n\x1b[31mroads"))
    refused(kursksim("run", "two-roads", "--policy", "a\nb=never"))


@pytest.mark.parametrize("occupant", ["a stranger's file", "a file of that name"])
def test_out_is_refused_before_the_run(
    kursksim: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, occupant: str
) -> None:
    monkeypatch.setattr("kursksim.api.run", lambda *a, **k: pytest.fail("it was played"))
    if occupant == "a file of that name":
        (tmp_path / "out").write_text("mine")
    else:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "letter.txt").write_text("mine")
    refused(kursksim("run", "two-roads", "--out", "out"), "out")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_unwritable_folder(kursksim: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    monkeypatch.setattr("kursksim.api.run", lambda *a, **k: pytest.fail("it was played"))
    refused(kursksim("run", "two-roads", "--until", "2025-01-02", "--out", "locked/run"), "locked")
    refused(kursksim("scenarios", "--json", "locked/x.json"), "locked")


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """No file can grow beyond some bytes, as on a disk that is all but full."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no limit on the size of files")
def test_no_room_for_results(kursksim: Any, tmp_path: Path) -> None:
    """Neither a new folder nor the replacement of an earlier run is left half-written; nor is a JSON file."""
    run = ("run", "two-roads", "--until", "2025-01-02", "--out", "mine")
    with no_room(2000):
        refused(kursksim(*run), "mine", "File too large")
        refused(kursksim("explain", "two-roads", "--json", "x.json"), "'x.json'", "File too large")
    assert list(tmp_path.iterdir()) == []
    assert kursksim(*run, "--json", "x.json").status == 0
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with no_room(2000):
        refused(kursksim(*run, "--seed", "5"), "mine", "File too large")
        refused(kursksim("explain", "two-roads", "--json", "x.json"), "'x.json'", "File too large")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_full_disk(kursksim: Any) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    refused(kursksim("scenarios", "--json", "/dev/full"), "/dev/full", "space")
    with Path("/dev/full").open("w") as full, outside("schema", stdout=full) as process:
        _, err = process.communicate()
    assert process.returncode == 2
    assert err.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_json_to_a_pipe(kursksim: Any, tmp_path: Path) -> None:
    """With a reader it is written as it is; without one the command does not wait for one."""
    os.mkfifo(tmp_path / "pipe")
    refused(kursksim("scenarios", "--json", "pipe"), "'pipe'", "nobody reads")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert kursksim("scenarios", "--json", "pipe").status == 0
        assert json.loads(os.read(reader, 1_000_000))["scenarios"]
    finally:
        os.close(reader)
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_json_of_a_name_that_is_no_text(kursksim: Any, tmp_path: Path) -> None:
    """A file name may hold bytes that are no UTF-8; in JSON they are escapes."""
    name = os.fsdecode(b"./no\xff")
    assert kursksim("check", name, "--json", "x.json").status == 2
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["scenario"] == name


def test_json_in_a_loop_of_links(kursksim: Any, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    refused(kursksim("run", "two-roads", "--out", "x", "--json", "loop/x.json"), "loop/x.json")


BAD_ORDERS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "trips that are no number": (
        "holder",
        {"vehicles": float("nan")},
        ("o.json", "NaN is no number"),
    ),
    "trips below none": ("holder", {"vehicles": -5}, ("vehicles", "-5")),
    "a share of text": ("holder", {"axis_shares": {"tip": "all"}}, ("axis_shares.tip", "'all'")),
    "a share of nothing": ("holder", {"axis_shares": {"tip": None}}, ("axis_shares.tip",)),
    "a negative share": (
        "holder",
        {"axis_shares": {"tip": -1, "left": 2}},
        ("axis_shares.tip", "-1"),
    ),
    "a share without end": (
        "holder",
        {"route_shares": {"west": float("inf")}},
        ("o.json", "Infinity is no number"),
    ),
    "a share beyond floats": ("attacker", {"axis_shares": {"tip": 10**400}}, ("axis_shares.tip",)),
    "a night of five days": ("holder", {"night_share": 5}, ("night_share", "0 to 1")),
    "teams that are no table": (
        "attacker",
        {"leg_shares": {"radio": 3}},
        ("leg_shares.radio", "'3'"),
    ),
    "teams of text": (
        "attacker",
        {"leg_shares": {"radio": {"A2": "x"}}},
        ("leg_shares.radio.A2", "'x'"),
    ),
    "teams twice": (
        "attacker",
        {"leg_shares": {"radio": {"A1": 0.6, "A2": 0.6}}},
        ("leg_shares.radio", "1.2"),
    ),
    "bombs twice": ("attacker", {"air_shares": {"tip": 0.6, "left": 0.6}}, ("air_shares", "1.2")),
}


@pytest.mark.parametrize("name", BAD_ORDERS)
def test_orders_that_no_one_can_carry_out(kursksim: Any, tmp_path: Path, name: str) -> None:
    side, orders, words = BAD_ORDERS[name]
    (tmp_path / "o.json").write_text(json.dumps({"2025-01-01": orders}))
    refused(kursksim("run", "two-roads", "--policy", f"{side}=orders:o.json"), *words)
    assert [p.name for p in tmp_path.iterdir()] == ["o.json"]


# -- run ---------------------------------------------------------------------------------------------------------------


def test_run_prints_a_summary_and_writes_a_folder(kursksim: Any, tmp_path: Path) -> None:
    ended = kursksim("run", "december-march", "--seed", "7", "--until", "2024-12-04")
    folder = tmp_path / "results" / "december-march-seed7"
    assert (ended.status, ended.err) == (0, "")
    assert {"run.json", "daily.csv", "events.csv", "held_area.png"} <= {
        p.name for p in folder.iterdir()
    }
    for word in (
        "2024-12-01",
        "2024-12-04",
        "Sudzha lost",
        "Orderliness",
        "contested data",
        "assumed or fitted · flying 0%, ground 0% of days known",
        "results/december-march-seed7",
    ):
        assert word in ended.out
    assert "\x1b" not in ended.out


def test_a_run_without_pictures_loads_nothing_to_draw_with(tmp_path: Path) -> None:
    code = (
        "import sys; from kursksim.cli import main; status = main(sys.argv[1:]);"
        " sys.exit(status or 'matplotlib' in sys.modules)"
    )
    flags = ["run", "two-roads", "--until", "2025-01-03", "--no-pictures", "-o"]
    command = [sys.executable, "-c", code, *flags, str(tmp_path / "run")]
    subprocess.run(command, check=True, capture_output=True)
    found = {p.name for p in (tmp_path / "run").iterdir()}
    assert "run.json" in found
    assert not {name for name in found if name.endswith(".png")}


def test_run_again_replaces_the_folder(kursksim: Any, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert (
            kursksim(
                "run", "two-roads", "--seed", seed, "--until", "2025-01-02", "--out", "mine"
            ).status
            == 0
        )
    assert (
        json.loads((tmp_path / "mine" / "run.json").read_text(encoding="utf-8"))["provenance"][
            "seed"
        ]
        == 2
    )


def test_run_takes_every_flag(kursksim: Any, tmp_path: Path) -> None:
    ended = kursksim(
        "run", "december-march", "--seed", "4", "--replication", "2", "--until", "2024-12-02", "--policy",
        "holder=never", "--policy", "attacker=frontal", "--what-if", "no-drones", "--set", "parameters.payload=3",
        "--set", "parameters.stock_target=7", "--parameters", "prior", "--record", "summary", "--out", "x",
        "--json", "-",
    )  # fmt: skip
    assert ended.status == 0
    made = json.loads(ended.out)["provenance"]
    assert made["replication"] == 2
    assert made["policies"] == {"holder": "never", "attacker": "frontal"}
    assert len(made["patches"]) == 2
    assert (made["parameters"], made["record"]) == ("prior", "summary")
    assert not (tmp_path / "x" / "events.csv").exists()


def test_summary_of_a_whole_campaign(tmp_path: Path) -> None:
    import kursksim as ks
    from kursksim.cli.summary import caveat, summary

    run = ks.run("december-march", seed=7, policy={"holder": "fixed_date:2025-02-01"})
    rows = {r.id: r for r in summary(run) if r.id != "held_km2"}
    held = [r for r in summary(run) if r.id == "held_km2"]
    assert [r.measure[-10:] for r in held] == [
        "2024-12-01",
        "2024-12-31",
        "2025-01-30",
        "2025-03-01",
        "2025-03-31",
    ]
    assert held[-1].value == run.daily["held_km2"].iloc[-1]
    assert rows["order_date"].value == "2025-02-01"
    assert rows["order_date"].remark == run.why("2025-02-01").rule
    assert rows["vehicles_lost"].value == run.daily["vehicles_lost"].sum()
    after = run.daily[run.daily["date"] > "2025-02-01"]
    vacated, captured = after["vacated_km2"].sum(), after["captured_km2"].sum()
    assert rows["vacated_share"].value == pytest.approx(vacated / (vacated + captured))
    parts = (
        rows["missing_share"].value,
        rows["heavy_left_share"].value,
        rows["on_foot_share"].value,
    )
    whole = 1 - sum(
        w * p for w, p in zip((0.5, 0.3, 0.2), parts, strict=True) if isinstance(p, float)
    )
    assert rows["orderliness"].value == pytest.approx(whole)
    fell = rows["key_place"].value
    assert isinstance(fell, str)
    cell = [
        c
        for c, at, held_by, _ in run.changes
        if run.scenario.date(c).isoformat() == fell and not held_by
    ]
    assert cell
    assert "contested" in caveat(run)


# -- why ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["holder", "attacker"])
def test_why(kursksim: Any, saved: Path, side: str) -> None:
    from kursksim.runs.load import load_run

    ended = kursksim("why", str(saved), "2025-01-03", "--side", side)
    taken = load_run(saved).why("2025-01-03", side)
    assert (ended.status, ended.err) == (0, "")
    for word in ("2025-01-03", taken.policy, taken.choice, taken.rule, *map(str, taken.known)):
        assert word in ended.out
    said = json.loads(
        kursksim("why", str(saved / "run.json"), "2025-01-03", "--side", side, "--json", "-").out
    )
    assert said["decision"]["rule"] == taken.rule


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["2025-01-09"], ("2025-01-09",)),
        (["2025-02-30"], ("2025-02-30",)),
        (["2025-01-03", "--side", "red"], ("red",)),
    ],
)
def test_why_refuses(kursksim: Any, saved: Path, args: list[str], words: tuple[str, ...]) -> None:
    refused(kursksim("why", str(saved), *args), *words)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["two-roads"], ("DATE", "-n")),
        (["two-roads", "2025-01-03", "--date", "2025-01-04"], ("2025-01-03", "2025-01-04")),
        (["two-roads", "2025-01-03", "-n", "2"], ("date",)),
        (["two-roads", "-n", "2", "--side", "attacker"], ("attacker", "holder")),
        (["two-roads", "2025-01-03", "--until", "2025-01-04"], ("--until", "-n")),
        (["two-roads", "2025-01-03", "--workers", "2"], ("--workers",)),
        (["two-roads", "2024-12-01"], ("2024-12-01",)),
        (
            ["two-roads", "2025-01-03", "--policy", "holder=expected_value:mne=2"],
            ("mne", "weight_men"),
        ),
    ],
)
def test_why_of_a_scenario_refuses(kursksim: Any, args: list[str], words: tuple[str, ...]) -> None:
    refused(kursksim("why", *args), *words)


def test_why_takes_flags_of_play_for_a_scenario_alone(kursksim: Any, saved: Path) -> None:
    refused(kursksim("why", str(saved), "2025-01-03", "--seed", "3"), "--seed", "saved run")
    refused(kursksim("why", str(saved), "-n", "3"), "scenario")


def test_why_of_a_saved_run_is_that_of_the_same_run_played_now(kursksim: Any, saved: Path) -> None:
    """The decision and what would have turned it, by either form of the date."""
    told = json.loads(kursksim("why", str(saved), "2025-01-03", "--json", "-").out)
    played = json.loads(
        kursksim("why", "two-roads", "--seed", "3", "--date", "2025-01-03", "--json", "-").out
    )
    for part in ("decision", "verdict", "flip", "note"):
        assert told[part] == played[part]
    flip = told["flip"]
    assert (told["verdict"], flip["choice"]) == ("stay", "withdraw")
    assert flip["field"] in kursksim("why", str(saved), "2025-01-03").out


@pytest.mark.slow
def test_why_prints_the_forecast_of_a_rule_that_looks_ahead(kursksim: Any) -> None:
    from kursksim.policies.holder_expected_value import DELAYS, TERMS

    ended = kursksim("why", "two-roads", "2025-01-01", "--policy", "holder=expected_value:men=1000")
    assert ended.status == 0
    for word in (*DELAYS, *(f"worth_{t}" for t in TERMS)):
        assert word in ended.out


@pytest.mark.slow
def test_why_counts_first_causes(kursksim: Any) -> None:
    args = (
        "why",
        "two-roads",
        "-n",
        "4",
        "--until",
        "2025-01-06",
        "--policy",
        "holder=fixed_date:2025-01-05",
    )
    ended = kursksim(*args)
    assert "2025-01-05" in ended.out
    said = json.loads(kursksim(*args, "--json", "-").out)
    (cause,) = said["causes"]
    assert (cause["cause"], cause["runs"], cause["of"], cause["median_day"]) == ("date", 4, 4, 4)
    assert 0 < cause["low"] < cause["share"] == cause["high"] == 1


def test_why_of_a_damaged_run(kursksim: Any, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    refused(kursksim("why", str(tmp_path), "2025-01-03"), "run.json")


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", LISTS, ids=lambda a: a[0])
def test_json_to_a_file_and_to_standard_output(
    kursksim: Any, tmp_path: Path, args: list[str]
) -> None:
    printed = kursksim(*args)
    filed = kursksim(*args, "--json", "x.json")
    piped = kursksim(*args, "--json", "-")
    assert printed.status == filed.status == piped.status == 0
    assert printed.err == filed.err == piped.err == ""
    assert printed.out == filed.out
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == json.loads(piped.out)
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


def test_scenarios_and_what_ifs(kursksim: Any) -> None:
    text = kursksim("scenarios").out
    for name in (*catalogue.names(), *catalogue.what_ifs(), "121"):
        assert name in text
    listed = json.loads(kursksim("what-ifs", "--json", "-").out)
    assert sorted(c["name"] for c in listed) == list(catalogue.what_ifs())
    for c in listed:
        home = (
            catalogue.find(c["scenario"]) if c["scenario"] else catalogue.find("two-roads").parent
        )
        assert (home / "what-ifs" / f"{c['name']}.toml").is_file()
    assert re.search(r"^december-march +no-raid ", kursksim("what-ifs").out, re.M)
    assert re.search(r"^any +nets ", kursksim("what-ifs").out, re.M)
    assert all(c["title"] and c["why"] for c in listed)


def test_schema(kursksim: Any) -> None:
    assert json.loads(kursksim("schema").out)["title"] == "kursksim scenario"


def test_check_lists_every_problem(kursksim: Any, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        'schema = 1\ntitle = "x"\ndays = -3\nstart = 2025-01-01\nextra = 1\n'
    )
    ended = kursksim("check", "s.toml", "--json", "found.json")
    assert (ended.status, ended.err) == (2, "")
    *problems, last = ended.out.splitlines()
    found = json.loads((tmp_path / "found.json").read_text())
    assert len(problems) == len(found["problems"]) > 3
    assert all(line.startswith(("error: ", "warning: ")) for line in problems)
    assert any("extra" in line for line in problems)
    assert f"{found['errors']} errors" in last


def test_check_of_warnings_only_is_fine(kursksim: Any) -> None:
    ended = kursksim("check", "two-roads", "--set", "aliases.unheard_of=payload")
    assert ended.status == 0
    assert ended.out.startswith("warning: ")
    assert "1 warning" in ended.out


def test_check_tries_the_models(kursksim: Any) -> None:
    ended = kursksim("check", "two-roads", "--set", "parameters.stock_target=3.1")
    assert ended.status == 2
    assert "tau_ration" in ended.out


def test_check_of_a_broken_patch(kursksim: Any, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("why = 3\n")
    ended = kursksim("check", "two-roads", "--what-if", "./p.toml")
    assert ended.status == 2
    assert ended.out.count("error: ") == 2


# -- patterns ----------------------------------------------------------------------------------------------------------


def test_patterns(kursksim: Any) -> None:
    ended = kursksim("patterns", "december-march", "-n", "1", "--seed", "1", "--json", "x.json")
    assert (ended.status, ended.err) == (0, "")
    rows = json.loads(Path("x.json").read_text(encoding="utf-8"))["results"]
    assert {"id", "value", "band", "hit", "implied"} <= rows[0].keys()
    for row in rows:
        assert row["id"] in ended.out
    assert "MISS" in ended.out or "hit" in ended.out


def test_patterns_of_a_scenario_without_any(kursksim: Any) -> None:
    ended = kursksim("patterns", "two-roads", "-n", "1")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == "two-roads: no patterns were observed\n"


# -- ends --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args", [["schema"], ["explain", "two-roads"], ["--help"]], ids=lambda a: a[0]
)
def test_closed_pipe_ends_quietly(args: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with outside(*args, stdout=write) as process:
        os.close(write)
        _, err = process.communicate()
    assert process.returncode == 141
    assert err == ""


def test_head() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"'{sys.executable}' -m kursksim cite december-march | head -n 1"
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


INTERRUPTS = {
    "while playing": """
import kursksim.engine.engine as module
old = module.Engine.step
def slow(self, orders):
    if self.day == 3:
        sys.stderr.write("ready\\n"); sys.stderr.flush(); time.sleep(20)
    return old(self, orders)
module.Engine.step = slow
""",
    "while writing": """
import kursksim.plot as module
def slow(run, folder):
    sys.stderr.write("ready\\n"); sys.stderr.flush(); time.sleep(20)
module.pictures = slow
""",
}


@pytest.mark.parametrize("moment", INTERRUPTS)
def test_interrupt(tmp_path: Path, moment: str) -> None:
    handler = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    out = tmp_path / "new" / "out"
    before = f"{handler}\n{INTERRUPTS[moment]}"
    with outside(
        "run", "two-roads", "--until", "2025-01-05", "--out", str(out), before=before
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        text, err = process.communicate()
    assert process.returncode == 130
    assert (text, err) == ("", "kursksim: interrupted\n")
    assert list(tmp_path.iterdir()) == []


# -- terminals ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def terminal() -> Iterator[Any]:
    pty = pytest.importorskip("pty")

    def call(*args: str, **environment: str) -> tuple[int, str]:
        above, below = pty.openpty()
        given = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm",
        }
        command = [sys.executable, "-m", "kursksim", *args]
        process = subprocess.Popen(
            command, stdout=below, stderr=below, stdin=below, env=given | environment
        )
        os.close(below)
        seen = b""
        while True:
            try:
                part = os.read(above, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            seen += part
        os.close(above)
        return process.wait(), seen.decode()

    return call


def test_colour_and_progress_on_a_terminal_only(terminal: Any, tmp_path: Path) -> None:
    status, seen = terminal(
        "run", "two-roads", "--until", "2025-01-03", "--out", str(tmp_path / "a")
    )
    assert status == 0
    assert "\x1b[1m" in seen
    assert "Days played" in seen
    status, seen = terminal("scenarios", NO_COLOR="1")
    assert status == 0
    assert "\x1b[" not in seen


def test_a_command_that_ends_looks_for_no_garbage() -> None:
    code = (
        "import atexit, gc, sys; from kursksim.cli import main\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "sys.argv = ['kursksim', 'scenarios']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"
