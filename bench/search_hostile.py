"""Search for texts that cost as much as 1,000 characters can.

    python bench/search_hostile.py --count 20000

bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from time import thread_time
from typing import Final

import vocabulary as words
from rounds import say
from search_corpus import invented
from search_index import BY_DATE, BY_RELEVANCE, FACETS, LANGUAGES, PAGE, query_of

from graph.search.index.columns import IndexSchema
from graph.search.index.index import IndexState, SearchIndex
from graph.search.results.facets import read_facets
from graph.search.results.ordering import Finder
from graph.search.results.titles import title_query

LONGEST: Final = 1_000
"""The number of characters of each text."""

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
PAIRS: Final = [f"{one}{two}" for one in "aeiour" for two in LETTERS]
HEBREW: Final = [f"{one}{two}בית{one}" for one in "הובלמשכ" for two in "הובלמשכ"]
ARABIC: Final = [f"{one}{two}كتاب{two}" for one in "وبلفك" for two in "وبلفكسم"]


def filled(parts: Sequence[str], joint: str = " ") -> str:
    """As many of these parts as fit, again and again."""
    text = joint.join(parts)
    while len(text) < LONGEST:
        text = f"{text}{joint}{joint.join(parts)}"
    return text[:LONGEST].rpartition(joint)[0]


TEXTS: Final = {
    "all words": filled(words.WORDS),
    "alternatives": filled(words.WORDS, " OR "),
    "exclusions": "glacier " + filled([f"-{word}" for word in words.WORDS]),
    "phrases": filled([f'"{one} {two}"' for one, two in pairwise(words.WORDS)]),
    "one long phrase": f'"{filled(words.WORDS)}"',
    "beginnings": filled([f"{letter}*" for letter in LETTERS]),
    "alternative beginnings": filled([f"{letter}*" for letter in LETTERS], " OR "),
    "longer beginnings": filled([f"{pair}*" for pair in PAIRS], " OR "),
    "beginnings of phrases": filled([f"{word}-{word[0]}*" for word in words.WORDS], " OR "),
    "one word": "a" * LONGEST,
    "one word again": filled(["snow"]),
    "misspelt words": filled([f"{word}x" for word in words.WORDS if len(word) > 5]),
    "misspelt alternatives": filled([f"{word}x" for word in words.WORDS if len(word) > 5], " OR "),
    "Hebrew": filled(HEBREW, " OR "),
    "Arabic": filled(ARABIC, " OR "),
    "Chinese": "山の郵便局" * (LONGEST // 5),
    "operators": filled(["OR"]),
    "quotation marks": '"' * LONGEST,
    "suggest": filled(words.WORDS),
}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="articles (default: 20000)")
    parser.add_argument("--bodies", action="store_true", help="give every article a body")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each search")
    given = parser.parse_args()
    index = SearchIndex(IndexSchema(LANGUAGES), None)
    index.lock()
    for rows in invented(given.count, bodies=given.bodies):
        index.add(rows)
    index.commit(IndexState("bench", 1))
    say(f"{given.count:,} articles indexed")
    sys.stdout.write("".join(f"{line}\n" for line in _table(index, given.repeat)))


def _table(index: SearchIndex, repeat: int) -> Iterator[str]:
    yield f"| {LONGEST} characters | page, ms of CPU | with totalCount and facets |"
    yield "| --- | ---: | ---: |"
    for name, text in TEXTS.items():
        search = _suggest if name == "suggest" else _search
        times = [list(search(index, text)) for _ in range(repeat)]
        cells = (f"{1e3 * median(each):.1f}" for each in zip(*times, strict=True))
        yield f"| {name} | {' | '.join(cells)} |"


def _search(index: SearchIndex, text: str) -> Iterator[float]:
    """The CPU seconds until there is a page, by similar words if need be, and in total."""
    assert index.snapshot is not None
    searcher = index.snapshot.searcher
    finder = Finder(index.schema.schema, searcher, prefers_newer=True)
    began = thread_time()
    query = query_of(index.schema, text)
    if not finder.page(query, BY_RELEVANCE, None, PAGE):
        query = query_of(index.schema, text, similar=True)
        finder.page(query, BY_RELEVANCE, None, PAGE)
    yield thread_time() - began
    finder.count(query)
    read_facets(searcher, query, FACETS)
    yield thread_time() - began


def _suggest(index: SearchIndex, text: str) -> Iterator[float]:
    assert index.snapshot is not None
    searcher = index.snapshot.searcher
    began = thread_time()
    query = title_query(index.schema, searcher, text)
    assert query is not None
    Finder(index.schema.schema, searcher, prefers_newer=True).page(query, BY_DATE, None, PAGE)
    yield from [thread_time() - began] * 2


if __name__ == "__main__":
    main()
