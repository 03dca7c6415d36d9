"""The processor cores: assign processes to them, and measure their use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import Final

from contenders import BenchError

_WORK: Final = 100_000
_TRIES: Final = 20
_REST: Final = 0.1
_REST_AT_MOST: Final = 20.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cores:
    """The core of the server, and that of the load generator and MongoDB."""

    answering: int
    asking: int


def cores() -> Cores:
    """Return the first two usable cores. Raises BenchError if there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) == 1:
        raise BenchError("only one core may be used here; it takes two")
    return Cores(*usable[:2])


@contextmanager
def on(core: int) -> Iterator[None]:
    """Run what is started inside the context, and its children, on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pace(core: int) -> int:
    """Return the microseconds of a fixed piece of work on a core: its current speed."""
    took = []
    with on(core):
        for _ in range(_TRIES):
            began = perf_counter()
            sum(len(str(number)) for number in range(_WORK))
            took.append(perf_counter() - began)
    return round(median(took) * 1e6)


def used_by(pid: int) -> float:
    """Return the CPU seconds, user and system, of a process and all its threads."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def wait_for_rest(pid: int) -> None:
    """Wait until a process is idle: it may still be working for clients that have disconnected."""
    deadline = monotonic() + _REST_AT_MOST
    before, now = -1.0, used_by(pid)
    while now > before:
        if monotonic() > deadline:
            raise BenchError(f"it is busy {_REST_AT_MOST:.0f} s after the last request")
        sleep(_REST)
        before, now = now, used_by(pid)


def used_by_us() -> float:
    """Return the CPU seconds of this process and its terminated children."""
    return sum(os.times()[:4])


def used_by_all() -> float:
    """Return the CPU seconds of the whole machine, including time stolen by its host."""
    user, nice, system, _, _, *others = (
        Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return sum(map(int, (user, nice, system, *others))) / _TICKS
