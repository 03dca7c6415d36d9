"""Processes that tests start on the loopback address and wait for."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import httpx

STOP_SECONDS = 20.0
HTTP: Final = httpx.Client(
    trust_env=False, verify=False, timeout=30, limits=httpx.Limits(max_keepalive_connections=0)
)
"""A client for servers of this machine, with a connection for each request.

`httpx.get` reads the certificates of all authorities each time, in 20 ms of CPU.
"""


_reserved: list[socket.socket] = []


def free_port() -> int:
    """A port that nobody is given until the end of the run but who asks for it by its number.

    On Linux a server that allows its address to be used again, as all of ours do, may listen at a
    port that another socket holds without listening.
    """
    holding = socket.socket()
    holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holding.bind(("127.0.0.1", 0))
    _reserved.append(holding)
    return int(holding.getsockname()[1])


def until(
    condition: Callable[[], bool], seconds: float, description: str, pause: float = 0.02
) -> float:
    """The seconds until it holds; an AssertionError where that takes too long."""
    began = monotonic()
    while not condition():
        assert monotonic() - began < seconds, f"after {seconds} s: not {description}"
        sleep(pause)
    return monotonic() - began


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    *,
    ending: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process whose words go to a file; ended on the way out if it has not ended before."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        yield process
    finally:
        process.send_signal(ending)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
