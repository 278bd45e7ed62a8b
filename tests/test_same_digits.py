"""What results depend on uses no function of numpy whose digits depend on the processor.

numpy takes exponentials, powers, logarithms, sines and dot products by routes that depend on the vector instructions
that it finds, and BLAS has a kernel for each family of processors. A walk over the syntax trees lets only functions
pass whose values are exactly rounded, or moved and not changed, and sums that are added in one order everywhere.
Exponentials, logarithms, powers, lengths and dot products are in ``kursksim/arrays.py``. That it holds, ``integration/test_same_bytes.py``
plays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kursksim"
BEAR_RESULTS = ("engine", "meanfield", "models", "policies", "runs", "scenario", "terrain")
"""Packages through which a figure of a run may go, with all modules that lie beside them."""
OF_MANY_RUNS = {"intervals.py"}
"""Modules beside them that only count what many runs have found."""
FOUND = [*PACKAGE.glob("*.py"), *(p for n in BEAR_RESULTS for p in (PACKAGE / n).rglob("*.py"))]
SOURCES = sorted(p for p in FOUND if p.name not in OF_MANY_RUNS)
DOTTED = re.compile(r"np(\.\w+)+")

SAME_EVERYWHERE = {
    "makes or moves values": """append arange array asarray ascontiguousarray atleast_1d atleast_2d bincount clip
        column_stack concatenate diff empty fromiter frombuffer full ix_ linspace ndim ones r_ repeat reshape roll size
        vstack
        where zeros""",
    "compares": """any argsort argmax argmin array_equal count_nonzero flatnonzero isfinite isinf isnan maximum minimum
        minimum.reduce minimum.reduceat ptp searchsorted sort unique""",
    "is exactly rounded": "abs ceil divmod floor rint sign sqrt",
    "adds in one order": "add.at add.reduce add.reduceat cumsum",
    "is compiled for the least processor alone": "interp",
    "is a type or a constant": "bool_ dtype float32 float64 inf intp nan ndarray uint32 uint64",
    "tells of numpy itself": "show_config",
    "draws bits": "random.Generator random.PCG64 random.SeedSequence",
}
"""Names of numpy that may be used, by the reason why their digits are the same everywhere."""
NAMES = {name for names in SAME_EVERYWHERE.values() for name in names.split()}
EXPLAINED = {
    "arrays.py": {"np.exp", "np.log", "np.power"},
    "io.py": {"np.load", "np.savez_compressed"},
}
"""Functions that a module uses in a way of its own, which it explains."""
SCALAR_POWERS = {
    "arrays.py": {"power"},
    "engine/dispatch.py": {"_wanted"},
    "meanfield/outlook.py": {"Outlook._delaying"},
    "models/air.py": {"Bombs.repair_days"},
    "models/weather.py": {"Winter.later", "KnownDays._weight"},
    "models/withdrawal.py": {"PhaseLines.refitted"},
    "scenario/limits.py": {"_window"},
}
"""Functions with powers of Python's own numbers, which are those of the C library."""
SCIPY = {
    "meanfield/chain.py": "the mean field in continuous time, which no campaign is played by",
}
"""Modules that may import scipy, and what for."""


def functions(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node with the dotted name of the function or class that it stands in."""
    for node in ast.iter_child_nodes(tree):
        named = isinstance(node, (ast.FunctionDef, ast.ClassDef))
        name = f"{inside}.{node.name}".lstrip(".") if named else inside  # type: ignore[attr-defined]
        yield name, node
        yield from functions(node, name)


def faults(text: str, where: str) -> list[str]:
    """What a module uses that may have other digits elsewhere: function and expression."""
    found, inside = [], set[ast.AST]()
    for function, node in functions(ast.parse(text)):
        said = f"{where}: {function or 'module'}: "
        match node:
            case ast.Attribute() if node not in inside:
                inside.add(node.value)
                name = ast.unparse(node)
                if (
                    DOTTED.fullmatch(name)
                    and not may(name)
                    and name not in EXPLAINED.get(where, ())
                ):
                    found.append(said + name)
                elif node.attr in ("dot", "std", "var"):
                    found.append(f"{said}.{node.attr}")
            case ast.Call(func=ast.Attribute(attr="argsort")):
                # otherwise the order of equal values is that of the vector instructions
                if "kind='stable'" not in map(ast.unparse, node.keywords):
                    found.append(said + "argsort of no stable kind")
            case ast.BinOp(op=ast.MatMult()):
                found.append(said + "@")
            case ast.BinOp(op=ast.Pow()):
                # a square is a product; anything else of an array is not exactly rounded
                square = isinstance(node.right, ast.Constant) and node.right.value == 2
                whole = isinstance(node.left, ast.Constant)
                if not (square or whole or function in SCALAR_POWERS.get(where, ())):
                    found.append(said + ast.unparse(node))
            case ast.Import() | ast.ImportFrom():
                found += [said + name for name in imported(node) if not importable(name, where)]
    return found


def may(name: str) -> bool:
    """Whether a name of numpy may be used; of a longer one, its beginning decides."""
    parts = name.removeprefix("np.").split(".")
    return any(".".join(parts[:n]) in NAMES for n in range(1, len(parts) + 1))


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{a.name}" for a in node.names]
    return [a.name for a in node.names]


def importable(name: str, where: str) -> bool:
    """Whether an import is of nothing that has functions of its own, or is explained."""
    if name.startswith("scipy"):
        return where in SCIPY
    return not name.startswith("numpy.") or name.startswith("numpy.typing")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_no_digit_depends_on_the_processor(path: Path) -> None:
    where = path.relative_to(PACKAGE).as_posix()
    assert faults(path.read_text(encoding="utf-8"), where) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("np.exp(x)", "np.exp"),
        ("np.hypot(x, y)", "np.hypot"),
        ("np.linalg.norm(x)", "np.linalg.norm"),
        ("np.add.accumulate(x)", "np.add.accumulate"),
        ("(x * y).dot(x)", ".dot"),
        ("x @ y", "@"),
        ("x.argsort()", "argsort of no stable kind"),
        ("x**0.7", "x ** 0.7"),
        ("from numpy import exp", "numpy.exp"),
        ("from scipy.special import expit", "scipy.special.expit"),
    ],
)
def test_a_function_with_other_digits_elsewhere_is_found(line: str, fault: str) -> None:
    assert faults(f"def f(x, y):\n    {line}\n", "engine/ground.py") == [
        f"engine/ground.py: f: {fault}"
    ]


@pytest.mark.parametrize(
    "line", ["np.sqrt(x * x)", "x**2", "2**64", "np.add.reduce(x)", "np.float64(x).item()"]
)
def test_what_is_the_same_everywhere_passes(line: str) -> None:
    assert faults(f"def f(x, y):\n    {line}\n", "engine/ground.py") == []


def test_no_exception_outlives_its_reason() -> None:
    used = {where: set[str]() for where in SCALAR_POWERS}
    for where, seen in used.items():
        tree = ast.parse((PACKAGE / where).read_text(encoding="utf-8"))
        seen |= {f for f, n in functions(tree) if isinstance(getattr(n, "op", None), ast.Pow)}
    assert all(SCALAR_POWERS[where] <= seen for where, seen in used.items()), used
    assert all("scipy" in (PACKAGE / where).read_text(encoding="utf-8") for where in SCIPY)
