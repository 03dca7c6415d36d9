"""The servers to compare: their commands, how they are started, and what they need."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Final

import httpx
import orjson
from contenders import NEWSGRAPH, PEERS, BenchError
from cores import on
from questions import FRONT_PAGE, ask
from rounds import say

LIMIT: Final = "limit"
MERCURIUS: Final = "mercurius"
OFF: Final = "newsgraph-off"
OFF_PYMONGO: Final = "newsgraph-off-pymongo"
READS: Final = "newsgraph-reads"
ON: Final = "newsgraph"
BESIDE_OFF: Final = "beside-off"
BESIDE_READS: Final = "beside-reads"
BESIDE: Final = "beside"

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
_LOG_TAIL: Final = 2_000
_LOOPBACK: Final = "127.0.0.1"

_Command = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Responder:
    """A server to compare. `command` returns its command line for a database URL and a port.
    `loader` is the newsgraph command that loads what it serves.
    """

    name: str
    command: _Command
    environment: Mapping[str, str] = field(default_factory=dict)
    loader: Path = NEWSGRAPH


@dataclass(frozen=True)
class Serving:
    """A running server. `client` sends it one request after the other."""

    name: str
    pid: int
    url: str
    client: httpx.Client


def _peer(script: str, *options: str) -> _Command:
    start = [sys.executable, str(PEERS / script)]
    return lambda url, port: [*start, url, str(port), *options]


def _mercurius(url: str, port: int) -> list[str]:
    # A larger young generation saves garbage collections; by default, Node would be slower.
    program = str(PEERS / "mercurius.mjs")
    return ["node", "--max-semi-space-size=64", program, url, str(port)]


def _newsgraph(
    name: str, cache: str, driver: str = "motor", program: Path = NEWSGRAPH
) -> Responder:
    start = [str(program), "serve", "--host", _LOOPBACK]
    return Responder(
        name,
        lambda url, port: [*start, "--mongo-url", url, "--port", str(port)],
        {"NEWSGRAPH_CACHE": cache, "NEWSGRAPH_MONGO_DRIVER": driver},
        program,
    )


RESPONDERS: Final = {
    responder.name: responder
    for responder in (
        Responder(LIMIT, _peer("limit.py")),
        Responder("limit-motor", _peer("limit.py", "--reads", "motor")),
        Responder("limit-memory", _peer("limit.py", "--reads", "memory")),
        Responder("strawberry", _peer("strawberry_server.py")),
        Responder(MERCURIUS, _mercurius, {"NODE_ENV": "production"}),
        _newsgraph(OFF, "off"),
        _newsgraph(OFF_PYMONGO, "off", "pymongo"),
        _newsgraph(READS, "reads"),
        _newsgraph(ON, "on"),
    )
}
"""In the order of a first round."""


def beside(program: Path) -> list[Responder]:
    """Return the servers of another checkout, by its newsgraph command."""
    return [
        _newsgraph(name, cache, program=program)
        for name, cache in ((BESIDE_OFF, "off"), (BESIDE_READS, "reads"), (BESIDE, "on"))
    ]


def chosen(only: list[str]) -> list[Responder]:
    """Return the selected servers that can run here, and report those that cannot.

    Raises BenchError if there are none, or if newsgraph, which loads the corpus, is missing.
    """
    if not NEWSGRAPH.is_file():
        raise BenchError(f"no newsgraph command beside {sys.executable}: pip install -e .")
    found = []
    for name, responder in RESPONDERS.items():
        if name not in only:
            continue
        if name == MERCURIUS and (missing := _missing_of_node()):
            say(f"{name} is left out: {missing}")
        else:
            found.append(responder)
    if not found:
        raise BenchError("there is nobody left to ask")
    return found


def _missing_of_node() -> str | None:
    if shutil.which("node") is None:
        return "there is no node on PATH"
    if not (PEERS / "node_modules").is_dir():
        return "bench/peers/node_modules is missing: run `npm ci` in bench/peers/"
    return None


@contextmanager
def serving(responder: Responder, mongo_url: str, core: int) -> Iterator[Serving]:
    """Run the server on one core, ready to respond, until the context exits."""
    port = _free_port()
    url = f"http://{_LOOPBACK}:{port}"
    with tempfile.TemporaryFile() as log:
        with on(core):
            process = subprocess.Popen(
                responder.command(mongo_url, port),
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **responder.environment},
            )
        try:
            with httpx.Client(base_url=url) as client:
                _wait(responder.name, process, client, log)
                yield Serving(responder.name, process.pid, f"{url}/graphql", client)
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(
    name: str, process: subprocess.Popen[bytes], client: httpx.Client, log: IO[bytes]
) -> None:
    deadline, why = monotonic() + _START_SECONDS, "it took too long"
    while monotonic() < deadline and process.poll() is None:
        try:
            ask(client, orjson.dumps(FRONT_PAGE.body(None)))
        except httpx.TransportError:
            sleep(0.1)
        except BenchError as error:
            why = str(error)
            break
        else:
            return
    log.seek(0)
    said = log.read().decode(errors="replace")[-_LOG_TAIL:]
    raise BenchError(f"{name} did not start: {why}: {said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
