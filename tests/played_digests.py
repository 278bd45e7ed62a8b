"""Play both campaigns here and print what they come to, as digests in JSON; nothing is kept.

    python tests/played_digests.py

Tests run it with other interpreters, and at other levels of the vector instructions, and compare.
"""

from __future__ import annotations

import json
import sys
from hashlib import blake2b
from typing import Any

import numpy as np

import kursksim as ks
from kursksim.runs.save import contents
from kursksim.runs.versions import machine, versions

PLAYED: dict[str, dict[str, Any]] = {
    "the scenario's own policies": {"record": "full"},
    "a look ahead, with values of the prior set": {
        "parameters": "prior",
        "policy": {"holder": "expected_value", "attacker": "frontal"},
    },
}
CAMPAIGNS = ("december-march", "two-roads")


def digests(run: ks.Run) -> dict[str, str]:
    """Digest of every file of a run by name, and of the state of every midnight by date."""
    # run.json names the versions and the machine, which may differ; the rest may not
    files = {name: data for name, data in contents(run).items() if name != "run.json"}
    found = {name: blake2b(data, digest_size=16).hexdigest() for name, data in files.items()}
    return found | dict(zip(run.tables["daily"].columns["date"], run.digests, strict=True))


def main() -> None:
    """Play and print."""
    played = {
        f"{name}, {what}": digests(ks.run(name, seed=7, **given))
        for name in CAMPAIGNS
        for what, given in PLAYED.items()
    }
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    here = {"versions": versions(), "machine": machine(), "dispatched": simd.get("found", [])}
    json.dump(here | {"played": played}, sys.stdout)


if __name__ == "__main__":
    main()
