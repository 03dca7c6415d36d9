"""Topics and providers, derived equally in the database and, for the mock, in Python."""

from __future__ import annotations

from graph.documents import PROVIDERS, TOPICS, slugify
from graph.store.driver.database import Database
from graph.store.revision import read_corpus
from tests.builders import article, moment, organization_file, provider, store, story, topic_file

LOGO = [{"url": "/media/gull.svg", "width": 50}]


async def test_topics_count_published_articles_and_join_their_files(database: Database) -> None:
    await store(
        database,
        article("a", topics=["AI", "Tide Mills", "AI"], publishedDateTime=moment(3)),
        article("b", topics=["AI"], publishedDateTime=moment(7)),
        article("c", topics=["AI", "Secret"], publishedDateTime=moment(9), published=False),
        article("d", topics=None),
        topic_file("AI", parent="Science", keywords=["ai"]),
        topic_file("Unused"),
    )
    assert await database.find(TOPICS, {}, sort=[("_id", 1)]) == [
        {
            "_id": "AI",
            "foldedName": "ai",
            "slug": "ai",
            "parent": "Science",
            "keywords": ["ai"],
            "coOccurring": [{"name": "Tide Mills", "articleCount": 1}],
            "articleCount": 2,
            "latest": moment(7),
            "changedRevision": 1,
        },
        {
            "_id": "Science",
            "foldedName": "science",
            "parent": None,
            "slug": "science",
            "coOccurring": [],
            "articleCount": 0,
            "latest": None,
            "changedRevision": 1,
        },
        {
            "_id": "Tide Mills",
            "foldedName": "tide mills",
            "parent": None,
            "slug": "tide-mills",
            "coOccurring": [{"name": "AI", "articleCount": 1}],
            "articleCount": 1,
            "latest": moment(3),
            "changedRevision": 1,
        },
        {
            "_id": "Unused",
            "foldedName": "unused",
            "parent": None,
            "slug": "unused",
            "coOccurring": [],
            "articleCount": 0,
            "latest": None,
            "changedRevision": 1,
        },
    ]


async def test_providers_are_those_of_articles_of_stories_and_of_files(database: Database) -> None:
    channel = provider("Night Log", "reel.example")
    hidden = provider("Hidden", "hidden.example")
    await store(
        database,
        article(
            "a", provider={**provider(), "images": LOGO}, related=[story("u", provider=channel)]
        ),
        article("b", provider=channel, publishedDateTime=moment(2)),
        article("c", provider=hidden, published=False, related=[story("u", provider=hidden)]),
        organization_file("Reel", "reel.example", otherNames=["Reel TV"], images=LOGO),
    )
    assert await database.find(PROVIDERS, {}, sort=[("_id", 1)]) == [
        {
            "_id": "gull.example/The Gull",
            "domain": "gull.example",
            "name": "The Gull",
            "foldedName": "the gull",
            "foldedDomain": "gull.example",
            "images": LOGO,
            "articleCount": 1,
            "latest": moment(1),
            "changedRevision": 1,
        },
        {
            "_id": "reel.example/Night Log",
            "domain": "reel.example",
            "name": "Night Log",
            "foldedName": "night log",
            "foldedDomain": "reel.example",
            "images": LOGO,
            "otherNames": ["Reel TV"],
            "articleCount": 1,
            "latest": moment(2),
            "changedRevision": 1,
        },
        {
            "_id": "reel.example/Reel",
            "domain": "reel.example",
            "name": "Reel",
            "foldedName": "reel",
            "foldedDomain": "reel.example",
            "images": LOGO,
            "otherNames": ["Reel TV"],
            "articleCount": 0,
            "latest": None,
            "changedRevision": 1,
        },
    ]


async def test_topics_without_references_are_deleted_by_the_next_load(database: Database) -> None:
    await store(database, article("a", topics=["Old"]))
    assert await store(database, article("a", topics=["New"])) == 2
    assert [row["_id"] for row in await database.find(TOPICS, {})] == ["New"]
    assert (await read_corpus(database))["articleCount"] == 1


def test_slugs_keep_letters_of_every_script() -> None:
    names = ["Local Elections", "C++ & Rust!", "Ναυτιλία", "生成 AI", "  A.I. "]
    assert [slugify(name) for name in names] == [
        "local-elections",
        "c-rust",
        "ναυτιλία",
        "生成-ai",
        "a-i",
    ]
