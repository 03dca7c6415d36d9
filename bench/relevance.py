"""Measure how good the results of searches are, with judgements of which articles are good.

    python bench/relevance.py

bench/README.md describes how to read the table. `--searches` prints every search as well.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from math import log2
from pathlib import Path
from statistics import fmean
from typing import Any, Final, NamedTuple

from search_corpus import invented, seeds

from graph.search.index.columns import IndexSchema
from graph.search.index.index import IndexState, SearchIndex
from graph.search.queries.language import parse_search
from graph.search.queries.word_queries import search_query
from graph.search.results.ordering import Finder
from graph.store.queries.filters import Order

JUDGEMENTS: Final = Path(__file__).with_name("judgements.toml")
INVENTED: Final = 300
DEPTH: Final = 10
"""How many results count."""

LANGUAGES: Final = ("en",)
ORDERS: Final = (Order("score"), Order("publishedDateTime"), Order("_id"))
_GRADES: Final = (3, 2, 1)


class Search(NamedTuple):
    """A search, and the grades of the articles that it should find."""

    group: str
    text: str
    grades: Mapping[str, int]


class Quality(NamedTuple):
    """How good results are, from 0 to 1.

    `ndcg` is the normalized discounted cumulative gain of the first ten results. `recall` is the
    share of the articles with a grade, or of ten of them, that are among these.
    """

    ndcg: float
    recall: float


def judged() -> list[Search]:
    """The searches with judgements."""
    found = tomllib.loads(JUDGEMENTS.read_text(encoding="utf-8"))["search"]
    return [Search(each["group"], each["text"], _grades(each)) for each in found]


def build() -> SearchIndex:
    """The index of the articles that were judged, in memory."""
    index = SearchIndex(IndexSchema(LANGUAGES), None)
    index.lock()
    for rows in (seeds(), *invented(INVENTED)):
        index.add(rows)
    index.commit(IndexState("relevance", 1))
    return index


def results(index: SearchIndex, text: str) -> list[str]:
    """The first results of a search; if there are none, those for similar words, as in the API."""
    assert index.snapshot is not None
    finder = Finder(index.schema.schema, index.snapshot.searcher, prefers_newer=True)
    search = parse_search(text, LANGUAGES)
    for similar in (False, True):
        query = search_query(index.schema, search, similar=similar)
        if hits := finder.page(query, ORDERS, None, DEPTH):
            return [hit.slug for hit in hits]
    return []


def quality(grades: Mapping[str, int], found: Sequence[str]) -> Quality:
    """How good these results are."""
    best = _gain(sorted(grades.values(), reverse=True)[:DEPTH])
    good = sum(slug in grades for slug in found)
    return Quality(
        _gain([grades.get(slug, 0) for slug in found]) / best, good / min(DEPTH, len(grades))
    )


def by_group(measured: Sequence[tuple[Search, Quality]]) -> dict[str, tuple[int, Quality]]:
    """The number of searches and the mean quality of each group, and of `all`."""
    groups: dict[str, list[Quality]] = {}
    for search, each in measured:
        groups.setdefault(search.group, []).append(each)
    groups["all"] = [each for _, each in measured]
    return {
        group: (
            len(found),
            Quality(fmean(each.ndcg for each in found), fmean(each.recall for each in found)),
        )
        for group, found in groups.items()
    }


def _grades(judgement: Mapping[str, Any]) -> dict[str, int]:
    return {slug: grade for grade in _GRADES for slug in judgement.get(str(grade), ())}


def _gain(grades: Sequence[int]) -> float:
    return sum(((1 << grade) - 1) / log2(place + 2) for place, grade in enumerate(grades))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--searches", action="store_true", help="print every search")
    given = parser.parse_args()
    index = build()
    measured = [
        (search, quality(search.grades, results(index, search.text))) for search in judged()
    ]
    lines = list(_table(by_group(measured)))
    if given.searches:
        lines = [*_details(index, measured), "", *lines]
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _table(groups: Mapping[str, tuple[int, Quality]]) -> Iterator[str]:
    yield f"| group | searches | nDCG@{DEPTH} | recall |"
    yield "| --- | ---: | ---: | ---: |"
    for group, (count, mean) in groups.items():
        yield f"| {group} | {count} | {mean.ndcg:.3f} | {mean.recall:.3f} |"


def _details(index: SearchIndex, measured: Sequence[tuple[Search, Quality]]) -> Iterator[str]:
    for search, each in measured:
        yield f"{search.text}: nDCG {each.ndcg:.3f}, recall {each.recall:.3f}"
        found = results(index, search.text)
        missing = sorted(set(search.grades) - set(found))
        yield from (f"  {search.grades.get(slug, 0)} {slug}" for slug in found)
        yield from (f"  {search.grades[slug]} {slug} (missing)" for slug in missing)


if __name__ == "__main__":
    main()
