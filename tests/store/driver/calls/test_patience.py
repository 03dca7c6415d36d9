"""Waiting for a database that does not answer."""

from __future__ import annotations

import asyncio
import time
from time import monotonic

import pytest

from graph.store.driver.calls.patience import DatabaseSilent, Patience

SECONDS = 0.08


class Server:
    """When a server answered last."""

    def __init__(self) -> None:
        self.answered = monotonic()

    def last(self) -> float:
        return self.answered


def waiting(patience: Patience, began: float | None = None) -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    patience.add(future, monotonic() if began is None else began)
    return future


async def test_a_call_ends_when_nothing_was_answered_for_long_enough() -> None:
    began = monotonic()
    with pytest.raises(DatabaseSilent, match=f"for {SECONDS} s"):
        await waiting(Patience(SECONDS, Server().last))
    assert monotonic() - began >= SECONDS


async def test_a_call_continues_while_the_server_answers_others() -> None:
    server = Server()
    future = waiting(Patience(SECONDS, server.last))
    for _ in range(30):
        server.answered = monotonic()
        await asyncio.sleep(SECONDS / 10)
    assert not future.done()


async def test_a_second_attempt_has_the_time_that_the_first_one_left() -> None:
    server = Server()
    server.answered -= 20
    began = monotonic()
    with pytest.raises(DatabaseSilent):
        await waiting(Patience(10, server.last), began=began - 10)
    assert monotonic() - began < 5


async def test_time_in_which_the_process_was_stalled_does_not_count() -> None:
    future = waiting(Patience(SECONDS, Server().last))
    time.sleep(2 * SECONDS)  # noqa: ASYNC251 (it holds up the event loop, as a large response does)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not future.done()
    with pytest.raises(DatabaseSilent):
        await future


async def test_calls_that_have_ended_are_removed() -> None:
    patience = Patience(10, Server().last)
    for _ in range(1000):
        waiting(patience).set_result(None)
    assert len(patience._waiting) <= 64


async def test_a_call_that_has_ended_is_left_alone() -> None:
    patience = Patience(SECONDS, Server().last)
    ended, cancelled = waiting(patience), waiting(patience)
    ended.set_result(None)
    cancelled.cancel()
    with pytest.raises(DatabaseSilent):
        await waiting(patience)
    await ended
    assert cancelled.cancelled()
