"""The processor cores: which process runs on which, and what they have been used for."""

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
    """The core of the server that answers, and that of whoever asks and of MongoDB."""

    answering: int
    asking: int


def cores() -> Cores:
    """The first two cores that this process may use. Raises BenchError where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) == 1:
        raise BenchError("only one core may be used here; it takes two")
    return Cores(*usable[:2])


@contextmanager
def on(core: int) -> Iterator[None]:
    """What is started meanwhile, and all that it starts, keeps to this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pace(core: int) -> int:
    """The microseconds of a fixed piece of work on a core: how slow the machine is just now."""
    took = []
    with on(core):
        for _ in range(_TRIES):
            began = perf_counter()
            sum(len(str(number)) for number in range(_WORK))
            took.append(perf_counter() - began)
    return round(median(took) * 1e6)


def used_by(pid: int) -> float:
    """The CPU seconds, in user and system mode, of a process and all its threads."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def wait_for_rest(pid: int) -> None:
    """Wait until a process does nothing: it may still answer those who have hung up."""
    deadline = monotonic() + _REST_AT_MOST
    before, now = -1.0, used_by(pid)
    while now > before:
        if monotonic() > deadline:
            raise BenchError(f"it is busy {_REST_AT_MOST:.0f} s after the last request")
        sleep(_REST)
        before, now = now, used_by(pid)


def used_by_us() -> float:
    """The CPU seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def used_by_all() -> float:
    """The CPU seconds of the whole machine; time that its host took from it counts, too."""
    user, nice, system, _, _, *others = (
        Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return sum(map(int, (user, nice, system, *others))) / _TICKS
