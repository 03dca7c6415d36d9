"""Measure the search index alone: time to build, bytes, memory, and how long searches take.

    python bench/search_index.py --count 10000,1000000
    python bench/search_index.py --count 100000 --bodies

bench/README.md describes how to read the tables.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter, process_time, thread_time
from typing import Any, Final

from rounds import say
from search_corpus import invented
from tantivy import Query

from graph.search.index.columns import IndexSchema
from graph.search.index.index import IndexState, SearchIndex
from graph.search.queries.filter_queries import all_of, filter_query, visible_query
from graph.search.queries.language import parse_search
from graph.search.queries.word_queries import search_query
from graph.search.results.facets import read_facets
from graph.search.results.ordering import Finder
from graph.search.results.titles import title_query
from graph.store.queries.facets import Facet
from graph.store.queries.filters import Condition, Order

LANGUAGES: Final = ("en",)
PAGE: Final = 20
SAMPLE_SECONDS: Final = 0.05
WARM: Final = 3

SEARCHES: Final = (
    "glacier",
    "night train",
    "winter timetable",
    '"rope bridge"',
    "snow OR fog",
    "observatory -atlas",
    "title:battery",
    "moun*",
)
"""Of frequent words, which cost most."""

PREFIXES: Final = ("g", "gla", "winter t", "a forgotten tu")
BY_RELEVANCE: Final = (Order("score"), Order("publishedDateTime"), Order("_id"))
BY_DATE: Final = (Order("publishedDateTime"), Order("_id"))
FACETS: Final[dict[Facet, int]] = {"topics": 10, "providers": 10, "types": 10, "years": 10}
FILTER: Final = Condition("topics", "any", ["Glacier Science"])
SINCE: Final = Condition("publishedDateTime", "gte", datetime(2023, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Built:
    """An index, and what it cost to build it. Sizes are in bytes, times in seconds."""

    count: int
    text: int
    seconds: float
    cpu_seconds: float
    disk: int
    memory_before: int
    memory_peak: int
    memory_after: int
    latencies: dict[str, list[float]]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", default="10000", help="articles, separated by commas")
    parser.add_argument("--bodies", action="store_true", help="give every article a body")
    parser.add_argument("--repeat", type=int, default=20, help="runs of each search")
    given = parser.parse_args()
    builds = []
    for count in map(int, given.count.split(",")):
        # A process of its own, so that the memory of one is not counted for the next.
        with get_context("spawn").Pool(1) as pool:
            builds.append(pool.apply(measured, (count, given.bodies, given.repeat)))
    sys.stdout.write(
        f"tantivy {version('tantivy')}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores\n\n"
    )
    sys.stdout.write("".join(f"{line}\n" for line in (*_costs(builds), "", *_latencies(builds))))


def measured(count: int, bodies: bool, repeat: int) -> Built:
    """Build an index and search it."""
    with tempfile.TemporaryDirectory(prefix="newsgraph-bench-") as folder:
        index = SearchIndex(IndexSchema(LANGUAGES), Path(folder))
        index.lock()
        before = _memory()
        text, generating, generating_cpu = 0, 0.0, 0.0
        began, cpu = perf_counter(), process_time()
        with Peak() as peak:
            batches = invented(count, bodies=bodies)
            while True:
                paused, paused_cpu = perf_counter(), thread_time()
                rows = next(batches, None)
                generating += perf_counter() - paused
                generating_cpu += thread_time() - paused_cpu
                if rows is None:
                    break
                text += sum(map(_text_bytes, rows))
                index.add(rows)
            index.commit(IndexState("bench", 1))
        seconds = perf_counter() - began - generating
        cpu = process_time() - cpu - generating_cpu
        index.unlock()
        del index
        say(f"{count:,} articles indexed in {seconds:.1f} s")
        reader = SearchIndex(IndexSchema(LANGUAGES), Path(folder))
        latencies = {name: list(times) for name, times in _searches(reader, repeat)}
        disk = sum(path.stat().st_size for path in Path(folder).iterdir())
        after = _memory()
    return Built(count, text, seconds, cpu, disk, before, peak.bytes, after, latencies)


class Peak:
    """The maximum of the memory that this process has for itself while the context is open."""

    def __init__(self) -> None:
        self.bytes = 0
        self._ended = Event()
        self._thread = Thread(target=self._watch)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.bytes = max(self.bytes, _memory())


def _memory() -> int:
    """The anonymous memory of this process: without mapped files, which the system may drop."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024


def _text_bytes(row: Any) -> int:
    texts = (row["title"], row["excerpt"], row["body"], row["provider"]["name"], *row["topics"])
    return sum(len(text.encode()) for text in texts if text)


def query_of(schema: IndexSchema, text: str, *, similar: bool = False) -> Query:
    """The published articles that a search finds."""
    found = search_query(schema, parse_search(text, LANGUAGES), similar=similar)
    return all_of([found, visible_query(schema.schema, unpublished=False)])


def _searches(index: SearchIndex, repeat: int) -> Iterator[tuple[str, Iterator[float]]]:
    assert index.snapshot is not None
    schema, searcher = index.schema, index.snapshot.searcher
    finder = Finder(schema.schema, searcher, prefers_newer=True)
    visible = visible_query(schema.schema, unpublished=False)
    filters = [filter_query(schema.schema, each) for each in (FILTER, SINCE)]

    def suggest(prefix: str) -> None:
        query = title_query(schema, searcher, prefix)
        assert query is not None
        finder.page(query, BY_DATE, None, 10)

    def timed(call: Callable[[str], object], texts: Sequence[str]) -> Iterator[float]:
        for number in range((repeat + WARM) * len(texts)):
            began = perf_counter()
            call(texts[number % len(texts)])
            if number >= WARM * len(texts):
                yield perf_counter() - began

    yield (
        "page by relevance",
        timed(lambda text: finder.page(query_of(schema, text), BY_RELEVANCE, None, PAGE), SEARCHES),
    )
    yield (
        "page by date",
        timed(lambda text: finder.page(query_of(schema, text), BY_DATE, None, PAGE), SEARCHES),
    )
    yield "totalCount", timed(lambda text: finder.count(query_of(schema, text)), SEARCHES)
    yield (
        "totalCount, filtered",
        timed(lambda text: finder.count(all_of([query_of(schema, text), *filters])), SEARCHES),
    )
    yield (
        "totalCount of a filter",
        timed(lambda text: finder.count(all_of([visible, *filters])), SEARCHES[:1]),
    )
    yield (
        "facets, filtered",
        timed(
            lambda text: read_facets(searcher, all_of([query_of(schema, text), *filters]), FACETS),
            SEARCHES,
        ),
    )
    yield (
        "facets of a filter",
        timed(
            lambda text: read_facets(searcher, all_of([visible, *filters]), FACETS), SEARCHES[:1]
        ),
    )
    yield (
        "similar words",
        timed(
            lambda text: finder.page(
                query_of(schema, text, similar=True), BY_RELEVANCE, None, PAGE
            ),
            ("glaceir", "winter timetabel", "obsrevatory"),
        ),
    )
    yield "suggest", timed(suggest, PREFIXES)


def _costs(builds: Sequence[Built]) -> Iterator[str]:
    yield (
        "| articles | text, bytes each | index, bytes each | of the text | build s | articles/s "
        "| CPU s | memory before, MB | more while building | more after searching |"
    )
    yield "| ---: " * 10 + "|"
    for built in builds:
        cells = (
            f"{built.count:,}",
            f"{built.text / built.count:,.0f}",
            f"{built.disk / built.count:,.0f}",
            f"{built.disk / built.text:.2f}",
            f"{built.seconds:,.1f}",
            f"{built.count / built.seconds:,.0f}",
            f"{built.cpu_seconds:,.1f}",
            f"{built.memory_before / 1e6:,.0f}",
            f"{(built.memory_peak - built.memory_before) / 1e6:,.0f}",
            f"{(built.memory_after - built.memory_before) / 1e6:,.0f}",
        )
        yield f"| {' | '.join(cells)} |"


def _latencies(builds: Sequence[Built]) -> Iterator[str]:
    yield f"| milliseconds, median (maximum) |{''.join(f' {b.count:,} |' for b in builds)}"
    yield f"| --- |{' ---: |' * len(builds)}"
    for name in builds[0].latencies:
        times = [[1e3 * time for time in built.latencies[name]] for built in builds]
        cells = "".join(f" {median(each):.1f} ({max(each):.1f}) |" for each in times)
        yield f"| {name} |{cells}"


if __name__ == "__main__":
    main()
