"""Change streams that a server rejects, or does not close."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from graph.errors import Unsupported
from graph.store.driver import streams
from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.calls.snapshots import SnapshotReads


class _Collection:
    """A driver's collection, with one change stream: itself."""

    def __init__(self, refusal: OperationFailure | None = None) -> None:
        self.refusal = refusal

    def watch(self, **_: Any) -> _Collection:
        if self.refusal is not None:
            raise self.refusal
        return self

    async def __aenter__(self) -> _Collection:
        return self

    async def close(self) -> None:
        await asyncio.Event().wait()


def opened(collection: _Collection) -> AbstractAsyncContextManager[streams.ChangeStream]:
    return streams.opened(collection, DriverCalls(), SnapshotReads("mongodb://test"))


@pytest.mark.parametrize(
    ("code", "kind"), [(13, Unsupported), (40573, Unsupported), (8000, OperationFailure)]
)
async def test_a_server_without_change_streams_is_distinguished_from_a_failing_one(
    code: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        async with opened(_Collection(OperationFailure("no", code))):
            pass


async def test_a_stream_that_does_not_close_delays_nobody() -> None:
    async with asyncio.timeout(10), opened(_Collection()) as stream:
        assert isinstance(stream, streams.ChangeStream)
