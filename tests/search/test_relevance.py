"""Searches with graded judgements do not get worse; see `bench/relevance.py`."""

from __future__ import annotations

from typing import Final

import pytest
from relevance import INVENTED, Quality, Search, build, by_group, judged, quality, results
from search_corpus import invented, seeds

MINIMUM: Final = {
    "words": Quality(0.98, 0.99),
    "forms": Quality(0.99, 0.99),
    "several words": Quality(0.98, 0.99),
    "phrases": Quality(0.99, 0.99),
    "questions": Quality(0.74, 0.74),
    "names": Quality(0.99, 0.98),
    "typos": Quality(0.99, 0.99),
    "other scripts": Quality(0.99, 0.99),
    "fields": Quality(0.99, 0.99),
    "exclusions": Quality(0.99, 0.99),
    "beginnings": Quality(0.99, 0.99),
    "alternatives": Quality(0.99, 0.99),
    "common words": Quality(0.97, 0.93),
    "all": Quality(0.98, 0.97),
}
"""What was last measured, less a hundredth."""


@pytest.fixture(scope="module")
def searches() -> list[Search]:
    return judged()


@pytest.fixture(scope="module")
def measured(searches: list[Search]) -> dict[str, tuple[int, Quality]]:
    index = build()
    return by_group([(each, quality(each.grades, results(index, each.text))) for each in searches])


@pytest.mark.parametrize("group", MINIMUM)
def test_the_quality_of_each_group_is_at_least_its_minimum(
    group: str, measured: dict[str, tuple[int, Quality]]
) -> None:
    _, found = measured[group]
    assert found.ndcg >= MINIMUM[group].ndcg
    assert found.recall >= MINIMUM[group].recall


def test_every_group_has_a_minimum(measured: dict[str, tuple[int, Quality]]) -> None:
    assert set(measured) == set(MINIMUM)


def test_judgements_are_of_articles_that_exist(searches: list[Search]) -> None:
    rows = [*seeds(), *(row for rows in invented(INVENTED) for row in rows)]
    slugs = {row["_id"] for row in rows}
    assert {slug for each in searches for slug in each.grades} <= slugs
    assert len({each.text for each in searches}) == len(searches)


def test_ndcg_and_recall_are_computed() -> None:
    grades = {"a": 3, "b": 1}
    assert quality(grades, ["a", "b"]) == (1.0, 1.0)
    assert quality(grades, ["x", "y"]) == (0.0, 0.0)
    swapped = quality(grades, ["b", "a"])
    assert 0.5 < swapped.ndcg < 1.0
    assert swapped.recall == 1.0
    assert quality(grades, ["a"]).recall == 0.5
