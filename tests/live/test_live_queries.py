"""Live queries: the result at once, and again each time that a load changes it, and only then."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from graph.app import create_app
from graph.config import Scope, Settings, Token
from graph.errors import UsageError
from graph.live import live_query
from graph.live.open_streams import STREAMS, Streams
from graph.store.cache import corpus_state
from graph.store.cache.corpus_state import CorpusState
from graph.store.driver.database import Database
from graph.store.driver.read_commands import Row
from graph.web.http.request.auth import token_digest
from graph.web.observability.logging import JsonFormatter
from tests.builders import article, change, store
from tests.served import eventually
from tests.streams import Event, EventStream, started
from tests.web.graphql.cache.test_response_cache import PausedDatabase

FRONT = "{ articles(first: 2) { nodes { slug title } totalCount } }"
COUNT = '{ articles(search: "title") { totalCount } }'
ONE = '{ article(slug: "a") { title } }'
HIDDEN = '{ article(slug: "hidden") { title } }'


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mock has no change streams: it is polled."""
    monkeypatch.setattr(corpus_state, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(live_query, "RETRY_SECONDS", 0.005)


def application(**settings: Any) -> Starlette:
    return create_app(Settings(**{"mongo_url": "mongomock://", **settings}))


@pytest_asyncio.fixture
async def app() -> AsyncIterator[Starlette]:
    app = application()
    async with started(app):
        await store(app.state.database, article("a"), article("hidden", published=False))
        yield app


def streams_of(app: Starlette) -> Streams:
    streams: Streams = app._endpoint._streaming._executor.streams  # type: ignore[attr-defined]  # of our own application
    return streams


async def load(app: Starlette, *documents: Row) -> int:
    return await store(app.state.database, *documents)


async def next_count(stream: EventStream) -> int:
    count: int = (await stream.next()).data["data"]["articles"]["totalCount"]
    return count


def title(event: Event) -> str:
    text: str = event.data["data"]["article"]["title"]
    return text


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_query_is_answered_at_once_and_after_each_load_that_changes_the_result(
    app: Starlette, method: str
) -> None:
    stream = getattr(EventStream, method)(app, ONE)
    first = await stream.next()
    assert (first.name, first.data) == ("next", {"data": {"article": {"title": "Title of a"}}})
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["cache-control"] == "no-store"
    await load(app, article("a", title="Another"))
    assert title(await stream.next()) == "Another"
    await change(app.state.database, [], removed=["a"])
    assert (await stream.next()).data == {"data": {"article": None}}
    await stream.close()


async def test_a_result_that_may_be_newer_than_the_corpus_state_names_no_revision(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that resumes with its id gets what it missed, whatever the revision was."""

    async def is_current(_: CorpusState) -> bool:
        return False

    monkeypatch.setattr(CorpusState, "is_current", is_current)
    stream = EventStream.get(app, ONE)
    assert (await stream.next()).id.startswith("0-")
    await load(app, article("a", title="Another"))
    await eventually(lambda: streams_of(app).executions > 2)
    assert stream.unread == []
    monkeypatch.undo()
    assert title(await stream.next()) == "Another"
    await stream.close()


async def test_a_load_that_does_not_change_the_result_sends_nothing(app: Starlette) -> None:
    stream = EventStream.get(app, ONE)
    await stream.next()
    runs = streams_of(app).executions
    await load(app, article("b"))
    await eventually(lambda: streams_of(app).executions > runs)
    await load(app, article("a", title="Another"))
    assert title(await stream.next()) == "Another"
    assert stream.unread == []
    await stream.close()


async def test_the_id_is_the_revision_and_resumes_without_repeating_the_result(
    app: Starlette,
) -> None:
    stream = EventStream.get(app, ONE)
    await stream.next()
    revision = await load(app, article("a", title="Another"))
    last = await stream.next()
    assert last.id.partition("-")[0] == str(revision)
    await stream.close()
    await load(app, article("b"))
    again = EventStream.get(app, ONE, headers={"last-event-id": last.id})
    await again.until(b"retry:")
    await load(app, article("a", title="Once more"))
    assert title(await again.next()) == "Once more"
    await again.close()


async def test_a_client_that_missed_changes_gets_the_latest_result_at_once(app: Starlette) -> None:
    stream = EventStream.get(app, ONE)
    first = await stream.next()
    await stream.close()
    for name in ("Another", "Once more"):
        await load(app, article("a", title=name))
    again = EventStream.get(app, ONE, headers={"last-event-id": first.id})
    assert title(await again.next()) == "Once more"
    await again.close()


async def test_1000_clients_of_a_query_cost_one_execution_for_each_revision() -> None:
    app = application(max_streams=1_000, max_streams_per_client=1_000)
    async with started(app):
        await load(app, article("a"))
        clients = [EventStream.get(app, FRONT) for _ in range(500)]
        clients += [EventStream.post(app, FRONT) for _ in range(500)]
        for client in clients:
            assert (await client.next()).data["data"]["articles"]["totalCount"] == 1
        await eventually(lambda: len(app.state.live) == 1)
        runs = streams_of(app).executions
        assert runs <= 2  # the first may have begun before the revision was known
        await load(app, article("b"))
        for client in clients:
            assert (await client.next()).data["data"]["articles"]["totalCount"] == 2
        assert streams_of(app).executions - runs <= 2  # the poll may see the load's beginning
        assert len({client.body.split(b"event:", 1)[1] for client in clients}) == 1
        await asyncio.gather(*(client.close() for client in clients))
        assert (streams_of(app).open, len(app.state.live)) == (0, 0)


async def test_operations_variables_and_scopes_do_not_share_results() -> None:
    token = Token(token_digest("ng_editor"), frozenset({Scope.UNPUBLISHED}))
    app = application(tokens=(token,))
    async with started(app):
        await load(app, article("a"), article("hidden", published=False))
        editor = EventStream.get(app, HIDDEN, headers={"authorization": "Bearer ng_editor"})
        stranger = EventStream.get(app, HIDDEN)
        assert title(await editor.next()) == "Title of hidden"
        assert (await stranger.next()).data == {"data": {"article": None}}
        query = "query ($slug: String!) { article(slug: $slug) { slug } }"
        variables = [{"slug": "a"}, {"slug": "b"}]
        streams = [
            EventStream.post(app, query, parameters={"variables": each}) for each in variables
        ]
        found = [(await stream.next()).data["data"]["article"] for stream in streams]
        assert found == [{"slug": "a"}, None]
        for stream in (editor, stranger, *streams):
            await stream.close()


async def test_34_a_client_that_does_not_read_gets_the_latest_result_only(app: Starlette) -> None:
    stream, other = EventStream.get(app, ONE), EventStream.get(app, ONE)
    for each in (stream, other):
        await each.next()
    stream.reads.clear()
    for number in range(5):
        await load(app, article("a", title=f"Version {number}"))
        assert title(await other.next()) == f"Version {number}"
    stream.reads.set()
    titles = [title(await stream.next())]
    if titles != ["Version 4"]:  # the one that was being sent
        titles.append(title(await stream.next()))
    assert titles[-1] == "Version 4"
    await asyncio.gather(stream.close(), other.close())


async def test_34_a_client_that_stops_reading_is_disconnected() -> None:
    app = application(stream_timeout=0.1)
    async with started(app):
        await load(app, article("a"))
        stream = EventStream.get(app, ONE)
        await stream.next()
        stream.reads.clear()
        await load(app, article("a", title="Another"))
        await stream.ended()
        assert stream.task.cancelled()
        streams = streams_of(app)
        assert (streams.open, len(app.state.live)) == (0, 0)
        assert +streams.dropped == {"slow": 1}


async def test_35_streams_that_are_opened_and_closed_leave_nothing_behind(app: Starlette) -> None:
    first = EventStream.get(app, ONE)
    await first.next()
    await first.close()
    tasks = len(asyncio.all_tasks())
    for number in range(200):
        stream = EventStream.get(app, ONE, client=f"192.0.2.{number}")
        if number % 2:
            await stream.next()
        await stream.close()
    await eventually(lambda: len(asyncio.all_tasks()) <= tasks)
    assert (streams_of(app).open, len(app.state.live)) == (0, 0)


async def test_35_a_closed_live_query_is_freed_without_a_garbage_collection(app: Starlette) -> None:
    """It has the last result, and a collection of all generations is rare in a server."""
    gc.collect()
    gc.disable()
    try:
        stream = EventStream.get(app, ONE)
        await stream.next()
        await stream.close()
        await eventually(lambda: live_query.LiveQuery not in map(type, gc.get_objects()))
    finally:
        gc.enable()


async def test_a_cancelled_request_leaves_nothing_behind(app: Starlette) -> None:
    stream = EventStream.get(app, ONE)
    await stream.next()
    stream.task.cancel()
    await stream.ended()
    assert (streams_of(app).open, len(app.state.live)) == (0, 0)


async def test_a_comment_is_sent_while_there_is_no_event() -> None:
    app = application(heartbeat=0.1)
    async with started(app):
        await load(app, article("a"))
        stream = EventStream.get(app, ONE)
        await stream.next()
        await stream.until(b"\n\n:\n\n:\n\n")
        assert stream.unread == []
        await stream.close()


async def test_streams_end_in_order_when_the_server_stops(app: Starlette) -> None:
    stream = EventStream.get(app, ONE)
    await stream.next()
    streams_of(app).stop()
    body = await stream.ended()
    assert stream.is_complete
    assert b"event: complete" not in body  # the client connects again, elsewhere
    assert body.startswith(b"retry: ")
    later = EventStream.get(app, ONE)
    await later.ended()
    assert later.is_complete


async def test_the_streams_are_in_the_state_of_the_lifespan() -> None:
    app = application()
    async with started(app) as state:
        assert state[STREAMS] is streams_of(app)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ __schema { queryType { name } } }", "NOT_LIVE"),
        ("{ __typename }", "NOT_LIVE"),
        ("{ changes { nextSince } }", "NOT_LIVE"),
        ("{ ...F } fragment F on Query { ... { changes { nextSince } } }", "NOT_LIVE"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query ($n: Int!) { articles(first: $n) { totalCount } }", "BAD_USER_INPUT"),
    ],
)
async def test_an_operation_without_a_live_result_is_an_error_and_completes(
    app: Starlette, query: str, code: str
) -> None:
    stream = EventStream.get(app, query)
    event = await stream.next()
    assert (event.name, event.data["errors"][0]["extensions"]["code"]) == ("next", code)
    assert "data" not in event.data
    assert (await stream.next()).name == "complete"
    await stream.ended()
    assert (stream.status, stream.is_complete) == (200, True)


async def test_introspection_beside_another_field_is_live(app: Starlette) -> None:
    stream = EventStream.get(app, '{ __typename article(slug: "a") { title } }')
    assert (await stream.next()).data["data"]["__typename"] == "Query"
    await stream.close()


async def test_an_error_of_a_field_is_part_of_the_result(app: Starlette) -> None:
    stream = EventStream.get(app, "{ articles(first: 101) { totalCount } }")
    event = await stream.next()
    assert event.data["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert event.data["data"] == {"articles": None}
    await stream.close()


@pytest.mark.parametrize(
    ("accept", "is_stream"),
    [
        ("text/event-stream", True),
        ("text/event-stream, application/json", True),
        ("text/event-stream;q=0.9, application/json;q=0.8", True),
        ("application/graphql-response+json, application/json, text/event-stream", False),
        ("application/json, text/event-stream;q=0.5", False),
        ("text/event-stream;q=0, application/json", False),
        ("*/*", False),
    ],
)
async def test_a_stream_is_sent_to_those_who_prefer_it(
    app: Starlette, accept: str, is_stream: bool
) -> None:
    stream = EventStream.get(app, ONE, headers={"accept": accept})
    await eventually(lambda: bool(stream.body))
    assert stream.headers["content-type"].startswith("text/event-stream") is is_stream
    await stream.close()


async def test_streams_over_a_limit_are_rejected() -> None:
    app = application(max_streams=2, max_streams_per_client=1)
    async with started(app):
        await load(app, article("a"))
        first = EventStream.get(app, ONE, client="192.0.2.1")
        await first.next()
        same = EventStream.get(app, ONE, client="192.0.2.1")
        assert b'"TOO_MANY_STREAMS"' in await same.ended()
        assert same.status == 429
        second = EventStream.get(app, ONE, client="192.0.2.2")
        await second.next()
        third = EventStream.get(app, ONE, client="192.0.2.3")
        assert b'"OVERLOADED"' in await third.ended()
        assert (third.status, third.headers["retry-after"]) == (503, "1")
        assert +streams_of(app).dropped == {"client_limit": 1, "limit": 1}
        await first.close()
        again = EventStream.get(app, ONE, client="192.0.2.1")
        await again.next()
        await asyncio.gather(second.close(), again.close())


async def test_clients_behind_a_trusted_proxy_are_counted_by_their_own_address() -> None:
    app = application(max_streams_per_client=1)
    async with started(app):
        await load(app, article("a"))
        streams = [
            EventStream.get(app, ONE, client=proxy, headers={"x-forwarded-for": address})
            for proxy, address in (
                ("127.0.0.1", "192.0.2.1"),
                ("127.0.0.1", "192.0.2.2"),
                ("192.0.2.9", "192.0.2.3"),
                ("192.0.2.9", "192.0.2.4"),
            )
        ]
        await eventually(lambda: all(stream.body for stream in streams))
        assert [stream.status for stream in streams] == [200, 200, 200, 429]
        await asyncio.gather(*(stream.close() for stream in streams[:3]))


async def test_metrics_and_the_access_log_count_streams(caplog: pytest.LogCaptureFixture) -> None:
    app = application(access_log="on")
    transport = httpx.ASGITransport(app=app)
    async with started(app), httpx.AsyncClient(transport=transport, base_url="http://test") as web:
        await load(app, article("a"))
        stream = EventStream.get(app, f"query Title {ONE}")
        await stream.next()
        text = (await web.get("/metrics")).text
        assert "newsgraph_streams_open 1.0" in text
        assert "newsgraph_stream_events_total 1.0" in text
        assert "newsgraph_stream_executions_total" in text
        with caplog.at_level("INFO", "newsgraph.access"):
            await stream.close()
        assert "newsgraph_streams_open 0.0" in (await web.get("/metrics")).text
    (record,) = [each for each in caplog.records if each.args and each.args[1] == "/graphql"]  # type: ignore[index]  # logged with a tuple
    entry = json.loads(JsonFormatter().format(record))
    assert (entry["operation"], entry["outcome"], entry["events"]) == ("Title", "ok", 1)


@pytest.mark.parametrize(
    ("driver", "cache"), [("motor", "on"), ("pymongo", "on"), ("motor", "off")]
)
async def test_a_load_reaches_the_streams_of_a_server_under_each_driver(
    server: Database, mongod: str | UsageError, driver: str, cache: str
) -> None:
    assert isinstance(mongod, str)
    url = mongod.replace("/?", f"/{server._handle.name}?")
    app = application(mongo_url=url, mongo_driver=driver, cache=cache)
    await store(server, article("a"))
    async with started(app):
        stream = EventStream.get(app, ONE)
        assert title(await stream.next()) == "Title of a"
        revision = await store(server, article("a", title="Another"))
        event = await stream.next()
        assert (title(event), event.id.partition("-")[0]) == ("Another", str(revision))
        await stream.close()


async def test_a_timeout_is_a_result_that_is_followed_by_the_next(app: Starlette) -> None:
    app.state.database = paused = PausedDatabase(app.state.database)
    app._endpoint._operations.timeout = 0.05  # type: ignore[attr-defined]  # of our own application
    stream = EventStream.get(app, ONE)
    assert (await stream.next()).data["errors"][0]["extensions"]["code"] == "TIMEOUT"
    paused.go.set()
    assert title(await stream.next()) == "Title of a"
    await stream.close()


@pytest.mark.parametrize(
    ("options", "cache"),
    [("", "on"), ("", "reads"), ("", "off"), ("&readPreference=secondaryPreferred", "on")],
)
async def test_a_process_follows_the_corpus_once(
    server: Database,
    mongod: str | UsageError,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    cache: str,
) -> None:
    follow, followers = corpus_state._follow, 0

    async def counted(database: Database, state: CorpusState) -> None:
        nonlocal followers
        followers += 1
        await follow(database, state)

    monkeypatch.setattr(corpus_state, "_follow", counted)
    assert isinstance(mongod, str)
    url = mongod.replace("/?", f"/{server._handle.name}?") + options
    app = application(mongo_url=url, cache=cache)
    await store(server, article("a"))
    async with started(app):
        stream = EventStream.get(app, COUNT)
        while await next_count(stream) != 1:
            pass
        assert followers == 1
        await stream.close()


async def test_a_search_is_sent_whenever_a_load_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two polls, at the moment of one, and just before or after it."""
    monkeypatch.setattr(corpus_state, "POLL_SECONDS", 0.2)
    app = application()
    async with started(app):
        await load(app, article("0"))
        await asyncio.sleep(0.1)
        stream = EventStream.get(app, COUNT)
        while await next_count(stream) != 1:
            pass
        for number in range(1, 6):
            await asyncio.sleep(0.05 * number)
            await load(app, article(f"{number}"))
            while await next_count(stream) != number + 1:
                pass
        await stream.close()


async def test_a_search_whose_index_is_behind_is_sent_when_the_index_has_caught_up(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = app.state.search
    stream = EventStream.get(app, '{ articles(search: "title") { nodes { slug } } }')
    while len((await stream.next()).data["data"]["articles"]["nodes"]) != 1:
        pass  # the first load may not be in the index yet
    write, goes_on = search._write, asyncio.Event()

    async def paused_write(*arguments: Any) -> None:
        await goes_on.wait()
        await write(*arguments)

    monkeypatch.setattr(search, "_write", paused_write)
    runs = streams_of(app).executions
    await load(app, article("b"))
    await eventually(lambda: streams_of(app).executions > runs)
    assert stream.unread == []
    goes_on.set()
    nodes = (await stream.next()).data["data"]["articles"]["nodes"]
    assert {node["slug"] for node in nodes} == {"a", "b"}
    assert stream.unread == []
    await stream.close()
