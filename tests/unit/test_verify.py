"""What ``verify`` measures: limits hold, conservation can fail, ids are those of the list of relations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kursksim.cli import main
from kursksim.engine import effects as fx
from kursksim.engine.world import World
from kursksim.models.combat import RatioCombat
from kursksim.studies.verify import conservation as books
from kursksim.studies.verify import verify
from kursksim.studies.verify.chance import CHANCE
from kursksim.studies.verify.exact import EXACT
from kursksim.studies.verify.laws import Setting
from kursksim.studies.verify.limits import LIMITS, Off
from kursksim.studies.verify.relations import relations

QUICK = [limit for limit in (*LIMITS, *CHANCE, *EXACT) if limit.id != "M24"]


@pytest.mark.parametrize("limit", [pytest.param(one, id=one.id) for one in QUICK])
def test_limits_hold(limit: Any) -> None:
    found = limit.check()
    assert found.holds, (limit.says, found)


def test_every_law_of_the_list_is_there() -> None:
    ids = (
        {limit.id for limit in (*LIMITS, *CHANCE, *EXACT)}
        | {r.id for r in relations()}
        | set(books.LAWS)
    )
    assert {f"A{n}" for n in range(1, 18) if n != 8} <= ids
    assert {f"C{n}" for n in range(1, 14)} <= ids
    stems = {found[0] for i in ids if (found := re.match(r"M\d+", i))}
    wanted = {f"M{n}" for n in range(1, 27) if n != 21}
    assert wanted <= stems, wanted - stems
    assert len({r.id for r in relations()}) == len(relations())


def test_a_broken_law_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = next(one for one in LIMITS if one.id == "A3")
    monkeypatch.setattr(RatioCombat, "holder_loss", lambda self, ratio, fed: 0.0)
    assert not limit.check().holds
    assert not Off(1.0, 0.2).holds
    assert Off(1.0, 0.3).holds


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "hard", lambda: [("two-roads", Setting(set={"days": 8}))])


def test_conservation_holds_and_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    assert all(w.holds for w in books.conservation(0))
    ours = fx.Replaced.book

    def lost(effect: fx.Replaced, world: World) -> None:
        ours(effect, world)
        world.fleet.serviceable -= 1

    monkeypatch.setattr(fx.Replaced, "book", lost)
    failed = {w.id for w in books.conservation(0) if not w.holds}
    assert failed == {"C4"}


def test_the_command_says_no_by_its_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small(monkeypatch)
    monkeypatch.setattr(verify, "LIMITS", LIMITS[:2])
    monkeypatch.setattr(verify, "EXACT", ())
    monkeypatch.setattr(verify, "relations", lambda: ())
    target = tmp_path / "v.json"
    assert main(["verify", "--fast", "--workers", "1", "--json", str(target)]) == 0
    found = json.loads(target.read_text())["results"]
    assert {"id", "kind", "effect", "se", "verdict"} <= set(found[0])
    assert {f["kind"] for f in found} == {"conservation", "analytic"}
    assert {f["verdict"] for f in found} == {"holds"}
    monkeypatch.setattr(RatioCombat, "holder_loss", lambda self, ratio, fed: 0.0)
    assert main(["verify", "--fast", "--workers", "1", "--json", str(target)]) == 1
