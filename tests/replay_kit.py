"""Pages for tests: a scenario whose every text tries to become markup, and a browser to look at pages with."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kursksim.scenario import catalogue

HOSTILE = '</title></script><script>window.hit=1</script><img src=x onerror="window.hit=1">{{script}}&amp;'
"""Ends every element around it, runs when it is taken for markup, and names a place of the template."""
NAMED = "<img src=x onerror=window.hit=1>"
"""The same as a name, which takes no slash."""


def hostile_scenario(folder: Path) -> Path:
    """The small campaign with hostile text in title, summary, sides, places, inputs and sources."""
    text = (catalogue.find("two-roads") / "scenario.toml").read_text(encoding="utf-8")
    changed = {
        'title = "Two roads"': f"title = '{HOSTILE}'",
        'name = "Drone teams arrive"': f"name = '{HOSTILE}', note = '{HOSTILE}'",
        'title = "Invented for teaching"': f"title = '{HOSTILE}', url = 'javascript:window.hit=1'",
        'name = "Blue", short = "Blue"': f"name = '{HOSTILE}', short = '<b onclick=hit()>'",
        'name = "Tip"': f"name = '{HOSTILE}'",
    }
    for old, new in changed.items():
        assert old in text, old
        text = text.replace(old, new)
    text = re.sub(r"summary = .*", f"summary = '{HOSTILE}'", text, count=1)
    text = text.replace('"Ford"', f"'{NAMED}'")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def browser(**more: Any) -> Iterator[Any]:
    """Chromium without a window; skips where there is none, or nothing to drive it with, which CI must have."""
    stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    if importlib.util.find_spec("playwright") is None:
        stop("playwright is not installed")
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if path is None:
        stop("no chromium on the PATH (Debian: apt-get install chromium)")
    sync: Any = importlib.import_module("playwright.sync_api")
    with sync.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox"], timeout=240_000
        )
        try:
            context = started.new_context(viewport={"width": 1280, "height": 900}, **more)
            context.set_default_timeout(240_000)  # a busy machine is slow, not wrong
            yield context
        finally:
            started.close()


class Looked:
    """A page that is open, with everything that it complained of or asked the network for."""

    def __init__(self, context: Any, path: Path, address: str = "") -> None:
        self.page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._asked)
        self.page.goto(f"{path.resolve().as_uri()}{address}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith("file:") or not request.url.split("#")[0].endswith(".html"):
            self.said.append(f"request: {request.url}")

    def text(self, where: str) -> str:
        """Text of an element."""
        return str(self.page.locator(where).inner_text())

    def wait_until(self, condition: str, seconds: float = 240.0) -> None:
        """Until a condition in JavaScript is true; asked from outside, as the page itself lets nothing be evaluated."""
        last = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < last, condition
            self.page.wait_for_timeout(50)

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def picture(self, name: str, folder: Path) -> Path:
        """Keep a picture of the page: in the folder that KURSKSIM_SCREENSHOTS names, else in the one given."""
        kept = Path(os.environ.get("KURSKSIM_SCREENSHOTS") or folder)
        kept.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(kept / f"{name}.png"), full_page=True)
        return kept / f"{name}.png"
