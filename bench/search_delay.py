"""Measure how soon after a load its new article is found by a search.

    python bench/search_delay.py --repeat 20 --workers 1,2

bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Final

import httpx
from command import exit_code
from contenders import NEWSGRAPH, BenchError
from corpus import make
from rounds import say
from server import running

from graph.config import Settings
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load

DATABASE: Final = "search_delay"
QUERY: Final = "query($text: String!) { articles(search: $text) { totalCount } }"
SEED: Final = 1
PAUSE: Final = 0.01
"""Seconds between two searches for an article that is not found yet."""

PATIENCE: Final = 60.0
STREAK: Final = 4
"""How many searches in a row must find the article for each worker, so that all are asked."""


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000, help="articles before the loads")
    parser.add_argument("--repeat", type=int, default=20, help="loads of one article each")
    parser.add_argument("--workers", default="1,2", help="processes, separated by commas")
    given = parser.parse_args()
    workers = [int(number) for number in given.workers.split(",")]
    return exit_code(lambda: _bench(given.count, given.repeat, workers))


def _bench(count: int, repeat: int, workers: list[int]) -> None:
    sys.stdout.write(
        f"{count:,} articles, {repeat} loads, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores\n\n"
        "| workers | median, s | maximum, s |\n|---:|---:|---:|\n"
    )
    with tempfile.TemporaryDirectory(prefix="newsgraph-bench-") as own, running(None) as server:
        articles = Path(own, "articles")
        make(count, SEED, articles)
        for number in workers:
            url = server.url(DATABASE)
            server.drop(DATABASE)
            asyncio.run(_loaded(articles, url))
            with _serving(url, Path(own, f"data{number}"), number) as client:
                delays = list(_delays(client, url, Path(own, f"new{number}"), repeat, number))
            say(" ".join(f"{delay:.3f}" for delay in delays))
            sys.stdout.write(f"| {number} | {median(delays):.2f} | {max(delays):.2f} |\n")
            sys.stdout.flush()


def _delays(
    client: httpx.Client, url: str, folder: Path, repeat: int, workers: int
) -> Iterator[float]:
    """The seconds from the end of each load until all workers find its article."""
    folder.mkdir()
    for number in range(repeat):
        word = f"zyxword{number}q"
        head = f"title: The {word}\nprovider: {{name: Gull, domain: gull.example}}"
        (folder / f"{word}.md").write_text(f"---\n{head}\n---\n\nA story.\n")
        ended = asyncio.run(_loaded(folder, url))
        first, streak = 0.0, 0
        while streak < STREAK * workers:
            if _is_found(client, word):
                streak += 1
                first = first or monotonic() - ended
            else:
                streak, first = 0, 0.0
                sleep(PAUSE)
            if monotonic() - ended > PATIENCE:
                raise BenchError(f"the article is not found after {PATIENCE:.0f} s")
        yield first


def _is_found(client: httpx.Client, word: str) -> bool:
    # Each search has a connection of its own, so that any worker may answer it.
    body = {"query": QUERY, "variables": {"text": f'"{word}"'}}
    answer = client.post("/graphql", json=body, headers={"Connection": "close"}).json()
    if "errors" in answer:
        return False
    return bool(answer["data"]["articles"]["totalCount"] == 1)


async def _loaded(folder: Path, url: str) -> float:
    """Load a folder, and return when that ended."""
    settings = Settings(mongo_url=url)
    async with open_database(settings) as database:
        await load(database, settings, LoadOptions.of([folder]))
        return monotonic()


@contextmanager
def _serving(url: str, data: Path, workers: int) -> Iterator[httpx.Client]:
    """A server with this many processes, whose index is ready."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(NEWSGRAPH), "serve", "--mongo-url", url, "--port", str(port)]
    environment = {**os.environ, "NEWSGRAPH_DATA_DIR": str(data)}
    process = subprocess.Popen(
        [*command, "--workers", str(workers)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            _wait(client, process)
            yield client
    finally:
        process.terminate()
        process.wait()


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    until = monotonic() + PATIENCE
    while monotonic() < until:
        try:
            if client.get("/readyz").json().get("search") == "ready":
                return
        except httpx.TransportError:
            pass
        if process.poll() is not None:
            raise BenchError("the server has ended")
        sleep(PAUSE)
    raise BenchError(f"the search index is not ready after {PATIENCE:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
