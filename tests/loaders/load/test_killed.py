"""Loads that are killed at any moment are completed by the next one."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graph.config import Settings
from graph.documents import ARTICLES, COUNTS, TOMBSTONES
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.queries.changes import read_changes
from graph.store.revision import read_corpus
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.builders import drop, token
from tests.forks import PROCESSES
from tests.loaders import killed as killed_load
from tests.loaders.sixty import age, build, changes, contents, run
from tests.thorough import cases

pytestmark = pytest.mark.usefixtures("small_batches", "inline")

Place = Callable[[str], str]


class Ended(NamedTuple):
    """How a load in a process of its own ended; `calls` is how many it made of its database."""

    code: int | None
    calls: int | None


@pytest.fixture
def place(mongod: str | UsageError) -> Place:
    """The URL of a new database, by its name."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    return lambda name: mongod.replace("/?", f"/{name}?")


def killed(url: str, folder: Path, call: int, moment: str) -> Ended:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(
        target=killed_load.main, args=(theirs, url, str(folder), call, moment)
    )
    process.start()
    theirs.close()
    try:
        calls = ours.recv()
    except EOFError:
        calls = None
    process.join()
    code = process.exitcode
    process.close()
    ours.close()
    return Ended(code, calls)


def moments(dice: random.Random, calls: int, each: int) -> Iterator[tuple[int, str]]:
    """Calls of the database, some of each kind, and whether to kill before, during or after it."""
    for moment in ("before", "during", "after"):
        for call in dice.sample(range(1, calls + 1), each):
            yield call, moment


async def test_51_a_load_that_is_killed_anywhere_is_completed_by_the_next(
    place: Place, corpus: Path
) -> None:
    whole = await asyncio.to_thread(killed, place("killed"), corpus, 0, "never")
    assert whole.code == 0
    assert whole.calls is not None
    calls = whole.calls
    async with open_database(Settings(mongo_url=place("killed"))) as opened:
        expected = await contents(opened)
        await drop(opened)
    dice = random.Random(51)
    for number, (call, moment) in enumerate(moments(dice, calls, cases(1, 7))):
        url = place(f"killed{number}")
        done = await asyncio.to_thread(killed, url, corpus, call, moment)
        assert done.code == -signal.SIGKILL, (call, moment)
        async with open_database(Settings(mongo_url=url)) as opened:
            await run(opened, corpus)
            assert await contents(opened) == expected, (call, moment)
            assert changes(await run(opened, corpus)) == (0, 0, 0, 0), (call, moment)
            assert await contents(opened) == expected, (call, moment)
            await drop(opened)


def edit(folder: Path) -> None:
    """Unpublish, change, remove and publish some articles; one becomes a topic file."""
    for number in (1, 2):
        file = folder / f"_news/{number:03}.md"
        file.write_text(file.read_text().replace("published: true", "published: false"))
    for number in (3, 4):
        file = folder / f"_news/{number:03}.md"
        file.write_text(file.read_text().replace("Ferry sails", "Ferry sails again"))
    for number in (5, 6, 7):
        (folder / f"_news/{number:03}.md").unlink()
    file = folder / "_news/010.md"
    file.write_text(file.read_text().replace("published: false", "published: true"))
    topic = "---\ntaxonomy: topic\nname: Eleven\nparent: Numbers\nkeywords: [eleven]\n---\n"
    (folder / "_news/011.md").write_text(topic)
    age(folder)


async def copied(database: Database, copy: dict[str, Any], since: int) -> dict[str, Any]:
    """A copy of the published articles, updated by the changes."""
    start = await token(database, since, "Article")
    page = await read_changes(database, start, 100, None, {"Article": {"title": 1}})
    for event in page.events:
        copy.pop(event.key, None)
        if event.row is not None:
            copy[event.key] = event.row["title"]
    return copy


async def test_51_clients_receive_the_changes_of_a_killed_load(place: Place, corpus: Path) -> None:
    async with open_database(Settings(mongo_url=place("followed"))) as opened:
        await run(opened, corpus)
        before = await copied(opened, {}, 0)
        edit(corpus)
        whole = await asyncio.to_thread(killed, place("followed"), corpus, 0, "never")
        assert whole.code == 0
        assert whole.calls is not None
        expected = await without_derived_revisions(opened)
        assert {row["_id"]: row["reason"] for row in expected[TOMBSTONES]} == {
            "Article:_news/001": "unpublished",
            "Article:_news/002": "unpublished",
            "Article:_news/006": "removed",
            "Article:_news/007": "removed",
            "Article:_news/011": "removed",
            "UnpublishedArticle:_news/005": "removed",
        }
        stored = expected[ARTICLES]
        published = {row["_id"]: row["title"] for row in stored if row["published"]}
        assert await copied(opened, dict(before), 1) == published
        await drop(opened)
    calls = whole.calls
    dice = random.Random(52)
    source = corpus.rename(corpus.with_name("edited"))
    for number, (call, moment) in enumerate(moments(dice, calls, cases(1, 4))):
        url = place(f"followed{number}")
        await seed(url, corpus)
        shutil.rmtree(corpus)
        shutil.copytree(source, corpus)
        done = await asyncio.to_thread(killed, url, corpus, call, moment)
        assert done.code == -signal.SIGKILL, (call, moment)
        async with open_database(Settings(mongo_url=url)) as opened:
            halfway = await copied(opened, dict(before), 1)
            known = (await read_corpus(opened))["revision"]
            await load(opened, Settings(), LoadOptions.of([corpus], jobs=1, prune=True))
            assert await copied(opened, halfway, known) == published, (call, moment)
            assert await without_derived_revisions(opened) == expected, (call, moment)
            await drop(opened)
        shutil.rmtree(corpus)


async def without_derived_revisions(database: Database) -> dict[str, Any]:
    """Everything that is stored; completing a load derives more again than the load would have."""
    found = await contents(database)
    for row in found[COUNTS]:
        del row["revision"]
    return found


async def seed(url: str, folder: Path) -> None:
    """Load the corpus as it was before it was edited."""
    build(folder)
    async with open_database(Settings(mongo_url=url)) as opened:
        await run(opened, folder)
