"""What is said when a game is left: a short summary for those who sat at it, and where it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kursksim.play.game import Game
from kursksim.play.terminal.fog import column

__all__ = ["closing"]


def closing(game: Game, seats: Sequence[str], saved: Path | None) -> list[str]:
    """Lines for the end of a sitting.

    Parameters
    ----------
    game : Game
    seats : sequence of str
        Who sat at the table; each is told its own part alone, as a game can be gone on with.
    saved : Path or None
    """
    lines = [""]
    if not game.day:
        return [*lines, "Nothing was played."]
    state = game.ending or "the game can be gone on with"
    days = f"{game.day} day{'s' * (game.day > 1)}"
    lines.append(
        f"{game.scenario.title}, seed {game.seed}: {days} of {game.scenario.days} played; {state}."
    )
    held = column(game, "holder", "held_km2")
    lines.append(
        f"Ground held beyond the border: {held[-1]:.1f} km² (first evening {held[0]:.1f})."
    )
    told = seats if len(seats) == 1 or game.over else ()  # two who share a screen share no books
    if "holder" in told:
        lost, missing = (
            column(game, "holder", f"holder_{n}")[-1]
            for n in ("killed_wounded", "missing_captured")
        )
        destroyed = column(game, "holder", "vehicles_destroyed")[-1]
        supply = column(game, "holder", "days_of_supply")[-1]
        lines.append(
            f"Holder: {supply:.1f} days of supply, vehicles destroyed: {destroyed};"
            f" losses {lost:.0f} and {missing:.0f} missing (indices of the model)."
        )
    if "attacker" in told:
        lost = column(game, "attacker", "attacker_losses")[-1]
        lines.append(f"Attacker: losses {lost:.0f} (an index of the model).")
    where = (
        f"The game is kept in {saved} (`kursksim play --load {saved}`)."
        if saved
        else "The game was not saved."
    )
    laid_open = (
        f"`kursksim reveal {saved} --out reveal` lays it open: other courses, history, what was public."
        if saved
        else ""
    )
    return [*lines, where, *([laid_open] if laid_open and game.over else [])]
