"""Pages in an order equal slices of a list that Python sorted."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.search.index.columns import tie_of
from graph.search.index.index import IndexState
from graph.store.queries.filters import Order, reverse, total
from tests.builders import Row, article, moment
from tests.search.indexes import RELEVANCE, finder_of, index_of, query_of
from tests.thorough import examples

FIELDS: Final = ("foldedTitle", "publishedDateTime", "quality", "heat")
ORDERS: Final = st.lists(
    st.builds(Order, st.sampled_from(FIELDS), st.booleans()),
    min_size=1,
    max_size=3,
    unique_by=lambda order: order.field,
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Row]:
    """Tens of articles, many of which have equal or no values in the fields that lists order by."""
    random = draw(st.randoms(use_true_random=False))
    return [
        article(
            f"a/{number}",
            title=random.choice(("b", "B", "ä", "bb")),
            publishedDateTime=random.choice((None, moment(1), moment(2))),
            quality=random.choice((None, -1, 5)),
            heat=random.choice((None, 0, 1, 2, 3)),
            excerpt="lantern " * random.randint(1, 3),
        )
        for number in range(random.randint(0, 50))
    ]


def sort_key(order: Order, row: Row) -> Any:
    if order.field == "_id":
        return tie_of(row["_id"])
    value = row[order.field]
    return (value is not None, value)


def ordered(rows: list[Row], orders: tuple[Order, ...]) -> list[str]:
    """The slugs of the rows in an order; rows equal in all its fields are ordered by `tie_of`."""
    for order in reversed(orders):
        rows = sorted(rows, key=lambda row: sort_key(order, row), reverse=order.descending)
    return [row["_id"] for row in rows]


@examples(15)
@given(rows=corpora(), orders=ORDERS, size=st.integers(1, 20))
def test_a_walk_by_pages_is_the_sorted_list(
    rows: list[Row], orders: list[Order], size: int
) -> None:
    total_order = total(tuple(orders), "publishedDateTime")
    finder = finder_of(index_of(rows))
    by_slug = {row["_id"]: row for row in rows}
    found: list[str] = []
    after = None
    while page := finder.page(query_of("lantern"), total_order, after, size):
        found += [hit.slug for hit in page]
        after = [by_slug[found[-1]][order.field] for order in total_order]
    assert found == ordered(rows, total_order)


@examples(10)
@given(rows=corpora(), size=st.integers(1, 20), newer=st.booleans())
def test_a_walk_by_relevance_finds_each_article_once(
    rows: list[Row], size: int, newer: bool
) -> None:
    finder = finder_of(index_of(rows), prefers_newer=newer)
    by_slug = {row["_id"]: row for row in rows}
    found: list[tuple[float, str]] = []
    after = None
    while page := finder.page(query_of("lantern"), RELEVANCE, after, size):
        found += [(hit.score or 0.0, hit.slug) for hit in page]
        score, slug = found[-1]
        after = [score, by_slug[slug]["publishedDateTime"], slug]
    assert sorted(slug for _, slug in found) == sorted(by_slug)
    scores = [score for score, _ in found]
    assert scores == sorted(scores, reverse=True)


TITLES: Final = ("lantern", "ferry", "lantern ferry", "old lantern by the quay")
CHANGES: Final = st.tuples(
    st.lists(st.sampled_from(TITLES), max_size=6),
    st.sets(st.integers(0, 11), max_size=2),
)
"""What a load does: the titles that it adds, and the numbers of articles that it removes."""


@examples(15)
@given(
    changes=st.lists(CHANGES, min_size=2, max_size=5),
    size=st.integers(1, 5),
    backwards=st.booleans(),
)
def test_a_walk_by_relevance_continues_while_loads_change_all_scores(
    changes: list[tuple[list[str], set[int]]], size: int, backwards: bool
) -> None:
    index = index_of([article(f"a/{n}", title=title) for n, title in enumerate(TITLES * 3)])
    orders = reverse(RELEVANCE) if backwards else RELEVANCE
    query = query_of("lantern OR ferry")
    after: list[Any] | None = None
    seen: list[str] = []
    constant: set[str] | None = None
    """What matched all the time, on the same side of each cursor."""
    for number, (added, removed) in enumerate(changes):
        hits = finder_of(index).page(query, orders, None, 100)
        slugs = [hit.slug for hit in hits]
        cursor = after[-1] if after else None
        if cursor not in slugs and after is not None:
            return  # nothing is promised after an article that is gone
        start = slugs.index(cursor) + 1 if cursor else 0
        page = finder_of(index).page(query, orders, after, size)
        assert page == hits[start : start + size]
        if constant is None:
            constant = set(slugs)
        constant &= {*seen} & {*slugs[:start]} | {*slugs[start:]} - {*seen}
        seen += [hit.slug for hit in page]
        if len(page) < size:
            assert all(seen.count(slug) == 1 for slug in constant)
            return
        after = [page[-1].score, article("a")["publishedDateTime"], page[-1].slug]
        index.write(
            [article(f"b/{number}/{n}", title=title) for n, title in enumerate(added)],
            [f"a/{n}" for n in removed],
        )
        index.commit(IndexState("corpus", 2 + number))


def test_a_cursor_of_a_removed_article_continues_at_its_position() -> None:
    rows = [article(f"a/{n}", title="lantern", publishedDateTime=moment(n + 1)) for n in range(9)]
    finder = finder_of(index_of(rows[:4] + rows[5:]))
    orders = (Order("publishedDateTime"), Order("_id"))
    page = finder.page(query_of("lantern"), orders, [moment(5), "a/4"], 2)
    assert [hit.slug for hit in page] == ["a/3", "a/2"]


@pytest.mark.parametrize("score", [1e9, 0.0])
def test_a_cursor_may_have_a_score_that_no_article_has(score: float) -> None:
    rows = [article(f"a/{n}", title="lantern") for n in range(3)]
    finder = finder_of(index_of(rows))
    page = finder.page(query_of("lantern"), RELEVANCE, [score, None, "x"], 9)
    assert len(page) == (3 if score else 0)
