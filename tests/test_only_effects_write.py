"""Only effects change a world: no other code of the package writes below one.

A walk over the syntax trees of all modules. Whatever is reached from a world, through attributes, local names and
loops, is the world's; a write is an assignment, an augmented assignment, a deletion, or the call of a method that
changes what it is called on. Figures of a day (whatever is reached through ``today``) are written by the acts of the
day. Where a convoy, a column, a march or a job stands is its own record, and is written where these are played.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kursksim"

STATE = {
    "World", "LegState", "Fleet", "Stores", "Drones", "Command", "Tally", "Crossing", "Ground", "Ways", "Nearness",
    "Movement", "Ledger",
}  # fmt: skip
"""Classes of what is the world's: a parameter of one of them is the world's as well."""
RECORDS = {"Trip", "Column", "March", "Job"}
"""Classes of what is under way: each has a record of its own."""
UNDER_WAY = {"trips", "columns", "marches", "jobs"}
"""Collections of them in the world."""
PLAYED = {
    f"engine/{name}.py"
    for name in ("convoys", "march", "encounters", "trips", "state", "workshops")
}
"""Where convoys, columns, marches and jobs are played."""
BUILT = {"World.__init__", "World._men", "World._front", "World._roads"}
"""What makes an opening world."""
TAKEN_UP = "engine/midnight.py"
"""What makes an opening world the one that a state has written down."""
KEPT = {"World.apply", "World.keep_record", "Movement.course", "Movement.reach", "Movement.atlas"}
"""The log; and what is worked out from the map and kept, whoever asks first."""
CHANGES = {
    "append", "appendleft", "add", "clear", "pop", "popleft", "popitem", "remove", "extend", "update", "setdefault",
    "insert", "discard", "fill", "sort", "reverse", "put", "difference_update", "intersection_update", "__setitem__",
    "symmetric_difference_update", "__setattr__", "__delattr__", "__delitem__",
}  # fmt: skip
"""Methods of containers that change them."""
PASSED_ON = {
    "items",
    "values",
    "keys",
    "get",
    "zip",
    "enumerate",
    "sorted",
    "reversed",
    "list",
    "tuple",
    "iter",
    "next",
}
"""Calls whose results are, or hold, parts of what they are given."""
FRESH = {"list", "tuple", "sorted", "zip", "enumerate", "reversed", "iter"}
"""Those of them that make a new thing that holds the parts."""

WORLDS, DAY, RECORD = "the world's", "the day's", "its own record"


def chain(node: ast.AST) -> tuple[str, list[str]]:
    """Name at the root of an expression, and the attributes on the way to it, from the root on."""
    path: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            path.append(node.attr)
            node = node.value
        elif isinstance(node, (ast.Subscript, ast.Starred, ast.NamedExpr)):
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in PASSED_ON
        ):
            node = node.func.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in PASSED_ON
            and node.args
        ):
            node = node.args[0]
        else:
            break
    return (node.id if isinstance(node, ast.Name) else ""), path[::-1]


class Function:
    """What the names of a function stand for, and what it writes."""

    def __init__(self, node: ast.FunctionDef, owner: str, mutators: set[str]) -> None:
        self.node, self.mutators = node, mutators
        self.means: dict[str, str] = {}
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            named = (
                {n.id for n in ast.walk(argument.annotation) if isinstance(n, ast.Name)}
                if argument.annotation
                else set()
            )
            if argument.arg == "self":
                named = {owner}
            if named & STATE or argument.arg == "world":
                self.means[argument.arg] = WORLDS
            elif named & RECORDS:
                self.means[argument.arg] = RECORD
        for _ in range(3):  # names of names of names
            self._follow()

    def what(self, node: ast.AST) -> str:
        """What an expression is: a part of the world, of its day, of a record, or '' for none of them."""
        if isinstance(node, ast.IfExp):
            return self.what(node.body) or self.what(node.orelse)
        if isinstance(node, ast.BoolOp):
            return next((found for value in node.values if (found := self.what(value))), "")
        root, path = chain(node)
        found = self.means.get(root, "")
        if "world" in path:
            found, path = WORLDS, path[path.index("world") + 1 :]
        if found == WORLDS and "today" in path:
            return DAY
        if found == WORLDS and UNDER_WAY & set(path):
            last = max(k for k, name in enumerate(path) if name in UNDER_WAY)
            if last < len(path) - 1:
                return RECORD
        if found == RECORD and "today" in path:
            return DAY
        return WORLDS if found == RECORD and {"course", "way", "legs"} & set(path) else found

    def _name(self, target: ast.AST, found: str) -> None:
        for name in ast.walk(target):
            if isinstance(name, ast.Name) and found:
                self.means.setdefault(name.id, found)

    def _elements(self, iterable: ast.AST) -> str:
        """What the elements of a collection are."""
        if (
            isinstance(iterable, ast.Call)
            and isinstance(iterable.func, ast.Name)
            and iterable.func.id in FRESH
        ):
            return next((found for a in iterable.args if (found := self._elements(a))), "")
        if isinstance(iterable, (ast.Tuple, ast.List)):
            return next((found for e in iterable.elts if (found := self.what(e))), "")
        _, path = chain(iterable)
        found = self.what(iterable)
        return RECORD if found == WORLDS and path and path[-1] in UNDER_WAY else found

    def _follow(self) -> None:
        for node in ast.walk(self.node):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                self._assign(node.target, node.value)
            elif isinstance(node, (ast.For, ast.comprehension)):
                self._name(node.target, self._elements(node.iter))
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                self._name(node.optional_vars, self.what(node.context_expr))

    def _assign(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                for one, part in zip(target.elts, value.elts, strict=True):
                    self._assign(one, part)
            else:
                self._name(target, self._elements(value))
        elif isinstance(target, ast.Name):
            fresh = (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Name)
                and value.func.id in FRESH
            )
            if not fresh:
                self._name(target, self.what(value))

    def writes(self) -> Iterator[tuple[int, str, str]]:
        """Line, text and owner of what it writes below something that is not its own."""
        for node in ast.walk(self.node):
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                targets = [t for target in node.targets for t in _flat(target)]
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
                targets = [node.target]
            elif isinstance(node, (ast.For, ast.comprehension)):
                targets = list(_flat(node.target))
            elif isinstance(node, ast.Delete):
                targets = [t for target in node.targets for t in _flat(target)]
            elif isinstance(node, ast.Call):
                yield from self._called(node)
            for target in targets:
                if isinstance(target, (ast.Attribute, ast.Subscript)) and (
                    found := self.what(target.value)
                ):
                    yield target.lineno, ast.unparse(target), found

    def _called(self, call: ast.Call) -> Iterator[tuple[int, str, str]]:
        if isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr") and call.args:
            if found := self.what(call.args[0]):
                yield call.lineno, ast.unparse(call), found
        elif (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in CHANGES | self.mutators
            and (found := self.what(call.func.value))
        ):
            yield call.lineno, ast.unparse(call.func), found


def _flat(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _flat(part)
    else:
        yield target


def functions(tree: ast.Module) -> Iterator[tuple[str, str, ast.FunctionDef]]:
    """Every function of a module with the class that it belongs to, if any, and its name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield "", node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from (
                (node.name, f"{node.name}.{f.name}", f)
                for f in node.body
                if isinstance(f, ast.FunctionDef)
            )


def methods_that_change(trees: dict[str, ast.Module]) -> set[str]:
    """Names of the methods of the world's classes that write to their own object, directly or through one another."""
    bodies = {
        name: (owner, node)
        for tree in trees.values()
        for owner, name, node in functions(tree)
        if owner in STATE - {"World"} | RECORDS
        and not node.name.startswith("__")
        and name not in KEPT
    }
    found: set[str] = set()
    while True:
        more = {
            node.name
            for owner, node in bodies.values()
            if any(owned in (WORLDS, RECORD) for *_, owned in Function(node, owner, found).writes())
        }
        if more <= found:
            return found
        found |= more


def written(trees: dict[str, ast.Module]) -> dict[str, list[str]]:
    """By owner: where something of his is written outside the effects and the classes that it is made of."""
    found: dict[str, list[str]] = {WORLDS: [], DAY: [], RECORD: []}
    for path, tree in trees.items():
        for owner, name, node in functions(tree):
            if (
                path.startswith(("engine/effects/", TAKEN_UP))
                or name in BUILT | KEPT
                or owner in STATE - {"World"} | RECORDS
            ):
                continue
            for line, text, whose in Function(node, owner, known()).writes():
                found[whose].append(f"{path}:{line} {name}: {text}")
    return found


SOURCES = {
    p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8")
    for p in sorted(PACKAGE.rglob("*.py"))
}
CONCERNED = re.compile(rf"\bworld\b|\b({'|'.join(STATE | RECORDS)})\b")
TREES = {path: ast.parse(text) for path, text in SOURCES.items() if CONCERNED.search(text)}
"""The modules that know of a world, or of a part of one."""


@cache
def known() -> set[str]:
    """Methods of the package that change the world."""
    return methods_that_change(TREES)


@cache
def package() -> dict[str, list[str]]:
    """Writes of the whole package, by owner."""
    return written(TREES)


def test_only_effects_write_below_a_world() -> None:
    assert package()[WORLDS] == []


def test_a_record_of_what_is_under_way_is_written_where_it_is_played() -> None:
    where = {line.partition(":")[0] for line in package()[RECORD]}
    assert where
    assert where <= PLAYED


def test_the_figures_of_a_day_are_written_by_its_acts() -> None:
    where = {line.partition(":")[0] for line in package()[DAY]}
    assert where == {
        f"engine/{name}.py"
        for name in ("ground", "combat", "dawn", "convoys", "dispatch", "encounters")
    }


def test_methods_that_change_the_world_are_known() -> None:
    assert {"change", "open_axis", "ripen", "post", "lose", "regain", "drop"} <= known()
    assert not known() & {"crowd", "course", "corridor_km", "grey_km2", "check", "neighbours"}


@pytest.mark.parametrize(
    "body",
    [
        "world.ratio = {}",
        "world.stores.stock_t += 1",
        "del world.pockets['a']",
        "world.heavy['a'], x = 1, 2",
        "world.widths_km.append(1)",
        "at = world.men['blue']\n    at['tip'] -= 1",
        "stores, fleet = world.stores, world.fleet\n    fleet.due = 0",
        "for c, at in world.men.items():\n        at['tip'] = 0",
        "for _, at in world.troops['holder']:\n        at['tip'] = 0",
        "for leg, x in zip(world.legs.values(), [1]):\n        leg.usable = False",
        "for i, leg in enumerate(world.legs.values()):\n        leg.wrecks = i",
        "world.ground.change(3, 4)",
        "world.crossings['b'].came += 1",
        "world.ledger.post('a', 'b', 1.0)",
        "setattr(world.fleet, 'due', 1)",
        "engine.world.day = 3",
        "if (s := world.stores):\n        s.wounded = 0",
        "leg.wrecks = 1",
        "trip.course.legs[0].usable = False",
        "world.columns.clear()",
        "world.movement.trips['a'] = trip",
        "a = world.command if x else None\n    a.phase = 'hold'",
        "def inner():\n        world.day = 1",
        "(lambda: world.changes.clear())()",
        "world.today.env, world.day = 1, 2",
        "for world.day in range(3):\n        pass",
    ],
)
def test_a_write_is_found(body: str) -> None:
    source = f"def act(world: World, leg: LegState, trip: Trip, engine, x):\n    {body}\n"
    assert written({"more.py": ast.parse(source)})[WORLDS], body


@pytest.mark.parametrize(
    "body",
    [
        "world.today.trips += 1",
        "today = leg.today\n    today.left = 3",
        "power = world.today.power\n    power['a'] = 1",
        "trip.at = 3",
        "for t in world.movement.trips.values():\n        t.hour = 3",
        "for job in world.jobs['yard']:\n        job.done = 3",
        "found = dict.fromkeys(world.axes, 0.0)\n    found['a'] = 1",
        "men = world.on_axes('holder')\n    men['a'] = 1",
        "names = sorted(world.legs)\n    names.append('x')",
        "n = world.day\n    n += 1",
        "world.apply(x)",
    ],
)
def test_what_is_free_to_write_is_let_be(body: str) -> None:
    source = f"def act(world: World, leg: LegState, trip: Trip, x):\n    {body}\n"
    assert not written({"more.py": ast.parse(source)})[WORLDS], body
