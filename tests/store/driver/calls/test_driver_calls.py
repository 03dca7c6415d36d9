"""Calls of the driver are not cancelled when their callers are."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from graph.store.driver.calls.driver_calls import DriverCalls
from graph.store.driver.calls.patience import DatabaseSilent, Patience


async def test_a_call_continues_when_its_caller_is_cancelled() -> None:
    calls, gate, ended = DriverCalls(), asyncio.Event(), asyncio.Event()

    async def call() -> None:
        await gate.wait()
        ended.set()

    async def caller() -> None:
        await calls.run(call())

    task = asyncio.create_task(caller())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    gate.set()
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_call_continues_when_its_caller_stops_waiting() -> None:
    calls, gate = DriverCalls(), asyncio.Event()
    running = calls.start(gate.wait())
    with pytest.raises(DatabaseSilent):
        await calls.result(running, Patience(0.02, lambda: 0.0))
    assert not running.done()
    gate.set()
    assert await running


async def test_results_and_errors_are_passed_on() -> None:
    async def fail() -> None:
        raise ValueError("out of range")

    calls = DriverCalls()
    assert await calls.run(asyncio.sleep(0, "result")) == "result"
    with pytest.raises(ValueError, match="out of range"):
        await calls.run(fail())


async def test_closing_waits_for_running_calls_but_not_for_ever() -> None:
    calls, gate = DriverCalls(), asyncio.Event()
    short = calls.start(asyncio.sleep(0.01))
    long = calls.start(gate.wait())
    began = monotonic()
    await calls.end(0.1)
    assert monotonic() - began >= 0.1
    assert (short.done(), long.done()) == (True, False)
    gate.set()
    await calls.end(5)
    assert long.done()
