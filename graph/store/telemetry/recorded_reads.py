"""Reads that are noted: what an operation asks of a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.collation import Collation

from graph.store.driver.database import Database, Filter, Projection, Row, Sort
from graph.store.driver.find import aggregate_command, find_command


class RecordedDatabase(Database):
    """A database that notes the commands by which it is read, in `commands`."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address, mock=source.mock)
        self._source = source
        self.commands: list[Row] = []

    async def find(
        self,
        collection: str,
        query: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort = (),
        limit: int = 0,
        hint: str | None = None,
        collation: Collation | None = None,
    ) -> list[Row]:
        command = find_command(collection, query, projection, sort, limit, hint, collation)
        self.commands.append(command)
        return await self._source.find(
            collection,
            query,
            projection=projection,
            sort=sort,
            limit=limit,
            hint=hint,
            collation=collation,
        )

    async def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Row]:
        self.commands.append(aggregate_command(collection, list(pipeline)))
        return await self._source.aggregate(collection, pipeline)

    async def count(self, collection: str, query: Filter) -> int:
        self.commands.append({"count": collection, "query": query})
        return await self._source.count(collection, query)
