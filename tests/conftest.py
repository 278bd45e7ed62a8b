"""At the end of a session: how many hostile cases were tried, by kind."""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what the fuzz tests counted, whichever worker ran them."""
    found: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                found.update({k: n for k, n in report.user_properties if k.startswith("fuzz: ")})
    if found:
        told = ", ".join(f"{n} {kind.removeprefix('fuzz: ')}" for kind, n in found.items())
        terminalreporter.write_line(f"fuzz: {found.total()} cases ({told})")
