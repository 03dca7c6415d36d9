"""A corpus in which every field is missing, null, empty, at its limits, or unusual somewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from graph.documents import ARTICLES, TOPICS
from graph.store.driver.database import Database
from tests.builders import (
    Row,
    article,
    author_file,
    authors,
    change,
    moment,
    organization_file,
    story,
    topic_file,
)
from tests.stored import store

LEAST: Final = -(2**31)
FIRST_DAY: Final = datetime(1, 1, 1, tzinfo=UTC)
MOST: Final = 2**31 - 1

NULLABLE: Final = (
    "category",
    "excerpt",
    "publishedDateTime",
    "webUrl",
    "originalUrl",
    "ampWebUrl",
    "cdnAmpWebUrl",
    "type",
    "quality",
    "heat",
    "removed",
    "featuredContent",
    "topics",
    "images",
    "related",
    "secured",
    "body",
    "updatedDateTime",
    "language",
    "authors",
    "items",
)
ODD_TEXT: Final = "Ébb & flow\x00\x07\u2028\u202e \U0001f30a\U0001f3fd &amp;eacute; <b>\"'\\ {x} %s"
PLAYER: Final = '<iframe src="https://player.example/7?a=1&amp;b=2" width="640" height=0></iframe>'

_PICTURES: Final = [
    {"url": "https://gull.example/a.jpg?x=1&amp;y=2", "width": 640, "height": 480, "alt": ODD_TEXT},
    {"url": "https://gull.example/default.jpg", "width": 1, "height": 1, "isCached": True},
    {"url": "", "width": None, "height": None, "isCached": None, "title": None},
    {"url": f"https://gull.example/{ODD_TEXT}", "width": MOST, "height": MOST, "title": ODD_TEXT},
    {"url": "data:image/png;base64,AA==", "width": -1, "height": 0, "attribution": ""},
]


def documents() -> list[Row]:
    """Documents as a load may store them."""
    return [*_articles(), *_files()]


def _articles() -> list[Row]:
    bare = article("bare")
    del bare["topics"], bare["publishedDateTime"], bare["webUrl"], bare["type"]
    copies = [
        story("https://gull.example/tide", "Tide", publishedDateTime=moment(3), quality=7),
        story("https://gull.example/twin", ODD_TEXT, images=_PICTURES, excerpt=ODD_TEXT),
        story("https://nowhere.example/x", quality=-1, type="video", ampWebUrl="", images=[]),
        story(None, publishedDateTime=None, images=None, excerpt=None),
        story("", "No page"),
        story("https://gull.example/hidden", "Hidden"),
        story("https://gull.example/circle", provider={"name": "Cove", "domain": "port.example"}),
    ]
    return [
        article(
            "tide",
            publishedDateTime=moment(3, 7),
            excerpt="The tide comes in, and it goes out again, twice on most days of the year.",
            body="# The tide\n\nIt *comes* <script>in</script> & goes.",
            topics=["Tides", "Mills", "Unfiled"],
            images=_PICTURES,
            related=copies,
            quality=7,
            heat=-1,
            category="news",
            featuredContent=PLAYER,
            secured="AAECAw==;BAUG",
            authors=[
                {**authors("ida-holm")[0], "url": "https://gull.example/ida"},
                *authors("Åse"),
            ],
            updatedDateTime=moment(4),
            language="en-GB",
            items=["circle", "hidden", "https://gull.example/twin", "gone", "circle", "tide"],
            extra={"byline": ODD_TEXT, "n": [1, 1.5, None, True, {"deep": [[]]}], "": ""},
        ),
        article(
            "circle",
            topics=["Mills", "Salt"],
            related=[copies[0], copies[6], copies[6]],
            items=["tide"],
        ),
        article("_news/odd", title=ODD_TEXT, excerpt=ODD_TEXT, body=ODD_TEXT, category=ODD_TEXT),
        bare,
        article("nulls", **dict.fromkeys(NULLABLE)),
        article(
            "empty",
            topics=[],
            images=[],
            related=[],
            authors=[],
            items=[],
            title="",
            excerpt="",
            body="",
        ),
        article(
            "least", quality=LEAST, heat=LEAST, publishedDateTime=datetime(1, 1, 1, tzinfo=UTC)
        ),
        article(
            "most",
            quality=MOST,
            heat=MOST,
            publishedDateTime=datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
            topics=["Tides"],
        ),
        article("moment", publishedDateTime=datetime(2025, 3, 2, 1, 2, 3, 4_000, tzinfo=UTC)),
        article(
            "hidden", published=False, topics=["Tides"], authors=authors("Nobody"), items=["tide"]
        ),
        article(
            "twin-a",
            webUrl="https://gull.example/twin",
            topics=["Tides"],
            type="video",
            authors=authors("Ida Holm"),
        ),
        article("twin-b", webUrl="https://gull.example/twin", publishedDateTime=moment(9)),
        article("cove", provider={"name": "Cove", "domain": "port.example"}, secured="no base64 ü"),
        article("quay", provider={"name": "Quay", "domain": "port.example"}, secured=""),
        article("long", body="Word &amp; word. " * 400, extra={"lines": ["x" * 90] * 900}),
    ]


def _files() -> list[Row]:
    return [
        author_file("Ida Holm", description=ODD_TEXT, links=["/ida"], images=_PICTURES, url=None),
        author_file("Unread", images=None),
        topic_file(
            "Tides",
            description="Ebb.",
            keywords=["ebb"],
            hashtags=["#tide"],
            images=[{"url": "/t.png"}, *_PICTURES],
            parent=None,
        ),
        topic_file("Mills", parent="Tides", shortname="M", keywords=None, hashtags=[]),
        topic_file("Salt", parent="Mills"),
        topic_file("Hen", parent="Egg"),
        topic_file("Egg", parent="Hen", shortname=None),
        topic_file("Lost", parent="Nobody"),
        organization_file(
            "The Gull", "gull.example", description=ODD_TEXT, otherNames=["Gull"], images=_PICTURES
        ),
        organization_file("Port", "port.example", description=None, otherNames=None, images=None),
    ]


async def load(database: Database) -> None:
    """Two loads of the corpus; the second takes an article away and changes another."""
    await store(database, *documents(), article("gone"), article("changed", title="Before"))
    await change(database, [article("changed", title="After")], removed=["gone"])


def broken() -> list[Row]:
    """Articles that no load would write: each breaks the schema's promises in one way."""
    ways: dict[str, Any] = {
        "title": [5, None, True, ["x"], {"x": 1}, 1.5],
        "quality": ["high", 2**31, LEAST - 1, 7.0, 7.5, True, [], {}],
        "published": [True],
        "publishedDateTime": ["2025-03-01", 5, {}],
        "provider": [None, {}, {"name": "X"}, {"domain": "x.example"}, "The Gull", [], 5],
        "authors": [[None], [{}], [{"slug": 5, "name": 5}], [{"name": "X"}], "Ida", 5, {"a": 1}],
        "items": [[None], [5], "tide", 5, {"a": 1}, [["x"]]],
        "topics": [[None], ["Tides", None], [5], "Tides", 5, {"a": 1}, [["x"]], [[]]],
        "images": [[None], [{}], [5], "x", {"url": "x"}, [{"url": 5}], [{"width": "wide"}]],
        "related": [[None], [{}], [{"title": 5}], "abc", 5, {"a": 1}, [[]]],
        "excerpt": [5, ["x"], {}],
        "webUrl": [5, ["x"], {}],
        "category": [5, False, {}],
        "body": [5, [], {"x": 1}],
        "featuredContent": [5, ["x"], {}],
        "secured": [5, ["x"], {}],
        "extra": [None, 5, "x", [1], float("nan"), moment(1)],
        "source": [None, {}, 5, {"path": 1, "hash": None, "loadedAt": "x", "revision": "y"}],
    }
    rows = [
        article(f"broken/{name}/{number}", **{name: value})
        for name, values in ways.items()
        for number, value in enumerate(values)
    ]
    for name in ("title", "provider", "source", "extra"):
        row = article(f"broken/{name}/missing")
        del row[name]
        rows.append(row)
    rows += [
        article(f"broken/story/{number}", related=[odd])
        for number, odd in enumerate(
            [
                {"title": "No provider", "webUrl": "https://gull.example/tide"},
                {**story("x"), "provider": {"name": "X"}},
                {**story("x"), "provider": {"domain": "x.example"}},
                {**story("x"), "provider": None},
                {**story("x"), "webUrl": 5},
                {**story("x"), "webUrl": ["x"]},
                {**story("x"), "images": [None]},
            ]
        )
    ]
    return rows


def broken_topics() -> list[Row]:
    """Topics that no load would write."""
    return [
        {"_id": "Torn", "slug": 5, "parent": 7, "keywords": "abc", "coOccurring": [{}]},
        {"_id": "Bent", "slug": "bent", "parent": [], "keywords": [None], "articleCount": "x"},
        {"_id": "Worn", "slug": None, "keywords": 5, "hashtags": {"a": 1}, "latest": "today"},
    ]


async def write_invalid(database: Database) -> None:
    """Write documents that no load would write directly into the database."""
    await database.replace(ARTICLES, broken())
    await database.replace(TOPICS, broken_topics())
