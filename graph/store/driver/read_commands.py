"""Reads: the commands that read documents, and what runs them.

A command is a value, so whatever stands between a query and the database (a cache, a recorder, a
deadline) wraps a reader and passes the command on.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from pymongo.collation import Collation

Filter = Mapping[str, Any]
Projection = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]
Row = dict[str, Any]

BATCH: Final = 4096
"""Documents in one answer of the server, if its 16 MB hold as many."""


class FindCommand(NamedTuple):
    """A find; `limit` 0 means all documents, `hint` is the name of the index to use."""

    collection: str
    query: Filter
    projection: Projection | None = None
    sort: Sort = ()
    limit: int = 0
    hint: str | None = None
    collation: Collation | None = None

    @property
    def name(self) -> str:
        return "find"

    @property
    def document(self) -> Row:
        """The command as MongoDB's manual describes it."""
        command: Row = {"find": self.collection, "filter": self.query, "batchSize": BATCH}
        if self.projection is not None:
            command["projection"] = self.projection
        if self.sort:
            command["sort"] = dict(self.sort)
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
        """The command as MongoDB's manual describes it."""
        return {
            "aggregate": self.collection,
            "pipeline": self.pipeline,
            "cursor": {"batchSize": BATCH},
            "allowDiskUse": True,
        }


class CountCommand(NamedTuple):
    """A count of the matching documents: one row with the number as `n`, or none for zero."""

    collection: str
    query: Filter

    @property
    def name(self) -> str:
        return "count"

    @property
    def document(self) -> Row:
        """The command, as drivers send it: a `count` would not be exact on a sharded cluster."""
        stages: list[Row] = [{"$match": self.query}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
        return AggregateCommand(self.collection, stages).document


ReadCommand = FindCommand | AggregateCommand | CountCommand


class Reader(Protocol):
    """What runs reads. Its implementations inherit `find`, `aggregate` and `count` from it."""

    lacks: frozenset[str]
    """The operators of MongoDB that it cannot run; none on a server."""

    is_cacheable: bool
    """Whether what was made of its reads may be cached until the corpus changes."""

    async def run(self, command: ReadCommand) -> list[Row]:
        """The rows that a command reads. Raises DatabaseError."""

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
    ) -> Coroutine[Any, Any, list[Row]]:
        """The matching documents; see `FindCommand`."""
        return self.run(FindCommand(collection, query, projection, sort, limit, hint, collation))

    def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, Any]]
    ) -> Coroutine[Any, Any, list[Row]]:
        """The rows that a pipeline yields."""
        return self.run(AggregateCommand(collection, pipeline))

    async def count(self, collection: str, query: Filter) -> int:
        """How many documents match."""
        rows = await self.run(CountCommand(collection, query))
        return int(rows[0]["n"]) if rows else 0
