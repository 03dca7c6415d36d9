"""Subscriptions: every change of an article once, in order, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from graph.documents import META
from graph.errors import UsageError
from graph.live import live_subscription
from graph.store.cache import corpus_state
from graph.store.driver.database import Database
from graph.store.queries import article_feed
from graph.web.graphql.trusted import document_digest
from tests.builders import article, change, drop, store, story, token
from tests.live.failing_databases import Failing
from tests.live.test_live_queries import application, streams_of
from tests.revisions import reached
from tests.served import eventually
from tests.streams import Event, EventStream, started

CHANGES = "subscription { articleChanged { kind slug revision nextSince article { title } } }"
SINCE = CHANGES.replace("articleChanged", "articleChanged(since: $since)").replace(
    "subscription", "subscription ($since: String)"
)

ACCEPTED = [
    "application/graphql-response+json, application/json, text/event-stream",
    "multipart/mixed, application/json, text/event-stream;q=0.5",
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mock has no change streams: it is polled."""
    monkeypatch.setattr(corpus_state, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(live_subscription, "RETRY_SECONDS", 0.005)


@pytest_asyncio.fixture
async def app() -> AsyncIterator[Starlette]:
    app = application()
    async with started(app):
        await store(app.state.database, article("a"), article("hidden", published=False))
        await asyncio.wait_for(wait_until_served(app), 20)
        yield app


async def wait_until_served(app: Starlette) -> None:
    """Return once a subscription that begins now begins at the current revision."""
    stream = EventStream.get(app, "{ corpus { revision } }")
    await stream.next()
    await stream.close()


def changed(event: Event) -> tuple[str, str, str | None]:
    """The kind of a change, the slug, and the title of the article."""
    found = event.data["data"]["articleChanged"]
    return found["kind"], found["slug"], found["article"] and found["article"]["title"]


async def opened(stream: EventStream) -> EventStream:
    await stream.until(b"retry:")
    return stream


@pytest.mark.parametrize("method", ["get", "post"])
async def test_every_change_from_now_on_is_an_event(app: Starlette, method: str) -> None:
    stream = await opened(getattr(EventStream, method)(app, CHANGES))
    assert stream.headers["content-type"].startswith("text/event-stream")
    await store(app.state.database, article("b"), article("c"))
    assert changed(await stream.next()) == ("CHANGED", "b", "Title of b")
    assert changed(await stream.next()) == ("CHANGED", "c", "Title of c")
    await change(app.state.database, [article("b", published=False)], removed=["c"])
    assert changed(await stream.next()) == ("UNPUBLISHED", "b", None)
    assert changed(await stream.next()) == ("REMOVED", "c", None)
    await store(app.state.database, article("b", title="Back"))
    assert changed(await stream.next()) == ("CHANGED", "b", "Back")
    await stream.close()


async def test_an_article_that_was_never_visible_is_no_event(app: Starlette) -> None:
    stream = await opened(EventStream.get(app, CHANGES))
    await store(app.state.database, article("draft", published=False))
    await change(app.state.database, [], removed=["hidden"])
    await store(app.state.database, article("b"))
    assert changed(await stream.next()) == ("CHANGED", "b", "Title of b")
    assert stream.unread == []
    await stream.close()


@pytest.mark.parametrize("by", ["nextSince", "last-event-id"])
async def test_a_client_resumes_without_a_gap_or_a_repetition(app: Starlette, by: str) -> None:
    """It may have been cut off between two events of the same revision."""
    stream = await opened(EventStream.get(app, CHANGES))
    await store(app.state.database, *(article(f"n{number}") for number in range(5)))
    events = [await stream.next(), await stream.next()]
    await stream.close()
    await store(app.state.database, article("later"))
    last = events[-1]
    if by == "nextSince":
        since = {"variables": {"since": last.data["data"]["articleChanged"]["nextSince"]}}
        again = EventStream.post(app, SINCE, parameters=since)
    else:
        again = EventStream.get(app, CHANGES, headers={"last-event-id": last.id})
    events += [await again.next() for _ in range(4)]
    assert [changed(event)[1] for event in events] == ["n0", "n1", "n2", "n3", "n4", "later"]
    await store(app.state.database, article("last"))
    assert changed(await again.next())[1] == "last"
    assert again.unread == []
    await again.close()


async def test_a_token_of_changes_is_continued(app: Starlette) -> None:
    since = await token(app.state.database, 0)
    await store(app.state.database, article("b"))
    stream = EventStream.post(app, SINCE, parameters={"variables": {"since": since}})
    assert [changed(await stream.next())[1] for _ in range(2)] == ["a", "b"]
    await stream.close()


async def test_the_changes_of_a_large_load_are_sent_page_by_page(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_feed, "PAGE_SIZE", 3)
    stream = await opened(EventStream.get(app, CHANGES))
    await store(app.state.database, *(article(f"n{number:02}") for number in range(10)))
    slugs = [changed(await stream.next())[1] for _ in range(10)]
    assert slugs == [f"n{number:02}" for number in range(10)]
    await stream.close()


async def test_a_filter_selects_articles_but_all_removals_are_sent(app: Starlette) -> None:
    query = CHANGES.replace("articleChanged", 'articleChanged(where: {topics: {any: ["Energy"]}})')
    stream = await opened(EventStream.get(app, query))
    await store(app.state.database, article("b"), article("c", topics=["Energy"]))
    assert changed(await stream.next())[1] == "c"
    await change(app.state.database, [], removed=["a"])
    assert changed(await stream.next()) == ("REMOVED", "a", None)
    assert stream.unread == []
    await stream.close()


async def test_clients_share_each_page(app: Starlette) -> None:
    clients = [
        await opened(EventStream.get(app, CHANGES, client=f"192.0.2.{number % 50}"))
        for number in range(200)
    ]
    runs = streams_of(app).executions
    await store(app.state.database, article("b"))
    for client in clients:
        assert changed(await client.next())[1] == "b"
    assert len(app.state.live) == 1
    assert streams_of(app).executions - runs <= 3
    await asyncio.gather(*(client.close() for client in clients))
    assert (streams_of(app).open, len(app.state.live)) == (0, 0)


async def test_34_a_slow_client_gets_every_event_once_it_reads(app: Starlette) -> None:
    stream, other = [await opened(EventStream.get(app, CHANGES)) for _ in range(2)]
    stream.reads.clear()
    for number in range(5):
        await store(app.state.database, article(f"n{number}"))
        assert changed(await other.next())[1] == f"n{number}"
    stream.reads.set()
    assert [changed(await stream.next())[1] for _ in range(5)] == [f"n{n}" for n in range(5)]
    await asyncio.gather(stream.close(), other.close())


async def test_while_the_database_fails_no_change_is_lost(app: Starlette) -> None:
    database = app.state.database
    app.state.database = failing = Failing(database)
    stream = await opened(EventStream.get(app, CHANGES))
    failing.is_away = True
    await store(database, article("b"))
    await eventually(lambda: failing.failures > 2)
    failing.is_away = False
    assert changed(await stream.next())[1] == "b"
    assert stream.unread == []
    await stream.close()


@pytest.mark.parametrize(
    ("since", "code"),
    [("nonsense", "BAD_USER_INPUT"), ("", "BAD_USER_INPUT"), (None, "RESYNC_REQUIRED")],
)
async def test_an_invalid_since_is_an_error_that_ends_the_stream(
    app: Starlette, since: str | None, code: str
) -> None:
    other = since if since is not None else str(article_feed.FeedPosition(1, None, "another"))
    stream = EventStream.post(app, SINCE, parameters={"variables": {"since": other}})
    event = await stream.next()
    assert event.data["errors"][0]["extensions"] == {"code": code, "argument": "since"}
    assert "data" not in event.data
    assert (await stream.next()).name == "complete"
    await stream.ended()


async def test_a_filter_beyond_the_limits_is_an_error(app: Starlette) -> None:
    names = ", ".join(f'"{number}"' for number in range(101))
    query = CHANGES.replace("articleChanged", f"articleChanged(where: {{type: {{in: [{names}]}}}})")
    stream = EventStream.get(app, query)
    assert (await stream.next()).data["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert (await stream.next()).name == "complete"
    await stream.ended()


async def test_an_error_of_a_field_is_part_of_the_result(app: Starlette) -> None:
    query = (
        "subscription { articleChanged { slug article { title related(first: 101) { title } } } }"
    )
    stream = await opened(EventStream.get(app, query))
    await store(app.state.database, article("b"))
    event = await stream.next()
    assert event.data["errors"][0]["path"] == ["articleChanged", "article", "related"]
    await stream.close()


@pytest.mark.parametrize("accept", ACCEPTED)
async def test_a_subscription_is_a_stream_for_clients_that_accept_one(
    app: Starlette, accept: str
) -> None:
    stream = EventStream.post(app, CHANGES, headers={"accept": accept})
    await opened(stream)
    await stream.close()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("accept", ACCEPTED)
async def test_a_persisted_subscription_is_a_stream_by_its_id_alone(
    app: Starlette, accept: str, method: str
) -> None:
    digest = document_digest(CHANGES)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    by_hash: Any = {"query": "", "extensions": extensions}
    if method == "get":
        by_hash["extensions"] = json.dumps(extensions)
    by_document = {"query": "", "documentId": f"sha256:{digest}"}
    registration = EventStream.post(app, CHANGES, parameters={"extensions": extensions})
    await (await opened(registration)).close()
    for parameters in (by_hash, by_document):
        headers = {"accept": accept}
        stream = getattr(EventStream, method)(app, "", parameters=parameters, headers=headers)
        await (await opened(stream)).close()


async def test_an_unknown_id_gets_a_single_response(app: Starlette) -> None:
    parameters = {"query": "", "documentId": f"sha256:{document_digest('unknown')}"}
    stream = EventStream.post(app, "", parameters=parameters, headers={"accept": ACCEPTED[0]})
    answer = json.loads(await stream.ended())
    assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_subscription_without_a_stream_says_what_to_send(app: Starlette) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = (await client.post("/graphql", json={"query": CHANGES})).json()
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "STREAM_REQUIRED"
    assert "text/event-stream" in error["message"]


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_a_load_reaches_subscriptions_under_each_driver(
    server: Database, mongod: str | UsageError, driver: str
) -> None:
    assert isinstance(mongod, str)
    url = mongod.replace("/?", f"/{server._handle.name}?")
    app = application(mongo_url=url, mongo_driver=driver)
    query = (
        'subscription { articleChanged(where: {topics: {any: ["Energy"]}}) '
        "{ kind slug article { title related { article { title } } provider { name } } } }"
    )
    await store(server, article("a"))
    async with started(app):
        await asyncio.wait_for(reached(app.state.corpus_state, 1), 20)
        stream = await opened(EventStream.get(app, query))
        await store(
            server,
            article("b", topics=["Energy"]),
            article(
                "c",
                topics=["Energy"],
                related=[story("https://gull.example/b")],
            ),
            article("d"),
        )
        events = [await stream.next() for _ in range(2)]
        assert [changed(event)[:2] for event in events] == [("CHANGED", "b"), ("CHANGED", "c")]
        related: Any = events[1].data["data"]["articleChanged"]["article"]["related"]
        assert related == [{"article": {"title": "Title of b"}}]
        await change(server, [article("b", topics=["Energy"], published=False)], removed=["d"])
        events = [await stream.next() for _ in range(2)]
        assert [changed(event)[:2] for event in events] == [("UNPUBLISHED", "b"), ("REMOVED", "d")]
        await stream.close()


async def test_a_client_goes_on_at_another_server_until_the_database_is_loaded_anew(
    server: Database, mongod: str | UsageError
) -> None:
    assert isinstance(mongod, str)
    url = mongod.replace("/?", f"/{server._handle.name}?")
    query = '{ article(slug: "a") { title } }'
    await store(server, article("a"))
    first, second = application(mongo_url=url), application(mongo_url=url, mongo_driver="pymongo")
    async with started(first), started(second):
        for app in (first, second):
            await asyncio.wait_for(reached(app.state.corpus_state, 1), 20)
        live = EventStream.get(first, query)
        results = await live.next()
        stream = await opened(EventStream.get(first, CHANGES))
        await store(server, article("b"), article("c"))
        last = await stream.next()
        assert changed(last)[1] == "b"
        await asyncio.gather(live.close(), stream.close())
        await store(server, article("d"))
        stream = EventStream.get(second, CHANGES, headers={"last-event-id": last.id})
        live = await opened(EventStream.get(second, query, headers={"last-event-id": results.id}))
        assert [changed(await stream.next())[1] for _ in range(2)] == ["c", "d"]
        assert live.unread == stream.unread == []
        await server.delete(META, {})
        await drop(server)
        await store(server, article("a", title="Anew"))
        refused = await stream.next()
        assert refused.data["errors"][0]["extensions"]["code"] == "RESYNC_REQUIRED"
        assert (await stream.next()).name == "complete"
        await stream.ended()
        while "Anew" not in str(results.data):
            results = await live.next()  # perhaps the empty database first
        await live.close()
