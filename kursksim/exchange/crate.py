"""A run or a store as an RO-Crate 1.1: its files with what they are, what made them, and from what.

The crate follows the profile Process Run Crate 0.5: one action, which the program carried out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from kursksim._version import __version__
from kursksim.ensembles.results import Ensemble
from kursksim.ensembles.sources import Stored
from kursksim.errors import BadUse
from kursksim.io import BadFile, read_bytes
from kursksim.runs.record import Run
from kursksim.runs.save import contents
from kursksim.scenario.schema import Scenario

__all__ = ["METADATA", "crate_files"]

METADATA = "ro-crate-metadata.json"
LIMIT_BYTES = 2 * 1024**3
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_RO_CRATE = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_KINDS = {".csv": "text/csv", ".json": "application/json", ".sqlite": "application/vnd.sqlite3"}
_SAID = {
    "run.json": "What made the run: scenario, parameters, policies, seed, versions.",
    "daily.csv": "One row a day: ground, roads, stocks, losses (indices, not estimates).",
    "axes.csv": "One row a day and axis.",
    "legs.csv": "One row a day and leg of road.",
    "control.csv": "Owner of every cell at the start, and each change of control.",
    "decisions.json": "Decisions and orders of both sides, by day.",
    "events.csv": "What happened, by the hour.",
}


def crate_files(made: Run | Ensemble) -> dict[str, bytes]:
    """The files of a crate by name, its metadata among them.

    Raises
    ------
    BadUse
        For an ensemble that is in memory alone, and a store of more than 2 GB.
    """
    if isinstance(made, Run):
        files = contents(made)
        p = made.provenance
        asked = {"seed": p.seed, "replication": p.replication, "parameters": p.parameters}
        asked |= {f"policy of the {side}": name for side, name in p.policies.items()}
        versions, said = p.versions, p.line()
    else:
        files = _of_store(made)
        asked = {"seed": made.seed, "replications": made.replications}
        asked["parameters"] = made.parameters
        versions, said = {"kursksim": __version__}, f"{made.replications} replications"
    graph = _graph(made.scenario, sorted(files), asked, versions, said)
    text = json.dumps({"@context": _CONTEXT, "@graph": graph}, indent=2, ensure_ascii=False)
    return {**files, METADATA: f"{text}\n".encode()}


def _of_store(made: Ensemble) -> dict[str, bytes]:
    if not isinstance(made.source, Stored):
        raise BadUse("this ensemble is in memory alone; make it with a store, then export that")
    path = made.source.path
    try:
        return {"ensemble.sqlite": read_bytes(path, LIMIT_BYTES)}
    except BadFile as error:
        raise BadUse(f"{path}: {error.rule}") from None


def _graph(
    scenario: Scenario,
    names: Sequence[str],
    asked: Mapping[str, Any],
    versions: Mapping[str, str],
    said: str,
) -> list[dict[str, Any]]:
    today = dt.date.today().isoformat()
    title = f"{scenario.title}: {said}"
    parts = [{"@id": name} for name in names]
    given = [_asked(number, name, value) for number, (name, value) in enumerate(asked.items())]
    sources = [_source(number, source) for number, source in enumerate(scenario.sources)]
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROFILE},
        "name": title,
        "description": scenario.summary or title,
        "datePublished": today,
        "license": {"@id": "#terms"},
        "hasPart": parts,
        "mentions": {"@id": "#run"},
    }
    cited = [{"@id": source["@id"]} for source in sources]
    if cited:  # one thing stands alone in JSON-LD, not in a list
        root["citation"] = cited if len(cited) > 1 else cited[0]
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Play {scenario.title}",
        "description": f"Scenario {scenario.id}, digest {scenario.digest}.",
        "instrument": {"@id": "#kursksim"},
        "object": [{"@id": one["@id"]} for one in given],
        "result": parts,
        "endTime": today,
    }
    terms = {
        "@id": "#terms",
        "@type": "CreativeWork",
        "name": "Terms of the data that the scenario rests on",
        "description": "Results of a simulation. Who passes them on keeps to the terms of the"
        " sources that are cited, as the scenario's DATA.md states them.",
    }
    about = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _RO_CRATE},
        "about": {"@id": "./"},
    }
    profile = {
        "@id": _PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }
    files = [_file(name) for name in names]
    program = _program(versions)
    return [about, root, profile, action, program, terms, *files, *given, *sources]


def _program(versions: Mapping[str, str]) -> dict[str, Any]:
    others = ", ".join(f"{name} {v}" for name, v in versions.items() if name != "kursksim")
    found = {
        "@id": "#kursksim",
        "@type": "SoftwareApplication",
        "name": "kursksim",
        "softwareVersion": versions.get("kursksim", __version__),
    }
    return found | ({"softwareRequirements": others} if others else {})


def _file(name: str) -> dict[str, Any]:
    kind = _KINDS.get(PurePath(name).suffix, "application/octet-stream")
    said = _SAID.get(name, "Replications of an ensemble, or states of a run, as the program reads.")
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "description": said,
        "encodingFormat": kind,
    }


def _asked(number: int, name: str, value: Any) -> dict[str, Any]:
    return {"@id": f"#asked-{number}", "@type": "PropertyValue", "name": name, "value": str(value)}


def _source(number: int, source: Any) -> dict[str, Any]:
    found = {"@id": f"#source-{number}", "@type": "CreativeWork", "name": source.title}
    first = source.url.split(" ; ")[0].strip()
    found |= {"url": first} if first else {}
    return found | ({"usageInfo": source.terms} if source.terms else {})
