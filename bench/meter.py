"""Run a command and measure what it and all its processes cost.

    python meter.py COMMAND ...

Prints one JSON object: see `Cost`. It is a separate program because Linux reparents processes that
outlive their parent (workers of a fork server, for example) to the nearest ancestor that requests
it. So their time is counted, and that of no other child.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

INTERVAL: Final = 0.08
# Adding up the pages of a large process takes time, and stops it for part of that.
REST: Final = 20
STRAGGLERS: Final = 5.0
_SET_CHILD_SUBREAPER: Final = 36
_ERROR_TAIL: Final = 2_000


@dataclass
class Cost:
    """What a command cost: CPU time in seconds, user and system, and peak memory in bytes.

    `peak_pss` counts memory that processes share once, `peak_rss` once for each of them. Both are
    sums over all processes at one moment, the highest of `samples` moments. `machine_cpu_seconds`
    is what all processes of the machine used in the meantime.
    """

    code: int = 0
    output: str = ""
    errors: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    machine_cpu_seconds: float = 0.0
    peak_pss: int = 0
    peak_rss: int = 0
    samples: int = 0


def run(command: list[str]) -> Cost:
    """Return the cost of a command, measured by a separate process."""
    meter = [sys.executable, __file__, *command]
    done = subprocess.run(meter, stdout=subprocess.PIPE, text=True, check=True)
    return Cost(**json.loads(done.stdout))


def measure(command: list[str]) -> Cost:
    """Return the cost of a command. This process must not have had other children."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    cost, ended = Cost(), Event()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started, busy = monotonic(), _machine_cpu_seconds()
        child = subprocess.Popen(command, stdout=output, stderr=errors)
        sampler = Thread(target=_sample, args=(child.pid, cost, ended))
        sampler.start()
        cost.code = child.wait()
        cost.seconds = monotonic() - started
        cost.machine_cpu_seconds = _machine_cpu_seconds() - busy
        ended.set()
        sampler.join()
        _reap_stragglers()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cost.cpu_seconds = used.ru_utime + used.ru_stime
        cost.output, cost.errors = _text(output.fileno()), _text(errors.fileno())[-_ERROR_TAIL:]
    return cost


def _machine_cpu_seconds() -> float:
    """Return the time when the cores were not idle; time stolen by the host counts as busy."""
    user, nice, system, _, _, *others = (
        Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return sum(map(int, (user, nice, system, *others))) / os.sysconf("SC_CLK_TCK")


def _text(descriptor: int) -> str:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")


def _reap_stragglers() -> None:
    """Wait for processes that outlive the command, so that their time is counted."""
    deadline = monotonic() + STRAGGLERS
    while monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            sleep(0.01)
    raise TimeoutError(f"processes of the command still run after {STRAGGLERS:.0f} s")


def _sample(pid: int, cost: Cost, ended: Event) -> None:
    pause = 0.0
    while not ended.wait(pause):
        started = monotonic()
        memory = [_memory(process) for process in _tree(pid)]
        cost.peak_rss = max(cost.peak_rss, sum(rss for rss, _ in memory))
        cost.peak_pss = max(cost.peak_pss, sum(pss for _, pss in memory))
        cost.samples += 1
        pause = max(INTERVAL, REST * (monotonic() - started))


def _tree(root: int) -> Iterator[int]:
    """Return a process and its descendants, including orphans."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        if (parent := _parent(int(entry.name))) is not None:
            children[parent].append(int(entry.name))
    waiting = [root, *(child for child in children[os.getpid()] if child != root)]
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children[process]


def _parent(pid: int) -> int | None:
    try:
        # The name, in parentheses, may contain anything; state and parent follow it.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _memory(pid: int) -> tuple[int, int]:
    """Return the resident and proportional set size of a process in bytes; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0, 0
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (s.partition(":") for s in lines)}
    return kilobytes.get("Rss", 0) * 1024, kilobytes.get("Pss", 0) * 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure(sys.argv[1:]))))
