"""Opening a saved game: its turns are played again. Nothing in the file is executed."""

from __future__ import annotations

import os
from pathlib import Path

from kursksim._version import results_version
from kursksim.api import kept
from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.io import read_model
from kursksim.play.game import Game
from kursksim.play.saves import FORMAT, LIMIT_BYTES, Save, SavedTurn, found_from, rule_found_from
from kursksim.runs.versions import MEANS, elsewhere, tell, tell_parting
from kursksim.scenario.catalogue import is_name, names
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES
from kursksim.studies.reveal import Note
from kursksim.text import plain

__all__ = ["load_game"]

_SAY_WHERE = (
    "say where it is: `kursksim play SCENARIO --load {where}`, or load_game(..., scenario=...)"
)


def load_game(path: str | Path, *, scenario: Scenario | str | Path | None = None) -> Game:
    """Open a saved game: play its turns again up to where it stood.

    Parameters
    ----------
    path : str or Path
    scenario : Scenario, or what ``load`` takes, optional
        Needed for a game of your own scenario that has moved since. Give the scenario without the
        what-ifs of the game, or exactly as it was played.

    Returns
    -------
    Game
        Equal to the saved one: the same tables, and the same luck ahead. With other versions of
        Python or numpy, or on another machine, the last digits may differ; an ``OtherVersions``
        warning says so.

    Raises
    ------
    BadUse
        For a file that is no saved game, is damaged, or comes from another results version or
        another scenario.
    """
    where = Path(path)
    save = read_model(Save, where, LIMIT_BYTES, format=FORMAT, what="a saved game")
    if save.results_version != results_version:
        raise BadUse(
            f"{where}: saved by results version {save.results_version}, this library has"
            f" {results_version}: it would play differently"
        )
    try:
        game = _game_of(save, where, scenario)
        for number, turn in enumerate(save.turns):
            _play(game, turn, number)
        for ruling in save.rulings:
            game.rule(ruling.entry, ruling.to)
        # Last digits may differ elsewhere, and so may the orders of a policy that compares them:
        # a warning below says so.
        other_orders = game.record.past != save.past
        if other_orders and not elsewhere(save.versions, save.machine):
            raise BadUse(
                "the game plays differently from when it was saved: a file of orders or the"
                " posterior has changed since"
            )
    except KursksimError as error:
        raise BadUse(f"{where}: {plain(error)}") from None
    held = game.record.held_km2
    if other_orders or (None not in (held, save.held_km2) and held != save.held_km2):
        tell_parting("the game", save.versions, save.machine, _compared(save, held))
    else:
        tell("the game", save.versions, _compared(save, held))
    # After the turns, as no turn is played once a side has resigned.
    game.notes = [Note(n.day, n.text) for n in save.notes]
    if save.resigned:
        game.resign(save.resigned)
    return game


def _compared(save: Save, held: float | None) -> str:
    """What it means for this game to be played elsewhere, as a part of the warning."""
    if save.held_km2 is None or held is None:
        return MEANS
    if held == save.held_km2:
        return "played again and compared, the ground held is the same to the last digit"
    return (
        f"played again and compared, {held:.9g} km² are held where the save has"
        f" {save.held_km2:.9g}; {MEANS}"
    )


def _found(save: Save, where: Path) -> str:
    """Name or path of the scenario of a save; the two may have moved together."""
    if is_name(save.scenario):
        if save.scenario not in names():
            given = save.scenario[:80]
            raise BadUse(
                f"its scenario {given!r} is unknown; {nearest(given, names())};"
                f" for one of your own, {_SAY_WHERE.format(where=where)}"
            )
        return save.scenario
    found = found_from(where.absolute().parent, save.scenario)
    if not os.path.exists(found):  # unlike Path.exists, False for a name too long for a file
        raise BadUse(
            f"its scenario {save.scenario!r} is not there; if it has moved,"
            f" {_SAY_WHERE.format(where=where)}"
        )
    return found


def _game_of(save: Save, where: Path, scenario: Scenario | str | Path | None) -> Game:
    """Return the game of a save before its first turn."""
    # A Scenario with the digest of the save has the what-ifs already, and takes them only once.
    as_played = isinstance(scenario, Scenario) and scenario.digest == save.digest
    folder = where.absolute().parent
    game = Game(
        _found(save, where) if scenario is None else scenario,
        what_if=() if as_played else save.what_if,
        set=None if as_played else save.set or None,
        seed=save.seed,
        replication=save.replication,
        parameters=save.parameters,
        policy={str(side): rule_found_from(folder, s) for side, s in save.policies.items()},
    )
    game.changes = kept(save.what_if), save.set or None
    if game.scenario.digest != save.digest:
        parts = differing(save.parts, parts_of(game.scenario))
        raise BadUse(
            f"the scenario {Path(game.source).name!r} ({game.scenario.title}) is not the one that"
            f" was played, or has changed since the game was saved"
            f"{f': {parts} differ' if parts else ''}"
        )
    return game


def _play(game: Game, turn: SavedTurn, number: int) -> None:
    try:
        for ruling in turn.rulings:
            game.rule(ruling.entry, ruling.to)
        given = {side: getattr(turn, side) for side in SIDES}
        game.step({side: fields for side, fields in given.items() if fields is not None})
    except KursksimError as error:
        raise BadUse(f"turn {number}: {error}") from None
