"""What a line of a player brings: the answer of the desk."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answer"]


@dataclass
class Answer:
    """What a line of a player brings.

    Attributes
    ----------
    lines : list of str
    page : str
        The page of the app that shows it: report, orders, log, charts, map, or '' for a short answer.
    turned : bool
        Whether the game stands elsewhere than before, so that every page is to be drawn anew.
    leaves : bool
        Whether the sitting is over.
    asks : bool
        Whether the lines are a question, to which the next line is the reply: yes or no.
    """

    lines: list[str]
    page: str = ""
    turned: bool = False
    leaves: bool = False
    asks: bool = False
