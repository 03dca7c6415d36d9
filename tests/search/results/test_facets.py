"""Facets of matching articles equal counts in Python."""

from __future__ import annotations

from collections import Counter
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from graph.search.results.facets import read_facets
from graph.store.queries.facets import Facet
from tests.builders import article, authors, moment, provider
from tests.search.indexes import index_of, query_of
from tests.thorough import examples

ALL: Final[tuple[Facet, ...]] = ("topics", "providers", "authors", "types", "years", "months")


@examples(10)
@given(
    topics=st.lists(st.lists(st.sampled_from("abcdé"), max_size=3, unique=True), max_size=20),
    size=st.integers(1, 4),
)
def test_the_most_frequent_values_come_first(topics: list[list[str]], size: int) -> None:
    index = index_of([article(str(n), topics=each) for n, each in enumerate(topics)])
    assert index.snapshot is not None
    found = read_facets(index.snapshot.searcher, query_of("title"), {"topics": size})
    counts = Counter(topic for each in topics for topic in each)
    expected = sorted(counts.items(), key=lambda item: (item[1], item[0]), reverse=True)
    assert [(bucket.value, bucket.count) for bucket in found["topics"]] == expected[:size]


def test_each_facet_is_counted() -> None:
    rows = [
        article("a", topics=["Sea"], authors=authors("Ida Holm"), publishedDateTime=moment(1)),
        article("b", type="video", provider=provider("Tern", "tern.example")),
        article("c", type=None, publishedDateTime=None),
        article("d", publishedDateTime=moment(1).replace(year=2024, month=12)),
        article("e", published=False),
    ]
    index = index_of(rows)
    assert index.snapshot is not None
    found = read_facets(index.snapshot.searcher, query_of("title"), dict.fromkeys(ALL, 9))
    assert {facet: [(b.value, b.count) for b in found[facet]] for facet in ALL} == {
        "topics": [("Sea", 1)],
        "providers": [("gull.example/The Gull", 3), ("tern.example/Tern", 1)],
        "authors": [("ida-holm", 1)],
        "types": [("article", 2), ("video", 1)],
        "years": [("2025", 2), ("2024", 1)],
        "months": [("2025-03", 2), ("2024-12", 1)],
    }


def test_the_order_of_equal_counts_is_deterministic() -> None:
    topics = [f"t{number:03}" for number in range(200)]
    index = index_of([article(topic, topics=[topic]) for topic in topics])
    assert index.snapshot is not None
    found = read_facets(index.snapshot.searcher, query_of("title"), {"topics": 3})
    assert [bucket.value for bucket in found["topics"]] == ["t199", "t198", "t197"]
    assert read_facets(index.snapshot.searcher, query_of("title"), {}) == {}
