"""Reads in batches, like a DataLoader's: one command for all fields of a level."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from graph.store.background_task import retrieve_exception
from graph.store.driver.read_commands import Row

BatchRead = Callable[[Sequence[Any], Row], Awaitable[Mapping[Any, Any]]]
"""Reads the rows of some keys, with a projection. It need not return all keys."""


class BatchLoader:
    """Loads rows by key: the keys that the fields of one level need are read in one command.

    Nothing is read twice in an operation. It works like a DataLoader, but for a whole level,
    without a future for each key.
    """

    __slots__ = ("_batch", "_fields", "_rows", "_tasks")

    def __init__(self, fields: Row) -> None:
        self._fields = fields
        self._rows: dict[Any, Any] = {}
        self._tasks: dict[Any, asyncio.Task[None]] = {}
        self._batch: list[Any] = []

    async def load(
        self, keys: Sequence[Any], read: BatchRead, *, alone: bool = False
    ) -> Mapping[Any, Any]:
        """Return the rows by key, perhaps with further ones; None for a key that is not found.

        With `alone`, no other field can load at the same time, and the read starts at once. `read`
        is not stored, since it refers to the context: that would be a reference cycle.
        """
        missing = [key for key in keys if key not in self._rows]
        if missing and alone and not self._tasks:
            await self._read_now(missing, read)
        elif missing:
            for task in {self._task_of(key, read) for key in missing}:
                # graphql-core cancels the siblings of a field that failed: the read is not theirs
                # alone.
                await asyncio.shield(task)
        return self._rows

    def _task_of(self, key: Any, read: BatchRead) -> asyncio.Task[None]:
        task = self._tasks.get(key)
        if task is None:
            if self._batch:
                task = self._tasks[self._batch[0]]
            else:
                task = asyncio.create_task(self._read_batch(read))
                task.add_done_callback(retrieve_exception)
            self._batch.append(key)
            self._tasks[key] = task
        return task

    async def _read_batch(self, read: BatchRead) -> None:
        await asyncio.sleep(0)  # until the other fields of the level have added their keys
        keys, self._batch = self._batch, []
        await self._read_now(keys, read)
        for key in keys:
            del self._tasks[key]

    async def _read_now(self, keys: Sequence[Any], read: BatchRead) -> None:
        rows = await read(keys, self._fields)
        self._rows.update(dict.fromkeys(keys))
        self._rows.update(rows)
