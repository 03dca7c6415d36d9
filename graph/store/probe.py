"""Check in the background whether the database can answer queries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from graph.documents import CorpusDocument
from graph.errors import DatabaseError
from graph.store.background_task import background_task
from graph.store.driver.database import Database
from graph.store.indexes import missing_indexes
from graph.store.revision import read_corpus

PATIENCE_SECONDS: Final = 5.0
"""How long a check may take beyond the driver's server selection timeout."""

log = logging.getLogger("newsgraph")


@dataclass(frozen=True)
class Readiness:
    """The corpus revision, or the reason why queries cannot be answered.

    `reason` is public. `detail` is for the operator: it may contain host names and indexes.
    """

    revision: int | None
    reason: str = ""
    detail: str = ""
    articles: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether queries can be answered."""
        return not self.reason


class Probe:
    """The result of the last check of a database. A check may take `patience` seconds."""

    def __init__(self, database: Database, *, patience: float = PATIENCE_SECONDS) -> None:
        self.readiness = Readiness(
            None, "the database has not been checked yet: the server has just started"
        )
        self._database = database
        self._patience = patience
        self._checked = asyncio.Event()

    async def check(self) -> Readiness:
        """Check the database now."""
        try:
            async with asyncio.timeout(self._patience):
                readiness = await _readiness_of(self._database)
        except DatabaseError as error:
            readiness = Readiness(None, error.public, str(error))
        except TimeoutError:
            silence = f"did not answer in {self._patience:g} s"
            detail = f"MongoDB at {self._database.address} {silence}"
            readiness = Readiness(None, f"the database {silence}", detail)
        return self._record(readiness)

    def record_failure(self) -> None:
        """Record that a check failed unexpectedly."""
        self._record(Readiness(None, "the check of the database failed: see the log"))

    def _record(self, readiness: Readiness) -> Readiness:
        if not readiness.is_ready and readiness != self.readiness:
            log.warning("serving, but not ready: %s", readiness.detail or readiness.reason)
        elif readiness.is_ready and not self.readiness.is_ready:
            database = self._database
            log.info(
                "ready: %d published articles, revision %d, from the database %s of %s",
                *(readiness.articles, readiness.revision, database.name, database.address),
            )
        self.readiness = readiness
        self._checked.set()
        self._checked = asyncio.Event()
        return readiness

    async def next(self) -> Readiness:
        """Wait for the next result."""
        await self._checked.wait()
        return self.readiness


async def _readiness_of(database: Database) -> Readiness:
    await database.ping()
    corpus = await read_corpus(database)
    missing = await missing_indexes(database)
    if missing:
        return _not_ready(database, corpus, missing)
    return Readiness(int(corpus["revision"]), articles=int(corpus["articleCount"]))


def _not_ready(database: Database, corpus: CorpusDocument, missing: list[str]) -> Readiness:
    """Return why indexes are missing. They are created by the first load."""
    if corpus["revision"] == 0 and corpus["pending"]:
        return Readiness(
            None,
            "the first load has not ended",
            f"the first load of the database {database.name} has not ended: wait for it or, if it "
            "was interrupted, run `newsgraph load` again",
        )
    if corpus["revision"] == 0:
        return Readiness(
            None,
            "empty: run newsgraph load",
            f"the database {database.name} is empty: run `newsgraph load` once to fill it",
        )
    names = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
    return Readiness(
        None,
        "indexes are missing: run newsgraph load",
        f"indexes are missing: {names}; run `newsgraph load` once to create them",
    )


@asynccontextmanager
async def probing(
    database: Database, seconds: float, *, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[Probe]:
    """Yield a probe that checks at once, and then again every `seconds` after the end of each
    check.
    """
    probe = Probe(database, patience=patience)
    async with background_task(_probe(probe, seconds)):
        yield probe


async def _probe(probe: Probe, seconds: float) -> None:
    while True:
        try:
            await probe.check()
        except Exception:
            log.exception("the check of the database failed")
            probe.record_failure()
        await asyncio.sleep(seconds)
