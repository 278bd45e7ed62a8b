"""Screens that lie over the app: one order to fill in, and the cover page between two people."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from kursksim.play.game import OrderChoice
from kursksim.play.terminal.words import EMPTY, explain, shown

__all__ = ["CoverScreen", "OrderScreen", "QuestionScreen"]


class OrderScreen(ModalScreen[str]):
    """One order: what it means, and its value; answers with the line that a player would have typed, or ''."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Back")]
    DEFAULT_CSS = """
    OrderScreen { align: center middle; }
    OrderScreen > Vertical { width: 72; max-width: 100%; height: auto; max-height: 100%; border: solid $accent;
        background: $surface; padding: 0 1; }
    OrderScreen OptionList { height: auto; max-height: 8; }
    OrderScreen Horizontal { height: auto; }
    OrderScreen Button { margin-right: 1; }
    """

    def __init__(self, choice: OrderChoice, given: dict[str, Any]) -> None:
        super().__init__()
        self.choice, self.given = choice, given

    def compose(self) -> ComposeResult:
        """Text, the values to choose from or a field to type in, and three buttons."""
        choice = self.choice
        now = shown(self.given.get(choice.name, choice.default))
        with Vertical():
            yield Static("\n".join(explain(choice, self.given, 66)), markup=False)
            if choice.kind in ("flag", "choice"):
                names = (
                    ["yes", "no"] if choice.kind == "flag" else [c or EMPTY for c in choice.choices]
                )
                values = OptionList(
                    *(Option(n, id=f"value-{i}") for i, n in enumerate(names)),
                    id="values",
                    markup=False,
                )
                values.highlighted = names.index(now)  # Enter leaves it as it is
                yield values
            else:
                yield Input(value=now, id="value", compact=True)
            with Horizontal():
                yield Button("Order it", id="set", variant="primary", compact=True)
                yield Button("As the staff suggests", id="clear", compact=True)
                yield Button("Back", id="back", compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A value was chosen."""
        event.stop()
        self.dismiss(f"{self.choice.name} {event.option.prompt}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A value was typed."""
        event.stop()
        self.dismiss(f"{self.choice.name} {event.value}")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """One of the three buttons."""
        event.stop()
        if event.button.id == "clear":
            self.dismiss(f"clear {self.choice.name}")
        elif event.button.id == "back":
            self.dismiss("")
        else:
            self.dismiss(f"{self.choice.name} {self._value()}")

    def _value(self) -> str:
        if self.choice.kind not in ("flag", "choice"):
            return self.query_one("#value", Input).value
        values = self.query_one("#values", OptionList)
        at = values.highlighted or 0
        return str(values.get_option_at_index(at).prompt)

    def action_cancel(self) -> None:
        """Leave it as it was."""
        self.dismiss("")


class QuestionScreen(ModalScreen[str]):
    """A question before an order that stands: answers yes or no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "reply('yes')", "Yes"),
        Binding("n,escape", "reply('no')", "No"),
    ]
    DEFAULT_CSS = """
    QuestionScreen { align: center middle; }
    QuestionScreen > Vertical { width: 66; max-width: 100%; height: auto; border: solid $accent; background: $surface;
        padding: 0 1; }
    QuestionScreen Horizontal { height: auto; }
    QuestionScreen Button { margin-right: 1; }
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def compose(self) -> ComposeResult:
        """The question and two buttons; the first one leaves things as they are."""
        with Vertical():
            yield Static("\n".join(self.lines), markup=False)
            with Horizontal():
                yield Button("No", id="no", compact=True)
                yield Button("Yes, order it", id="yes", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """One of the two buttons."""
        event.stop()
        self.dismiss(event.button.id)

    def action_reply(self, word: str) -> None:
        """The same, by keyboard."""
        self.dismiss(word)


class CoverScreen(ModalScreen[None]):
    """The cover page between two people: nothing of the game can be seen until the next one has sat down."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "I have sat down")]
    DEFAULT_CSS = """
    CoverScreen { align: center middle; background: $background; }
    CoverScreen > Vertical { width: 66; height: auto; }
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def compose(self) -> ComposeResult:
        """The page and its button."""
        with Vertical():
            yield Static("\n".join(self.lines), markup=False)
            yield Button("I have sat down", id="open", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The next one has sat down."""
        event.stop()
        self.dismiss(None)

    def action_open(self) -> None:
        """The same, by keyboard."""
        self.dismiss(None)
