"""Suggested titles and words for incomplete or misspelt searches."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.search.index.index import SearchIndex
from graph.search.queries.corrections import Corrector, distance, query_text
from graph.search.queries.language import parse_search
from graph.search.results.titles import title_query
from graph.store.queries.filters import Order
from tests.builders import article, moment
from tests.search.indexes import SCHEMA, finder_of, index_of

NEWEST: Final = (Order("publishedDateTime"), Order("_id"))
TITLES: Final = ("New ferry", "Harbour ferries", "The new harbour", "Naïve art")


@pytest.fixture(scope="module")
def titles() -> SearchIndex:
    rows = [
        article(title, title=title, publishedDateTime=moment(day))
        for day, title in enumerate(TITLES, 1)
    ]
    return index_of([*rows, article("hidden", title="Ferry", published=False)])


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("f", ["Harbour ferries", "New ferry"]),
        ("ferr", ["Harbour ferries", "New ferry"]),
        ("ferry", ["New ferry"]),
        ("harbour f", ["Harbour ferries"]),
        ("new", ["The new harbour", "New ferry"]),
        ("NAI", ["Naïve art"]),
        ("x", []),
        ("ferry x", []),
    ],
)
def test_titles_with_the_words_are_suggested(
    titles: SearchIndex, prefix: str, expected: list[str]
) -> None:
    assert titles.snapshot is not None
    query = title_query(SCHEMA, titles.snapshot.searcher, prefix)
    assert query is not None
    assert [hit.slug for hit in finder_of(titles).page(query, NEWEST, None, 9)] == expected


@pytest.mark.parametrize("prefix", ["", "*", "?!"])
def test_nothing_is_suggested_for_nothing(titles: SearchIndex, prefix: str) -> None:
    assert titles.snapshot is not None
    assert title_query(SCHEMA, titles.snapshot.searcher, prefix) is None


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("fery", "ferry"),
        ("nwe harbuor", "nwe harbour"),
        ("ferry harbuor", "ferry harbour"),
        ('-harbuor "new fery" fery', '-harbuor "new fery" ferry'),
        ("title:fery OR harb*", "title:ferry OR harb*"),
        ("ferry", None),
        ("xylophone", None),
    ],
)
def test_unknown_words_are_replaced_by_the_nearest(
    titles: SearchIndex, search: str, expected: str | None
) -> None:
    assert titles.snapshot is not None
    corrector = Corrector(SCHEMA, titles.snapshot.searcher)
    corrected = corrector.corrected(parse_search(search, ["en"]), TITLES)
    assert (query_text(corrected) if corrected else None) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("ferry", "ferry", 0),
        ("fery", "ferry", 1),
        ("ferry", "fery", 1),
        ("harbuor", "harbour", 1),
        ("ferrx", "ferry", 1),
        ("ferry", "berth", 3),
        ("", "ab", 2),
        ("a", "abcd", 3),
    ],
)
def test_the_distance_of_two_words_is_that_of_their_edits(
    one: str, other: str, expected: int
) -> None:
    assert distance(one, other) == expected


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_the_distance_is_symmetric(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)


@given(st.text(alphabet='ab"-* OR:', max_size=30))
def test_a_search_written_as_text_is_parsed_to_the_same_clauses(text: str) -> None:
    search = parse_search(text, ["en"])
    if search.hint is None:
        again = parse_search(query_text(search), ["en"])
        assert Counter(again.clauses) == Counter(search.clauses)
