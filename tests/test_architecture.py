"""What the source may look like: who imports whom, what stays out of the engine, how long a function is."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kursksim"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

MOST_STATEMENTS = 40
"""In a function."""
MOST_LINES = 400
"""In a module."""
MOST_POSITIONAL = 6
"""Parameters of a function that a call may give without their names."""
DATA_TABLES = {"runs/columns.py", "play/terminal/report.py"}
"""Modules with a table of data whose columns carry meaning: the formatter leaves it alone."""

CAMPAIGN = re.compile(r"(?<![a-z])(kursk(?!sim)|sudzha|ukrain|russia|korea)", re.IGNORECASE)
"""Names of the one campaign that the library was written for; the package's own name is none of them."""
OUTSIDE = re.compile(r"""(^|[\s"'=(:])/work\b|(^|[\s"'/(])\.{0,2}/?shared/""")
TEXT = {
    ".py",
    ".cfg",
    ".toml",
    ".csv",
    ".md",
    ".ipynb",
    ".json",
    ".yml",
    ".yaml",
    ".sh",
    ".typed",
    "",
}
NOT_OURS = {"__pycache__", "results", "build", "dist"}

LIGHT = ("numpy", "simpy", "pandas", "matplotlib", "pydantic")
"""Packages that ``import kursksim`` leaves alone."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def at(path: Path, node: ast.AST) -> str:
    return f"{name(path)}:{getattr(node, 'lineno', 1)}"


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for path, tree in TREES.items():
        yield from ((path, node) for node in ast.walk(tree) if isinstance(node, kinds))


def calls(*dotted: str) -> list[str]:
    """Where one of these functions is called by that very name."""
    return [
        at(p, n)
        for p, n in nodes(ast.Call)
        if isinstance(n, ast.Call) and ast.unparse(n.func) in dotted
    ]


def imports(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every import of a tree as a dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, a.name) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{a.name}") for a in node.names)


# -- who imports whom ------------------------------------------------------------------------------------------


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    if find_spec("importlinter") is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("import-linter is not installed")
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    env = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONWARNINGS": "ignore",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    done.stdout = re.sub(
        r"\x1b\[[\d;]*m", "", done.stdout
    )  # some versions colour it whatever is asked for
    return done


def test_the_import_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout), done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("policies/base.py", "import simpy", "What is below the engine"),
        (
            "units.py",
            "import matplotlib",
            "What is below the engine",
        ),  # indirectly: everything imports units
        ("engine/ledger.py", "import kursksim.plot.style", "One way"),
        (
            "runs/record.py",
            "if TYPE_CHECKING:\n    from kursksim.engine.world import World",
            "One way",
        ),
        ("terrain/plane.py", "from kursksim.models import air", "The map"),
        ("plot/style.py", "from kursksim.engine import dawn", "Pictures"),
        ("text.py", "from kursksim.cli import app", "Nothing reaches"),
    ],
)
def test_a_breach_of_a_contract_is_found(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "kursksim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    broken = tmp_path / "kursksim" / module
    broken.write_text(broken.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode != 0, done.stdout
    assert re.search(rf"{contract}.* BROKEN", done.stdout), done.stdout


def test_a_class_name_stands_for_one_thing() -> None:
    """Whoever reads a name in a message or a docstring finds one class of that name."""
    homes: dict[str, list[str]] = {}
    for path, node in nodes(ast.ClassDef):
        if isinstance(node, ast.ClassDef):
            homes.setdefault(node.name.lstrip("_"), []).append(at(path, node))
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_every_module_and_package_has_its_layer() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = set(re.findall(r"kursksim\.\w+", contracts["importlinter:contract:layers"]["layers"]))
    there = {
        p.stem if p.suffix == ".py" else p.name
        for p in PACKAGE.iterdir()
        if p.suffix == ".py" or p.is_dir()
    }
    assert {f"kursksim.{name}" for name in there - {"__init__", "__pycache__"}} == listed


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for typing, and those within functions, included."""
    modules = {
        name(p).removesuffix(".py").removesuffix("/__init__").replace("/", "."): p for p in SOURCES
    }
    arrows = {
        module: {
            what if what in modules else what.rpartition(".")[0] for _, what in imports(TREES[path])
        }
        - {module}
        for module, path in modules.items()
        if module != "kursksim"  # it names what is public, and loads it when it is asked for
    }
    while leaves := [module for module, to in arrows.items() if not to & arrows.keys()]:
        for module in leaves:
            del arrows[module]
    assert {module: sorted(to & arrows.keys()) for module, to in arrows.items()} == {}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, kursksim; print(' '.join(sorted(sys.modules)))"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "kursksim" in loaded
    assert not loaded.intersection(LIGHT)


def test_titles_are_listed_without_reading_a_scenario() -> None:
    """The heads of the files are enough, and Typer loads pydantic only to read arguments."""
    code = "import sys; from kursksim.cli import main; main(['scenarios']); print(*sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "kursksim.scenario.catalogue" in loaded
    assert not loaded & {*LIGHT, "kursksim.scenario.schema"}


def test_every_public_name_is_there() -> None:
    code = "import kursksim as ks; missing = [n for n in ks.__all__ if not hasattr(ks, n)]; assert not missing, missing"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# -- what stays out --------------------------------------------------------------------------------------------


def test_no_module_names_the_campaign() -> None:
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CAMPAIGN.search(line)
    ]
    assert not found, "\n".join(found)


def test_the_campaign_is_recognised() -> None:
    assert all(CAMPAIGN.search(text) for text in ("the Kursk salient", "north_korean", "UKRAINIAN"))
    assert not CAMPAIGN.search("from kursksim.errors import KursksimError")


def test_nothing_prints_outside_the_command_line() -> None:
    assert [w for w in calls("print") if not w.startswith("kursksim/cli/")] == []


def test_campaigns_are_played_by_one_loop() -> None:
    """The engine is stepped by the loop over days, and by a game, whose player gives the orders."""
    steps = [where.rpartition(":")[0] for where in calls("engine.step", "self.engine.step")]
    assert sorted(steps) == ["kursksim/engine/campaign.py", "kursksim/play/game.py"]


FILES = {
    "open", "fdopen", "mkstemp", "NamedTemporaryFile", "ZipFile", "copyfile", "read_text", "read_bytes", "write_text",
    "write_bytes", "savefig", "loadtxt", "genfromtxt", "fromfile", "savetxt", "savez", "tofile", "to_csv", "to_excel",
    "to_json", "to_parquet", "to_pickle", "to_feather",
}  # fmt: skip
"""Functions of Python, numpy, pandas and matplotlib that open a file, or read or write a whole one."""
LOADERS = {
    f"{module}.load" for module in ("json", "tomllib", "np", "numpy", "pickle", "marshal")
} | {f"{module}.read_{kind}" for module in ("pd", "pandas") for kind in ("csv", "json", "pickle")}
OWN_WAYS = {
    "kursksim/cli/__init__.py os.open": "the null device, once nobody reads the output",
    "kursksim/extras.py distribution(NAME).read_text": "a note of pip, by importlib",
    "kursksim/filing.py half.write_bytes": "within io.replacing",
    "kursksim/plot/output.py figure.savefig": "within io.replacing",
    "kursksim/replays/page.py (resources('kursksim.replays') / name).read_text": "a part of the package",
    "kursksim/runs/save.py (stage / name).write_bytes": "in a folder that takes its name when it is whole",
    "kursksim/sheets/write.py pdf.savefig": "a document in memory",
}


def files_used(tree: ast.AST) -> Iterator[str]:
    """What a tree calls to open a file, to read it or to write it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called == "open" or method in FILES or called in LOADERS:
                yield called


def test_files_are_read_and_written_in_one_module() -> None:
    """A full disk, an interrupt, a huge or a damaged file are met in ``kursksim.io`` alone."""
    found = {
        f"{name(p)} {u}" for p, tree in TREES.items() if p.name != "io.py" for u in files_used(tree)
    }
    assert found == set(OWN_WAYS)


@pytest.mark.parametrize(
    "line",
    [
        "open(x)",
        "p.open('rb')",
        "p.read_text()",
        "(a / b).write_bytes(x)",
        "json.load(f)",
        "np.load(p)",
        "t.to_csv(p)",
    ],
)
def test_another_way_to_a_file_is_found(line: str) -> None:
    assert list(files_used(ast.parse(line)))


def test_randomness_comes_from_one_module() -> None:
    """No stdlib ``random``; numpy's generators are made in ``rng`` alone, its legacy functions used nowhere."""
    found = [
        f"{at(p, n)} {what}"
        for p, tree in TREES.items()
        for n, what in imports(tree)
        if what.split(".")[0] == "random" or what.startswith("numpy.random")
    ]
    for path, node in nodes(ast.Attribute):
        text = ast.unparse(node)
        if not (match := re.match(r"^(?:np|numpy)\.random\.(\w+)$", text)):
            continue
        made = path.name == "rng.py" and match[1] in ("PCG64", "SeedSequence")
        if match[1] != "Generator" and not made:
            found.append(f"{at(path, node)} {text}")
    assert found == []


ROUNDED = {"cli", "plot", "replays", "sheets"}
"""Folders of pages and pictures, where every figure is rounded before it is shown."""


def test_floats_are_summed_by_fsum() -> None:
    """The builtin has other last digits from Python 3.12 on; ``isum`` takes whole numbers, by its types."""
    used = {
        name(p)
        for p, n in nodes(ast.Name)
        if isinstance(n, ast.Name)
        and n.id == "sum"
        and p.relative_to(PACKAGE).parts[0] not in ROUNDED
    }
    assert used == {"kursksim/sums.py"}


@pytest.mark.parametrize(("numbers", "refused"), [("[0.5]", True), ("[1, True]", False)])
def test_isum_refuses_floats_by_its_types(numbers: str, refused: bool) -> None:
    check = pytest.importorskip("mypy.api").run
    code = (PACKAGE / "sums.py").read_text(encoding="utf-8") + f"isum({numbers})\n"
    said, _, status = check(["--config-file=", "-c", code])
    assert (status, 'expected "int"' in said) == (int(refused), refused), said


def test_nothing_is_evaluated_or_unpickled() -> None:
    assert calls("eval", "exec", "compile", "__import__", "marshal.loads") == []
    loaders = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    used = {
        name(p)
        for p, tree in TREES.items()
        for _, what in imports(tree)
        if what.split(".")[0] in loaders
    }
    # a campaign on its way to a worker process, which the executor would pickle itself; never a file
    assert used <= {"kursksim/ensembles/replication.py"}


def own_files() -> Iterator[Path]:
    """The project's own texts; folders of tools, such as a virtual environment, are never entered."""
    for folder, inside, files in os.walk(ROOT):
        inside[:] = sorted(
            d for d in inside if d not in NOT_OURS and (not d.startswith(".") or d == ".ci")
        )
        yield from (
            Path(folder, f)
            for f in sorted(files)
            if not f.startswith(".") and Path(f).suffix in TEXT
        )


def test_the_project_reads_nothing_outside_itself() -> None:
    found = []
    for path in own_files():
        if path == Path(__file__):
            continue
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            if OUTSIDE.search(line):
                found.append(f"{name(path)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_a_path_outside_is_recognised() -> None:
    assert (
        OUTSIDE.search('open("/work/main/x")')
        and OUTSIDE.search('Path("../shared/data")')
        and OUTSIDE.search("= shared/data")
    )
    assert not OUTSIDE.search("the network/workers and unshared things")


# -- form -----------------------------------------------------------------------------------------------------


def test_functions_and_modules_are_short() -> None:
    long = []
    for path, node in nodes(*FUNCTIONS):
        count = sum(isinstance(n, ast.stmt) for n in ast.walk(node)) - 1
        if isinstance(node, FUNCTIONS) and count > MOST_STATEMENTS:
            long.append(f"{at(path, node)} {node.name}: {count} statements")
    for path in SOURCES:
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MOST_LINES:
            long.append(f"{name(path)}: {count} lines")
    assert not long, "\n".join(long)


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def intricate(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Expressions that are to be written out in steps, and functions of too many positional parameters."""
    for node in ast.walk(tree):
        if isinstance(node, COMPREHENSIONS):
            inner = [n for n in ast.walk(node) if isinstance(n, COMPREHENSIONS)]
            if len(inner) > 1 or len(node.generators) > 1:
                yield node, "nested comprehension"
        elif isinstance(node, ast.IfExp):
            if sum(isinstance(n, ast.IfExp) for n in ast.walk(node)) > 1:
                yield node, "chained conditional"
        elif isinstance(node, FUNCTIONS):
            given = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
            if len(given) - (given[:1] in (["self"], ["cls"])) > MOST_POSITIONAL:
                yield node, "too many positional parameters"


def test_expressions_are_written_out() -> None:
    found = [f"{at(p, n)} {what}" for p, tree in TREES.items() for n, what in intricate(tree)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "[y for x in a for y in x]",
        "{k: [v for v in b] for k, b in a.items()}",
        "sum(max(y for y in x) for x in a)",
        "1 if a else 2 if b else 3",
        "def f(a, b, c, d, e, f, g): pass",
    ],
)
def test_an_intricate_expression_is_found(line: str) -> None:
    assert list(intricate(ast.parse(line)))


def test_the_formatter_is_switched_off_beside_tables_of_data_only() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        if re.search(r"# fmt: ?(skip|off)", path.read_text(encoding="utf-8"))
    }
    assert found <= DATA_TABLES


def public(body: list[ast.stmt]) -> Iterator[Function]:
    """Functions and methods that others may call: no leading underscore, nor in the class around them, nor nested."""
    for node in body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)
            else:
                yield node


def unannotated(function: Function) -> list[str]:
    given = function.args
    plain = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    if plain and plain[0].arg in ("self", "cls"):
        plain = plain[1:]
    starred = [a for a in (given.vararg, given.kwarg) if a is not None]
    return [a.arg for a in (*plain, *starred) if a.annotation is None] + (
        [] if function.returns else ["return"]
    )


def test_public_functions_are_documented_and_annotated() -> None:
    """The docstring of an effect says what it books; ``book`` needs none of its own."""
    found = []
    for path, tree in TREES.items():
        effects = name(path).startswith("kursksim/engine/effects/")
        for function in public(tree.body):
            if not ast.get_docstring(function) and not (effects and function.name == "book"):
                found.append(f"{at(path, function)} {function.name}: no docstring")
            if missing := unannotated(function):
                found.append(
                    f"{at(path, function)} {function.name}: no annotation of {', '.join(missing)}"
                )
    assert not found, "\n".join(found)


def test_modules_are_documented() -> None:
    assert [name(p) for p, tree in TREES.items() if tree.body and not ast.get_docstring(tree)] == []


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert "py.typed" in (ROOT / "setup.cfg").read_text(encoding="utf-8")
