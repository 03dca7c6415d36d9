"""Loads publish and unpublish articles exactly when they are due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.documents import ARTICLES, TOMBSTONES
from graph.schema.relay.global_id import to_global_id
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import check, load
from loaders.report.report import Report
from tests.builders import moment, token
from tests.conftest import query_sender
from tests.loaders.builders import SETTINGS, article, counts, write

pytestmark = pytest.mark.usefixtures("inline")

OPENS, CLOSES = moment(10), moment(20)
SECOND = timedelta(seconds=1)
WINDOW = ("publishDate: 2025-03-10", "expiryDate: 2025-03-20")

QUERY = """query ($id: ID!) {
    article(slug: "timed") { title }
    byId: article(id: $id) { title }
    byUrl: article(webUrl: "https://gull.example/timed") { title }
    node(id: $id) { id }
    nodes(ids: [$id]) { id }
    articles { totalCount nodes { slug } facets { topics { value count } } }
    found: articles(search: "sails") { nodes { slug } }
    other: article(slug: "other") {
        related { article { slug } }
        similar { article { slug } }
        topics { articleCount articles { nodes { slug } } }
    }
    topic(name: "Transport") { articleCount }
    provider(domain: "gull.example") { articleCount articles { nodes { slug } } }
    corpus { articleCount }
}"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An article with a window, and one that refers to it."""
    write(tmp_path / "timed.md", article("webUrl: https://gull.example/timed", *WINDOW))
    story = (
        "{title: Copy, webUrl: https://gull.example/timed, provider: {name: G, domain: g.example}}"
    )
    write(tmp_path / "other.md", article(f"related: [{story}]"))
    return tmp_path


async def load_at(database: Database, site: Path, now: datetime, **options: Any) -> Report:
    plan = LoadOptions.of([site], jobs=1, **options)
    return await load(database, SETTINGS, plan, clock=lambda: now)


async def paths_to_it(database: Database) -> dict[str, bool]:
    """By which paths the article with a window is seen: its slug, its URL, lists, counts, …"""
    answer = await query_sender(database)(QUERY, id=to_global_id("Article", "timed"))
    assert "errors" not in answer, answer
    data = answer["data"]
    seen = {"slug": "timed"}
    other = data["other"]
    return {
        "slug": data["article"] is not None,
        "id": data["byId"] is not None,
        "URL": data["byUrl"] is not None,
        "node": data["node"] is not None,
        "nodes": data["nodes"] != [None],
        "list": seen in data["articles"]["nodes"],
        "count": data["articles"]["totalCount"] == 2,
        "facets": data["articles"]["facets"]["topics"][0]["count"] == 2,
        "search": seen in data["found"]["nodes"],
        "related": other["related"] == [{"article": seen}],
        "similar": other["similar"] == [{"article": seen}],
        "list of a topic": seen in other["topics"][0]["articles"]["nodes"],
        "topics": other["topics"][0]["articleCount"] == 2,
        "topic": data["topic"]["articleCount"] == 2,
        "provider": data["provider"]["articleCount"] == 2,
        "list of a provider": seen in data["provider"]["articles"]["nodes"],
        "corpus": data["corpus"]["articleCount"] == 2,
    }


async def changes(database: Database, since: int) -> list[str]:
    """The changes of the timed article since a revision."""
    query = "query ($since: String) { changes(since: $since) { nodes { kind slug } } }"
    answer = await query_sender(database)(query, since=await token(database, since))
    nodes = answer["data"]["changes"]["nodes"]
    return [node["kind"] for node in nodes if node["slug"] == "timed"]


async def test_an_article_is_visible_from_its_publish_date_to_its_expiry_date(
    database: Database, site: Path
) -> None:
    steps: list[tuple[datetime, bool, dict[str, int], str | None]] = [
        (OPENS - 2 * SECOND, False, {"added": 2, "revision": 1}, None),
        (OPENS - SECOND, False, {"unchanged": 2, "revision": 1}, None),
        (OPENS, True, {"updated": 1, "unchanged": 1, "revision": 2}, "CHANGED"),
        (CLOSES - SECOND, True, {"unchanged": 2, "revision": 2}, "CHANGED"),
        (CLOSES, False, {"updated": 1, "unchanged": 1, "revision": 3}, "UNPUBLISHED"),
        (CLOSES + SECOND, False, {"unchanged": 2, "revision": 3}, "UNPUBLISHED"),
    ]
    for now, is_seen, expected, change in steps:
        assert counts(await load_at(database, site, now)) == expected, now
        paths = await paths_to_it(database)
        assert paths == dict.fromkeys(paths, is_seen), now
        assert await changes(database, since=1) == ([change] if change else []), now


async def test_only_published_articles_leave_a_tombstone(memory: Database, site: Path) -> None:
    await load_at(memory, site, OPENS - SECOND)
    await load_at(memory, site, OPENS)
    assert await memory.find(TOMBSTONES, {}) == []
    await load_at(memory, site, CLOSES)
    [tombstone] = await memory.find(TOMBSTONES, {"type": "Article"})
    assert (tombstone["key"], tombstone["reason"]) == ("timed", "unpublished")


async def published(database: Database) -> list[str]:
    rows = await database.find(ARTICLES, {"published": True}, sort=[("_id", 1)])
    return [row["_id"] for row in rows]


async def test_a_quick_load_parses_files_that_are_due(memory: Database, site: Path) -> None:
    await load_at(memory, site, OPENS - SECOND)
    assert await published(memory) == ["other"]
    report = await load_at(memory, site, OPENS, quick=True)
    assert counts(report) == {"updated": 1, "unchanged": 1, "revision": 2}
    assert await published(memory) == ["other", "timed"]


async def test_a_dry_run_tells_what_the_clock_would_change(memory: Database, site: Path) -> None:
    await load_at(memory, site, OPENS - SECOND)
    report = await load_at(memory, site, OPENS, dry_run=True)
    assert counts(report) == {"updated": 1, "unchanged": 1}
    assert await published(memory) == ["other"]


async def test_a_load_after_the_expiry_date_never_publishes_the_article(
    memory: Database, site: Path
) -> None:
    await load_at(memory, site, OPENS - SECOND)
    report = await load_at(memory, site, CLOSES + SECOND)
    assert counts(report) == {"unchanged": 2, "revision": 1}
    [row] = await memory.find(ARTICLES, {"_id": "timed"})
    assert (row["published"], row["source"].get("due")) == (False, None)
    assert await memory.find(TOMBSTONES, {}) == []


async def test_an_edit_of_the_file_overrides_an_earlier_publish_date(
    memory: Database, site: Path
) -> None:
    await load_at(memory, site, OPENS - SECOND)
    write(site / "timed.md", article("draft: true", *WINDOW))
    await load_at(memory, site, OPENS - SECOND)
    report = await load_at(memory, site, OPENS)
    assert counts(report) == {"unchanged": 2, "revision": 2}
    assert await published(memory) == ["other"]


async def test_a_file_that_is_broken_when_it_is_due_is_rejected_and_stays_as_it_was(
    memory: Database, site: Path
) -> None:
    await load_at(memory, site, OPENS - SECOND)
    write(site / "timed.md", "Front matter is gone.")
    report = await load_at(memory, site, OPENS)
    assert [fault.path for fault in report.rejected] == [str(site / "timed.md")]
    assert await published(memory) == ["other"]


@pytest.mark.parametrize("change", [Path.unlink, lambda path: write(path, "No front matter.")])
async def test_an_article_expires_although_its_file_cannot_be_loaded(
    memory: Database, site: Path, change: Callable[[Path], object]
) -> None:
    await load_at(memory, site, OPENS)
    change(site / "timed.md")
    await load_at(memory, site, CLOSES - SECOND)
    assert await published(memory) == ["other", "timed"]
    assert (await load_at(memory, site, CLOSES, dry_run=True)).updated == 1
    assert await published(memory) == ["other", "timed"]
    report = await load_at(memory, site, CLOSES)
    assert counts(report) == {"updated": 1, "unchanged": 1, "revision": 2}
    assert await published(memory) == ["other"]
    assert await changes(memory, since=1) == ["UNPUBLISHED"]
    answer = await query_sender(memory)('{ topic(name: "Transport") { articleCount } }')
    assert answer["data"] == {"topic": {"articleCount": 1}}
    assert counts(await load_at(memory, site, CLOSES)) == {"unchanged": 1, "revision": 2}


async def test_reports_count_scheduled_and_expired_articles(memory: Database, site: Path) -> None:
    write(site / "old.md", article("expiryDate: 2025-03-01"))
    write(site / "draft.md", article("draft: true", *WINDOW))
    plan = LoadOptions.of([site], jobs=1)
    for report in (
        await check(plan, SETTINGS, clock=lambda: OPENS - SECOND),
        await load_at(memory, site, OPENS - SECOND, dry_run=True),
        await load_at(memory, site, OPENS - SECOND),
    ):
        assert (report.scheduled, report.expired, report.warnings) == (1, 1, [])


async def test_previews_show_when_an_article_will_be_published(
    memory: Database, site: Path
) -> None:
    await load_at(memory, site, OPENS - SECOND)
    [row] = await memory.find(ARTICLES, {"_id": "timed"})
    assert (row["publishDate"], row["expiryDate"]) == (OPENS, CLOSES)
    assert row["source"]["due"] == OPENS


async def test_a_published_date_in_the_future_does_not_hide_an_article(
    memory: Database, tmp_path: Path
) -> None:
    write(tmp_path / "a.md")
    await load_at(memory, tmp_path, moment(1) - 365 * 24 * 3600 * SECOND)
    assert await published(memory) == ["a"]
