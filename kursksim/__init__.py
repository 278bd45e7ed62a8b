"""kursksim: a turn-based, discrete-event campaign model for teaching.

Supply roads, their interdiction, the decision to withdraw.

>>> import kursksim as ks
>>> scenario = ks.load("two-roads")
>>> run = ks.run(scenario, seed=7)

Names are loaded on first use, so that importing the package costs almost nothing.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kursksim._version import __version__, results_version

if TYPE_CHECKING:
    from kursksim import evidence, models, play, plot, policies, registry, studies, terrain
    from kursksim.api import load, run
    from kursksim.drafting.scaffold import scaffold
    from kursksim.engine.campaign import replay
    from kursksim.engine.engine import Engine
    from kursksim.ensembles import Comparison, Ensemble, compare, ensemble, load_ensemble
    from kursksim.errors import (
        BadUse,
        KursksimError,
        RunFileError,
        RunOver,
        ScenarioError,
        StoreError,
    )
    from kursksim.forecasting import Forecast, forecast, hindcast, load_forecast
    from kursksim.observation import Observation
    from kursksim.orders import AttackerOrders, Decision, HolderOrders
    from kursksim.play import Game, load_game
    from kursksim.replays import replay_page
    from kursksim.runs.load import load_run
    from kursksim.runs.parting import diff
    from kursksim.runs.record import Run
    from kursksim.runs.state import State
    from kursksim.scenario.differences import diff_scenarios
    from kursksim.scenario.schema import Scenario
    from kursksim.studies.checking import check

__all__ = [
    "AttackerOrders",
    "BadUse",
    "Comparison",
    "Decision",
    "Engine",
    "Ensemble",
    "Forecast",
    "Game",
    "HolderOrders",
    "KursksimError",
    "Observation",
    "Run",
    "RunFileError",
    "RunOver",
    "Scenario",
    "ScenarioError",
    "State",
    "StoreError",
    "__version__",
    "check",
    "compare",
    "diff",
    "diff_scenarios",
    "ensemble",
    "evidence",
    "forecast",
    "hindcast",
    "load",
    "load_ensemble",
    "load_forecast",
    "load_game",
    "load_run",
    "models",
    "play",
    "plot",
    "policies",
    "registry",
    "replay",
    "replay_page",
    "results_version",
    "run",
    "scaffold",
    "studies",
    "terrain",
]

_HOME = {
    "load": "api",
    "run": "api",
    "scaffold": "drafting.scaffold",
    "replay": "engine.campaign",
    "Engine": "engine.engine",
    "Comparison": "ensembles",
    "Ensemble": "ensembles",
    "compare": "ensembles",
    "ensemble": "ensembles",
    "load_ensemble": "ensembles",
    "BadUse": "errors",
    "KursksimError": "errors",
    "RunFileError": "errors",
    "RunOver": "errors",
    "ScenarioError": "errors",
    "StoreError": "errors",
    "Forecast": "forecasting",
    "forecast": "forecasting",
    "hindcast": "forecasting",
    "load_forecast": "forecasting",
    "AttackerOrders": "orders",
    "Decision": "orders",
    "HolderOrders": "orders",
    "Observation": "observation",
    "Game": "play",
    "load_game": "play",
    "replay_page": "replays",
    "load_run": "runs.load",
    "diff": "runs.parting",
    "Run": "runs.record",
    "State": "runs.state",
    "diff_scenarios": "scenario.differences",
    "Scenario": "scenario.schema",
    "check": "studies.checking",
}
_MODULES = ("evidence", "models", "play", "plot", "policies", "registry", "studies", "terrain")

if "gymnasium.envs.registration" in sys.modules:
    # programs that take environments by name, such as RL Zoo, import the package to learn its names
    from kursksim.env_ids import register_envs

    register_envs()


def __getattr__(name: str) -> Any:
    if name in _HOME:
        found = getattr(import_module(f"kursksim.{_HOME[name]}"), name)
        globals()[name] = found
        return found
    if name in _MODULES:
        return import_module(f"kursksim.{name}")
    raise AttributeError(f"module 'kursksim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
