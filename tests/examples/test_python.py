"""examples/python: its programs against a server, and their behaviour at failures."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from gql import Client
from gql.client import AsyncClientSession
from newsclient import news
from newsclient.transport import MAX_KEPT, GetTransport
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.documents import ARTICLES, META
from graph.store.driver.database import Database
from tests import forks
from tests.builders import article, change, store
from tests.examples import expected
from tests.examples.node import EXAMPLES, Ended
from tests.examples.page import commands
from tests.examples.persisted import serving_documents
from tests.examples.serving import Served, serving

FOLDER = EXAMPLES / "python"
Corpus = tuple[Database, Served]


@pytest.mark.parametrize("mode", ["post", "get"])
async def test_1_the_front_page_is_printed(mode: str, seeds: Served) -> None:
    seeds.requests.clear()
    assert await _ask(seeds, "--mode", mode, "front") == await expected.front_page(seeds.url, 5)
    assert seeds.requests[0].method == mode.upper()


async def test_1_a_section_is_printed_page_by_page(seeds: Served) -> None:
    articles = await expected.section(seeds.url, "energy")
    assert len(articles) > 4
    lines = await _ask(seeds, "--first", "2", "section", "energy")
    assert lines == expected.pages(articles, 2)


async def test_1_a_search_is_printed_with_its_words_marked(corpus: Corpus) -> None:
    database, served = corpus
    await store(
        database,
        article("a", title="A mill by the tide", excerpt="The tide turns the wheel."),
        article("b", title="Something else"),
    )
    assert await _ask(served, "search", "tide") == [
        "1 found",
        "2025-03-01  A mill by the tide (The Gull)",
        "    title: A mill by the [tide]",
        "    excerpt: The [tide] turns the wheel.",
    ]


async def test_1_a_copy_keeps_up_with_what_is_added_changed_hidden_and_removed(
    corpus: Corpus, tmp_path: Path
) -> None:
    database, served = corpus
    copy = tmp_path / "copy.json"
    await store(database, *(article(slug) for slug in "abcd"))
    assert await _ask(served, "sync", str(copy)) == ["4 changed"]
    assert await _ask(served, "sync", str(copy)) == ["nothing new"]
    put = [article("a", title="Another"), article("b", published=False), article("e")]
    await change(database, put, removed=["c"])
    output = await _ask(served, "sync", str(copy))
    assert output == ["2 changed, 1 removed, 1 unpublished"]
    copied = json.loads(copy.read_text())
    titles = {each["slug"]: each["title"] for each in copied["articles"].values()}
    assert titles == {"a": "Another", "d": "Title of d", "e": "Title of e"}


async def test_1_a_copy_is_updated_until_it_is_stopped(corpus: Corpus, tmp_path: Path) -> None:
    database, served = corpus
    await store(database, article("a"))
    command = _command(served, "sync", str(tmp_path / "copy.json"), "--every", "0.05")
    async with _running(command) as output:
        assert await output.readline() == b"1 changed\n"
        assert await output.readline() == b"nothing new\n"
        await change(database, [article("b")])
        while (line := await output.readline()) == b"nothing new\n":
            pass
        assert line == b"1 changed\n"


async def test_1_a_copy_is_updated_after_the_database_was_unreachable(
    seeds_url: str, tmp_path: Path
) -> None:
    failing = _Failing(news.ATTEMPTS)
    async with serving(seeds_url, before=failing.around) as served:
        command = _command(served, "sync", str(tmp_path / "copy.json"), "--every", "0.05")
        async with _running(command) as output:
            assert (await output.readline()).endswith(b" changed\n")
    assert failing.left == 0


async def test_1_a_copy_of_more_than_a_page_is_whole(corpus: Corpus, tmp_path: Path) -> None:
    database, served = corpus
    await store(database, *(article(f"s{number}") for number in range(230)))
    copy = tmp_path / "copy.json"
    assert await _ask(served, "sync", str(copy)) == ["230 changed"]
    assert len(json.loads(copy.read_text())["articles"]) == 230
    assert len(served.requests) == 3


async def test_1_after_a_resync_error_the_copy_starts_from_the_beginning(
    corpus: Corpus, tmp_path: Path
) -> None:
    database, served = corpus
    copy = tmp_path / "copy.json"
    await store(database, article("a"), article("b"))
    assert await _ask(served, "sync", str(copy)) == ["2 changed"]
    for name in (ARTICLES, META):
        await database.delete(name, {})
    await store(database, article("b"))
    assert await _ask(served, "sync", str(copy)) == ["1 changed"]
    articles = json.loads(copy.read_text())["articles"]
    assert [each["slug"] for each in articles.values()] == ["b"]


@pytest.mark.parametrize("mode", ["post", "get"])
async def test_1_an_error_is_reported_with_its_code(mode: str, seeds: Served) -> None:
    ended = await _run(seeds, "--mode", mode, "--first", "1000", "section", "energy")
    assert (ended.status, ended.lines) == (1, [])
    refusal = "the server refused: first: 1000 is not between 1 and 100 (BAD_USER_INPUT)"
    assert ended.error.strip() == refusal


@pytest.mark.parametrize("mode", ["post", "get"])
async def test_a_front_page_is_printed_without_the_part_that_failed(
    mode: str, seeds: Served
) -> None:
    ended = await _run(seeds, "--mode", mode, "--first", "1000", "front")
    *_, sections = await expected.front_page(seeds.url, 1)
    assert (ended.status, ended.lines) == (0, [sections])
    reason = "first: 1000 is not between 1 and 100 (BAD_USER_INPUT)"
    assert ended.error.strip() == f"articles is missing: {reason}"


async def test_1_a_missing_section_is_reported(seeds: Served) -> None:
    ended = await _run(seeds, "section", "nowhere")
    assert (ended.status, ended.error.strip()) == (1, "there is no section nowhere")


@pytest.mark.parametrize("mode", ["post", "get"])
async def test_1_an_unreachable_server_is_reported_in_one_line(mode: str, unused: str) -> None:
    ended = await _run(Served(unused), "--mode", mode, "front")
    assert (ended.status, ended.lines) == (1, [])
    assert len(ended.error.splitlines()) == 1


async def test_1_trusted_documents_are_requested_by_their_hashes(
    seeds: Served, seeds_url: str, tmp_path: Path
) -> None:
    manifest = tmp_path / "persisted-documents.json"
    manifest.write_text("\n".join(await _ask(seeds, "manifest")))
    names = json.loads(manifest.read_text())
    async with serving_documents(seeds_url, manifest) as served:
        lines = await _ask(served, "--mode", "trusted", "front")
        assert lines == await expected.front_page(seeds.url, 5)
        async with Client(transport=GetTransport(served.url, by_hash=True)) as session:
            assert (await news.search(session, "tide", 5))["totalCount"] > 0
            assert [page async for page in news.section(session, "energy", 2)]
            assert [page async for page in news.changes(session, None)]
    assert len({request.parameters["documentId"] for request in served.requests}) == len(names) == 4
    for request in served.requests:
        assert "query" not in request.parameters
        assert request.parameters["documentId"].removeprefix("sha256:") in names


async def test_1_a_server_without_the_manifest_rejects_and_the_program_says_why(
    seeds_url: str,
) -> None:
    async with serving(seeds_url) as served:
        ended = await _run(served, "--mode", "trusted", "front")
    assert (ended.status, ended.lines) == (1, [])
    assert "PERSISTED_QUERY_NOT_FOUND" in ended.error
    assert "set NEWSGRAPH_TRUSTED_DOCUMENTS to" in ended.error


async def test_1_the_page_has_the_server_started_with_the_manifest(
    seeds_url: str, seeds: Served, tmp_path: Path
) -> None:
    untrusted, manifest, trusted = commands("python", "python -m newsclient")
    assert ["manifest", ">", manifest] in untrusted
    assert trusted
    (tmp_path / manifest).write_text("\n".join(await _ask(seeds, "manifest")))
    async with serving(seeds_url, trusted_documents=tmp_path / manifest) as served:
        for options in trusted:
            assert await _ask(served, *options)


async def test_1_temporary_errors_are_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "FIRST_PAUSE", 0)
    codes = ["TIMEOUT", "DATABASE_UNAVAILABLE"]

    def answer(_: httpx.Request) -> httpx.Response:
        return _rejection(codes.pop(0)) if codes else _page()

    async with _session(answer) as session:
        assert await news.front_page(session, 5) == {"articles": []}
    assert codes == []


@pytest.mark.parametrize(("code", "times"), [("TIMEOUT", news.ATTEMPTS), ("BAD_USER_INPUT", 1)])
async def test_1_permanent_errors_are_raised_with_their_codes(
    code: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "FIRST_PAUSE", 0)
    requests = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return _rejection(code)

    async with _session(answer) as session:
        with pytest.raises(news.Refused, match="no") as raised:
            await news.front_page(session, 5)
    assert (raised.value.code, len(requests)) == (code, times)


async def test_1_a_current_response_is_not_sent_again() -> None:
    etags = []

    def answer(request: httpx.Request) -> httpx.Response:
        etags.append(request.headers.get("if-none-match"))
        if etags[-1] == '"one"':
            return httpx.Response(304, headers={"etag": '"one"'})
        return _page(etag='"one"')

    async with _session(answer) as session:
        answers = [await news.front_page(session, 5) for _ in range(3)]
        await news.front_page(session, 6)
    assert answers == [{"articles": []}] * 3
    assert etags == [None, '"one"', '"one"', None]


async def test_1_the_server_confirms_an_unchanged_answer(seeds: Served) -> None:
    seeds.requests.clear()
    async with Client(transport=GetTransport(seeds.url, by_hash=False)) as session:
        first, second = [await news.front_page(session, 5) for _ in range(2)]
    assert first == second
    assert [request.status for request in seeds.requests] == [200, 304]


async def test_1_the_number_of_cached_responses_is_bounded() -> None:
    etags = []

    def answer(request: httpx.Request) -> httpx.Response:
        etags.append(request.headers.get("if-none-match"))
        return _page(etag='"one"')

    async with _session(answer) as session:
        for first in [*range(MAX_KEPT + 1), 0, MAX_KEPT]:
            await news.front_page(session, first)
    assert etags[-2:] == [None, '"one"']


class _Failing:
    """A server whose database is away for its first requests."""

    def __init__(self, times: int) -> None:
        self.left = times

    def around(self, app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or self.left == 0:
                await app(scope, receive, send)
                return
            self.left -= 1
            error = {"message": "away", "extensions": {"code": "DATABASE_UNAVAILABLE"}}
            await JSONResponse({"errors": [error]})(scope, receive, send)

        return answer


@asynccontextmanager
async def _running(command: Sequence[str]) -> AsyncIterator[asyncio.StreamReader]:
    """The output of a program that runs until Ctrl-C, which is no error."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=FOLDER, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            yield process.stdout
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0


@pytest.fixture
def unused(unused_tcp_port: int) -> str:
    """A host where nothing listens."""
    return f"http://127.0.0.1:{unused_tcp_port}"


@asynccontextmanager
async def _session(
    answer: Callable[[httpx.Request], httpx.Response],
) -> AsyncIterator[AsyncClientSession]:
    mock = httpx.MockTransport(answer)
    transport = GetTransport("http://news.example/graphql", by_hash=False, transport=mock)
    async with Client(transport=transport) as session:
        yield session


def _page(**headers: str) -> httpx.Response:
    return httpx.Response(200, json={"data": {"articles": []}}, headers=headers)


def _rejection(code: str) -> httpx.Response:
    return httpx.Response(200, json={"errors": [{"message": "no", "extensions": {"code": code}}]})


def _command(served: Served, *options: str) -> list[str]:
    return [sys.executable, "-m", "newsclient", "--url", served.url, *options]


async def _run(served: Served, *options: str) -> Ended:
    """How a run of the program ends. `_running` starts it as one does who reads the page."""
    arguments = ("--url", served.url, *options)
    done = await asyncio.to_thread(forks.run, *arguments, module="newsclient")
    return Ended(done.returncode, done.stdout.splitlines(), done.stderr)


async def _ask(served: Served, *options: str) -> list[str]:
    """The output of a run of the program, which must succeed."""
    ended = await _run(served, *options)
    assert ended.status == 0, ended
    return ended.lines
