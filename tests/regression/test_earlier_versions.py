"""What was saved by a results version: it opens for reading ever after, and is replayed by its own version alone.

``tests/fixtures/versionN`` holds a campaign, a run of it as a folder and as a page, a game and a store. They are never
written anew: a version that changes results gets a folder of its own beside them.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

import kursksim as ks
from kursksim.errors import OtherVersions

FIXTURES = Path(__file__).parents[1] / "fixtures"
KEPT = sorted(FIXTURES.glob("version*"))
OWN = f"version{ks.results_version}"
pytestmark = pytest.mark.parametrize("kept", KEPT, ids=[k.name for k in KEPT])

T = TypeVar("T")


def quietly(do: Callable[[], T]) -> T:
    """Do something with what other versions of Python and numpy have saved."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OtherVersions)
        return do()


def test_a_run_opens_and_is_replayed_by_its_own_version(kept: Path) -> None:
    folder, page = ks.load_run(kept / "run"), ks.load_run(kept / "page.html")
    assert f"version{folder.provenance.results_version}" == kept.name
    assert folder.days == page.days == 6
    assert folder.daily.equals(page.daily)
    assert folder.why("2025-01-04").side == "holder"
    assert set(folder.control("2025-01-06").values()) == {"holder", "attacker"}
    if kept.name == OWN:
        again = quietly(lambda: ks.replay(folder))
        assert again.daily["held_km2"].tolist() == pytest.approx(
            folder.daily["held_km2"].tolist(), rel=1e-9
        )
    else:
        with pytest.raises(ks.BadUse, match="results version"):
            ks.replay(folder)


def test_a_store_opens_and_is_gone_on_with_by_its_own_version(kept: Path, tmp_path: Path) -> None:
    store = shutil.copy(kept / "store.sqlite", tmp_path / "store.sqlite")
    assert ks.load_ensemble(store).matrix("held_km2").shape == (2, 6)

    def go_on() -> ks.Ensemble:
        return ks.ensemble(
            kept / "campaign", replications=3, seed=5, until="2025-01-06", store=store
        )

    if (
        kept.name == OWN
    ):  # under the names that its measures were stored by, wherever these functions stand now
        assert quietly(go_on).matrix("held_km2").shape == (3, 6)
    else:
        with pytest.raises(ks.StoreError, match="results_version"):
            go_on()


def test_a_game_is_played_again_by_its_own_version(kept: Path) -> None:
    if kept.name == OWN:
        assert quietly(lambda: ks.load_game(kept / "game.json")).day == 3
    else:
        with pytest.raises(ks.BadUse, match="results version"):
            ks.load_game(kept / "game.json")
