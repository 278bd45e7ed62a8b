"""The game on a terminal, with Textual: map, report, orders, log, charts, and a line for words at the foot."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Input, OptionList, Static, TabbedContent, TabPane
from textual.widgets.option_list import Option

from kursksim.play.terminal.answers import Answer
from kursksim.play.terminal.closing import closing
from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.map import coloured, legend, picture
from kursksim.play.terminal.pages import beside_map, heading, order_rows, page
from kursksim.play.terminal.screens import CoverScreen, OrderScreen, QuestionScreen
from kursksim.sides import SIDES

__all__ = ["PlayApp", "run_app"]

TEXTS = ("report", "log", "charts", "help")
TABS = {
    "map": "F2 Map", "report": "F3 Report", "orders": "F4 Orders", "log": "F5 Log", "charts": "F6 Charts",
    "help": "F1 Help",
}  # fmt: skip
INTERRUPTED = "interrupted"


class MapPicture(Static):
    """The map as text, as large as its place on the screen."""

    def on_resize(self) -> None:
        """Its place has another size, or it is shown for the first time: only now is the size known."""
        if isinstance(self.app, PlayApp):
            self.app.draw_map()


class PlayApp(App[str]):
    """The game at one screen.

    Parameters
    ----------
    desk : Desk
    """

    TITLE = "kursksim"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #heading { height: 1; background: $primary; color: $text; }
    TabbedContent { height: 1fr; }
    TabPane { padding: 0; }
    #map-picture { width: 1fr; height: 1fr; }
    #map-beside { width: 26; height: 1fr; padding: 0 1; }
    #legend { height: 2; }
    #orders-list { height: 1fr; border: none; }
    #answer { height: auto; max-height: 3; background: $panel; }
    #line { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "tab('help')", "Help"),
        *(
            Binding(f"f{n}", f"tab('{t}')", t.capitalize(), show=False)
            for n, t in enumerate(list(TABS)[:5], 2)
        ),
        Binding("f7", "words('undo')", "Take back"),
        Binding("f8", "words('end')", "End turn"),
        Binding("ctrl+q", "words('quit')", "Leave", priority=True),
        Binding("ctrl+c", "interrupt", "Leave", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.desk.asks = True
        self.busy = False
        self.stale = False

    def compose(self) -> ComposeResult:
        """A head, a page a tab, the last answer, the line for words, the keys."""
        yield Static("", id="heading", markup=False)
        with TabbedContent(initial="map"):
            with TabPane(TABS["map"], id="map"):
                with Horizontal():
                    yield MapPicture("", id="map-picture")
                    yield Static("", id="map-beside", markup=False)
                yield Static("", id="legend", markup=False)
            for name in list(TABS)[1:]:
                with TabPane(TABS[name], id=name):
                    if name == "orders":
                        yield OptionList(id="orders-list", markup=False)
                    else:
                        yield VerticalScroll(Static("", id=f"{name}-text", markup=False))
        yield Static("", id="answer", markup=False)
        yield Input(
            placeholder="words, such as: night_share 0.9, end, undo, help", id="line", compact=True
        )
        yield Footer()

    def on_mount(self) -> None:
        """First pages, or the cover page."""
        self.query_one("#line", Input).focus()
        if self.desk.covered:
            self._cover()
        else:
            self._draw()
            self._say([self.desk.game.scenario.title + ". F8 ends the turn, F1 helps."])

    def on_resize(self) -> None:
        """Lines break elsewhere; the map follows when its own place has its new size."""
        self.call_after_refresh(self._draw)

    # -- words ----------------------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A line of words."""
        event.input.value = ""
        self.action_words(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """An order was opened."""
        name = event.option.id
        if self.busy or name is None or self.desk.game.over or self.desk.seat not in SIDES:
            return
        choice = self.desk.game.legal_orders(self.desk.seat)[name]
        self.push_screen(OrderScreen(choice, self.desk.given[self.desk.seat]), self._ordered)

    def _ordered(self, line: str | None) -> None:
        if line:
            self.action_words(line)

    def action_words(self, line: str) -> None:
        """Carry out a line; what may take a while runs beside the screen, which says so."""
        if self.busy or (self.desk.covered and line != "quit") or not line.strip():
            return
        self.busy = True
        self._say(["Working …"])
        self.query_one("#line", Input).placeholder = "working …"
        self._carry_out(line)

    @work(thread=True, exclusive=True)
    def _carry_out(self, line: str) -> None:
        try:
            made = answer(self.desk, line)
        except Exception:
            self.call_from_thread(self._free)
            raise
        self.call_from_thread(self._answered, made)

    def _free(self) -> None:
        self.busy = False
        self.query_one(
            "#line", Input
        ).placeholder = "words, such as: night_share 0.9, end, undo, help"

    def _answered(self, made: Answer) -> None:
        self._free()
        if made.leaves:
            self.exit("")
            return
        if self.desk.covered:
            self._cover()
            return
        if made.turned or self.stale:
            self._draw()
        if made.asks:
            self._say([""])
            self.push_screen(QuestionScreen(made.lines), self._ordered)
            return
        tabs = self.query_one(TabbedContent)
        long = len(made.lines) > 3
        if not made.turned and made.page in TABS and self.desk.seat in SIDES:
            tabs.active = made.page
        elif not made.turned and long:
            self._show("log", made.lines)
            tabs.active = "log"
        self._say(made.lines if not long else made.lines[:1] if made.turned else [""])

    def action_tab(self, name: str) -> None:
        """Turn to a page."""
        if self.desk.covered:
            return
        if name == "log" and not self.busy:
            self._show("log", page(self.desk, "log", self._width()))
        self.query_one(TabbedContent).active = name
        if name == "orders":
            self.query_one("#orders-list", OptionList).focus()
        else:
            self.query_one("#line", Input).focus()

    def action_interrupt(self) -> None:
        """Ctrl-C: leave as from any other command."""
        self.exit(INTERRUPTED)

    # -- drawing --------------------------------------------------------------------------------------------------

    def _width(self) -> int:
        return max(40, self.size.width - 3)  # the scroll bar takes two

    def _say(self, lines: list[str]) -> None:
        self.query_one("#answer", Static).update("\n".join(lines))

    def _show(self, name: str, lines: list[str]) -> None:
        self.query_one(f"#{name}-text", Static).update("\n".join(lines))

    def _draw(self) -> None:
        """Every page anew, for whoever sits here; while a word is carried out the game stands between two days."""
        self.stale = self.busy
        if self.busy or self.desk.covered:
            return
        desk = self.desk
        self.query_one("#heading", Static).update(heading(desk))
        self.draw_map()
        self.query_one("#map-beside", Static).update("\n".join(beside_map(desk)))
        self.query_one("#legend", Static).update("\n".join(legend(desk.game)))
        for name in TEXTS:
            self._show(name, page(desk, name, self._width()))
        orders = self.query_one("#orders-list", OptionList)
        at = orders.highlighted
        orders.clear_options()
        rows_of = order_rows(desk) or [("", line) for line in page(desk, "orders", self._width())]
        orders.add_options([Option(text, id=name or None) for name, text in rows_of])
        if at is not None and at < len(rows_of):
            orders.highlighted = at

    def draw_map(self) -> None:
        """The map, as large as its place."""
        room = self.query_one("#map-picture", Static)
        self.stale = self.stale or self.busy
        if self.busy or self.desk.covered or not room.size:
            return
        room.update(
            coloured(picture(self.desk.game, max(10, room.size.width), max(4, room.size.height)))
        )

    def _cover(self) -> None:
        """Hide everything, then lay the cover page over it."""
        for name in (
            "heading",
            "map-picture",
            "map-beside",
            "answer",
            *(f"{t}-text" for t in TEXTS),
        ):
            self.query_one(f"#{name}", Static).update("")
        self.query_one("#orders-list", OptionList).clear_options()
        self.push_screen(CoverScreen(self.desk.cover()), self._opened)

    def _opened(self, result: None) -> None:
        made = answer(self.desk, "")
        self._draw()
        self._say(made.lines[:1])
        self.query_one(TabbedContent).active = "map"
        self.query_one("#line", Input).focus()


def run_app(desk: Desk) -> list[str]:
    """Play on the terminal until the player leaves.

    Returns
    -------
    list of str
        What to say once the terminal is as it was.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; the game is kept as far as it was played.
    """
    app = PlayApp(desk)
    if app.run() == INTERRUPTED:
        raise KeyboardInterrupt
    if app.return_code:
        raise SystemExit(app.return_code)
    return closing(desk.game, desk.seats, desk.saved)
