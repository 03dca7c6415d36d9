"""A database in memory by mongomock: for unit tests, and to try newsgraph without a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from graph.errors import Unsupported
from graph.store.driver.bulk_writes import Write, WriteFailure
from graph.store.driver.database import Database
from graph.store.driver.encoding import decode
from graph.store.driver.read_commands import (
    CountCommand,
    Filter,
    FindCommand,
    ReadCommand,
    Row,
)
from graph.store.telemetry.commands import Commands, CommandTimer

ADDRESS = "mongomock://"


class MockDatabase(Database):
    """A database of mongomock-motor. It supports neither time limits nor collations."""

    lacks = frozenset({"$facet", "$merge", "$strLenBytes", "$unionWith"})

    def __init__(self, handle: Any, *, commands: Commands | None = None) -> None:
        super().__init__(handle, address=ADDRESS, commands=commands)

    def limited(self, seconds: float, commands: Commands | None = None) -> MockDatabase:
        return MockDatabase(self._handle, commands=commands)

    def primary(self) -> MockDatabase:
        return self

    @property
    def client(self) -> None:
        return None

    @property
    def why_uncacheable(self) -> str:
        return "mongomock:// does not tell when the corpus changes"

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        collection = self._handle[command.collection]
        with CommandTimer(self._target, command.name, command.collection):
            if isinstance(command, CountCommand):
                return [{"n": await collection.count_documents(command.query)}]
            if isinstance(command, FindCommand):
                cursor = collection.find(
                    command.query,
                    command.projection,
                    sort=list(command.sort) or None,
                    skip=command.skip,
                    limit=command.limit,
                )
            else:
                cursor = collection.aggregate(list(command.pipeline))
            rows: list[Row] = await cursor.to_list(None)
        return rows

    async def _write(self, collection: str, method: str, *args: Any, **options: Any) -> Any:
        options.pop("hint", None)  # mongomock refuses it
        return await getattr(self._handle[collection], method)(*args, **options)

    def watch(self, collection: str) -> NoReturn:
        raise Unsupported("change streams: mongomock:// has none; poll")

    async def replace(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        # mongomock's bulk_write accepts neither PyMongo's ReplaceOne nor its UpdateOne.
        with CommandTimer(self._target, "replace", collection):
            for document in documents:
                await self._handle[collection].replace_one(
                    {"_id": document["_id"]}, document, upsert=True
                )

    async def change_each(
        self, collection: str, changes: Mapping[str, Mapping[str, Any]], query: Filter
    ) -> None:
        with CommandTimer(self._target, "change", collection):
            for key, change in changes.items():
                await self._handle[collection].update_one({"_id": key, **query}, change)

    async def write(self, collection: str, writes: Sequence[Write]) -> list[WriteFailure]:
        await self.replace(collection, [decode(write.data) for write in writes])
        return []

    async def missing_indexes(self, collection: str, names: Sequence[str]) -> list[str]:
        return []  # it needs no indexes

    async def ping(self) -> None:
        pass
