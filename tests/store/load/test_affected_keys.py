from __future__ import annotations

from typing import Any

import pytest

from graph.store.driver.database import Database
from graph.store.driver.encoding import decode, encode
from graph.store.load import affected_keys as module
from graph.store.load.affected_keys import EVERYTHING, FACTS, AffectedKeys, facts_of
from tests.builders import (
    article,
    author_file,
    authors,
    moment,
    organization_file,
    provider,
    story,
    topic_file,
)

Row = dict[str, Any]
TERN = provider("Tern", "tern.example")


def touched_by(before: Row | None, after: Row | None) -> tuple[set[str] | None, set[str] | None]:
    affected = AffectedKeys()
    affected.add(before and facts_of(before), after and facts_of(after))
    return affected.topics, affected.domains


@pytest.mark.parametrize(
    ("before", "after", "topics", "domains"),
    [
        (None, article("a", topics=["T"]), {"T"}, {"gull.example"}),
        (article("a", topics=["T"]), None, {"T"}, {"gull.example"}),
        (article("a", topics=["T"]), article("a", topics=["T"], title="New"), set(), set()),
        (article("a", topics=["T"]), article("a", topics=["U"]), {"T", "U"}, {"gull.example"}),
        (
            article("a"),
            article("a", provider=TERN, related=[story(None, provider=provider("N", "n.example"))]),
            set(),
            {"gull.example", "tern.example", "n.example"},
        ),
        (None, article("a", topics=["T"], published=False), set(), set()),
        (article("a", topics=["T"]), article("a", published=False), {"T"}, {"gull.example"}),
        (None, article("a", topics=None, related=None), set(), {"gull.example"}),
        (topic_file("T"), topic_file("U"), {"T", "U"}, set()),
        (topic_file("T"), topic_file("T", parent="P"), {"T", "P"}, set()),
        (
            organization_file("O", "o.example"),
            organization_file("O", "p.example"),
            set(),
            {"o.example", "p.example"},
        ),
        (article("a", topics=["T"]), topic_file("U"), {"T", "U"}, {"gull.example"}),
    ],
)
def test_a_change_affects_the_keys_before_and_after(
    before: Row | None, after: Row | None, topics: set[str], domains: set[str]
) -> None:
    assert touched_by(before, after) == (topics, domains)


@pytest.mark.parametrize(
    ("before", "after", "types", "months"),
    [
        (None, article("a", publishedDateTime=moment(31, 23)), {"article"}, {"2025-03"}),
        (article("a"), article("a", title="New"), set(), set()),
        (article("a"), article("a", type="video"), {"article", "video"}, {"2025-03"}),
        (article("a"), article("a", published=False), {"article"}, {"2025-03"}),
        (None, article("a", published=False), set(), set()),
        (None, article("a", type=None, publishedDateTime=None), set(), set()),
        (article("a"), topic_file("T"), {"article"}, {"2025-03"}),
    ],
)
def test_a_change_affects_the_type_and_the_month_before_and_after(
    before: Row | None, after: Row | None, types: set[str], months: set[str]
) -> None:
    affected = AffectedKeys()
    affected.add(before and facts_of(before), after and facts_of(after))
    assert (affected.types, affected.months) == (types, months)


@pytest.mark.parametrize(
    ("before", "after", "slugs"),
    [
        (None, article("a", authors=authors("Ida Holm")), {"ida-holm"}),
        (article("a", authors=authors("Ida")), article("a", authors=authors("Bo")), {"ida", "bo"}),
        (
            article("a", authors=authors("ida")),
            article("a", authors=authors("Ida"), published=False),
            {"ida"},
        ),
        (article("a", authors=authors("ida")), article("a", authors=authors("Ida")), {"ida"}),
        (None, article("a", authors=authors("Ida"), published=False), set()),
        (author_file("Ida", slug="a"), author_file("Ida", slug="b"), {"a", "b"}),
    ],
)
def test_a_change_affects_the_authors_before_and_after(
    before: Row | None, after: Row, slugs: set[str]
) -> None:
    affected = AffectedKeys()
    affected.add(before and facts_of(before), facts_of(after))
    assert affected.authors == slugs


def test_beyond_a_limit_every_key_is_affected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOO_MANY", 2)
    affected = AffectedKeys()
    for name in ("T", "U", "T"):
        affected.add(None, facts_of(article("a", topics=[name])))
    assert (affected.topics, affected.domains) == ({"T", "U"}, {"gull.example"})
    affected.add(None, facts_of(article("a", topics=["V"])))
    affected.add(None, facts_of(article("a", topics=["W"])))
    assert (affected.topics, affected.domains) == (None, {"gull.example"})
    assert (affected.types, affected.months) == ({"article"}, {"2025-03"})
    assert AffectedKeys(*[None] * 6) == EVERYTHING


@pytest.mark.parametrize(
    "document",
    [
        article("a", topics=["T"], related=[story("u", provider={**TERN, "images": []})]),
        article("a", topics=None, publishedDateTime=None, related=[]),
        topic_file("T", parent="P"),
        organization_file("O", "o.example", description="D"),
        article("a", authors=[{"name": "Ida", "slug": "ida", "url": "u", "mail": "m"}]),
        author_file("Ida", description="D"),
    ],
)
async def test_facts_equal_a_read_with_their_projection(database: Database, document: Row) -> None:
    await database.replace("articles", [document])
    assert await database.find("articles", {}, projection=FACTS) == [facts_of(document)]
    assert facts_of(decode(encode(document))) == facts_of(document)
