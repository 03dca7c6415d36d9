"""The MongoDB that all contenders share, and what it costs."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from pymongo import MongoClient

from graph.documents import ARTICLES
from graph.store.embedded.server import embedded
from graph.store.indexes import INDEXES

PREFIX: Final = "newsgraph_bench_"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Server:
    """A running MongoDB. Only databases with the benchmark's prefix are changed."""

    def __init__(self, url: str, client: MongoClient[dict[str, Any]]) -> None:
        self._url = url
        self._client = client
        status = client.admin.command("serverStatus")
        self.version = str(status["version"])
        self._stat = self._local_stat(int(status["pid"]))

    def url(self, database: str) -> str:
        """Return the URL with the name of a database."""
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{PREFIX}{database}"))

    def drop(self, database: str) -> None:
        """Drop a database, and flush pending writes so that they do not slow down the next run."""
        self._client.drop_database(f"{PREFIX}{database}")
        self._client.admin.command("fsync")

    def create_indexes(self, database: str) -> None:
        """Create newsgraph's indexes on articles."""
        self._client[f"{PREFIX}{database}"][ARTICLES].create_indexes(INDEXES[ARTICLES])

    def count(self, database: str) -> int:
        """Return the number of articles in a database, by counting them."""
        return self._client[f"{PREFIX}{database}"][ARTICLES].count_documents({})

    def stats(self, database: str, collection: str) -> dict[str, Any]:
        """Return MongoDB's statistics of a collection, after a checkpoint."""
        self._client.admin.command("fsync")
        return self._client[f"{PREFIX}{database}"].command("collStats", collection)

    def cpu_seconds(self) -> float | None:
        """Return the server's CPU time since its start; None if it runs on another machine."""
        if self._stat is None:
            return None
        user, system = self._stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _local_stat(self, pid: int) -> Path | None:
        address = self._client.address
        process = Path(f"/proc/{pid}")
        if address is None or address[0] not in _LOOPBACK or not process.is_dir():
            return None
        is_mongod = (process / "comm").read_text().startswith("mongod")
        return process / "stat" if is_mongod else None


@contextmanager
def running(url: str | None) -> Iterator[Server]:
    """Yield the server at `url`, or a temporary private one."""
    if url is None:
        with _private() as own, _opened(own) as server:
            yield server
    else:
        with _opened(url) as server:
            yield server


@contextmanager
def _opened(url: str) -> Iterator[Server]:
    client: MongoClient[dict[str, Any]] = MongoClient(url, serverSelectionTimeoutMS=5_000)
    try:
        yield Server(url, client)
    finally:
        client.close()


@contextmanager
def _private() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="newsgraph-bench-") as folder, asyncio.Runner() as loop:
        server = embedded(Path(folder))
        url = loop.run(server.__aenter__())
        try:
            yield url
        finally:
            loop.run(server.__aexit__(None, None, None))
