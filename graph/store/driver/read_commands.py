"""Commands that read documents, and the interface of what runs them.

A command is a value. Whatever stands between a query and the database (a cache, a recorder, a
deadline) wraps a reader and passes the command on.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from pymongo.collation import Collation

from graph.documents import Row as Row  # imported from here, too

Filter = Mapping[str, Any]
Projection = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]

BATCH: Final = 4096
"""The maximum number of documents in one batch, within the 16 MB that a batch may have."""


class FindCommand(NamedTuple):
    """A find. A `limit` of 0 means all documents; `hint` is the name of an index.

    `skip` is the number of documents that are left out at the start.
    """

    collection: str
    query: Filter
    projection: Projection | None = None
    sort: Sort = ()
    limit: int = 0
    hint: str | None = None
    collation: Collation | None = None
    skip: int = 0

    @property
    def name(self) -> str:
        return "find"

    @property
    def document(self) -> Row:
        """Return the command as a document."""
        command: Row = {"find": self.collection, "filter": self.query, "batchSize": BATCH}
        if self.projection is not None:
            command["projection"] = self.projection
        if self.sort:
            command["sort"] = dict(self.sort)
        if self.skip:
            command["skip"] = self.skip
        if self.limit:
            command["limit"] = self.limit
        if self.hint is not None:
            command["hint"] = self.hint
        if self.collation is not None:
            command["collation"] = self.collation.document
        return command


class AggregateCommand(NamedTuple):
    """An aggregation pipeline that writes nothing."""

    collection: str
    pipeline: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        return "aggregate"

    @property
    def document(self) -> Row:
        """Return the command as a document."""
        return {
            "aggregate": self.collection,
            "pipeline": self.pipeline,
            "cursor": {"batchSize": BATCH},
            "allowDiskUse": True,
        }


class CountCommand(NamedTuple):
    """A count of the matching documents: one row with the number as `n`, or no row for zero."""

    collection: str
    query: Filter

    @property
    def name(self) -> str:
        return "count"

    @property
    def document(self) -> Row:
        """Return the command as a document. It is an aggregation, as `count` is inexact on a
        sharded cluster.
        """
        stages: list[Row] = [{"$match": self.query}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
        return AggregateCommand(self.collection, stages).document


ReadCommand = FindCommand | AggregateCommand | CountCommand


class Reader(Protocol):
    """Runs reads. Implementations inherit `find`, `aggregate` and `count`."""

    lacks: frozenset[str]
    """The operators of MongoDB that it cannot run; none on a server."""

    is_cacheable: bool
    """Whether what was made of its reads may be cached until the corpus changes."""

    async def run(self, command: ReadCommand) -> list[Row]:
        """Return the rows that a command reads. Raises DatabaseError."""

    def find(
        self,
        collection: str,
        query: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort = (),
        limit: int = 0,
        hint: str | None = None,
        collation: Collation | None = None,
        skip: int = 0,
    ) -> Coroutine[Any, Any, list[Row]]:
        """Return the matching documents; see `FindCommand`."""
        return self.run(
            FindCommand(collection, query, projection, sort, limit, hint, collation, skip)
        )

    def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, Any]]
    ) -> Coroutine[Any, Any, list[Row]]:
        """Return the result of a pipeline."""
        return self.run(AggregateCommand(collection, pipeline))

    async def count(self, collection: str, query: Filter) -> int:
        """Return the number of matching documents."""
        rows = await self.run(CountCommand(collection, query))
        return int(rows[0]["n"]) if rows else 0
