"""Argument lists: commands, flags and values, right ones and odd ones, in a folder with things to trip over."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from fuzz_kit import lay_out, originals
from fuzz_ops import Special
from fuzz_values import DATES, NUMBERS, ODD_TEXTS
from hypothesis import strategies as st

__all__ = ["Words", "words"]

PLACES = (
    "broken", "locked", "link", "loop", "dangling", "pipe", "empty", "file.txt", "saved", "saved/run.json", "kit", "kit/scenario.toml", "patch.toml",
    "sparse.toml", "orders.json", "deep/er", "deep/er/est", "new", "new/file", "file.txt/x", "/dev/null", "/dev/full", ".", "", "..", "-", "saved/daily.csv",
    "n" * 255, "n" * 256, "n" * 5000, "a\0b", "\udcff", "\udcff/x", "é", "e\u0301", "x.json", "x y", "\n", "link/x", "loop/x", "zero", "./kit", "./saved",
)  # fmt: skip
"""Paths of a case's folder, or none: nothing outside of it that could be written is among them."""
SCENARIOS = ("two-roads", "two-roads", "two-roads", "two-roads", "./kit", "december-march")
PATHS = (
    "parameters.blue_men", "parameters.fleet_0", "parameters.stock_target", "parameters.drone_teams.value", "parameters.blue_men.low", "days", "key_place",
    "policies.holder", "policies.attacker", "models.weather", "models.defaults", "aliases.x", "supply.depot", "supply.watched_legs", "withdrawal.exits",
    "inputs.drones.date", "inputs.drones.amount", "inputs.drones", "legs.A2.length_km", "places.Hill.lat", "places.Hill", "routes.west.legs", "axes.tip.lon",
    "contingents.blue.men", "sources.fiction.title", "parameters", "parameters.", ".", "..", "grid.resolution", "outline", "border", "patches", "id",
    "parameters.blue_men.id", "__class__", "legs.A2.crossing", "parameters.convoy_n", "parameters.v_road", "start", "title",
    "as_of", "weather.2024-12-16.flying", "weather.2024-12-16", "parameters.fly_mean", "parameters.mud_peak_day", "parameters.freeze_end_day",
)  # fmt: skip
VALUES = (
    *NUMBERS, *DATES, "[]", "{}", "[1]", '["A1", "A2"]', "true", '"x"', "'", "=", "==", "{value = 1, low = 0, high = 2}", "[" * 3000, "a = 1", "1\n2", "#",
    "never", "threshold", "fixed_date:2025-01-03", "Hill", "Gate", "west", "2500", "3000", "20", "5", "0.3", "1e9",
)  # fmt: skip
SETS = (
    "parameters.blue_men=2000", "parameters.drone_teams=0", "policies.holder=never", "days=5", "inputs.drones.date=2025-01-02",
    "parameters.fleet_0={value = 30, high = 60}", "key_place=Gate", "legs.A2.length_km=5.5",
)  # fmt: skip
POLICIES = (
    "holder=never", "holder=threshold", "holder=fixed_date:2025-01-03", "holder=fixed_date:", "holder=fixed_date:9999-12-31", "attacker=frontal",
    "attacker=shaping", "attacker=shaping:1", "holder=orders:orders.json", "holder=orders:", "holder=orders:saved", "holder=orders:nowhere.json",
    "holder=orders:loop", "holder=orders:a\0b", "holder", "=", "holder=", "=never", "Holder=never", "holder=orders:\udcff",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """An argument list; ``prepare`` lays out the folder in which it is given."""

    args: tuple[str, ...]
    orders: str = "{}"
    """What stands in orders.json."""

    def prepare(self, cwd: Path) -> None:
        """Make the folder, with whatever of its things the arguments speak of."""
        cwd.mkdir(parents=True)
        text = "\0".join(self.args)
        if "kit" in text:
            lay_out(dict(originals("kit")), cwd / "kit")
        if "saved" in text:
            lay_out(dict(originals("run summary")), cwd / "saved")
        if "broken" in text:
            lay_out(
                {"scenario.toml": b"schema = 1\n[", "run.json": Special("loop")}, cwd / "broken"
            )
        (cwd / "empty").mkdir()
        (cwd / "file.txt").write_text("mine")
        (cwd / "road.toml").write_text(
            'title = "road"\nwhy = "x"\n[set]\n"parameters.v_road" = 50\n'
        )
        (cwd / "patch.toml").write_bytes(originals("no-drones")["patch.toml"])
        (cwd / "orders.json").write_text(self.orders, encoding="utf-8", errors="surrogatepass")
        for name, target in (
            ("link", "empty"),
            ("loop", "loop"),
            ("dangling", "nowhere"),
            ("zero", "/dev/zero"),
        ):
            (cwd / name).symlink_to(target)
        os.mkfifo(cwd / "pipe")
        with (cwd / "sparse.toml").open("wb") as file:
            file.truncate(100_000_000)


def scripts() -> st.SearchStrategy[str]:
    """Orders files: mostly orders of the right shape with numbers that may be odd, some of them not JSON."""
    number = st.sampled_from(
        (
            0,
            1,
            0.5,
            -1,
            2,
            1e308,
            1e-320,
            10**400,
            True,
            None,
            "x",
            [],
            float("nan"),
            float("inf"),
            -0.0,
        )
    )
    axis, leg = (
        st.sampled_from(("left", "tip", "right", "nowhere", "")),
        st.sampled_from(("A1", "A2", "B2", "nowhere")),
    )
    table = st.dictionaries(axis, number, max_size=3) | number
    legs = st.dictionaries(
        st.sampled_from(("radio", "fibre", "x")),
        st.dictionaries(leg, number, max_size=3) | number,
        max_size=2,
    )
    fields = {
        "withdraw": st.sampled_from((True, True, False, 0, None)), "axis_shares": table, "vehicles": number, "night_share": number,
        "route_shares": st.dictionaries(st.sampled_from(("west", "east", "nowhere")), number, max_size=2) | number, "air_shares": table,
        "reserve_to": st.sampled_from(("", "tip", "left", "nowhere", 3)), "leg_shares": legs | number, "accept_ceasefire": number, "odd": number,
    }  # fmt: skip
    few = st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True)
    entry = few.flatmap(lambda names: st.fixed_dictionaries({n: fields[n] for n in names})) | number
    date = st.sampled_from(("2024-12-31", "2024-12-31", "2025-01-01", "2025-01-02", *DATES, "x"))
    whole = st.dictionaries(date, entry, max_size=3).map(json.dumps)
    return (
        whole
        | whole
        | whole
        | st.sampled_from(
            ("", "[]", "[" * 5000, "{", "null", '{"2025-01-01": {"a": NaN}}', "\udcff", "9" * 5000)
        )
    )


def mostly(good: tuple[str, ...], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A right value in three cases of four, so that lists of several flags are not always wrong somewhere."""
    return st.sampled_from((True, True, True, False)).flatmap(
        lambda right: st.sampled_from(good) if right else odd
    )


def words() -> st.SearchStrategy[Words]:
    """Argument lists: mostly a command with flags of its own, some of them a soup of words."""
    odd = st.sampled_from(ODD_TEXTS) | st.sampled_from(PLACES) | st.text(max_size=20)
    place, number = st.sampled_from(PLACES), st.sampled_from(NUMBERS) | odd
    scenario = mostly(SCENARIOS, st.sampled_from(PLACES) | odd)
    change = (
        st.builds("{}={}".format, st.sampled_from(PATHS) | odd, st.sampled_from(VALUES) | odd) | odd
    )
    seeds = ("0", "1", "7", "4294967296", "18446744073709551616", "1" + "0" * 60)
    flags = {
        "--what-if": mostly(("no-drones", "second-road", "never-withdraw", "patch.toml", "./patch.toml"), odd),
        "--set": mostly(SETS, change), "--json": mostly(("-", "x.json", "new.json", "/dev/null"), place),
        "--seed": mostly(seeds, number), "--replication": mostly(seeds, number), "--out": mostly(("new", "saved", "a/b"), place),
        "--until": mostly(("2025-01-01", "2025-01-03", "2025-02-09"), st.sampled_from(DATES) | odd),
        "--policy": mostly(("holder=never", "attacker=frontal", "holder=fixed_date:2025-01-03"), st.sampled_from(POLICIES) | odd),
        "--parameters": mostly(("default", "prior"), odd | st.just("posterior")),
        "--map": mostly(("2025-01-01",), st.sampled_from(DATES) | odd), "--measure": mostly(("order_day", "held_km2_end"), odd),
        "--until-half-width": st.sampled_from(("1e9", "0", "-1", "nan", "x", "1e400", "inf")),
        "--record": mostly(("full", "summary"), odd), "--side": mostly(("holder", "attacker"), odd),
        "--below": mostly(("20", "2025-01-10"), number), "--parameter": mostly(("v_road",), odd), "--density": mostly(("0.5",), number), "--boxes": mostly(("1",), number),
        "--holder": mostly(("never", "threshold", "fixed_date:2025-01-03"), st.sampled_from(POLICIES) | odd), "--known-by": mostly(("2025-01-03",), st.sampled_from(DATES) | odd),
        "--new": scenario, "--origin": mostly(("2025-01-05", "2024-12-15"), st.sampled_from(DATES) | odd), "--baseline": mostly(("kursksim-trend",), odd),
        "--into": place, "--tracker": mostly(("Map",), odd), "--source": mostly(("Service",), odd), "--terms": odd, "--date": mostly(("2025-01-02",), st.sampled_from(DATES) | odd),
        "--format": mostly(("geojson", "kml", "csv", "rocrate", "vidigi"), odd),
    }  # fmt: skip
    shared = ("--what-if", "--set", "--json")
    played = (*shared, "--seed", "--until", "--policy", "--parameters")

    def options(*names: str) -> st.SearchStrategy[list[str]]:
        one = st.sampled_from(names).flatmap(
            lambda n: st.tuples(st.just(n), flags[n]) | flags[n].map(lambda v: (f"{n}={v}",))
        )
        return st.lists(one, max_size=4).map(
            lambda pairs: [word for pair in pairs for word in pair]
        )

    def built(name: str, *parts: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
        return st.tuples(*parts).map(lambda lists: [name, *(w for part in lists for w in part)])

    one = scenario.map(lambda s: [s])
    short = st.sampled_from(
        (["--until", "2025-01-03"], ["--until", "2025-01-01"], ["--until", "2024-12-02"])
    )
    run = built("run", one, short, options(*played, "--replication", "--out", "--record"))
    few = st.sampled_from(
        (
            ["-n", "1"],
            ["-n", "2"],
            ["-n", "0"],
            ["-n", "1" + "0" * 30],
            ["-n", "999999999999"],
            ["-n", "x"],
        )
    )
    alone = st.just(["--workers", "1"])  # no pools: the cases share the cores already
    studied = (*shared, "--seed", "--out", "--measure")
    grids = mostly(
        ("v_road=30,40", "payload=1:3:2", "fleet_0=30"),
        st.sampled_from(
            ("v_road", "=", "v_road=1:2", "v_road=nan", "pay=1", "v_road=0", "v_road=1:9:99999")
        )
        | odd,
    )
    several = st.one_of(
        built("ensemble", one, short, few, alone, options(*played, "--out", "--map")),
        built("compare", one, mostly(("road.toml", "./road.toml", "road.toml+./road.toml"), st.sampled_from(("no-drones", "+", "a+b", "patch.toml")) | odd).map(lambda w: [w]), short, few, alone, options(*played, "--out", "--until-half-width")),
        built("sweep", one, st.lists(grids, min_size=1, max_size=3), short, few, alone, options(*studied)),
        built("sensitivity", one, st.just(["--sobol", "v_road", "--samples", "2"]), short, alone, options(*studied)),
    )  # fmt: skip
    fine = st.one_of(
        run, run, run, several, several, built("explain", one, options(*shared)), built("check", one, options(*shared)), built("cite", one, options("--json")),
        built("why", st.sampled_from((["saved"], ["saved/run.json"])) | one, st.sampled_from((["2025-01-02"], ["2024-12-31"])) | odd.map(lambda d: [d]), options("--side", "--json")),
        built("patterns", one, short, few, options(*played)), built("alternatives", one, short, few, alone, options(*studied, "--parameters", "--holder", "--known-by")),
        built("discover", place.map(lambda p: [p]), options("--measure", "--below", "--parameter", "--density", "--boxes", "--out", "--json")),
        built("hub", place.map(lambda p: [p]), options("--new", "--origin", "--baseline", "--out", "--json")),
        built("import", mostly(("held-area", "weather", "settlements"), odd).map(lambda w: [w]), place.map(lambda p: [p]), options("--into", "--tracker", "--source", "--terms", "--json")),
        built("export", st.sampled_from(("saved", "saved/run.json", "empty")).map(lambda p: [p]), options("--format", "--date", "--out", "--json")),
        st.sampled_from((["scenarios"], ["what-ifs"], ["schema"])).flatmap(lambda c: options("--json").map(lambda o: [*c, *o])),
    )  # fmt: skip
    by_script = st.sampled_from(
        ("holder=orders:orders.json", "attacker=orders:orders.json", "holder=orders:./orders.json")
    )
    ordered = by_script.map(
        lambda p: [
            "run",
            "two-roads",
            "--until",
            "2025-01-06",
            "--policy",
            p,
            "--record",
            "summary",
        ]
    )
    soup = st.lists(
        odd
        | st.sampled_from(
            (
                "run",
                "why",
                "check",
                "--seed",
                "--json",
                "--help",
                "--version",
                "-h",
                "-n",
                "--",
                *SCENARIOS,
            )
        ),
        max_size=6,
    )
    extra = st.tuples(fine, soup).map(lambda pair: [*pair[0], *pair[1][:2]])
    return st.one_of(fine, fine, fine, fine, soup, extra, ordered).flatmap(_with_orders)


def _with_orders(args: list[str]) -> st.SearchStrategy[Words]:
    drawn = any("orders:" in word for word in args)
    return (
        st.builds(Words, st.just(tuple(args)), scripts()) if drawn else st.just(Words(tuple(args)))
    )
