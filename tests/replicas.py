"""A replica set of three mongods on the loopback address, whose members can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from graph.store.embedded.server import find_mongod
from tests.processes import free_port, running, until

NAME: Final = "newsgraph"
ELECTION: Final = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}
"""MongoDB's own are 10 and 2 seconds: a test need not wait for as long."""

PAUSE: Final = 0.2
"""Seconds between two looks at the members: each look connects to all of them."""

Row = dict[str, Any]


@dataclass
class Member:
    """One mongod, as a process that can be killed and started again over the same data."""

    folder: Path
    port: int
    stack: ExitStack = field(default_factory=ExitStack)
    process: subprocess.Popen[bytes] | None = None
    proxy: int | None = None
    """The port of a proxy, through which the others and the clients connect."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.proxy or self.port}"

    def start(self) -> None:
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        command = [
            *(str(find_mongod()), "--dbpath", str(self.folder / "db"), "--port", str(self.port)),
            *("--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", NAME),
            *("--wiredTigerCacheSizeGB", "0.25"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]
        # An orderly end takes a member 15 seconds, in which it looks after clients and data.
        started = running(command, self.folder / "log", ending=signal.SIGKILL)
        self.process = self.stack.enter_context(started)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """Stop it where it is; return once it has stopped."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)

    def go_on(self) -> None:
        """Let it run again after a pause."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @contextmanager
    def client(self) -> Iterator[MongoClient[Row]]:
        with MongoClient[Row](
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=500
        ) as client:
            yield client

    def state(self) -> Row:
        """The member's report of itself and its set; empty if it does not answer."""
        try:
            with self.client() as client:
                return dict(client.admin.command("hello"))
        except PyMongoError:
            return {}


@dataclass(frozen=True)
class ReplicaSet:
    """Three members."""

    members: tuple[Member, ...]

    def url(self, database: str) -> str:
        hosts = ",".join(member.host for member in self.members)
        return f"mongodb://{hosts}/{database}?replicaSet={NAME}"

    def primary(self) -> Member | None:
        for member in self.members:
            if member.is_up and member.state().get("isWritablePrimary"):
                return member
        return None

    def heal(self) -> None:
        """Start who was killed, and wait until all are in their places."""
        for member in self.members:
            if not member.is_up:
                member.start()
        until(self._is_whole, 60, "a primary and two secondaries", PAUSE)

    def step_down(self) -> None:
        """Have the primary give up its place for long enough that another one takes it, and briefly
        enough that it may take the place of the next one.
        """
        primary = self.primary()
        assert primary is not None
        with primary.client() as client:
            client.admin.command("replSetStepDown", 6, secondaryCatchUpPeriodSecs=5)

    def _is_whole(self) -> bool:
        states = [member.state() for member in self.members]
        primaries = sum(bool(state.get("isWritablePrimary")) for state in states)
        return primaries == 1 and sum(bool(state.get("secondary")) for state in states) == 2


@contextmanager
def replica_set(folder: Path, proxy: Callable[[int], int] | None = None) -> Iterator[ReplicaSet]:
    """A replica set of three, with a primary; `proxy` makes a proxy of a port and returns its port.

    Raises UsageError where there is no mongod.
    """
    find_mongod()
    members = tuple(Member(folder / f"mongo-{number}", free_port()) for number in (1, 2, 3))
    if proxy is not None:
        for member in members:
            member.proxy = proxy(member.port)
    with ExitStack() as stack:
        for member in members:
            stack.push(member.stack)
            member.start()
        config = {
            "_id": NAME,
            "members": [{"_id": number, "host": each.host} for number, each in enumerate(members)],
            "settings": ELECTION,
        }
        until(lambda: all(_answers(member) for member in members), 60, "three servers up", PAUSE)
        with members[0].client() as client:
            client.admin.command("replSetInitiate", config)
        replica_set = ReplicaSet(members)
        replica_set.heal()
        yield replica_set


def _answers(member: Member) -> bool:
    log = (member.folder / "log").read_text(errors="replace")
    assert member.is_up, log[-2000:]
    return bool(member.state())
