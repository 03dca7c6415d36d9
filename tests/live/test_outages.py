"""Live clients while the database is away, and after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from starlette.applications import Starlette

from graph.live import live_query, live_subscription
from graph.store.cache import corpus_state
from graph.store.driver.database import Database
from graph.store.load import write
from graph.store.revision import read_corpus
from tests.builders import article, store
from tests.live.failing_databases import Broken, Failing, Nested, Slow
from tests.live.test_live_queries import ONE, application, streams_of, title
from tests.live.test_subscriptions import CHANGES, opened, wait_until_served
from tests.served import eventually
from tests.streams import EventStream, started

PROVIDERS = "subscription { articleChanged { slug article { provider { articleCount } } } }"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_state, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(live_query, "RETRY_SECONDS", 0.005)
    monkeypatch.setattr(live_subscription, "RETRY_SECONDS", 0.005)


@pytest_asyncio.fixture
async def app() -> AsyncIterator[Starlette]:
    app = application(max_streams_per_client=100)
    async with started(app):
        await store(app.state.database, article("a"))
        await wait_until_served(app)
        yield app


async def test_no_result_is_sent_while_the_database_fails(app: Starlette) -> None:
    database = app.state.database
    app.state.database = failing = Failing(database)
    stream = EventStream.get(app, ONE)
    await stream.next()
    failing.is_away = True
    await store(database, article("a", title="Another"))
    await eventually(lambda: failing.failures > 2)
    failing.is_away = False
    assert title(await stream.next()) == "Another"
    assert stream.unread == []
    await stream.close()


async def test_a_first_result_with_an_error_that_passes_is_followed_by_one_without(
    app: Starlette,
) -> None:
    app.state.database = failing = Failing(app.state.database)
    failing.is_away = True
    stream = EventStream.get(app, ONE)
    event = await stream.next()
    assert event.data["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    failing.is_away = False
    assert title(await stream.next()) == "Title of a"
    await stream.close()


async def test_a_new_client_gets_the_error_and_not_the_result_of_before(app: Starlette) -> None:
    """One that has this result keeps it. Both get the next one."""
    database = app.state.database
    app.state.database = failing = Slow(database)
    first = EventStream.get(app, ONE)
    kept = await first.next()
    failing.is_away = True
    app.state.live._corpus.mark_unreachable()
    again = EventStream.get(app, ONE, headers={"last-event-id": kept.id})
    await again.until(b"retry:")
    new = EventStream.get(app, ONE)
    [error] = (await new.next()).data["errors"]
    assert error["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    failing.is_away = False
    await store(database, article("a", title="Another"))
    for stream in (first, again, new):
        assert title(await stream.next()) == "Another"
        assert stream.unread == []
        await stream.close()


async def test_a_new_client_gets_no_older_result_after_its_own(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database can be read again, but the corpus state is still unknown."""
    database, corpus = app.state.database, app.state.live._corpus
    app.state.database = Slow(database)
    first = EventStream.get(app, ONE)
    await first.next()
    with monkeypatch.context() as patch:
        patch.setattr(corpus, "update", lambda *_: None)
        corpus.mark_unreachable()
        await store(database, article("a", title="Another"))
        new = EventStream.get(app, ONE)
        assert title(await new.next()) == "Another"
    corpus.update(await read_corpus(database))
    assert title(await first.next()) == "Another"
    await store(database, article("a", title="Once more"))
    for stream in (first, new):
        assert title(await stream.next()) == "Once more"
        await stream.close()


async def test_a_load_ends_the_pause_after_a_failure(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = app.state.database
    app.state.database = failing = Failing(database)
    monkeypatch.setattr(live_query, "RETRY_SECONDS", 3_600.0)
    stream = EventStream.get(app, ONE)
    await stream.next()
    failing.is_away = True
    await store(database, article("a", title="Another"))
    await eventually(lambda: failing.failures > 0)
    failing.is_away = False
    await store(database, article("a", title="Once more"))
    assert title(await stream.next()) == "Once more"
    await stream.close()


async def test_a_result_with_an_unexpected_error_is_sent_and_not_repeated(app: Starlette) -> None:
    database = app.state.database
    app.state.database = broken = Broken(database)
    stream = EventStream.get(app, ONE)
    await stream.next()
    broken.is_away = True
    await store(database, article("a", title="Another"))
    [error] = (await stream.next()).data["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    broken.is_away = False
    await store(database, article("a", title="Once more"))
    assert title(await stream.next()) == "Once more"
    await stream.close()


async def test_an_event_whose_article_cannot_be_read_is_sent_when_it_can(app: Starlette) -> None:
    database = app.state.database
    app.state.database = failing = Nested(database)
    stream = await opened(EventStream.get(app, PROVIDERS))
    failing.is_away = True
    await store(database, article("b"))
    await eventually(lambda: failing.failures > 1)
    assert stream.unread == []
    failing.is_away = False
    event = (await stream.next()).data["data"]["articleChanged"]
    assert event == {"slug": "b", "article": {"provider": {"articleCount": 2}}}
    await stream.close()


async def test_subscribers_wait_for_the_database_and_then_share_a_read(app: Starlette) -> None:
    database = app.state.database
    app.state.database = failing = Failing(database)
    streams = [await opened(EventStream.get(app, CHANGES)) for _ in range(20)]
    failing.is_away = True
    await store(database, article("b"))
    await eventually(lambda: failing.failures > 0)
    app.state.live._corpus.mark_unreachable()
    executions = streams_of(app).executions
    failing.is_away = False
    await store(database, article("c"))
    for stream in streams:
        assert (await stream.next()).data["data"]["articleChanged"]["slug"] == "b"
    assert streams_of(app).executions <= executions + 3
    await asyncio.gather(*(stream.close() for stream in streams))


async def test_a_subscriber_goes_on_after_a_failure_although_a_load_was_killed(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The corpus state stays unknown until the next load."""
    monkeypatch.setattr(live_subscription, "UNKNOWN_SECONDS", 0.01)
    database = app.state.database
    app.state.database = failing = Failing(database)
    stream = await opened(EventStream.get(app, CHANGES))
    await store(database, article("b"))
    last = await stream.next()
    await stream.close()
    await store(database, article("c"))
    await begin(app, database)
    failing.is_away = True
    stream = EventStream.get(app, CHANGES, headers={"last-event-id": last.id})
    await eventually(lambda: failing.failures > 0)
    failing.is_away = False
    assert (await stream.next()).data["data"]["articleChanged"]["slug"] == "c"
    await stream.close()


async def test_a_subscription_that_begins_during_a_load_gets_its_changes(app: Starlette) -> None:
    database = app.state.database
    app.state.database = failing = Failing(database)
    await begin(app, database)
    failing.is_away = True
    stream = EventStream.get(app, CHANGES)
    await eventually(lambda: failing.failures > 0)
    failing.is_away = False
    executions = streams_of(app).executions
    await eventually(lambda: streams_of(app).executions > executions)
    await store(database, article("b"))
    assert (await stream.next()).data["data"]["articleChanged"]["slug"] == "b"
    await stream.close()


async def begin(app: Starlette, database: Database) -> None:
    """Begin a load, and return when the server knows that the corpus is changing."""
    await write.mark_pending(database, await write.begin(database))
    await eventually(lambda: app.state.live._corpus.stamp is None)
