"""Who follows the changes ends with what is published."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import (
    ARTICLES,
    AUTHORS,
    COUNTS,
    META,
    PROVIDERS,
    TAXONOMY,
    TOMBSTONES,
    TOPICS,
)
from graph.errors import BadUserInput
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.load import write
from graph.store.queries.changes import ChangePage, Event, read_changes
from tests.builders import article, change, plan_of, store, topic_file
from tests.thorough import cases, examples

Row = dict[str, Any]
TITLE = {"title": 1}


class Follower:
    """An app that holds a copy of the published corpus: titles by slug."""

    def __init__(self) -> None:
        self.copy: dict[str, str] = {}
        self.since = 0
        self.after: str | None = None

    async def ask(self, database: Database, size: int) -> bool:
        """Apply one page of changes; whether more follow."""
        page = await read_changes(database, self.since, size, self.after, TITLE)
        for event in page.events:
            if event.row is None:
                self.copy.pop(event.slug, None)
            else:
                self.copy[event.slug] = event.row["title"]
        self.after = page.end_cursor if page.has_next else None
        self.since = self.since if page.has_next else page.next_revision
        return page.has_next

    def restart(self, since: int) -> None:
        """Forget the cursor, and ask on from a revision."""
        self.since, self.after = since, None


async def published(database: Database) -> dict[str, str]:
    rows = await database.find(ARTICLES, {"published": True}, projection=TITLE)
    return {row["_id"]: row["title"] for row in rows}


def some_documents(random: Random, slugs: list[str]) -> list[Row]:
    return [
        {**topic_file(slug.upper()), "_id": slug}
        if random.random() < 0.15
        else article(slug, title=f"T{random.random()}", published=random.random() < 0.6)
        for slug in slugs
    ]


async def load_something(database: Database, random: Random, stored: set[str]) -> None:
    """A load that adds, changes, unpublishes, publishes again and removes."""
    slugs = random.sample("abcdefghij", k=random.randrange(6))
    gone = random.sample(sorted(stored - set(slugs)), k=min(len(stored - set(slugs)), 2))
    await change(database, some_documents(random, slugs), gone)
    stored.difference_update(gone)
    stored.update(slugs)


async def begin_something(database: Database, random: Random) -> None:
    """A load that is killed when it has told of what it removes, and may have removed it."""
    load = await write.begin(database)
    await write.mark_pending(database, load)
    slugs = random.sample("abcdefghij", k=3)
    stored = await write.versions(database, slugs)
    visible = [version.slug for version in stored if version.is_published]
    await write.write_tombstones(database, load, visible, "removed")
    if random.random() < 0.5:
        await write.remove(database, ARTICLES, visible)


async def require_a_true_copy(database: Database, random: Random) -> None:
    follower, stored = Follower(), set[str]()
    for _ in range(6):
        await load_something(database, random, stored)
        if random.random() < 0.3:
            await begin_something(database, random)
            stored = {
                row["_id"]
                for name in (ARTICLES, TAXONOMY)
                for row in await database.find(name, {}, projection={"_id": 1})
            }
        for _ in range(random.randrange(4)):
            await follower.ask(database, random.randrange(1, 5))
    await change(database, [])
    while await follower.ask(database, random.randrange(1, 5)):
        pass
    assert follower.copy == await published(database)


@examples(15, 200)
@given(random=st.randoms(use_true_random=False))
async def test_who_follows_any_sequence_of_loads_ends_with_what_is_published(
    random: Random,
) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        await require_a_true_copy(database, random)


async def test_who_follows_loads_on_a_real_server_ends_with_what_is_published(
    server: Database,
) -> None:
    for seed in range(cases(3, 8)):
        for name in (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, AUTHORS, COUNTS, TOMBSTONES, META):
            await server.delete(name, {})
        await require_a_true_copy(server, Random(seed))


@examples(8, 60)
@given(random=st.randoms(use_true_random=False))
async def test_next_revision_is_where_to_ask_on_without_a_cursor_even_between_two_pages(
    random: Random,
) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        follower, stored = Follower(), set[str]()
        for _ in range(5):
            await load_something(database, random, stored)
        more = True
        while more:
            size = random.randrange(1, 20)
            page = await read_changes(database, follower.since, size, follower.after, TITLE)
            more = await follower.ask(database, size)
            if page.next_revision > follower.since and random.random() < 0.5:
                follower.restart(page.next_revision)
        assert follower.copy == await published(database)


async def read(database: Database, since: int = 0, size: int = 100) -> ChangePage:
    return await read_changes(database, since, size, None, {})


def told(page: ChangePage) -> list[tuple[int, str, str]]:
    return [(event.revision, event.slug, event.kind) for event in page.events]


async def test_changes_come_by_revision_and_slug_and_say_what_became_of_an_article(
    database: Database,
) -> None:
    await store(database, article("b"), article("a"), article("c"), article("d"))
    await store(database, article("b", title="New"))
    await change(database, [article("c", published=False)], ["a"])
    await change(database, [{**topic_file("D"), "_id": "d"}])
    page = await read(database)
    assert told(page) == [
        (2, "b", "changed"),
        (3, "a", "removed"),
        (3, "c", "unpublished"),
        (4, "d", "removed"),
    ]
    assert (page.has_next, page.next_revision) == (False, 4)
    assert told(await read(database, since=3)) == [(4, "d", "removed")]
    assert told(await read(database, since=4)) == []


async def test_an_article_that_was_never_published_is_not_told_of(database: Database) -> None:
    await store(database, article("a", published=False), article("b", published=False))
    await change(database, [article("a", published=False, title="New")], ["b"])
    await change(database, [], ["a"])
    assert told(await read(database)) == []
    assert await database.find(TOMBSTONES, {}) == []


async def test_an_article_that_came_back_is_told_as_there(database: Database) -> None:
    await store(database, article("a"))
    await store(database, article("a", published=False))
    await store(database, article("a", title="Back"))
    page = await read_changes(database, 1, 10, None, TITLE)
    row = {"_id": "a", "title": "Back", "source": {"revision": 3}}
    assert page.events == [Event(2, "a", "changed", row), Event(3, "a", "changed", row)]


async def test_what_a_load_under_way_has_written_is_told_when_it_is_finished(
    database: Database,
) -> None:
    await store(database, article("a"), article("b"))
    load = await write.begin(database)
    await write.mark_pending(database, load)
    await write.write_tombstones(database, load, ["b"], "removed")
    await write.remove(database, ARTICLES, ["b"])
    page = await read(database, since=1)
    assert (told(page), page.next_revision) == ([], 1)
    summary: Any = {"at": load.at, "added": 0, "updated": 0, "removed": 1, "rejected": 0}
    await write.finish(database, load, summary)
    assert told(await read(database, since=1)) == [(2, "b", "removed")]


async def test_pages_follow_on_each_other(database: Database) -> None:
    await store(database, *(article(slug) for slug in "abc"))
    first = await read(database, size=2)
    assert (told(first), first.has_next, first.next_revision) == (
        [(1, "a", "changed"), (1, "b", "changed")],
        True,
        0,
    )
    second = await read_changes(database, 0, 2, first.end_cursor, {})
    assert (told(second), second.has_next, second.next_revision) == (
        [(1, "c", "changed")],
        False,
        1,
    )


@pytest.mark.parametrize("since", [-1, 2])
async def test_a_revision_that_never_was_is_refused(database: Database, since: int) -> None:
    await store(database, article("a"))
    with pytest.raises(BadUserInput, match="start again from 0") as caught:
        await read(database, since=since)
    assert caught.value.details == {"argument": "since", "minimum": 0, "maximum": 1}


async def test_a_cursor_of_another_since_is_refused(database: Database) -> None:
    await store(database, article("a"), article("b"))
    cursor = (await read(database, size=1)).end_cursor
    with pytest.raises(BadUserInput, match="belongs to another filter"):
        await read_changes(database, 1, 1, cursor, {})


async def test_a_page_deep_in_a_revision_reads_no_more_than_the_first(server: Database) -> None:
    await store(server, *(article(f"{number:04}") for number in range(300)))
    await store(server, article("last"))
    seen: list[Any] = []
    find = server.find

    async def spy(collection: str, query: Any, **options: Any) -> list[Row]:
        if collection == ARTICLES:
            seen.append((query, options["sort"], options["limit"]))
        return await find(collection, query, **options)

    page = await read_changes(server, 0, 250, None, {})
    server.find = spy  # type: ignore[method-assign]
    page = await read_changes(server, 0, 10, page.end_cursor, {})
    assert page.events[0].slug == "0250"
    [(query, sort, limit)] = seen
    plan = await plan_of(server, ARTICLES, query, sort, limit)
    assert plan["executionStats"]["totalDocsExamined"] <= 2 * limit
    assert plan["executionStats"]["totalKeysExamined"] <= 3 * limit


async def test_a_load_that_ends_while_changes_are_read_makes_no_gap(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database, article("a"), article("z"))
    find = database.find

    async def load_first(collection: str, query: Any, **options: Any) -> list[Row]:
        if collection == ARTICLES:
            monkeypatch.setattr(database, "find", find)
            await change(database, [article("z", title="New"), article("new")], ["a"])
        return await find(collection, query, **options)

    monkeypatch.setattr(database, "find", load_first)
    page = await read(database)
    assert (told(page), page.next_revision) == ([], 1)
    assert told(await read(database, since=1)) == [
        (2, "a", "removed"),
        (2, "new", "changed"),
        (2, "z", "changed"),
    ]
