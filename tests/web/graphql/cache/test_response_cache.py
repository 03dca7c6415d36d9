"""Cached responses: sent without a command, until the corpus changes, to equal requests only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pymongo.monitoring import CommandStartedEvent

from graph.app import create_app
from graph.config import Scope, Settings, Token
from graph.documents import META
from graph.errors import DatabaseUnavailable, UsageError
from graph.store.driver.database import Database
from graph.store.driver.read_commands import ReadCommand, Row
from graph.web.http.request.auth import token_digest
from tests.builders import article, moment
from tests.conftest import Commands, fresh
from tests.revisions import reached
from tests.stored import store

CIPHERTEXT = "U0VDUkVUIENJUEhFUlRFWFQ="
VECTOR = "U0VDUkVUIFZFQ1RPUg=="
EDITOR, KEEPER, ALL, STRANGER = "ng_editor", "ng_keeper", "ng_all", "ng_stranger"
TOKENS = (
    Token(token_digest(EDITOR), frozenset({Scope.UNPUBLISHED})),
    Token(token_digest(KEEPER), frozenset({Scope.SECURED})),
    Token(token_digest(ALL), frozenset(Scope)),
)

FRONT = "{ articles(first: 2) { nodes { slug title provider { name } } totalCount } }"
ONE = '{ article(slug: "a") { title publishedDateTime } }'
HIDDEN = '{ article(slug: "hidden") { title } }'
SECURED = '{ article(slug: "a") { title secured { ciphertext iv } } }'
GRAPHQL = "application/graphql-response+json"


class Reads(Commands):
    """The reads of operations that reached the server; those that follow the corpus are others."""

    def started(self, event: CommandStartedEvent) -> None:
        name = event.command_name
        if name in ("find", "aggregate") and event.command[name] != META:
            super().started(event)


class PausedDatabase(Database):
    """A database whose finds wait until they may go on."""

    def __init__(self, source: Database) -> None:
        super().__init__(source._handle, address=source.address)
        self.source = source
        self.waiting = asyncio.Event()
        self.go = asyncio.Event()

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        self.waiting.set()
        await self.go.wait()
        return await self.source.run(command, deadline=deadline)


class Away(PausedDatabase):
    """A database that cannot be reached."""

    async def run(self, command: ReadCommand, *, deadline: float | None = None) -> list[Row]:
        raise DatabaseUnavailable("away")


@dataclass
class Served:
    """A running application, a client of it, and the reads that it sends."""

    state: Any
    client: httpx.AsyncClient
    reads: Reads
    writer: Database

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        return await self.client.post("/graphql", json=body, headers=headers)

    async def data(self, query: str, token: str | None = None, **variables: Any) -> Any:
        answer = (await self.ask(query, token, **variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def load(self, *documents: Row) -> None:
        """Load documents as another process does, and wait until the application knows."""
        await self.wait_for_revision(await store(self.writer, *documents))

    async def wait_for_revision(self, revision: int) -> None:
        await asyncio.wait_for(reached(self.state.corpus_state, revision), timeout=20)

    def sent(self) -> list[str]:
        """The reads since the last call."""
        names, self.reads.names = self.reads.names, []
        return names

    def cached_content(self) -> str:
        """Everything that the application keeps, keys and all."""
        caches = [self.state.reads, self.state.responses]
        return repr([list(cache._entries.items()) for cache in caches])


@asynccontextmanager
async def serving(
    mongod: str | UsageError, server: Database, **chosen: Any
) -> AsyncIterator[Served]:
    assert isinstance(mongod, str)
    revision = await store(
        server,
        article("a", secured=f"{CIPHERTEXT};{VECTOR}", publishedDateTime=moment(3)),
        article("b", publishedDateTime=moment(2)),
        article("hidden", published=False),
    )
    driver = "pymongo" if "pymongo" in type(server._handle).__module__ else "motor"
    url = mongod.replace("/?", f"/{server._handle.name}?")
    values = {"mongo_url": url, "mongo_driver": driver, "tokens": TOKENS, **chosen}
    reads = Reads()
    app = create_app(Settings.model_validate(values), listeners=[reads])
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        served = Served(app.state, client, reads, server)
        search = app.state.search
        await search.snapshot()  # which reads all articles, or is of an earlier server
        if chosen.get("cache") != "off":
            await served.wait_for_revision(revision)
            while not search.is_current(search.current_snapshot):
                await asyncio.wait_for(search.changed(), timeout=20)
        served.sent()
        yield served


class Serving:
    """An application for one test after the other, as long as they leave it as it was."""

    def __init__(self, mongod: str | UsageError) -> None:
        self._mongod = mongod
        self._opened = AsyncExitStack()
        self._served: Served | None = None
        self._condition: object = None

    async def take(self) -> Served:
        if self._served is None:
            server = await self._opened.enter_async_context(
                fresh(self._mongod, "motor", Commands())
            )
            self._served = await self._opened.enter_async_context(serving(self._mongod, server))
            self._condition = await _condition(self._served)
        return self._served

    async def give_back(self) -> None:
        """Empty the caches for the next test, or restart if something else has changed."""
        assert self._served is not None
        if await _condition(self._served) != self._condition:
            await self.close()
        else:
            self._served.state.reads.clear()
            self._served.state.responses.clear()
            self._served.sent()

    async def close(self) -> None:
        self._served = None
        await self._opened.aclose()


async def _condition(served: Served) -> object:
    """The state that a test may change: documents, and the parts of the application."""
    hashed = await served.writer._handle.command("dbHash")
    parts = {name: id(part) for name, part in vars(served.state).items()}
    return hashed["md5"], parts, served.state.corpus_state.revision


@pytest_asyncio.fixture(scope="module")
async def one_serving(mongod: str | UsageError) -> AsyncIterator[Serving]:
    opened = Serving(mongod)
    yield opened
    await opened.close()


@pytest.fixture
async def served(one_serving: Serving) -> AsyncIterator[Served]:
    """A running application over two articles that are published, and one that is not."""
    yield await one_serving.take()
    await one_serving.give_back()


@pytest.mark.parametrize("body", ["body", "body(format: HTML)", "body(format: TEXT)"])
async def test_bodies_are_cached_in_any_format(served: Served, body: str) -> None:
    query = f'{{ article(slug: "a") {{ {body} }} }}'
    await served.data(query)
    assert served.sent()
    await served.data(query)
    assert served.sent() == []


async def test_the_same_request_is_answered_again_without_a_command(served: Served) -> None:
    first = await served.ask(FRONT)
    assert first.json()["data"]["articles"]["totalCount"] == 2
    assert served.sent()
    again = await served.ask(FRONT)
    assert (again.content, again.status_code) == (first.content, 200)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert served.sent() == []


async def test_a_search_is_cached_only_while_the_index_is_up_to_date(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = served.state.search
    while search.current_snapshot is None or not search.is_current(search.current_snapshot):
        await asyncio.wait_for(search.changed(), timeout=20)
    query = {"query": '{ articles(search: "title") { nodes { slug } } corpus { searchRevision } }'}
    first = await served.client.get("/graphql", params=query)
    assert first.json()["data"]["corpus"] == {"searchRevision": served.state.corpus_state.revision}
    assert "etag" in first.headers
    assert served.sent()
    assert (await served.client.get("/graphql", params=query)).content == first.content
    assert served.sent() == []

    monkeypatch.setattr(search, "is_current", lambda snapshot: False)
    served.state.responses.clear()
    for _ in range(2):
        behind = await served.client.get("/graphql", params=query)
        assert behind.json() == first.json()
        assert "etag" not in behind.headers
        assert len(served.state.responses._entries) == 0


async def test_a_get_is_cached_as_a_post_is(served: Served) -> None:
    first = await served.client.get("/graphql", params={"query": FRONT})
    assert served.sent()
    again = await served.client.get("/graphql", params={"query": FRONT})
    assert (again.content, served.sent()) == (first.content, [])


async def test_the_cached_text_of_a_get_does_not_answer_a_post(served: Served) -> None:
    text = str(httpx.QueryParams({"query": ONE}))
    assert (await served.client.get(f"/graphql?{text}")).status_code == 200
    posted = await served.client.post(
        "/graphql", content=text, headers={"Content-Type": "application/json"}
    )
    assert posted.status_code == 400
    other = await served.client.post("/graphql", json={"query": ONE})
    assert other.status_code == 200
    unnamed = await served.client.post(
        "/graphql", content=other.request.content, headers={"Content-Type": "text/plain"}
    )
    assert unnamed.status_code == 415


async def test_other_variables_have_another_cached_response(served: Served) -> None:
    query = "query ($n: Int!) { articles(first: $n) { nodes { slug } } }"
    for _ in range(2):
        assert await served.data(query, n=1) == {"articles": {"nodes": [{"slug": "a"}]}}
        assert await served.data(query, n=2) == {
            "articles": {"nodes": [{"slug": "a"}, {"slug": "b"}]}
        }


async def test_a_load_invalidates_the_cached_response(served: Served) -> None:
    assert (await served.data(ONE))["article"]["title"] == "Title of a"
    await served.load(article("a", title="Another"))
    served.sent()
    assert (await served.data(ONE))["article"]["title"] == "Another"
    assert served.sent()
    # The stream may tell of this load once more, and take away what was just kept.
    for _ in range(50):
        assert (await served.data(ONE))["article"]["title"] == "Another"
        if not served.sent():
            return
    pytest.fail("an answer is never kept again after a load")


async def test_a_load_that_removes_an_article_invalidates_its_response(served: Served) -> None:
    assert (await served.data(ONE))["article"] is not None
    await served.load(article("a", published=False))
    assert await served.data(ONE) == {"article": None}


@pytest.mark.parametrize(
    "query",
    [
        "{ articles(first: 0) { totalCount } }",
        '{ article(slug: "a") { title images(first: 0) { url } } }',
        "{ articles { nodes { slog } } }",
        "{ articles(",
        "query ($n: Int!) { articles(first: $n) { totalCount } }",
        SECURED,
        "{ articles(where: {published: {eq: false}}) { totalCount } }",
        "{ articles(first: 0) { totalCount } corpus { articleCount } }",
    ],
)
async def test_a_response_with_errors_is_not_cached(served: Served, query: str) -> None:
    first = await served.ask(query)
    assert first.json()["errors"]
    assert served.state.responses.entries == 0
    assert (await served.ask(query)).json() == first.json()


async def test_a_failure_of_the_database_is_not_cached(served: Served) -> None:
    source = served.state.database
    served.state.database = Away(source)
    assert (await served.ask(ONE)).json()["errors"]
    served.state.database = source
    assert (await served.data(ONE))["article"]["title"] == "Title of a"


@pytest.mark.parametrize("order", [(None, EDITOR), (EDITOR, None), (STRANGER, ALL), (ALL, KEEPER)])
async def test_responses_to_a_scope_are_never_sent_to_another(
    served: Served, order: tuple[str | None, ...]
) -> None:
    for _ in range(2):
        for token in order:
            expected = {"title": "Title of hidden"} if token in (EDITOR, ALL) else None
            assert await served.data(HIDDEN, token) == {"article": expected}


async def test_each_scope_has_its_own_cached_response(served: Served) -> None:
    for token in (None, EDITOR, ALL):
        await served.data(HIDDEN, token)
    served.sent()
    for token in (ALL, EDITOR, None):
        await served.data(HIDDEN, token)
    assert served.sent() == []


@pytest.mark.parametrize("order", [(None, STRANGER), (STRANGER, None), (EDITOR, None)])
async def test_only_an_answer_to_a_token_says_that_it_is_private(
    served: Served, order: tuple[str | None, ...]
) -> None:
    for _ in range(2):
        for token in order:
            cache_control = (await served.ask(ONE, token)).headers.get("cache-control", "")
            assert ("private" in cache_control) is (token is not None)


async def test_ciphertexts_are_read_each_time_and_never_cached(served: Served) -> None:
    for token in (KEEPER, KEEPER, ALL):
        assert (await served.data(SECURED, token))["article"]["secured"] == {
            "ciphertext": CIPHERTEXT,
            "iv": VECTOR,
        }
        assert served.sent()
        assert CIPHERTEXT not in (await served.ask(SECURED)).text
        assert CIPHERTEXT not in (await served.ask(SECURED, EDITOR)).text
        served.sent()
    await served.data(FRONT, KEEPER)
    cached_content = served.cached_content()
    assert "Title of a" in cached_content
    for secret in (CIPHERTEXT, VECTOR, KEEPER, ALL):
        assert secret not in cached_content


async def test_a_ciphertext_that_changes_is_seen_without_a_load(served: Served) -> None:
    await served.data(SECURED, KEEPER)
    await served.writer.change("articles", {"_id": "a"}, {"$set": {"secured": "TkVX;SVY="}})
    assert (await served.data(SECURED, KEEPER))["article"]["secured"]["ciphertext"] == "TkVX"


async def test_each_media_type_has_its_own_answer(served: Served) -> None:
    body = {"query": ONE}
    for _ in range(2):
        for accepted in ("application/json", GRAPHQL):
            answer = await served.client.post("/graphql", json=body, headers={"Accept": accepted})
            assert answer.headers["content-type"] == f"{accepted}; charset=utf-8"


async def test_fifty_identical_requests_at_once_cost_the_commands_of_one(served: Served) -> None:
    await served.ask(FRONT.replace("first: 2", "first: 1"))
    commands = served.sent()
    answers = await asyncio.gather(*(served.ask(FRONT) for _ in range(50)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].status_code == 200
    assert len(served.sent()) == len(commands)


async def test_a_client_that_disconnects_does_not_disturb_others(served: Served) -> None:
    paused = served.state.database = PausedDatabase(served.state.database)
    leader = asyncio.create_task(served.ask(ONE))
    await asyncio.wait_for(paused.waiting.wait(), timeout=20)
    others = [asyncio.create_task(served.ask(ONE)) for _ in range(10)]
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    paused.go.set()
    answers = await asyncio.wait_for(asyncio.gather(*others), timeout=20)
    assert {answer.json()["data"]["article"]["title"] for answer in answers} == {"Title of a"}
    assert served.sent() == ["find"]


async def test_responses_read_while_the_corpus_changed_are_not_cached(served: Served) -> None:
    paused = served.state.database = PausedDatabase(served.state.database)
    early = asyncio.create_task(served.ask(ONE))
    await asyncio.wait_for(paused.waiting.wait(), timeout=20)
    await served.load(article("a", title="Another"))
    later = asyncio.create_task(served.ask(ONE))
    paused.go.set()
    assert (await early).status_code == 200
    assert (await later).json()["data"]["article"]["title"] == "Another"
    assert (await served.data(ONE))["article"]["title"] == "Another"


async def test_with_reads_only_responses_are_made_of_cached_rows(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, cache="reads") as served:
        assert served.state.responses is None
        first = await served.ask(FRONT)
        assert served.sent()
        assert ((await served.ask(FRONT)).content, served.sent()) == (first.content, [])
        await served.load(article("c", publishedDateTime=moment(9)))
        served.sent()
        assert (await served.data(FRONT))["articles"]["totalCount"] == 3
        assert served.sent()


async def test_with_the_cache_off_every_request_reads(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, cache="off") as served:
        state = served.state
        assert (state.responses, state.reads, state.corpus_state) == (None, None, None)
        first = await served.ask(FRONT)
        commands = served.sent()
        assert commands
        assert ((await served.ask(FRONT)).content, served.sent()) == (first.content, commands)
        await store(server, article("c", publishedDateTime=moment(9)))
        assert (await served.data(FRONT))["articles"]["totalCount"] == 3


async def test_a_cached_response_is_json_as_the_first_was(served: Served) -> None:
    for _ in range(2):
        answer = await served.ask(ONE)
        assert json.loads(answer.content) == {
            "data": {
                "article": {"title": "Title of a", "publishedDateTime": "2025-03-03T00:00:00Z"}
            }
        }
        assert answer.headers["content-length"] == str(len(answer.content))
