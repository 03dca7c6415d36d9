"""Similar articles: the database ranks as plain Python does, with bounded reads."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import ARTICLES
from graph.errors import Unsupported
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.indexes import ensure_indexes
from graph.store.queries.similar import Original, ScoredArticle, original_of, read_similar
from tests.builders import article, moment, plan_of, story
from tests.conftest import Commands
from tests.thorough import examples

Row = dict[str, Any]
Shared = tuple[str, int, list[str], list[str]]
MISSING: Final = "missing"
TITLE: Final = {"title": 1}
TOPICS: Final = ("Sea", "Tide", "$title", "Mill")
URLS: Final = ("https://x.example/", "$webUrl", "https://y.example/", "")


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(MISSING) | st.none() | values


FIELDS: Final = {
    "topics": optional(st.lists(st.sampled_from(TOPICS), max_size=4)),
    "webUrl": optional(st.sampled_from(URLS)),
    "related": optional(
        st.lists((st.none() | st.sampled_from(URLS)).map(story), max_size=3),
    ),
    "publishedDateTime": optional(st.integers(1, 4).map(moment)),
    "published": st.sampled_from([True, True, True, False]),
}


@st.composite
def corpora(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(0, 8))):
        row = article(f"a{number}", **draw(st.fixed_dictionaries(FIELDS)))
        rows.append({key: value for key, value in row.items() if value != MISSING})
    return rows


def newest(row: Row) -> tuple[Any, ...]:
    date = row.get("publishedDateTime")
    return date is not None, date, row["_id"]


def own_url(row: Row) -> set[str]:
    return {row["webUrl"]} if row.get("webUrl") else set()


def urls_of(row: Row) -> set[str]:
    return {each["webUrl"] for each in row.get("related") or () if each.get("webUrl")}


def candidates_of(row: Row, corpus: list[Row], most: int) -> dict[str, Row]:
    """The reference: the articles that are looked at for this one."""
    lists = [
        [each for each in corpus if topic in (each.get("topics") or ())]
        for topic in row.get("topics") or ()
    ]
    lists.append([each for each in corpus if urls_of(each) & (urls_of(row) | own_url(row))])
    lists.append([each for each in corpus if each.get("webUrl") in urls_of(row)])
    newest_lists = (sorted(each, key=newest, reverse=True)[:most] for each in lists)
    return {
        each["_id"]: each for part in newest_lists for each in part if each["_id"] != row["_id"]
    }


def reference(row: Row, corpus: list[Row], first: int, most: int) -> list[Shared]:
    """The similar articles, with their scores and what they share."""
    found = []
    visible = [each for each in corpus if each["published"]]
    for each in candidates_of(row, visible, most).values():
        topics: set[str] = set(row.get("topics") or ()) & set(each.get("topics") or ())
        stories = urls_of(each) & (urls_of(row) | own_url(row)) | own_url(each) & urls_of(row)
        score = 2 * len(stories) + len(topics)
        found.append((score, newest(each), (each["_id"], score, sorted(topics), sorted(stories))))
    return [shared for *_, shared in sorted(found, reverse=True)[:first]]


def shared_by(found: list[ScoredArticle]) -> list[Shared]:
    return [
        (each.row["_id"], each.score, sorted(each.topics), sorted(each.stories)) for each in found
    ]


async def put_in_place(database: Database, rows: list[Row]) -> None:
    await database.delete(ARTICLES, {})
    await database.replace(ARTICLES, rows)


@examples(25)
@given(corpus=corpora(), first=st.integers(1, 8), most=st.sampled_from([1, 2, 50]))
async def test_the_ranking_equals_one_in_plain_python(
    server: Database, corpus: list[Row], first: int, most: int
) -> None:
    await put_in_place(server, corpus)
    originals = [original_of(row) for row in corpus]
    found = await read_similar(server, originals, TITLE, first, most)
    for row, original in zip(corpus, originals, strict=True):
        assert shared_by(found[original]) == reference(row, corpus, first, most)


async def test_all_originals_are_read_in_one_command(server: Database, commands: Commands) -> None:
    await server.replace(
        ARTICLES,
        [
            article(f"a{n}", topics=[f"T{n % 7}", f"T{n % 5}"], related=[story(f"https://{n % 9}")])
            for n in range(100)
        ],
    )
    rows = await server.find(ARTICLES, {})
    commands.names.clear()
    found = await read_similar(server, [original_of(row) for row in rows], TITLE, 5)
    assert commands.names == ["aggregate"]
    assert all(len(each) == 5 for each in found.values())


async def test_more_originals_than_one_pipeline_holds_are_read_in_several(
    server: Database, commands: Commands
) -> None:
    url = "https://x.example/"
    rows = [article(f"a{n:03}", topics=["Sea"], related=[story(url)]) for n in range(350)]
    await server.replace(ARTICLES, rows)
    originals = [Original(row["_id"], ("Sea", f"Of {row['_id']}"), None, (url,)) for row in rows]
    commands.names.clear()
    found = await read_similar(server, originals, TITLE, 1)
    assert commands.names.count("aggregate") == 2
    assert [each[0].row["_id"] for each in found.values()] == ["a349"] * 349 + ["a348"]


async def test_only_the_projection_is_read(server: Database) -> None:
    await server.replace(ARTICLES, [article("b", topics=["Sea"], body="words")])
    original = Original("a", ("Sea",))
    found = await read_similar(server, [original], TITLE, 5)
    assert [each.row for each in found[original]] == [{"_id": "b", "title": "Title of b"}]


async def test_an_article_without_topics_and_stories_costs_no_command(
    server: Database, commands: Commands
) -> None:
    commands.names.clear()
    assert await read_similar(server, [Original("a")], TITLE, 5) == {Original("a"): []}
    assert commands.names == []


async def test_shared_topics_and_stories_are_in_the_order_of_the_original(server: Database) -> None:
    stories = [story("https://x.example/"), story("https://y.example/")]
    await server.replace(ARTICLES, [article("b", topics=["Tide", "Sea"], related=stories)])
    original = Original("a", ("Sea", "Tide"), None, ("https://y.example/", "https://x.example/"))
    (found,) = (await read_similar(server, [original], TITLE, 5))[original]
    assert (found.topics, found.stories) == (list(original.topics), list(original.related))


async def test_candidates_are_read_from_an_index_in_its_order(server: Database) -> None:
    await ensure_indexes(server)
    await server.replace(
        ARTICLES,
        [
            article(f"a{n:04}", topics=["Sea"], related=[story(f"https://{n % 3}.example/")])
            for n in range(1000)
        ],
    )
    newest_first = [("publishedDateTime", -1), ("_id", -1)]
    for test in (
        {"topics": {"$eq": "Sea"}},
        {"related.urlKey": {"$in": ["//1.example", "//2.example"]}},
        {"urlKey": {"$in": ["//gull.example/a0001", "//gull.example/a0002"]}},
    ):
        plan = await plan_of(server, ARTICLES, {"published": True, **test}, newest_first, 50)
        assert plan["executionStats"]["totalDocsExamined"] <= 100  # of 1000
        assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])


async def test_an_in_memory_database_rejects_similar_articles() -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        with pytest.raises(Unsupported, match="cannot rank articles"):
            await read_similar(database, [Original("a", ("Sea",))], TITLE, 5)
