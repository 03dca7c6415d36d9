"""Run the queries of a news site on corpora of different sizes.

    python bench/queries.py --count 10000,1000000 --repeat 30

Every operation of docs/queries runs through the application in this process, against one MongoDB
that holds all the corpora. bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import httpx
from command import exit_code
from contenders import NEWSGRAPH, BenchError
from corpus import make
from pymongo.monitoring import CommandListener, CommandStartedEvent
from rounds import say
from server import Server, running
from variables import DEEP, deep, variables_of

from graph.app import create_app
from graph.config import Settings
from graph.search.index.service import SearchService
from graph.store.embedded.server import embedded

Row = dict[str, Any]

_FILTER: Final = 'where: {publishedDateTime: {gte: "2024"}, hasImage: true}, first: 20'
COUNTED: Final = {
    "filtered, totalCount": f"{{ articles({_FILTER}) {{ totalCount nodes {{ slug }} }} }}",
    "filtered, facets": f"""{{ articles({_FILTER}) {{
        facets {{ topics {{ value count }} providers {{ value count }} months {{ value count }} }}
    }} }}""",
}
"""Lists that are counted under a filter, by name."""

QUERIES: Final = Path(__file__).parents[1] / "docs" / "queries"
SEED: Final = 1
LEAST: Final = 30
WARM: Final = 3
TARGET: Final = 1.5
MATCHES_TARGET: Final = 5
BY_MATCHES: Final = frozenset({"search_page", "search_by_date", "suggest", *COUNTED})
"""Operations whose cost depends on the number of matches: the index counts or ranks all of them."""
UNMEASURED: Final = frozenset({"author_page"})
"""Operations for which the generated corpus has no data."""
LIMIT_SECONDS: Final = 300.0
"""The time limit of a command. It is high, so that slow ones can be measured."""
READS: Final = frozenset({"find", "aggregate", "count", "distinct", "getMore"})


class Reads(CommandListener):
    """Counts the reads that reach the server."""

    def __init__(self) -> None:
        self.number = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.number += event.command_name in READS

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@dataclass(frozen=True)
class Site:
    """An application over a corpus of `count` documents."""

    count: int
    client: httpx.AsyncClient
    reads: Reads
    variables: Mapping[str, Row]


@dataclass
class Measured:
    """The times of a query at each size in seconds, and the number of commands."""

    name: str
    seconds: dict[int, list[float]] = field(default_factory=dict)
    commands: int = 0

    def milliseconds(self, count: int) -> float:
        return median(self.seconds[count]) * 1000


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given))


def _bench(given: argparse.Namespace) -> None:
    with _kept(given.keep) as (folder, url), running(url) as server:
        sys.stdout.write(
            f"`python bench/queries.py {' '.join(sys.argv[1:])}`: median of {given.repeat}, "
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
            f"Python {platform.python_version()}, mongod {server.version}\n\n"
        )
        for count in given.count:
            _load(folder / str(count), count, server)
        measured = asyncio.run(_measured(server, given.count, given.repeat))
    sys.stdout.write(_table(measured, given.count))


def _load(folder: Path, count: int, server: Server) -> None:
    make(count, SEED, folder)
    say(f"loading {count:,} documents")
    url = server.url(_name(count))
    command = [str(NEWSGRAPH), "load", str(folder), "--mongo-url", url, "--report", "json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if server.count(_name(count)) != count:
        raise BenchError(f"{server.count(_name(count))} of {count} documents were loaded")


def _name(count: int) -> str:
    return f"queries_{count}"


async def _measured(server: Server, counts: Sequence[int], repeat: int) -> list[Measured]:
    async with AsyncExitStack() as stack:
        sites = [
            await stack.enter_async_context(_open(count, server.url(_name(count))))
            for count in counts
        ]
        return [await _measure(name, query, sites, repeat) for name, query in _operations()]


def _operations() -> Iterator[tuple[str, str]]:
    """Return the text of each operation, by name."""
    for path in sorted(QUERIES.glob("*.graphql")):
        if path.stem in UNMEASURED:
            continue
        yield path.stem, path.read_text()
        if path.stem in DEEP:
            yield deep(path.stem), path.read_text()
    yield from COUNTED.items()


@asynccontextmanager
async def _open(count: int, url: str) -> AsyncIterator[Site]:
    reads = Reads()
    with tempfile.TemporaryDirectory(prefix="newsgraph-index-") as index:
        settings = Settings(
            mongo_url=url, query_timeout=LIMIT_SECONDS, cache="off", search_dir=Path(index)
        )
        app = create_app(settings, listeners=[reads])
        async with app.router.lifespan_context(app):
            await _until_indexed(app.state.search, count)
            variables = await variables_of(app.state.database)
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
                yield Site(count, client, reads, variables)


async def _until_indexed(search: SearchService, count: int) -> None:
    """Return when the search index of a corpus is complete. Raises BenchError if it fails."""
    started = perf_counter()
    while search.status == "building":
        await search.changed()
    if search.status != "ready":
        raise BenchError(f"the search index of {count:,} documents: {search.status}")
    say(f"indexed {count:,} documents in {perf_counter() - started:.0f} s")


async def _measure(name: str, query: str, sites: Sequence[Site], repeat: int) -> Measured:
    """Measure the sizes in turn, so that a slow minute of the machine affects all of them."""
    measured = Measured(name, {site.count: [] for site in sites})
    for site in sites:
        # The least of several, because the application also reads the corpus once a second.
        counts = [await _commands(site, name, query) for _ in range(WARM + 1)]
        measured.commands = max(measured.commands, min(counts))
    for number in range(repeat):
        for site in sites if number % 2 == 0 else reversed(sites):
            started = perf_counter()
            await _ask(site, name, query)
            measured.seconds[site.count].append(perf_counter() - started)
    say(f"{name}: " + ", ".join(f"{measured.milliseconds(site.count):.1f} ms" for site in sites))
    return measured


async def _commands(site: Site, name: str, query: str) -> int:
    """Return how many commands were read during a query."""
    before = site.reads.number
    await _ask(site, name, query)
    return site.reads.number - before


async def _ask(site: Site, name: str, query: str) -> None:
    body = {"query": query, "variables": site.variables.get(name, {})}
    answer = (await site.client.post("/graphql", json=body, timeout=None)).json()
    if "errors" in answer or not all(answer["data"].values()):
        raise BenchError(f"{name}: {str(answer)[:500]}")


def _table(measured: Sequence[Measured], counts: Sequence[int]) -> str:
    head = ["query", *(f"{count:,} docs, ms" for count in counts), "ratio", "target", "commands"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for each in measured:
        times = [each.milliseconds(count) for count in counts]
        target = str(MATCHES_TARGET if each.name in BY_MATCHES else TARGET)
        ratio = f"{times[-1] / times[0]:.2f}" if len(counts) > 1 else "-"
        cells = [*(f"{time:.1f}" for time in times), ratio, target, str(each.commands)]
        lines.append([each.name, *cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@contextmanager
def _kept(folder: Path | None) -> Iterator[tuple[Path, str | None]]:
    """Return the corpora's folder, and the URL of the MongoDB there; None if it is temporary."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="newsgraph-bench-") as own:
            yield Path(own), None
        return
    with asyncio.Runner() as loop:
        server = embedded(folder / "mongod")
        url = loop.run(server.__aenter__())
        try:
            yield folder, url
        finally:
            loop.run(server.__aexit__(None, None, None))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--count", type=_numbers, default=[10_000], help="documents; several: 10000,1000000")
    add("--repeat", type=int, default=LEAST, help=f"runs of each query (at least {LEAST})")
    add("--keep", type=Path, metavar="DIR", help="keep corpora and database, and use them again")
    given = parser.parse_args()
    if given.repeat < LEAST:
        parser.error(f"--repeat must be at least {LEAST}")
    return given


def _numbers(text: str) -> list[int]:
    numbers = sorted({int(part) for part in text.split(",")})
    if numbers[0] < 1:
        raise argparse.ArgumentTypeError("a corpus has at least one document")
    return numbers


if __name__ == "__main__":
    sys.exit(main())
