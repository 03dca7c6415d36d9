"""Tests select the same articles in the index as in a database."""

from __future__ import annotations

from typing import Any, Final

import mongomock
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.search.index.columns import COLUMNS
from graph.search.queries.filter_queries import all_of, can_test, filter_query, visible_query
from graph.store.queries.articles import EVERYTHING, PUBLISHED
from graph.store.queries.filters import Condition, Group, Order, Test, match
from tests.builders import Row, article, authors, moment, provider, story
from tests.search.indexes import SCHEMA, finder_of, index_of
from tests.thorough import examples

TEXTS: Final = ["news", "newsletter", "é", "", "a.b*c\\d", "\U0010ffff"]
NUMBERS: Final = [-1, 0, 1, 70]
DATES: Final = [moment(1), moment(2), moment(2, 1)]
SLUGS: Final = ["_news/a", "_news/a1", "_news/b", "_videos/é", "c"]
LISTS: Final = st.lists(st.sampled_from(TEXTS), max_size=3)
BY_SLUG: Final = (Order("_id", descending=False),)


def optional(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


ARTICLES: Final = st.fixed_dictionaries(
    {
        "type": optional(TEXTS),
        "category": optional(TEXTS),
        "quality": optional(NUMBERS),
        "heat": optional(NUMBERS),
        "publishedDateTime": optional(DATES),
        "published": st.booleans(),
        "topics": st.none() | LISTS,
        "authors": st.sampled_from([None, [], authors("Ida Holm"), authors("Ida Holm", "Åse")]),
        "images": st.sampled_from([None, [], [{"url": "/a.svg"}]]),
        "related": st.sampled_from([None, [], [story("https://x.example/")]]),
        "body": st.sampled_from([None, "words"]),
        "provider": st.sampled_from([provider(), provider("Tern", "tern.example")]),
    }
)


def conditions(path: str, values: list[Any], *operators: str) -> st.SearchStrategy[Test]:
    value = st.sampled_from(values)
    several = st.lists(value, max_size=3)
    return st.sampled_from(operators).flatmap(
        lambda operator: st.builds(
            Condition,
            st.just(path),
            st.just(operator),
            several
            if operator in ("in", "nin", "any", "none")
            else st.booleans()
            if operator in ("exists", "isNotEmpty")
            else value,
        )
    )


CONDITIONS: Final = st.one_of(
    conditions("type", TEXTS, "eq", "ne", "in", "nin", "startsWith", "exists"),
    conditions("category", TEXTS, "eq", "ne", "startsWith"),
    conditions("_id", SLUGS, "eq", "in", "startsWith"),
    conditions("quality", NUMBERS, "eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists"),
    conditions("publishedDateTime", DATES, "eq", "ne", "gt", "gte", "lt", "lte", "exists"),
    conditions("published", [True, False], "eq", "ne", "in"),
    conditions("topics", TEXTS, "any", "none"),
    conditions("authors.slug", ["ida-holm", "ase", "åse"], "any", "none"),
    conditions("images", [True], "isNotEmpty"),
    conditions("related", [True], "isNotEmpty"),
    conditions("body", [True], "exists"),
    conditions("provider.domain", ["gull.example", "tern.example"], "eq", "in"),
    conditions("provider.name", ["The Gull", "Tern"], "eq"),
)
TESTS: Final = st.recursive(
    CONDITIONS,
    lambda inner: st.builds(
        Group,
        st.sampled_from(["$and", "$or", "$nor"]),
        st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=6,
)


@examples(25)
@given(
    fields=st.lists(ARTICLES, max_size=len(SLUGS)),
    tests=st.lists(TESTS, max_size=3),
    unpublished=st.booleans(),
)
def test_the_index_selects_what_a_database_selects(
    fields: list[Row], tests: list[Test], unpublished: bool
) -> None:
    rows = [article(slug, **each) for slug, each in zip(SLUGS, fields, strict=False)]
    collection: Any = mongomock.MongoClient().db.articles
    if rows:
        collection.insert_many(rows)
    visible = EVERYTHING if unpublished else PUBLISHED
    expected = {row["_id"] for row in collection.find(match(visible, tests))}

    index = index_of(rows)
    queries = [filter_query(SCHEMA.schema, test) for test in tests]
    query = all_of([visible_query(SCHEMA.schema, unpublished=unpublished), *queries])
    finder = finder_of(index)
    assert {hit.slug for hit in finder.page(query, BY_SLUG, None, 9)} == expected
    assert finder.count(query) == len(expected)


def test_a_test_of_another_path_than_a_column_is_not_answered() -> None:
    quality = Condition("quality", "eq", 1)
    assert can_test([quality, Group("$or", (quality,))])
    assert not can_test([Group("$or", (quality, Condition("related.webUrl", "eq", "")))])


@pytest.mark.parametrize("path", ["_id", "published", "topics", "authors.slug", "body", "images"])
def test_every_filter_of_lists_has_a_column(path: str) -> None:
    assert path in COLUMNS
