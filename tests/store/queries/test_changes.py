"""A client that follows the changes ends with the state that the API serves."""

from __future__ import annotations

from random import Random
from typing import Any, Final

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
    NodeTypeName,
)
from graph.errors import BadUserInput, ResyncRequired
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.load import write
from graph.store.load.derivation import derive
from graph.store.load.stored_versions import read_versions
from graph.store.queries.changes import ChangePage, read_changes
from graph.store.revision import read_corpus
from tests.builders import (
    article,
    author_file,
    authors,
    change,
    moment,
    organization_file,
    plan_of,
    provider,
    store,
    token,
    topic_file,
)
from tests.thorough import cases, examples

Row = dict[str, Any]
DERIVED: Final[dict[str, int]] = dict.fromkeys(("articleCount", "latest", "name", "slug", "url"), 1)
FIELDS: Final[dict[NodeTypeName, dict[str, int]]] = {
    "Article": {"title": 1},
    "Author": DERIVED,
    "Provider": {**DERIVED, "domain": 1, "otherNames": 1},
    "Topic": {**DERIVED, "parent": 1, "keywords": 1, "coOccurring": 1},
}
COLLECTIONS: Final[dict[NodeTypeName, str]] = {
    "Article": ARTICLES,
    "Author": AUTHORS,
    "Provider": PROVIDERS,
    "Topic": TOPICS,
}
JUST_ARTICLES: Final[dict[NodeTypeName, dict[str, int]]] = {"Article": {"title": 1}}


class Follower:
    """A client that holds a copy of everything that is published, by type and key."""

    def __init__(self) -> None:
        self.copy: dict[str, Row] = {}
        self.since: str | None = None
        self.after: str | None = None

    async def read(self, database: Database, size: int) -> bool:
        """Apply one page of changes; whether more follow."""
        try:
            page = await read_changes(database, self.since, size, self.after, FIELDS)
        except ResyncRequired:
            self.__init__()  # type: ignore[misc]
            return True
        for event in page.events:
            if event.row is None:
                self.copy.pop(event.id, None)
            else:
                self.copy[event.id] = meaning(event.row)
        self.after = end_of(page) if page.has_next else None
        self.since = self.since if page.has_next else str(page.next_since)
        return page.has_next

    def restart(self, since: str) -> None:
        """Forget the cursor, and continue from a token."""
        self.since, self.after = since, None


def end_of(page: ChangePage) -> str:
    """The cursor of the last event of a page."""
    return page.cursor_of(page.events[-1]._asdict())


def meaning(row: Row) -> Row:
    return {key: row[key] for key in row if key not in ("source", "changedRevision")}


async def everything(database: Database) -> dict[str, Row]:
    """The published articles and all derived objects, as a full walk finds them."""
    found = {}
    for kind, collection in COLLECTIONS.items():
        query = {"published": True} if kind == "Article" else {}
        for row in await database.find(collection, query, projection=FIELDS[kind]):
            found[f"{kind}:{row['_id']}"] = row
    return found


def some_document(random: Random, slug: str) -> Row:
    """An article or a file. A file may describe another topic or author than the one before."""
    dice = random.random()
    if dice < 0.12:
        fields: list[Row] = [{}, {"keywords": ["k"]}, {"slug": "u"}]
        parent = random.choice([None, "T"])
        file = topic_file(random.choice("TUV"), parent=parent, **random.choice(fields))
        return {**file, "_id": slug}
    if dice < 0.18:
        return {**author_file(random.choice(["Bo", "Ida"]), url=random.choice("12")), "_id": slug}
    if dice < 0.24:
        names = [random.choice("NO")]
        return {**organization_file("Gull", "gull.example", otherNames=names), "_id": slug}
    return article(
        slug,
        title=f"T{random.random()}",
        published=random.random() < 0.6,
        publishedDateTime=moment(random.randrange(1, 4)),
        topics=random.sample("TUVW", k=random.randrange(3)),
        authors=authors(*random.sample(["Bo", "Ida"], k=random.randrange(2))),
        provider=provider(random.choice(["Gull", "Tern"])),
    )


async def load_something(database: Database, random: Random, stored: set[str]) -> None:
    """A load that adds, changes, unpublishes, publishes again and removes."""
    slugs = random.sample("abcdefghij", k=random.randrange(6))
    removed = random.sample(sorted(stored - set(slugs)), k=min(len(stored - set(slugs)), 2))
    await change(database, [some_document(random, slug) for slug in slugs], removed)
    stored.difference_update(removed)
    stored.update(slugs)


async def begin_interrupted_load(database: Database, random: Random) -> None:
    """A load that is killed after it has written tombstones, and perhaps has derived."""
    load = await write.begin(database)
    await write.mark_pending(database, load)
    slugs = random.sample("abcdefghij", k=3)
    stored = await read_versions(database, slugs)
    visible = [version.slug for version in stored if version.is_published]
    await write.write_tombstones(database, load, visible, "removed")
    if random.random() < 0.5:
        await write.remove(database, ARTICLES, visible)
        if random.random() < 0.5:
            await derive.rebuild(database, load.revision)


async def load_anew(database: Database) -> None:
    """Empty the database, and load a document."""
    for name in (ARTICLES, TAXONOMY, TOPICS, PROVIDERS, AUTHORS, COUNTS, TOMBSTONES, META):
        await database.delete(name, {})
    await store(database, article("anew"))


async def stored_slugs(database: Database) -> set[str]:
    return {
        row["_id"]
        for name in (ARTICLES, TAXONOMY)
        for row in await database.find(name, {}, projection={"_id": 1})
    }


async def require_follower_equals_store(database: Database, random: Random) -> None:
    follower, stored = Follower(), set[str]()
    for _ in range(6):
        if random.random() < 0.1:
            await load_anew(database)
            stored = await stored_slugs(database)
        await load_something(database, random, stored)
        if random.random() < 0.3:
            await begin_interrupted_load(database, random)
            stored = await stored_slugs(database)
        for _ in range(random.randrange(4)):
            await follower.read(database, random.randrange(1, 9))
    await change(database, [])
    while await follower.read(database, random.randrange(1, 9)):
        pass
    assert follower.copy == await everything(database)


@examples(15, 200)
@given(random=st.randoms(use_true_random=False))
async def test_applying_all_changes_yields_what_a_full_walk_finds(random: Random) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        await require_follower_equals_store(database, random)


async def test_applying_all_changes_yields_what_a_full_walk_finds_on_a_server(
    server: Database,
) -> None:
    for seed in range(cases(2, 12)):
        await load_anew(server)
        await require_follower_equals_store(server, Random(seed))


@examples(8, 60)
@given(random=st.randoms(use_true_random=False))
async def test_next_since_is_where_to_continue_without_a_cursor_even_between_two_pages(
    random: Random,
) -> None:
    async with open_database(Settings(mongo_url="mongomock://")) as database:
        follower, stored = Follower(), set[str]()
        for _ in range(5):
            await load_something(database, random, stored)
        more, reached = True, 0
        while more:
            size = random.randrange(1, 20)
            page = await read_changes(database, follower.since, size, follower.after, FIELDS)
            more = await follower.read(database, size)
            if page.next_since.revision > reached and random.random() < 0.5:
                reached = page.next_since.revision
                follower.restart(str(page.next_since))
        assert follower.copy == await everything(database)


async def read(database: Database, since: int = 0, size: int = 100) -> ChangePage:
    start = await token(database, since, "Article")
    return await read_changes(database, start, size, None, {"Article": {}})


def changes_of(page: ChangePage) -> list[tuple[int, str, str]]:
    return [(event.revision, event.key, event.kind) for event in page.events]


async def test_changes_are_sorted_by_revision_and_key_with_their_kind(
    database: Database,
) -> None:
    await store(database, article("b"), article("a"), article("c"), article("d"))
    await store(database, article("b", title="New"))
    await change(database, [article("c", published=False)], ["a"])
    await change(database, [{**topic_file("D"), "_id": "d"}])
    page = await read(database)
    assert changes_of(page) == [
        (2, "b", "changed"),
        (3, "a", "removed"),
        (3, "c", "unpublished"),
        (4, "d", "removed"),
    ]
    assert (page.has_next, page.next_since.revision) == (False, 4)
    assert changes_of(await read(database, since=3)) == [(4, "d", "removed")]
    assert changes_of(await read(database, since=4)) == []


async def test_topics_providers_and_authors_change_with_what_is_said_of_them(
    database: Database,
) -> None:
    await store(database, article("a", topics=["T"], authors=authors("Bo")), topic_file("U"))
    start = await token(database, 1)
    await change(database, [article("b"), topic_file("U", keywords=["u"])])
    page = await read_changes(database, start, 100, None, FIELDS)
    assert [(event.id, event.kind) for event in page.events] == [
        ("Article:b", "changed"),
        ("Provider:gull.example/The Gull", "changed"),
        ("Topic:U", "changed"),
    ]
    await change(database, [], ["a", "_data/topics/u"])
    page = await read_changes(database, str(page.next_since), 100, None, FIELDS)
    assert [(event.id, event.kind) for event in page.events] == [
        ("Article:a", "removed"),
        ("Author:bo", "removed"),
        ("Provider:gull.example/The Gull", "changed"),
        ("Topic:T", "removed"),
        ("Topic:U", "removed"),
    ]


async def test_an_article_that_was_never_published_has_no_change(database: Database) -> None:
    await store(database, article("a", published=False), article("b", published=False))
    await change(database, [article("a", published=False, title="New")], ["b"])
    await change(database, [], ["a"])
    assert changes_of(await read(database)) == []
    assert await database.find(TOMBSTONES, {}) == []


async def test_an_article_that_came_back_is_reported_as_changed(database: Database) -> None:
    await store(database, article("a"))
    await store(database, article("a", published=False))
    await store(database, article("a", title="Back"))
    start = await token(database, 1, "Article")
    page = await read_changes(database, start, 10, None, JUST_ARTICLES)
    assert changes_of(page) == [(2, "a", "changed"), (3, "a", "changed")]
    assert [event.row and event.row["title"] for event in page.events] == ["Back", "Back"]


async def test_changes_of_a_load_are_reported_after_it_ends(
    database: Database,
) -> None:
    await store(database, article("a"), article("b"))
    load = await write.begin(database)
    await write.mark_pending(database, load)
    await write.write_tombstones(database, load, ["b"], "removed")
    await write.remove(database, ARTICLES, ["b"])
    page = await read(database, since=1)
    assert (changes_of(page), page.next_since.revision) == ([], 1)
    summary: Any = {"at": load.began_at, "added": 0, "updated": 0, "removed": 1, "rejected": 0}
    await write.finish(database, load, summary)
    assert changes_of(await read(database, since=1)) == [(2, "b", "removed")]


async def test_pages_follow_on_each_other(database: Database) -> None:
    await store(database, *(article(slug) for slug in "abc"))
    first = await read(database, size=2)
    assert (changes_of(first), first.has_next, first.next_since.revision) == (
        [(1, "a", "changed"), (1, "b", "changed")],
        True,
        0,
    )
    start = await token(database, 0, "Article")
    second = await read_changes(database, start, 2, end_of(first), {"Article": {}})
    assert (changes_of(second), second.has_next, second.next_since.revision) == (
        [(1, "c", "changed")],
        False,
        1,
    )


async def test_the_token_of_an_empty_database_is_valid_after_the_first_load(
    database: Database,
) -> None:
    page = await read_changes(database, None, 10, None, FIELDS)
    await store(database, article("a"))
    page = await read_changes(database, str(page.next_since), 10, None, FIELDS)
    assert [event.id for event in page.events] == [
        "Article:a",
        "Provider:gull.example/The Gull",
    ]


async def test_a_token_of_a_database_that_was_loaded_anew_requires_a_resync(
    database: Database,
) -> None:
    await store(database, article("a"), article("b"))
    page = await read_changes(database, None, 1, None, FIELDS)
    old, cursor, halfway = await token(database, 1), end_of(page), str(page.next_since)
    name = (await read_corpus(database))["id"]
    await load_anew(database)
    assert (await read_corpus(database))["id"] != name
    for since, after in ((old, None), (halfway, None), (None, cursor)):
        with pytest.raises(ResyncRequired, match="since: null") as caught:
            await read_changes(database, since, 1, after, FIELDS)
        assert caught.value.details == {"argument": "since" if since else "after"}


async def test_a_token_of_a_later_revision_requires_a_resync(database: Database) -> None:
    await store(database, article("a"))
    later = await token(database, 2)
    with pytest.raises(ResyncRequired):
        await read_changes(database, later, 1, None, FIELDS)


async def test_a_database_without_an_id_gets_one_by_the_next_load(database: Database) -> None:
    await store(database, article("a"))
    old = await token(database, 1)
    await database.change(META, {}, {"$unset": {"id": True}})
    summary: Any = {"at": moment(1), "added": 0, "updated": 0, "removed": 0, "rejected": 0}
    assert await write.finish(database, await write.begin(database), summary) == 2
    with pytest.raises(ResyncRequired):
        await read_changes(database, old, 1, None, FIELDS)
    assert await write.finish(database, await write.begin(database), summary) == 2


@pytest.mark.parametrize("since", ["", "x", "0", "null", "é", "A" * 5000])
async def test_an_invalid_token_is_rejected(database: Database, since: str) -> None:
    await store(database, article("a"))
    with pytest.raises(BadUserInput, match="not a token of `changes`: pass `nextSince`") as caught:
        await read_changes(database, since, 1, None, FIELDS)
    assert caught.value.details == {"argument": "since"}


async def test_a_cursor_is_not_accepted_as_a_token_nor_a_token_as_a_cursor(
    database: Database,
) -> None:
    await store(database, article("a"), article("b"))
    page = await read_changes(database, None, 1, None, FIELDS)
    with pytest.raises(BadUserInput, match="since: not a token"):
        await read_changes(database, end_of(page), 1, None, FIELDS)
    with pytest.raises(BadUserInput, match="after: this cursor belongs to another order"):
        await read_changes(database, None, 1, str(page.next_since), FIELDS)


async def test_a_token_does_not_cover_types_that_were_not_read(database: Database) -> None:
    await store(database, article("a"))
    of_articles = await token(database, 1, "Article")
    with pytest.raises(BadUserInput, match="does not cover AUTHOR and PROVIDER and TOPIC"):
        await read_changes(database, of_articles, 1, None, FIELDS)
    of_all = await token(database, 1)
    page = await read_changes(database, of_all, 1, None, JUST_ARTICLES)
    assert page.next_since.types == "Article"


async def test_a_cursor_of_another_since_is_rejected(database: Database) -> None:
    await store(database, article("a"), article("b"))
    cursor = end_of(await read(database, size=1))
    later = await token(database, 1, "Article")
    with pytest.raises(BadUserInput, match="belongs to another filter"):
        await read_changes(database, later, 1, cursor, {"Article": {}})


async def test_a_page_deep_in_a_revision_reads_no_more_than_the_first(server: Database) -> None:
    await store(server, *(article(f"{number:04}") for number in range(300)))
    await store(server, article("last"))
    seen: list[Any] = []
    find = server.find

    async def spy(collection: str, query: Any, **options: Any) -> list[Row]:
        if collection == ARTICLES:
            seen.append((query, options["sort"], options["limit"]))
        return await find(collection, query, **options)

    page = await read_changes(server, None, 250, None, {"Article": {}})
    server.find = spy  # type: ignore[method-assign]
    page = await read_changes(server, None, 10, end_of(page), {"Article": {}})
    assert page.events[0].key == "0250"
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
    assert (changes_of(page), page.next_since.revision) == ([], 1)
    assert changes_of(await read(database, since=1)) == [
        (2, "a", "removed"),
        (2, "new", "changed"),
        (2, "z", "changed"),
    ]
