"""Blocking calls in threads: their results, their number, and cancellation."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Iterator

import pytest

from graph.store.driver.calls.threads import Threads
from tests.served import eventually

PATIENCE = 20.0


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """An event that calls wait for; set at the end, so that no thread is left waiting."""
    event = threading.Event()
    yield event
    event.set()


def wait(gate: threading.Event) -> str:
    assert gate.wait(PATIENCE)
    return "through"


async def test_the_future_gets_the_result() -> None:
    assert await Threads().run(divmod, 17, 5) == (3, 2)
    assert await Threads().run(int, "11", base=2) == 3


async def test_the_future_gets_an_error_and_the_thread_survives() -> None:
    threads = Threads(1)
    with pytest.raises(ZeroDivisionError):
        await threads.run(divmod, 1, 0)
    assert await threads.run(divmod, 1, 1) == (1, 0)


async def test_the_event_loop_runs_during_a_blocking_call(gate: threading.Event) -> None:
    waiting = Threads().run(wait, gate)
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    assert await waiting == "through"


async def test_no_more_calls_run_at_once_than_the_limit(gate: threading.Event) -> None:
    threads, running = Threads(2), []

    def enter() -> None:
        running.append(threading.current_thread())
        wait(gate)

    calls = [threads.run(enter) for _ in range(5)]
    await eventually(lambda: len(running) == 2)
    gate.set()
    await asyncio.gather(*calls)
    assert len(running) == 5
    assert len(set(running)) == 2


async def test_a_cancelled_future_is_ignored(gate: threading.Event) -> None:
    threads = Threads(1)
    given_up = threads.run(wait, gate)
    given_up.cancel()
    failed = threads.run(divmod, 1, 0)
    failed.cancel()
    gate.set()
    assert await threads.run(divmod, 1, 1) == (1, 0)
    assert given_up.cancelled()
    assert failed.cancelled()


async def test_a_call_cancelled_before_it_begins_is_not_made(gate: threading.Event) -> None:
    threads = Threads(1)
    first = threads.run(wait, gate)
    started: list[int] = []
    threads.run(started.append, 1).cancel()
    second = threads.run(started.append, 2)
    gate.set()
    await asyncio.gather(first, second)
    assert started == [2]


def test_results_for_a_closed_loop_are_ignored(gate: threading.Event) -> None:
    threads = Threads(1)

    async def leave() -> None:
        threads.run(wait, gate)

    asyncio.run(leave())
    gate.set()
    asyncio.run(use(threads))


async def test_new_threads_are_started_after_forget(gate: threading.Event) -> None:
    threads = Threads(1)
    waiting = threads.run(wait, gate)
    threads.forget()
    await use(threads)
    assert not waiting.done()
    gate.set()
    assert await waiting == "through"


async def test_an_idle_thread_keeps_no_reference_to_its_last_call() -> None:
    class Large:
        pass

    threads = Threads(1)
    argument = Large()
    references = [
        weakref.ref(argument),
        weakref.ref(await threads.run(lambda _: Large(), argument)),
    ]
    del argument
    await eventually(lambda: [each() for each in references] == [None, None])


async def use(threads: Threads) -> None:
    assert await threads.run(divmod, 1, 1) == (1, 0)
