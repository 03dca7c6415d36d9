"""Compiled answers to generated operations on generated corpora are those of graphql-core.

`pytest tests/compiler --hypothesis-profile=thorough` tries thousands.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from graph.documents import ARTICLES
from graph.schema import print_schema, schema
from graph.store.driver.database import Database
from tests.builders import Row, article, moment, story
from tests.compiler.corpus import ODD_TEXT, broken, documents, load
from tests.compiler.generator import SLUGS, operations
from tests.compiler.sameness import SCOPES, Watched, compare
from tests.thorough import examples

OPERATIONS: Final = operations(schema._schema)
WHO: Final = st.sampled_from((frozenset[str](), SCOPES))

_SCALARS: Final = {
    "DateTime": st.sampled_from(("2025-03-02T00:00:00Z", "x")).map(nodes.String),
    "JSON": st.just("x").map(nodes.String),
}
_ANY_QUERY: Final = queries(print_schema(), custom_scalars=_SCALARS)
_ODD: Final[dict[str, tuple[Any, ...]]] = {
    "title": (ODD_TEXT, "", "A"),
    "excerpt": (ODD_TEXT, "", "Some words to be cut somewhere", None),
    "quality": (None, -1, 0, 2**31 - 1, -(2**31), 2**31),
    "publishedDateTime": (None, moment(1), moment(2), moment(2)),
    "webUrl": (None, "", "https://gull.example/tide", "https://gull.example/twin"),
    "topics": (None, [], ["Tides"], ["Mills", "Nothing"], ["Tides", "Tides"]),
    "images": (None, [], [{"url": "/a.jpg", "width": 5, "height": None}], [{}]),
    "related": (
        None,
        [],
        [story("https://gull.example/tide"), story(None)],
        [story("https://gull.example/twin", quality=None)] * 12,
    ),
    "provider": ({"name": "Cove", "domain": "port.example"}, {"name": "X", "domain": ""}),
    "published": (True, True, False),
    "body": (None, "", ODD_TEXT),
    "secured": (None, "", "AAEC;AA=="),
    "extra": ({}, {"a": [None, {"b": ODD_TEXT}]}),
}
ARTICLE: Final = st.builds(
    lambda slug, fields: article(slug, **fields),
    st.sampled_from([slug for slug in SLUGS if slug]),
    st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, values in _ODD.items()}
    ),
)
CORPORA: Final = st.lists(
    st.one_of(ARTICLE, ARTICLE, ARTICLE, st.sampled_from(broken())),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row["_id"],
)


@examples(8)
@given(operation=OPERATIONS, scopes=WHO)
async def test_generated_operations_are_answered_as_by_graphql_core(
    odd: Database, operation: tuple[str, Row], scopes: frozenset[str]
) -> None:
    query, variables = operation
    executor = Watched()
    answer = await compare(executor, odd, query, variables, scopes=scopes)
    assert executor.fallbacks == 0 or answer.errors
    await compare(executor, odd, query, variables, scopes=scopes)


@examples(6)
@given(query=_ANY_QUERY)
async def test_operations_with_any_arguments_are_answered_as_by_graphql_core(
    odd: Database, query: Any
) -> None:
    await compare(Watched(), odd, query)


@examples(3)
@given(corpus=CORPORA, asked=st.lists(OPERATIONS, min_size=1, max_size=4), scopes=WHO)
async def test_generated_corpora_are_answered_from_as_by_graphql_core(
    odd: Database, corpus: list[Row], asked: list[tuple[str, Row]], scopes: frozenset[str]
) -> None:
    await odd.replace(ARTICLES, corpus)
    executor = Watched()
    try:
        for query, variables in asked:
            await compare(executor, odd, query, variables, scopes=scopes)
    finally:
        await _restore(odd, corpus)


async def _restore(database: Database, corpus: list[Row]) -> None:
    original = {row["_id"]: row for row in documents() if "kind" not in row}
    slugs = [row["_id"] for row in corpus]
    await database.replace(ARTICLES, [original[slug] for slug in slugs if slug in original])
    strays = [slug for slug in slugs if slug not in original]
    await database.delete(ARTICLES, {"_id": {"$in": strays}})


@pytest.fixture
async def odd(database: Database) -> Database:
    """A database that holds the odd corpus."""
    await load(database)
    return database
