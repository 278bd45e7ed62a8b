"""Screens that lie over the app: one order to fill in, a question, the cover page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static

from kursksim.play.moves import OrderChoice
from kursksim.play.terminal.words import EMPTY, explain, shown

__all__ = ["CoverScreen", "OrderScreen", "QuestionScreen"]


class _Over(ModalScreen[str]):
    """Lines of text and a row of buttons; its result is the line that a player would have typed.

    Parameters
    ----------
    lines : list of str
    """

    DEFAULT_CSS = """
    _Over { align: center middle; }
    _Over > Vertical { width: 66; max-width: 100%; height: auto; max-height: 100%;
        border: solid $accent; background: $surface; padding: 0 1; }
    _Over Horizontal { height: auto; }
    _Over Button { margin-right: 1; }
    """
    BUTTONS: ClassVar[Mapping[str, str]] = {}
    """Label of each button by its id; the first has the focus unless a field comes before it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def compose(self) -> ComposeResult:
        """Lay out the text, the fields and the buttons."""
        with Vertical():
            yield Static("\n".join(self.lines), markup=False)
            yield from self._fields()
            with Horizontal():
                for name, label in self.BUTTONS.items():
                    yield Button(label, id=name, compact=True)

    def _fields(self) -> Iterator[Widget]:
        yield from ()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close the screen with what the button stands for."""
        event.stop()
        self.action_reply(event.button.id or "")

    def action_reply(self, word: str) -> None:
        """Close the screen; a key or a button has given a word."""
        self.dismiss(word)


class OrderScreen(_Over):
    """One order: what it means, its value, the ways to change it.

    Parameters
    ----------
    choice : OrderChoice
    given : mapping of field to value
        Orders already given this evening.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "reply('back')", "Back")]
    DEFAULT_CSS = """
    OrderScreen > Vertical { width: 72; }
    OrderScreen OptionList { height: auto; max-height: 8; }
    """
    BUTTONS: ClassVar[Mapping[str, str]] = {
        "set": "Order it",
        "clear": "As the staff suggests",
        "back": "Back",
    }

    def __init__(self, choice: OrderChoice, given: Mapping[str, Any]) -> None:
        super().__init__(explain(choice, given, 66))
        self.choice = choice
        now = shown(given.get(choice.name, choice.default))
        names = ["yes", "no"] if choice.kind == "flag" else [c or EMPTY for c in choice.choices]
        self.field: Input | OptionList
        if choice.kind in ("flag", "choice"):
            self.field = OptionList(*names, id="values", markup=False)
            self.field.highlighted = names.index(now)  # Enter leaves the order as it is
        else:
            self.field = Input(value=now, id="value", compact=True)

    def _fields(self) -> Iterator[Widget]:
        yield self.field

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Order the value that was chosen."""
        event.stop()
        self.action_reply("set")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Order the value that was typed."""
        event.stop()
        self.action_reply("set")

    def action_reply(self, word: str) -> None:
        """Close the screen with the line that a player would have typed, or '' for none."""
        lines = {"set": f"{self.choice.name} {self._value()}", "clear": f"clear {self.choice.name}"}
        self.dismiss(lines.get(word, ""))

    def _value(self) -> str:
        if isinstance(self.field, Input):
            return self.field.value
        option = self.field.highlighted_option
        return str(option.prompt) if option else ""


class QuestionScreen(_Over):
    """A question before an order that cannot be taken back later; No has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "reply('yes')", "Yes"),
        Binding("n,escape", "reply('no')", "No"),
    ]
    BUTTONS: ClassVar[Mapping[str, str]] = {"no": "No", "yes": "Yes, order it"}


class CoverScreen(_Over):
    """The cover page between two people: it hides the game until the next one has sat down."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "reply('')", "I have sat down")]
    DEFAULT_CSS = """
    CoverScreen { background: $background; }
    CoverScreen > Vertical { border: none; background: $background; padding: 0; }
    """
    BUTTONS: ClassVar[Mapping[str, str]] = {"open": "I have sat down"}
