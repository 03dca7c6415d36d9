"""Generate load with wrk, which sends requests over several connections as fast as it can."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contenders import BenchError
from cores import on

_SCRIPT: Final = Path(__file__).with_name("wrk.lua")
_TIMEOUT: Final = "10s"


@dataclass(frozen=True)
class Load:
    """The number of connections, the duration, and the core."""

    connections: int
    seconds: int
    core: int


@dataclass(frozen=True)
class Outcome:
    """The results: bytes received, latencies in microseconds."""

    requests: int
    microseconds: int
    size: int
    failed: int
    p50: int
    p99: int


def version() -> str:
    """Return the version of wrk. Raises BenchError if it is missing."""
    if shutil.which("wrk") is None:
        raise BenchError("there is no wrk on PATH: apt-get install wrk")
    # It exits with 1, but prints the version.
    said = subprocess.run(["wrk", "-v"], stdout=subprocess.PIPE, text=True, check=False).stdout
    return said.partition("wrk ")[2].split(maxsplit=1)[0]


def post(url: str, bodies: Sequence[bytes], load: Load) -> Outcome:
    """Post these bodies in turn. Raises BenchError if a response has another status than 200."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        return _run([url, "--", file.name], load)


def get(url: str, headers: Mapping[str, str], load: Load) -> Outcome:
    """Get a URL with these headers. Raises BenchError for a status of 400 or above."""
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    return _run([*options, url], load)


def _run(arguments: Sequence[str], load: Load) -> Outcome:
    size = ["-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--timeout", _TIMEOUT]
    command = ["wrk", *size, "-s", str(_SCRIPT), *arguments]
    with on(load.core):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines or not lines[-1].startswith("{"):
        raise BenchError(f"wrk ended with {done.returncode}: {done.stdout}{done.stderr}")
    outcome = Outcome(**json.loads(lines[-1]))
    if outcome.failed:
        raise BenchError(f"{outcome.failed} requests failed, {outcome.requests} were answered")
    return outcome
