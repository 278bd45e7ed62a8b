"""The game on a terminal, with Textual: pages of map, report, orders and more; a line for words."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Input, OptionList, Static, TabbedContent, TabPane
from textual.widgets.option_list import Option

from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Answer, Desk
from kursksim.play.terminal.map import coloured, legend, picture
from kursksim.play.terminal.pages import beside_map, closing, heading, order_rows, page
from kursksim.play.terminal.screens import CoverScreen, OrderScreen, QuestionScreen
from kursksim.sides import SIDES

__all__ = ["PlayApp", "run_app"]

TEXTS = ("report", "log", "charts", "help")
TABS = {
    "map": "F2 Map",
    "report": "F3 Report",
    "orders": "F4 Orders",
    "log": "F5 Log",
    "charts": "F6 Charts",
    "help": "F1 Help",
}
PLACEHOLDER = "words, such as: night_share 0.9, end, undo, help"
INTERRUPTED = "interrupted"
SHORT = 3
"""Lines that the answer has room for; a longer answer goes to a page."""


class MapPicture(Static):
    """The map as text, as large as its place on the screen."""

    def on_resize(self) -> None:
        """Draw the map; its size is known only once it is shown."""
        if isinstance(self.app, PlayApp):
            self.app.draw_map()


class PlayApp(App[str]):
    """The game on one screen; it returns "interrupted" after Ctrl-C, and '' otherwise.

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
        Binding("f2", "tab('map')", "Map", show=False),
        Binding("f3", "tab('report')", "Report", show=False),
        Binding("f4", "tab('orders')", "Orders", show=False),
        Binding("f5", "tab('log')", "Log", show=False),
        Binding("f6", "tab('charts')", "Charts", show=False),
        Binding("f7", "words('undo')", "Take back"),
        Binding("f8", "words('end')", "End turn"),
        Binding("ctrl+q", "words('quit')", "Leave", priority=True),
        Binding("ctrl+c", "interrupt", "Leave", show=False, priority=True),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        desk.asks = True
        self.busy = False
        self.stale = False

    def compose(self) -> ComposeResult:
        """Lay out the heading, the tabs, the last answer, the line for words, the keys."""
        yield Static("", id="heading", markup=False)
        with TabbedContent(initial="map"):
            with TabPane(TABS["map"], id="map"):
                with Horizontal():
                    yield MapPicture("", id="map-picture")
                    yield Static("", id="map-beside", markup=False)
                yield Static("", id="legend", markup=False)
            for name in list(TABS)[1:]:
                with TabPane(TABS[name], id=name):
                    if name in TEXTS:
                        yield VerticalScroll(Static("", id=f"{name}-text", markup=False))
                    else:
                        yield OptionList(id="orders-list", markup=False)
        yield Static("", id="answer", markup=False)
        yield Input(placeholder=PLACEHOLDER, id="line", compact=True)
        yield Footer()

    def on_mount(self) -> None:
        """Show the first pages, or the cover page."""
        self.query_one("#line", Input).focus()
        if self.desk.covered:
            self._cover()
        else:
            self._draw()
            self._say([f"{self.desk.game.scenario.title}. F8 ends the turn, F1 helps."])

    def on_resize(self) -> None:
        """Break the lines of the pages again; the map learns of its own new size later."""
        self.call_after_refresh(self._draw)

    # -- words ------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Carry out the line that was typed."""
        event.input.value = ""
        self.action_words(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the order that was chosen."""
        desk, name = self.desk, event.option.id
        # Rows without an id are lines of the umpire's calendar.
        if not (self.busy or name is None or desk.game.over):
            choice = desk.game.legal_orders(desk.seat)[name]
            self.push_screen(OrderScreen(choice, desk.given[desk.seat]), self.action_words)

    def action_words(self, line: str | None) -> None:
        """Carry out a line in a thread of its own: to play or take back days takes a while."""
        if self.busy or not (line and line.strip()) or (self.desk.covered and line != "quit"):
            return
        self.busy = True
        self._say(["Working …"])
        self.query_one("#line", Input).placeholder = "working …"
        self._carry_out(line)

    @work(thread=True, exclusive=True)
    def _carry_out(self, line: str) -> None:
        # An error that is no answer ends the app, which then has its traceback.
        self.call_from_thread(self._answered, answer(self.desk, line))

    def _answered(self, made: Answer) -> None:
        self.busy = False
        self.query_one("#line", Input).placeholder = PLACEHOLDER
        if made.leaves:
            self.exit("")
            return
        if self.desk.covered:
            self._cover()
            return
        if made.turned or self.stale:
            self._draw()
        if made.asks:
            self._say([])
            self.push_screen(QuestionScreen(made.lines), self.action_words)
            return
        long = len(made.lines) > SHORT
        if made.turned:
            self._say(made.lines[:1] if long else made.lines)
            return
        tabs = self.query_one(TabbedContent)
        if made.page in TABS and self.desk.seat in SIDES:
            tabs.active = made.page
        elif long:
            # No page of its own: the log lends its place until it is opened again.
            self._show("log", made.lines)
            tabs.active = "log"
        self._say([] if long else made.lines)

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
        """Leave after Ctrl-C, which ends this command as it ends any other."""
        self.exit(INTERRUPTED)

    # -- drawing ----------------------------------------------------------------------------------

    def _width(self) -> int:
        return self.size.width - 3  # the scroll bar takes two

    def _say(self, lines: list[str]) -> None:
        self.query_one("#answer", Static).update("\n".join(lines))

    def _show(self, name: str, lines: list[str]) -> None:
        self.query_one(f"#{name}-text", Static).update("\n".join(lines))

    def _draw(self) -> None:
        """Draw every page for the seat at the screen."""
        # While a line is carried out the game may stand in the middle of a day: draw it afterwards.
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
        rows = order_rows(desk) or [(None, row) for row in page(desk, "orders", self._width())]
        orders.clear_options()
        orders.add_options([Option(text, id=name) for name, text in rows])
        # The cursor stays where it was; another seat may have fewer orders.
        if at is not None and at < len(rows):
            orders.highlighted = at

    def draw_map(self) -> None:
        """Draw the map as large as its place on the screen."""
        place = self.query_one("#map-picture", Static)
        self.stale = self.stale or self.busy
        if self.busy or self.desk.covered or not place.size:  # no size yet: its page is hidden
            return
        columns, rows = max(10, place.size.width), max(4, place.size.height)
        place.update(coloured(picture(self.desk.game, columns, rows)))

    def _cover(self) -> None:
        """Empty every page, and only then lay the cover page over them."""
        texts = [f"{name}-text" for name in TEXTS]
        for name in ("heading", "map-picture", "map-beside", "answer", *texts):
            self.query_one(f"#{name}", Static).update("")
        self.query_one("#orders-list", OptionList).clear_options()
        self.push_screen(CoverScreen(self.desk.cover()), self._opened)

    def _opened(self, _: str | None) -> None:
        made = answer(self.desk, "")
        self._draw()
        self._say(made.lines[:1])
        self.query_one(TabbedContent).active = "map"
        self.query_one("#line", Input).focus()


def run_app(desk: Desk) -> list[str]:
    """Play on the terminal until the player leaves; return what to say on the terminal then.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; the game is kept as far as it was played.
    SystemExit
        After an error of the app, which has shown it.
    """
    app = PlayApp(desk)
    if app.run() == INTERRUPTED:
        raise KeyboardInterrupt
    if app.return_code:
        raise SystemExit(app.return_code)
    return closing(desk)
