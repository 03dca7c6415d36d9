"""The index follows the corpus: it is built, updated and taken over, and reports failures."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from graph.documents import ARTICLES, COUNTS, META, PROVIDERS, TOMBSTONES, TOPICS
from graph.errors import SearchUnavailable
from graph.search.index import service as services
from graph.search.index.index import SearchIndex
from graph.search.index.service import SearchService, searching
from graph.store.cache.corpus_state import CorpusState, follow_corpus
from graph.store.driver.database import Database
from graph.store.revision import read_corpus
from tests.builders import article, change
from tests.search.indexes import SCHEMA, found
from tests.stored import store

T = TypeVar("T")

COLLECTIONS = (ARTICLES, TOPICS, PROVIDERS, COUNTS, TOMBSTONES, META)


async def soon(awaited: Awaitable[T]) -> T:
    """The result of an event that must happen, but may take a while on a loaded machine."""
    return await asyncio.wait_for(awaited, timeout=20)


@asynccontextmanager
async def following(database: Database, folder: Path | None) -> AsyncIterator[SearchService]:
    async with (
        follow_corpus(database) as state,
        searching(SearchService(database, SCHEMA, folder, state)) as service,
    ):
        yield service


async def until(service: SearchService, revision: int) -> SearchIndex:
    """The index once it is at a revision."""
    while (await service.snapshot()).state.revision < revision:
        await service.changed()
    assert service.index is not None
    return service.index


@pytest.mark.parametrize("on_disk", [True, False])
async def test_the_index_is_built_and_follows_the_corpus(
    database: Database, tmp_path: Path, on_disk: bool
) -> None:
    await store(database, article("a", title="lantern"), article("b", title="lantern"))
    async with following(database, tmp_path if on_disk else None) as service:
        index = await soon(until(service, 1))
        assert sorted(found(index, "lantern")) == ["a", "b"]
        await store(database, article("c", title="lantern"), article("a", title="ferry"))
        await soon(until(service, 2))
        assert sorted(found(index, "lantern")) == ["b", "c"]
        await change(database, [article("c", title="lantern", published=False)], ["b"])
        await soon(until(service, 3))
        assert found(index, "lantern") == []
        assert index.count() == 2
        assert service.is_current(await service.snapshot())
        assert service.status == "ready"


async def test_a_corpus_that_is_recreated_with_the_same_revision_is_indexed_again(
    database: Database, tmp_path: Path
) -> None:
    await store(database, article("a", title="lantern"))
    state = CorpusState()  # it hears of the end of the second load only, as by polling
    state.update(await read_corpus(database))
    async with searching(SearchService(database, SCHEMA, tmp_path, state)) as service:
        first = await soon(until(service, 1))
        for collection in (ARTICLES, TOPICS, PROVIDERS, COUNTS, META):
            await database.delete(collection, {})
        assert await store(database, article("b", title="lantern")) == 1
        state.update(await read_corpus(database))
        snapshot = await service.snapshot()
        assert not service.is_current(snapshot)
        while service.index is first or not service.is_current(await service.snapshot()):
            await soon(service.changed())
        assert service.index is not None
        assert found(service.index, "lantern") == ["b"]


@pytest.mark.parametrize("loads", [1, 2])
async def test_a_backup_that_is_restored_while_no_server_runs_is_indexed(
    database: Database, tmp_path: Path, loads: int
) -> None:
    await store(database, article("a", title="lantern"))
    backup = {name: await database.find(name, {}) for name in COLLECTIONS}
    await store(database, article("lost", title="lantern"))
    async with following(database, tmp_path) as service:
        await soon(until(service, 2))
    for name, rows in backup.items():
        await database.delete(name, {})
        await database.replace(name, rows)
    for number in range(loads):
        await store(database, article(f"new/{number}", title="lantern"))
    async with following(database, tmp_path) as service:
        while not service.is_current(await service.snapshot()):
            await soon(service.changed())
        assert service.index is not None
        assert sorted(found(service.index, "lantern")) == ["a", "new/0", "new/1"][: loads + 1]


async def test_an_index_from_an_earlier_run_is_updated(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database, article("a", title="lantern"))
    async with following(database, tmp_path) as service:
        await soon(until(service, 1))
    await store(database, article("b", title="lantern"))
    await change(database, [], ["a"])
    monkeypatch.delattr(services, "all_articles")  # only what has changed is read
    async with following(database, tmp_path) as service:
        index = await soon(until(service, 3))
        assert found(index, "lantern") == ["b"]


async def test_a_second_process_takes_over_when_the_first_ends(
    database: Database, tmp_path: Path
) -> None:
    await store(database, article("a", title="lantern"))
    async with following(database, tmp_path) as second:
        async with following(database, tmp_path) as first:
            for each in (first, second):
                await soon(until(each, 1))
            await store(database, article("b", title="lantern"))
            for each in (first, second):
                index = await soon(until(each, 2))
                assert sorted(found(index, "lantern")) == ["a", "b"]
        await store(database, article("c", title="lantern"))
        index = await soon(until(second, 3))
        assert sorted(found(index, "lantern")) == ["a", "b", "c"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_an_index_folder_that_cannot_be_written_is_a_failure(
    database: Database, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    await store(database, article("a"))
    async with following(database, tmp_path / "index") as service:
        while service.status != "failed":
            await soon(service.changed())
        with pytest.raises(SearchUnavailable, match="cannot be written"):
            await service.snapshot()
    tmp_path.chmod(0o700)


async def test_a_file_in_place_of_the_folder_is_a_failure_that_hides_the_path(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    await store(database, article("a"))
    async with following(database, blocked) as service:
        while service.status != "failed":
            await soon(service.changed())
        with pytest.raises(SearchUnavailable) as caught:
            await service.snapshot()
    assert str(tmp_path) not in str(caught.value)
    assert str(blocked) in caplog.text


async def test_a_full_disk_is_a_failure_until_there_is_space(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "RETRY_SECONDS", 0.01)
    await store(database, article("a", title="lantern"))
    full = True
    commit = SearchIndex.commit

    def refuse(index: SearchIndex, *arguments: object) -> None:
        if full:
            raise OSError(28, "No space left on device")
        commit(index, *arguments)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(SearchIndex, "commit", refuse)
    async with following(database, tmp_path) as service:
        while service.status != "failed":
            await soon(service.changed())
        full = False
        index = await soon(until_ready(service))
        assert found(index, "lantern") == ["a"]


class EnginePanic(BaseException):
    """The exception of the engine for a bug of its own."""


@pytest.mark.parametrize("error", [EnginePanic("index out of bounds"), KeyError("title")])
async def test_any_failure_is_reported_and_retried(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    monkeypatch.setattr(services, "RETRY_SECONDS", 0.01)
    await store(database, article("a", title="lantern"))
    broken = True
    add = SearchIndex.add

    def fail(index: SearchIndex, *arguments: object) -> None:
        if broken:
            raise error
        add(index, *arguments)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(SearchIndex, "add", fail)
    async with following(database, tmp_path) as service:
        while service.status != "failed":
            await soon(service.changed())
        assert "cannot be written" in caplog.text
        assert str(error) in caplog.text
        broken = False
        index = await soon(until_ready(service))
        assert found(index, "lantern") == ["a"]


async def test_a_deleted_folder_is_created_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "RETRY_SECONDS", 0.01)
    await store(database, article("a", title="lantern"))
    async with (
        following(database, tmp_path / "index") as first,
        following(database, tmp_path / "index") as second,
    ):
        for each in (first, second):
            await soon(until(each, 1))
        shutil.rmtree(tmp_path / "index")
        await store(database, article("b", title="lantern"))
        for each in (first, second):
            index = await soon(until_revision(each, 2))
            assert sorted(found(index, "lantern")) == ["a", "b"]


async def until_revision(service: SearchService, revision: int) -> SearchIndex:
    """The index once it is at a revision, whatever fails in the meantime."""
    while (current := service.current_snapshot) is None or current.state.revision < revision:
        await service.changed()
    assert service.index is not None
    return service.index


async def until_ready(service: SearchService) -> SearchIndex:
    while service.status != "ready":
        await service.changed()
    assert service.index is not None
    return service.index


async def test_while_the_index_is_built_a_search_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PATIENCE_SECONDS", 0.01)
    async with follow_corpus(database) as state:
        service = SearchService(database, SCHEMA, None, state)
        assert service.status == "building"
        with pytest.raises(SearchUnavailable, match="being built"):
            await service.snapshot()
