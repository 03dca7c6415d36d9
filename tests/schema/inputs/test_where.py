"""A list equals a plain filter and sort in Python, for random corpora and random arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import ARTICLES, TOPICS
from graph.errors import UsageError
from graph.schema import Context, schema
from graph.search.index_reader import IndexReader
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.conftest import Commands, fresh
from tests.loaders.builders import inlined
from tests.schema.inputs.where_model import (
    ORDERS,
    PLAIN,
    TEXT,
    TREE,
    WHERES,
    Row,
    corpora,
    large_corpora,
    meets,
    ranked,
)
from tests.search.indexes import service_over
from tests.thorough import examples

QUERY: Final = """query (
    $where: ArticleWhere, $orderBy: [ArticleOrder!],
    $first: Int, $after: String, $last: Int, $before: String
) {
  articles(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last,
      before: $before) {
    totalCount
    edges { cursor node { slug } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def pages(context: Context, variables: Row, way: str) -> tuple[list[str], set[int]]:
    """The slugs of all pages in one direction, and the totals that they tell."""
    slugs: list[str] = []
    totals: set[int] = set()
    size, cursor = ("first", "after") if way == "forwards" else ("last", "before")
    page_variables = {**variables, size: variables["size"]}
    while True:
        result = await schema.execute(QUERY, page_variables, context_value=context)
        assert not result.errors, result.errors
        assert result.data is not None
        found = result.data["articles"]
        totals.add(found["totalCount"])
        page = [edge["node"]["slug"] for edge in found["edges"]]
        slugs = slugs + page if way == "forwards" else page + slugs
        info = found["pageInfo"]
        more = info["hasNextPage"] if way == "forwards" else info["hasPreviousPage"]
        if not more:
            return slugs, totals
        page_variables[cursor] = info["endCursor"] if way == "forwards" else info["startCursor"]


async def put_in_place(database: Database, rows: list[Row]) -> None:
    await database.delete(ARTICLES, {})
    await database.replace(ARTICLES, rows)


@pytest.fixture
async def tree(database: Database) -> Database:
    """A database with the topic tree in it."""
    parents = {below: name for name, names in TREE.items() for below in names}
    rows: list[Row] = [{"_id": name, "parent": parent} for name, parent in parents.items()]
    await database.replace(TOPICS, rows)
    return database


@examples(15, 1_000)
@given(corpus=corpora(), where=WHERES, orders=ORDERS, size=st.integers(1, 3))
async def test_a_list_equals_a_plain_filter_and_sort(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row], size: int
) -> None:
    await put_in_place(tree, corpus)
    expected = ranked([row for row in corpus if row["published"] and meets(row, where)], orders)
    variables = {"where": where, "orderBy": orders, "size": size}
    for way in ("forwards", "backwards"):
        slugs, totals = await pages(Context(tree), variables, way)
        assert slugs == expected
        # Nothing was loaded, so what a load counts is not there: an unfiltered total is counted.
        assert totals == {len(expected)}
    index = IndexReader(await service_over(tree))
    _, totals = await pages(Context(tree, index=index), variables, "forwards")
    assert totals == {len(expected)}


BRANCHES: Final = st.fixed_dictionaries(
    {"or": st.lists(PLAIN, min_size=2, max_size=3)}, optional={"not": PLAIN, "type": TEXT}
)
"""Filters of which MongoDB reads each branch by an index of its own, and merges them."""


@examples(5, 1_000)
@given(corpus=large_corpora(), where=BRANCHES | WHERES, orders=ORDERS, size=st.integers(1, 20))
async def test_walks_of_long_lists_equal_a_plain_filter_and_sort(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row], size: int
) -> None:
    await put_in_place(tree, corpus)
    expected = ranked([row for row in corpus if meets(row, where)], orders)
    for way in ("forwards", "backwards"):
        variables = {"where": where, "orderBy": orders, "size": size}
        slugs, _ = await pages(Context(tree), variables, way)
        assert slugs == expected


NUMBERED: Final = """query (
    $where: ArticleWhere, $orderBy: [ArticleOrder!], $first: Int, $offset: Int
) {
  articles(where: $where, orderBy: $orderBy, first: $first, offset: $offset) {
    nodes { slug }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}"""


@examples(8, 500)
@given(
    corpus=corpora(),
    where=WHERES,
    orders=ORDERS,
    size=st.integers(1, 3),
    offset=st.integers(0, 6),
)
async def test_a_numbered_page_is_a_slice_of_the_list_with_a_valid_cursor(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row], size: int, offset: int
) -> None:
    await put_in_place(tree, corpus)
    slugs = ranked([row for row in corpus if row["published"] and meets(row, where)], orders)
    arguments = {"where": where, "orderBy": orders, "first": size}
    context = Context(tree)
    result = await schema.execute(NUMBERED, {**arguments, "offset": offset}, context_value=context)
    assert result.data is not None, result.errors
    page = result.data["articles"]
    end = offset + size
    info = page["pageInfo"]
    assert [node["slug"] for node in page["nodes"]] == slugs[offset:end]
    assert info["hasNextPage"] is (end < len(slugs))
    assert info["hasPreviousPage"] is (offset > 0)
    if info["hasNextPage"]:
        variables = {**arguments, "after": info["endCursor"]}
        result = await schema.execute(QUERY, variables, context_value=context)
        assert result.data is not None, result.errors
        edges = result.data["articles"]["edges"]
        assert [edge["node"]["slug"] for edge in edges] == slugs[end : end + size]


NEIGHBOURS: Final = """query ($where: ArticleWhere, $orderBy: [ArticleOrder!]) {
  articles(first: 100) {
    nodes {
      slug
      next(where: $where, orderBy: $orderBy) { slug }
      previous(where: $where, orderBy: $orderBy) { slug }
    }
  }
}"""


@examples(8, 500)
@given(corpus=corpora(), where=WHERES, orders=ORDERS)
async def test_neighbours_are_those_of_the_list(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row]
) -> None:
    """Those of an article outside of the list are the nearest of the list in its order."""
    await put_in_place(tree, corpus)
    published = [row for row in corpus if row["published"]]
    everything = ranked(published, orders)
    listed = {row["_id"] for row in published if meets(row, where)}
    variables = {"where": where, "orderBy": orders}
    result = await schema.execute(NEIGHBOURS, variables, context_value=Context(tree))
    assert result.data is not None, result.errors
    nodes = result.data["articles"]["nodes"]
    assert {node["slug"] for node in nodes} == set(everything)
    for node in nodes:
        at = everything.index(node["slug"])
        after = [slug for slug in everything[at + 1 :] if slug in listed]
        before = [slug for slug in everything[:at] if slug in listed]
        assert node["next"] == ({"slug": after[0]} if after else None)
        assert node["previous"] == ({"slug": before[-1]} if before else None)


@pytest_asyncio.fixture(scope="module")
async def undated(
    mongod: str | UsageError, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """A database with 30 articles that have no date, and 60 that have one."""
    folder = tmp_path_factory.mktemp("undated")
    for number in range(10, 100):
        topic = ("Tide", "Kelp")[number % 2] if number < 40 else "Mill"
        dated = "publishedDateTime: 2025-01-01T08:00:00Z\n" if number >= 40 else ""
        (folder / f"d{number}.md").write_text(
            f"---\ntitle: D{number}\n{dated}topics: [{topic}]\n"
            "provider: {name: Gull, domain: gull.example}\n---\n"
        )
    async with fresh(mongod, "motor", Commands()) as database:
        with inlined():
            await load(database, Settings(), LoadOptions.of([folder], jobs=1))
        yield database


@pytest.mark.parametrize("size", [7, 20])
@pytest.mark.parametrize("way", ["forwards", "backwards"])
async def test_undated_articles_under_branches_are_found_once(
    undated: Database, size: int, way: str
) -> None:
    branches = [
        {"topics": {"any": ["Kelp"]}, "hasImage": False},
        {"topics": {"any": ["Tide"]}},
    ]
    variables = {"where": {"or": branches}, "orderBy": [], "size": size}
    slugs, totals = await pages(Context(undated), variables, way)
    assert sorted(slugs) == [f"d{number}" for number in range(10, 40)]
    assert totals == {30}


@examples(6, 300)
@given(corpus=corpora(), where=WHERES, which=st.sampled_from([[True], [False], [True, False]]))
async def test_with_the_scope_unpublished_articles_can_be_requested(
    tree: Database, corpus: list[Row], where: Row, which: list[bool]
) -> None:
    await put_in_place(tree, corpus)
    rows = [row for row in corpus if row["published"] in which and meets(row, where)]
    context = Context(tree, scopes=frozenset({"read:unpublished"}))
    condition = {"and": [where], "published": {"in": which}}
    slugs, _ = await pages(context, {"where": condition, "orderBy": [], "size": 3}, "forwards")
    assert slugs == ranked(rows, [])


def nested(depth: int) -> Iterator[Row]:
    where: Row = {"hasBody": True}
    for _ in range(depth - 1):
        where = {"not": where}
    yield where


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (next(nested(6)), "nested more than 5 deep"),
        ({"or": [{"quality": {"eq": n}} for n in range(201)]}, "more than 200 tests"),
        ({"topics": {"all": ["x"] * 101}}, "101 values, at most 100"),
        ({"slug": {"startsWith": "x" * 2049}}, "2049 characters, at most 2048"),
        ({"title": {"contains": "\x00"}}, "only control characters or accents"),
        ({"title": {"startsWith": "\u0301"}}, "only control characters or accents"),
        ({"published": {"eq": False}}, "needs a bearer token with the scope read:unpublished"),
        ({"not": {"published": {"in": [False]}}}, "needs a bearer token"),
    ],
)
async def test_a_where_beyond_a_limit_is_rejected(
    database: Database, where: Row, message: str
) -> None:
    result = await schema.execute(QUERY, {"where": where}, context_value=Context(database))
    assert result.errors
    assert message in result.errors[0].message


async def test_a_where_of_the_greatest_depth_is_answered(database: Database) -> None:
    where = next(nested(5))
    result = await schema.execute(QUERY, {"where": where}, context_value=Context(database))
    assert not result.errors
