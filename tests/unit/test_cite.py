"""BibTeX that BibTeX can read, and the table of what is assumed."""

from __future__ import annotations

import re

import pytest

import kursksim as ks
from kursksim.scenario.schema import Scenario, Source
from kursksim.scenario.sources import assumed, assumed_table, bibtex, cited_keys


@pytest.fixture(scope="module")
def campaign() -> Scenario:
    return ks.load("december-march")


def entries(text: str) -> dict[str, dict[str, str]]:
    """A strict little reader: entries with balanced braces, fields in braces, nothing left over."""
    found: dict[str, dict[str, str]] = {}
    rest = text
    while rest := rest.strip():
        head = re.match(r"@misc\{([A-Za-z0-9_.-]+),", rest)
        assert head, rest[:60]
        end = closing(rest, rest.index("{"))
        body, fields = rest[head.end() : end], {}
        while body := body.strip(" ,\n"):
            name = re.match(r"([a-z]+) = \{", body)
            assert name, body[:60]
            last = closing(body, name.end() - 1)
            fields[name[1]] = body[name.end() : last]
            body = body[last + 1 :]
        assert head[1].lower() not in {k.lower() for k in found}
        found[head[1]] = fields
        rest = rest[end + 1 :]
    return found


def closing(text: str, start: int) -> int:
    """Where the brace that opens at ``start`` is closed; BibTeX counts escaped braces too."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return i
    pytest.fail("a brace is not closed")


def one(campaign: Scenario, *sources: Source) -> dict[str, dict[str, str]]:
    changed = campaign.model_copy(update={"sources": sources})
    return entries(bibtex(changed, [s.key for s in sources]))


def test_every_source_used_is_there_once(campaign: Scenario) -> None:
    found = entries(bibtex(campaign))
    assert set(found) == cited_keys(campaign)
    assert "none" not in found
    assert all("title" in fields for fields in found.values())


def test_more_keys_are_added(campaign: Scenario) -> None:
    spare = next(s.key for s in campaign.sources if s.key not in cited_keys(campaign) | {"none"})
    assert spare in entries(bibtex(campaign, [spare]))


def test_special_characters_are_escaped(campaign: Scenario) -> None:
    nasty = 'R&D 50% of $5 #1 a_b {c} ~d ^e "f" \\g\nh'
    fields = one(campaign, Source(key="x", title=nasty, author=nasty, supports=nasty))["x"]
    for field in ("title", "author", "note"):
        text = fields[field]
        for c in "&%$#_":
            assert re.search(rf"(?<!\\){re.escape(c)}", text) is None
        assert "\n" not in text
        assert r"\textbackslash{}g" in text


def test_unbalanced_braces_do_not_break_the_file(campaign: Scenario) -> None:
    broken = Source(key="x", title="{{ open", author="} shut", url="https://example.org/a{b c")
    fields = one(campaign, broken, Source(key="y", title="next"))
    assert fields["x"]["url"] == "https://example.org/a%7Bb%20c"
    assert fields["y"]["title"] == "{next}"


def test_keys_differ_by_more_than_case(campaign: Scenario) -> None:
    found = one(
        campaign,
        Source(key="Abc", title="one"),
        Source(key="abc", title="two"),
        Source(key="abc-2", title="three"),
    )
    assert len(found) == 3


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("2025-03-07", "2025"),
        ("2024-11 to 2025-03", "2024"),
        ("1987 (ST 1990s)", "1987"),
        ("undated", None),
        ("", None),
    ],
)
def test_year(campaign: Scenario, date: str, year: str | None) -> None:
    fields = one(campaign, Source(key="x", title="t", date=date))["x"]
    assert fields.get("year") == year


def test_several_addresses_and_files(campaign: Scenario) -> None:
    url = "legs.csv ; https://example.org/1 ; https://example.org/2%20x"
    fields = one(campaign, Source(key="x", title="t", url=url))["x"]
    assert fields["url"] == "https://example.org/1"
    assert fields["howpublished"] == r"\url{https://example.org/1}"
    assert r"\url{https://example.org/2%20x}" in fields["note"]
    assert "legs.csv" in fields["note"]


def test_assumed(campaign: Scenario) -> None:
    rows = assumed(campaign)
    soft = [p.id for p in campaign.parameters if p.status in ("assumed", "fitted")]
    assert [r.id for r in rows] == soft
    lines = assumed_table(campaign)
    assert len(lines) == len(soft) + 1
    assert all(line.split()[0] == ident for line, ident in zip(lines[1:], soft, strict=True))
