"""The example sites: the documents that a load makes of them, at any time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from loaders.report.report import Report
from tests.conftest import query_sender
from tests.loaders.builders import SETTINGS

pytestmark = pytest.mark.usefixtures("inline")

HARBOUR_NOTES: Final = Path(__file__).parents[2] / "examples" / "sites" / "harbour-notes"
IN_2024: Final = {"content/about", "content/posts/tide-tables"}
ALWAYS: Final = IN_2024 | {
    "content/posts/ferry-timetable",
    "content/posts/lantern-walk",
    "content/posts/net-loft",
}
DRAFT: Final = "content/posts/crane"
SCHEDULED: Final = "content/posts/regatta"
EXPIRED: Final = "content/posts/winter-market"


async def load_at(database: Database, now: datetime) -> Report:
    plan = LoadOptions.of([HARBOUR_NOTES], jobs=1)
    return await load(database, SETTINGS, plan, clock=lambda: now)


async def published(database: Database) -> set[str]:
    answer = await query_sender(database)("{ articles(first: 100) { nodes { slug } } }")
    return {node["slug"] for node in answer["data"]["articles"]["nodes"]}


@pytest.mark.parametrize(
    ("now", "expected", "scheduled", "expired"),
    [
        (datetime(2024, 12, 20, tzinfo=UTC), {*IN_2024, EXPIRED}, 4, 0),
        (datetime(2025, 3, 10, tzinfo=UTC), ALWAYS, 1, 1),
        (datetime(2099, 6, 2, tzinfo=UTC), {*ALWAYS, SCHEDULED}, 0, 1),
    ],
)
async def test_documents_of_harbour_notes_are_published_when_it_is_time(
    database: Database, now: datetime, expected: set[str], scheduled: int, expired: int
) -> None:
    report = await load_at(database, now)
    counts = report.kinds["articles"], report.scheduled, report.expired, len(report.rejected)
    assert counts == (8, scheduled, expired, 0)
    found = await published(database)
    assert DRAFT not in found
    assert found == expected


async def test_documents_of_harbour_notes_have_the_fields_of_newsgraph(database: Database) -> None:
    await load_at(database, datetime(2025, 3, 10, tzinfo=UTC))
    answer = await query_sender(database)(
        """{
            article(slug: "content/posts/lantern-walk") {
                title excerpt webUrl provider { name domain } topics { name } images { url }
                body(format: TEXT)
            }
            topic(name: "Ferries") { articleCount }
        }"""
    )
    assert answer == {
        "data": {
            "article": {
                "title": "Four hundred lanterns on the east quay",
                "excerpt": "The walk ended at the fish market, and nobody fell in.",
                "webUrl": "https://harbour-notes.example/2025/02/lantern-walk/",
                "provider": {"name": "Harbour Notes", "domain": "harbour-notes.example"},
                "topics": [{"name": "Festivals"}, {"name": "Harbour"}],
                "images": [{"url": "https://harbour-notes.example/2025/02/lantern-walk/cover.svg"}],
                "body": "Four hundred people carried lanterns along the east quay on Sunday.\n\n"
                "The walk passed the net loft and took half an hour.",
            },
            "topic": {"articleCount": 2},
        }
    }
