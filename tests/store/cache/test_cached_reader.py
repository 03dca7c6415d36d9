"""Reads through the cache: the same answers, exact keys, and no outdated entries."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan
from typing import Any

import bson
import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pymongo.collation import Collation

from graph.app import caching, create_app
from graph.config import Settings
from graph.documents import ARTICLES, TOMBSTONES, TOPICS
from graph.errors import UsageError
from graph.store.cache.cached_reader import CachedReader
from graph.store.cache.corpus_state import follow_corpus
from graph.store.cache.read_cache import ReadCache, command_key, size_of
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.store.driver.read_commands import CountCommand, FindCommand, ReadCommand, Row
from graph.store.indexes import ANY_CASE
from graph.store.queries import articles, taxonomy
from graph.store.queries.articles import EVERYTHING, PUBLISHED
from graph.store.queries.facets import read_facets
from graph.store.queries.pagination.page_args import PageArgs
from tests.builders import article, moment, store, topic_file
from tests.conftest import Commands, query_sender
from tests.revisions import reached

VOLATILE = frozenset({"secured"})
TITLES = {"title": 1}


def cached(database: Database, volatile: frozenset[str] = VOLATILE) -> CachedReader:
    """The database behind a cache of its own; nobody follows the corpus."""
    return CachedReader(database, opened(volatile))


def opened(volatile: frozenset[str] = VOLATILE) -> ReadCache:
    """A cache of reads that is emptied by nobody."""
    reads = ReadCache(10_000_000, volatile)
    reads.resume()
    return reads


async def test_a_read_is_made_once(server: Database, commands: Commands) -> None:
    await store(server, article("a", topics=["Tides"]))
    reader = cached(server)
    commands.names.clear()
    for _ in range(3):
        assert await reader.find(ARTICLES, PUBLISHED, projection=TITLES) == [
            {"_id": "a", "title": "Title of a"}
        ]
        stages = [{"$match": PUBLISHED}, {"$project": {"topics": 1}}]
        assert await reader.aggregate(ARTICLES, stages) == [{"_id": "a", "topics": ["Tides"]}]
        assert await reader.count(TOPICS, {}) == 1
    assert commands.names == ["find", "aggregate", "aggregate"]


async def test_an_empty_result_is_cached(server: Database, commands: Commands) -> None:
    reader = cached(server)
    commands.names.clear()
    for _ in range(3):
        assert await reader.find(TOPICS, {"_id": "none"}) == []
        assert await reader.count(TOPICS, {"_id": "none"}) == 0
    assert commands.names == ["find", "aggregate"]


async def test_fifty_concurrent_readers_send_one_command(
    server: Database, commands: Commands
) -> None:
    await store(server, article("a"))
    reader = cached(server)
    commands.names.clear()
    reads = [reader.find(ARTICLES, PUBLISHED, projection=TITLES) for _ in range(50)]
    found = await asyncio.gather(*reads)
    assert commands.names == ["find"]
    assert found == [[{"_id": "a", "title": "Title of a"}]] * 50


async def test_a_load_by_another_process_empties_the_cache(
    server: Database, commands: Commands
) -> None:
    await store(server, article("a"))
    reader = cached(server)
    async with follow_corpus(server, reader._cache) as epoch:
        await asyncio.wait_for(reached(epoch, 1), 20)
        await reader.find(ARTICLES, PUBLISHED, projection=TITLES)
        assert reader._cache.entries == 1
        await store(server, article("a", title="Anew"))
        await asyncio.wait_for(reached(epoch, 2), 20)
        found = await reader.find(ARTICLES, PUBLISHED, projection=TITLES)
    assert found == [{"_id": "a", "title": "Anew"}]


async def test_a_read_during_which_the_epoch_ends_is_not_cached(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go = asyncio.Event(), asyncio.Event()
    run = database.run

    async def slow(command: ReadCommand) -> list[Row]:
        rows = await run(command)
        started.set()
        await go.wait()
        return rows

    await store(database, article("a"))
    monkeypatch.setattr(database, "run", slow)
    reader = cached(database)
    waiting = asyncio.create_task(reader.find(ARTICLES, PUBLISHED, projection=TITLES))
    await started.wait()
    reader._cache.clear()
    go.set()
    assert await waiting == [{"_id": "a", "title": "Title of a"}]
    assert reader._cache.entries == 0


@pytest.mark.parametrize(
    "projection",
    [
        None,
        {},
        {"body": 0},
        {"body": 0, "_id": 1},
        {"_id": 0},
        {"secured": 1},
        {"title": 1, "secured": 1},
        {"secured.part": 1},
        {"source": 1},
        {"source.loadedAt": 1},
        {"source.path": 1},
    ],
)
async def test_reads_of_volatile_fields_are_not_cached(
    database: Database, projection: Row | None
) -> None:
    await store(database, article("a", secured="Y2lwaGVy;aXY="))
    reader = cached(database)
    operation = reader
    copy = projection and dict(projection)  # mongomock writes into it
    await operation.find(ARTICLES, PUBLISHED, projection=copy)
    changed = {"secured": "YW5ldw==;aXY=", "source.path": "b.md", "source.loadedAt": moment(2)}
    await database.update(ARTICLES, {"_id": "a"}, {"$set": changed})
    after = await operation.find(ARTICLES, PUBLISHED, projection=projection)
    assert after == await database.find(ARTICLES, PUBLISHED, projection=projection)
    assert (operation.is_cacheable, reader._cache.entries) == (False, 0)


@pytest.mark.parametrize(
    "stages",
    [
        [{"$match": PUBLISHED}],
        [{"$project": {"cipher": "$secured"}}],
        [{"$project": {"cipher": "$$ROOT.secured"}}],
        [{"$match": {"secured": {"$exists": True}}}, {"$project": {"title": 1}}],
        [{"$sort": {"secured": 1}}, {"$project": {"title": 1}}],
        [{"$group": {"_id": "$source.root"}}],
    ],
)
async def test_a_pipeline_that_may_touch_a_volatile_field_runs_each_time(
    server: Database, stages: list[Row]
) -> None:
    operation = cached(server)
    await operation.aggregate(ARTICLES, stages)
    assert (operation.is_cacheable, operation._cache.entries) == (False, 0)


async def test_filters_and_orders_by_a_volatile_field_are_read_each_time(
    database: Database,
) -> None:
    operation = cached(database, frozenset({"heat"}))
    await operation.find(ARTICLES, {"heat": {"$gt": 1}}, projection=TITLES)
    await operation.find(ARTICLES, PUBLISHED, projection=TITLES, sort=[("heat", -1)])
    await operation.count(ARTICLES, {"$and": [PUBLISHED, {"heat": 1}]})
    assert (operation.is_cacheable, operation._cache.entries) == (False, 0)


async def test_a_volatile_field_below_an_unknown_key_is_found(
    database: Database,
) -> None:
    for volatile, keepable in (({"secured"}, True), ({"views"}, False)):
        operation = cached(database, frozenset(volatile))
        await operation.find(ARTICLES, PUBLISHED, projection={"extra": 1})
        assert operation.is_cacheable is keepable


async def test_a_value_that_looks_like_a_volatile_field_is_not_one(database: Database) -> None:
    operation = cached(database)
    await operation.find(ARTICLES, {"topics": "secured"}, projection=TITLES)
    await operation.count(ARTICLES, {"title": {"$in": ["secured", "$source.path"]}})
    assert (operation.is_cacheable, operation._cache.entries) == (True, 2)


async def test_reads_without_volatile_fields_are_cached(database: Database) -> None:
    await store(database, article("a"))
    operation = cached(database)
    projection = {"title": 1, "source.revision": 1, "source.hash": 1, "extra": 1, "securedBy": 1}
    await operation.find(ARTICLES, PUBLISHED, projection=projection)
    await operation.find(ARTICLES, PUBLISHED, projection={"_id": 1})
    await operation.find(TOMBSTONES, {"revision": {"$gt": 0}})
    assert (operation.is_cacheable, operation._cache.entries) == (True, 3)


async def test_operations_share_the_cache_but_not_their_cacheability(
    database: Database,
) -> None:
    cache = opened()
    first, second = CachedReader(database, cache), CachedReader(database, cache)
    await first.find(ARTICLES, PUBLISHED, projection={"secured": 1})
    await second.find(ARTICLES, PUBLISHED, projection=TITLES)
    assert (first.is_cacheable, second.is_cacheable, cache.entries) == (False, True, 1)


async def test_readers_leave_the_rows_that_they_share_as_they_are(server: Database) -> None:
    await store(
        server,
        topic_file("Harbour"),
        topic_file("Tides", parent="Harbour"),
        *(article(f"a{n}", topics=["Tides", "Harbour"], heat=n) for n in range(5)),
    )
    reader = cached(server)
    for _ in range(3):
        windows = [
            articles.page_query_of(articles.selection([]), (), PageArgs(2)),
            articles.page_query_of(articles.selection([], visible=EVERYTHING), (), PageArgs(2)),
        ]
        pages = await articles.pages(reader, windows, TITLES)
        assert [[row["_id"] for row in page.rows] for page in pages] == [["a4", "a3"]] * 2
        assert pages[0].has_next
        facets = await read_facets(reader, articles.selection([]), {"topics": 5})
        assert [bucket.count for bucket in facets["topics"]] == [5, 5]
        assert await taxonomy.read_tree(reader) == {"Harbour": ["Tides"]}


async def test_reads_of_different_scopes_have_different_entries(server: Database) -> None:
    await store(server, article("open"), article("closed", published=False))
    reader = cached(server)
    for _ in range(2):
        for visible, seen in ((EVERYTHING, {"open", "closed"}), (PUBLISHED, {"open"})):
            found = await articles.by_slugs(reader, ["open", "closed"], TITLES, visible)
            assert found.keys() == seen


QUERY = """{
  articles(first: 5, search: "tide") {
    nodes { slug secured { present bytes } topics { name articleCount children { name } } }
    totalCount
    facets { topics { value count } }
  }
  article(slug: "a1") { similar { article { slug } } source { path revision } }
  changes { nodes { nodeId node { id } } nextSince }
  corpus { revision articleCount }
}"""


async def test_a_server_with_caches_answers_as_one_without(server: Database) -> None:
    topics = ["Tides", "Harbour"]
    await store(server, *(article(f"a{n}", title=f"Tide {n}", topics=topics) for n in range(4)))
    uncached = await query_sender(server)(QUERY)
    assert "errors" not in uncached
    cache = opened()
    for _ in range(3):
        assert await query_sender(server, cache)(QUERY) == uncached
    assert cache.hits > cache.misses / 2


ATHENS = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([datetime(2025, 3, 1, tzinfo=UTC)], ["2025-03-01T00:00:00+00:00"]),
        ([datetime(2025, 3, 1, tzinfo=UTC)], [{"$date": "2025-03-01"}]),
        ([datetime(2025, 3, 1, 0, 0, 0, 1000)], [datetime(2025, 3, 1, 0, 0, 0, 2000)]),
        ([datetime(2025, 3, 1, tzinfo=UTC)], [1740787200000]),
        ([1], [1.0]),
        ([1], [True]),
        ([1], ["1"]),
        ([None], []),
        ([None], ["null"]),
        ([None], [False]),
        ([{}], [None]),
        ([{"a": 1, "b": 1}], [{"b": 1, "a": 1}]),
        ([b"ab"], ["6162"]),
        ([Collation("en", strength=1)], [ANY_CASE]),
        ([["a", "b"]], [["a"], ["b"]]),
    ],
)
def test_different_arguments_have_different_keys(left: list[Any], right: list[Any]) -> None:
    assert key(left) != key(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (datetime(2025, 3, 1, 12, tzinfo=UTC), datetime(2025, 3, 1, 12)),
        (datetime(2025, 3, 1, 12, tzinfo=UTC), datetime(2025, 3, 1, 14, tzinfo=ATHENS)),
        (datetime(2025, 3, 1, 0, 0, 0, 1999), datetime(2025, 3, 1, 0, 0, 0, 1000)),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime(1969, 12, 31, 23, 59, 59, 999_000)),
    ],
)
def test_dates_that_the_driver_sends_alike_have_the_same_key(left: Any, right: Any) -> None:
    assert exact(left) == exact(right)
    assert key(left) == key(right)


def test_arguments_that_cannot_be_encoded_have_no_key() -> None:
    assert key("\ud800") == key(2**64) == key(object()) == b""
    for none in (inf, -inf, nan):
        assert key(none) == key({"$gt": [none]}) == key((None, {"a": none})) == b""
    assert key((None, 1.5))
    assert key(("null", {"heat": None}))
    assert command_key(FindCommand(ARTICLES, {})) != command_key(CountCommand(ARTICLES, {}))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary(max_size=4)
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["title", "heat", "$in", "$and", "a.b"]), inner)
    ),
    max_leaves=8,
)


@hypothesis_settings(deadline=None)
@given(VALUES, VALUES)
def test_only_the_same_arguments_have_the_same_key(left: Any, right: Any) -> None:
    if key(left) or key(right):
        assert (key(left) == key(right)) is (exact(left) == exact(right))
    assert key(left) == key(copied(left))


def key(value: Any) -> bytes:
    """The key of a read in which this value stands."""
    return command_key(CountCommand(ARTICLES, {"a": value}))


def exact(value: Any) -> bytes:
    """A value as the driver sends it: with its type, order and sign, dates in milliseconds."""
    return bson.encode({"": value})


def copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: copied(each) for name, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def stories(number: int, text: str) -> Row:
    copies = [{"title": f"{text} {n}", "webUrl": f"https://gull.example/{n}"} for n in range(8)]
    return article(f"a{number}", body=text * 40, excerpt=text, related=copies, quality=number * 999)


@pytest.mark.parametrize(
    "document",
    [
        lambda number: {"_id": str(number)},
        lambda number: {"_id": f"news/{number}", "title": f"The harbour, part {number}"},
        lambda number: stories(number, "The tide turned at noon. "),
        lambda number: stories(number, "“The tide turned”, she said. "),
        lambda number: stories(number, "Der Fährmann grüßt. "),
        lambda number: stories(number, "潮が満ちた。"),
        lambda number: stories(number, "High tide 🌊 "),
    ],
    ids=["bare", "short", "plain", "quotes", "latin", "wide", "astral"],
)
def test_the_size_of_rows_is_accurate_within_a_factor_of_two(document: Any) -> None:
    data = b"".join(bson.encode(document(number)) for number in range(200))
    bson.decode_all(data)
    gc.collect()
    tracemalloc.start()
    rows = bson.decode_all(data)
    allocated, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert allocated / 2 < size_of(rows) < allocated * 2


@pytest.mark.parametrize(
    ("cache", "query", "collections"),
    [
        ("on", "", ("reads", "responses")),
        ("reads", "", ("reads",)),
        ("off", "", ()),
        ("on", "&readPreference=secondaryPreferred", ()),
    ],
)
@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_the_settings_decide_what_is_cached(
    mongod: str | UsageError, driver: str, cache: str, query: str, collections: tuple[str, ...]
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    settings = Settings.model_validate(
        {
            "mongo_url": mongod + query,
            "mongo_driver": driver,
            "cache": cache,
            "cache_bytes": 2_000_000,
        }
    )
    async with (
        open_database(settings) as database,
        caching(settings, database.limited(1)) as caches,
    ):
        sizes = {}
        if caches.reads is not None:
            sizes["reads"] = caches.reads.capacity
        if caches.responses is not None:
            sizes["responses"] = caches.responses.capacity
        assert tuple(sizes) == collections
        assert sum(sizes.values()) == (2_000_000 if collections else 0)
        assert (caches.corpus_state is not None) is bool(collections)
        if caches.corpus_state is not None:
            await asyncio.wait_for(reached(caches.corpus_state, 0), 20)


async def test_the_mock_database_is_not_cached() -> None:
    settings = Settings(mongo_url="mongomock://")
    async with open_database(settings) as database, caching(settings, database) as caches:
        assert (caches.reads, caches.responses, caches.corpus_state) == (None, None, None)


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_server_shows_a_load_as_soon_as_it_knows_of_it(
    server: Database, mongod: str | UsageError, driver: str
) -> None:
    assert isinstance(mongod, str)
    url = mongod.replace("/?", f"/{server._handle.name}?")
    app = create_app(Settings.model_validate({"mongo_url": url, "mongo_driver": driver}))
    query = {"query": "{ articles { nodes { title } totalCount } corpus { revision } }"}
    await store(server, article("a"))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for revision, title in ((1, "Title of a"), (2, "Anew"), (3, "Once more")):
                if revision > 1:
                    await store(server, article("a", title=title))
                await asyncio.wait_for(reached(app.state.corpus_state, revision), 20)
                for _ in range(2):
                    assert (await client.post("/graphql", json=query)).json()["data"] == {
                        "articles": {"nodes": [{"title": title}], "totalCount": 1},
                        "corpus": {"revision": revision},
                    }
