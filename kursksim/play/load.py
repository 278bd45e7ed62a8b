"""Opening a saved game: it is played again up to where it was. Nothing in its file is executed."""

from __future__ import annotations

from pathlib import Path

from kursksim._version import results_version
from kursksim.api import kept
from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.io import read_model
from kursksim.play.game import Game
from kursksim.play.saves import FORMAT, LIMIT_BYTES, Save, SavedTurn, found_from, rule_of
from kursksim.runs.versions import MEANS, other_versions, tell
from kursksim.scenario.catalogue import is_name, names
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.schema import Scenario
from kursksim.studies.reveal import Note
from kursksim.text import plain

__all__ = ["load_game"]

_SAY_WHERE = (
    "say where it is: `kursksim play SCENARIO --load {where}`, or load_game(..., scenario=...)"
)


def load_game(path: str | Path, *, scenario: Scenario | str | Path | None = None) -> Game:
    """Open a saved game and play it again up to where it was.

    Parameters
    ----------
    path : str or Path
    scenario : Scenario, or what ``load`` takes, optional
        For a game of a scenario that does not ship with the library and has moved since; without its what-ifs, or
        just as it was played.

    Returns
    -------
    Game
        Equal to the one that was saved: the same tables, the same luck ahead. With other versions of Python or numpy
        last digits may differ: an ``OtherVersions`` warning says so.

    Raises
    ------
    BadUse
        For a file that is no saved game, is damaged, or was saved by another results version or of another scenario.
    """
    where = Path(path)
    save = read_model(Save, where, LIMIT_BYTES, format=FORMAT, what="a saved game")
    if save.results_version != results_version:
        raise BadUse(
            f"{where}: saved by results version {save.results_version}, this library has {results_version}:"
            " it would play otherwise"
        )
    try:
        game = _made(save, where, scenario)
        for number, turn in enumerate(save.turns):
            _play(game, turn, number)
        for ruling in save.rulings:
            game.rule(ruling.entry, ruling.to)
        if game.record.past != save.past and not other_versions(save.versions):
            raise BadUse(
                "it plays otherwise than when it was saved: a file of orders or the posterior has changed since"
            )
    except KursksimError as error:
        raise BadUse(f"{where}: {plain(error)}") from None
    tell("the game", save.versions, _alike(save, game.record.held_km2))
    game.notes = [Note(n.day, n.text) for n in save.notes]
    if save.resigned:
        game.resign(save.resigned)
    return game


def _alike(save: Save, held: float | None) -> str:
    """What it means that a game was saved with other versions."""
    if save.held_km2 is None or held is None:
        return MEANS
    if held == save.held_km2:
        return "played again and compared, the ground held is the same to the last digit"
    return f"played again and compared, {held:.9g} km² are held where the save has {save.held_km2:.9g}; {MEANS}"


def _found(save: Save, where: Path) -> str:
    """Where the scenario of a save is, which may have moved together with it."""
    if is_name(save.scenario):
        if save.scenario not in names():
            own = f"; for one of your own, {_SAY_WHERE.format(where=where)}"
            raise BadUse(
                f"its scenario {save.scenario[:80]!r} is unknown; {nearest(save.scenario[:80], names())}{own}"
            )
        return save.scenario
    found = Path(found_from(where.absolute().parent, save.scenario))
    try:
        there = found.exists()
    except (OSError, ValueError):
        there = False
    if not there:
        moved = f"if it has moved, {_SAY_WHERE.format(where=where)}"
        raise BadUse(f"its scenario {save.scenario!r} is not there; {moved}")
    return str(found)


def _made(save: Save, where: Path, scenario: Scenario | str | Path | None) -> Game:
    as_played = (
        isinstance(scenario, Scenario) and scenario.digest == save.digest
    )  # its what-ifs are in it already
    game = Game(
        _found(save, where) if scenario is None else scenario,
        what_if=() if as_played else save.what_if,
        set=None if as_played else save.set or None,
        seed=save.seed,
        replication=save.replication,
        parameters=save.parameters,
        policy={
            str(side): rule_of(s, where.absolute().parent, found_from)
            for side, s in save.policies.items()
        },
    )
    game.changes = kept(save.what_if), save.set or None
    if game.scenario.digest != save.digest:
        parts = differing(save.parts, parts_of(game.scenario))
        raise BadUse(
            f"the scenario {Path(game.source).name!r} ({game.scenario.title}) is not the one that was played, or has"
            f" changed since the game was saved{f': {parts} differ' if parts else ''}"
        )
    return game


def _play(game: Game, turn: SavedTurn, number: int) -> None:
    try:
        for ruling in turn.rulings:
            game.rule(ruling.entry, ruling.to)
        given = {"holder": turn.holder, "attacker": turn.attacker}
        game.step({side: fields for side, fields in given.items() if fields is not None})
    except KursksimError as error:
        raise BadUse(f"turn {number}: {error}") from None
