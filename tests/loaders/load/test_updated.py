"""The date of update of an article: its own, or else that of the last load that changed it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph.documents import ARTICLES
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.builders import moment
from tests.conftest import query_sender
from tests.loaders.builders import SETTINGS, article, write

pytestmark = pytest.mark.usefixtures("inline")

FIRST, SECOND, THIRD = moment(10), moment(11), moment(12)
OWN = "updatedDateTime: 2025-03-02T10:00:00Z"


async def load_at(database: Database, folder: Path, now: datetime, **options: Any) -> None:
    await load(database, SETTINGS, LoadOptions.of([folder], jobs=1, **options), clock=lambda: now)


async def updated(database: Database) -> dict[str, tuple[datetime, bool]]:
    """The time of each article, and whether it is the document's own."""
    rows = await database.find(ARTICLES, {})
    return {
        row["_id"]: (row["updatedDateTime"], row["source"]["hasUpdatedDateTime"]) for row in rows
    }


async def test_without_a_date_of_update_the_time_of_the_load_is_used(
    database: Database, tmp_path: Path
) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "b.md", article(OWN))
    await load_at(database, tmp_path, FIRST)
    stated = moment(2, 10)
    assert await updated(database) == {"a": (FIRST, False), "b": (stated, True)}
    write(tmp_path / "a.md", article("heat: 7"))
    write(tmp_path / "b.md", article(OWN, "heat: 7"))
    await load_at(database, tmp_path, SECOND)
    assert await updated(database) == {"a": (SECOND, False), "b": (stated, True)}


async def test_the_date_of_update_changes_only_with_the_meaning(
    memory: Database, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.md", article("secured: one"))
    await load_at(memory, tmp_path, FIRST)
    await load_at(memory, tmp_path, SECOND)
    write(path, article("secured: two"))
    await load_at(memory, tmp_path, SECOND + timedelta(hours=1))
    path.rename(path.with_suffix(".markdown"))
    await load_at(memory, tmp_path, THIRD)
    [row] = await memory.find(ARTICLES, {})
    assert (row["secured"], row["source"]["path"]) == ("two", "a.markdown")
    assert (row["updatedDateTime"], row["source"]["revision"]) == (FIRST, 1)


async def test_a_scheduled_article_is_updated_at_the_time_it_is_published(
    memory: Database, tmp_path: Path
) -> None:
    write(tmp_path / "a.md", article("publishDate: 2025-03-11"))
    await load_at(memory, tmp_path, FIRST)
    await load_at(memory, tmp_path, THIRD)
    assert await updated(memory) == {"a": (THIRD, False)}


async def test_articles_can_be_ordered_and_filtered_by_date_of_update(
    database: Database, tmp_path: Path
) -> None:
    for slug in "abc":
        write(tmp_path / f"{slug}.md")
    await load_at(database, tmp_path, FIRST)
    write(tmp_path / "b.md", article("heat: 7"))
    await load_at(database, tmp_path, SECOND)
    query = """query ($since: DateTime) {
        articles(orderBy: {field: UPDATED_DATE_TIME}) {
            nodes { slug updatedDateTime source { hasUpdatedDateTime } }
        }
        recent: articles(where: {updatedDateTime: {gte: $since}}) { nodes { slug } }
    }"""
    answer = await query_sender(database)(query, since=SECOND.isoformat())
    nodes = answer["data"]["articles"]["nodes"]
    assert [node["slug"] for node in nodes] == ["b", "c", "a"]
    assert nodes[0] == {
        "slug": "b",
        "updatedDateTime": "2025-03-11T00:00:00Z",
        "source": {"hasUpdatedDateTime": False},
    }
    assert answer["data"]["recent"]["nodes"] == [{"slug": "b"}]
