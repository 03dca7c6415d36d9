"""Headers and logs: request ids, cross-origin requests, security headers, lines of the log."""

from __future__ import annotations

import gc
import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Message
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from graph.app import create_app
from graph.config import Settings, load_settings
from graph.errors import SettingsError
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.database import Database
from graph.store.queries import articles
from graph.web.graphql.cache.stale_responses import Responses
from graph.web.observability.logging import (
    JsonFormatter,
    TextFormatter,
    formatter_of,
    log_to_stderr,
)
from tests.builders import article
from tests.served import eventually, served
from tests.stored import store

ORIGIN = "https://news.example"
TYPENAME = {"query": "{ __typename }"}
PATHS = ("/", "/graphql", "/schema.graphql", "/livez", "/readyz", "/nothing", "/media/x.svg")
VALID_IDS = ("7", "a-b_c.D", "x" * 128, "0d9f3a2e-7c11-4f0e-8a34-0b1f2c3d4e5f")
WRONG_IDS = ("", " ", "x" * 129, "x" * 10_240, "a b", "a\r\nSet-Cookie: a=b", "a\n", "\xe9", "<b>")


class EmptyDatabase:
    """In the place of a database: it is empty."""

    lacks = frozenset[str]()
    client = None

    async def find(self, *_: object, **__: object) -> list[dict[str, Any]]:
        return []


def client_of(settings: Settings, database: Database | EmptyDatabase) -> httpx.AsyncClient:
    app = create_app(settings)
    app.state.database, app.state.reads = database, ReadCache(0)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


def serving(**settings: Any) -> httpx.AsyncClient:
    chosen = Settings.model_validate({"mongo_url": "mongomock://", **settings})
    return client_of(chosen, EmptyDatabase())


async def sent(
    headers: Mapping[bytes, bytes], responses: object = None
) -> tuple[int, dict[bytes, bytes], bytes]:
    """The response to headers that no HTTP client would send."""
    app = create_app(Settings(mongo_url="mongomock://"))
    app.state.database, app.state.reads = EmptyDatabase(), ReadCache(0)
    if responses is not None:
        app.state.responses = responses
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b'{"query":"{ __typename }"}', "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers.items()],
    }
    await app(scope, receive, send)
    start, content = messages
    return start["status"], dict(start["headers"]), content["body"]


@pytest.mark.parametrize("request_id", VALID_IDS)
async def test_69_the_id_of_a_client_is_sent_back(request_id: str) -> None:
    _, headers, _ = await sent({b"x-request-id": request_id.encode()})
    assert headers[b"x-request-id"] == request_id.encode()


@pytest.mark.parametrize("request_id", WRONG_IDS, ids=range(len(WRONG_IDS)))
async def test_69_an_id_that_could_forge_a_line_is_replaced(request_id: str) -> None:
    status, headers, _ = await sent({b"x-request-id": request_id.encode("latin-1")})
    assert status == 200
    assert re.fullmatch(rb"[0-9a-f]{16}-1", headers[b"x-request-id"])


async def test_69_a_request_without_an_id_gets_one() -> None:
    async with serving() as client:
        made = [
            (await client.post("/graphql", json=TYPENAME)).headers["x-request-id"],
            (await client.get("/graphql", headers={"Accept": "text/html"})).headers["x-request-id"],
            (await client.get("/livez")).headers["x-request-id"],
            (await client.get("/nothing")).headers["x-request-id"],
            (await client.put("/graphql")).headers["x-request-id"],
        ]
    assert len(set(made)) == len(made)


async def test_69_a_cached_response_has_the_id_of_its_request() -> None:
    responses = Responses(1_000_000)
    responses.resume()
    app = create_app(Settings(mongo_url="mongomock://", cors_origins=("*",)))
    app.state.database, app.state.responses = EmptyDatabase(), responses
    app.state.reads = ReadCache(0)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for number in range(3):
            headers = {"X-Request-ID": f"one-{number}"} | ({"Origin": ORIGIN} if number else {})
            answer = await client.post("/graphql", json=TYPENAME, headers=headers)
            assert answer.headers.get_list("x-request-id") == [f"one-{number}"]
            assert ("access-control-allow-origin" in answer.headers) == (number > 0)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "QUERY", "DELETE", "OPTIONS"])
async def test_every_response_has_the_security_headers_once(
    path: str, method: str, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "x.svg").write_text("<svg/>")
    settings = Settings(mongo_url="mongomock://", media_dir=tmp_path)
    async with client_of(settings, database) as client:
        response = await client.request(method, path)
    for name, value in (
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ):
        assert response.headers.get_list(name) == [value]
    [policy] = response.headers.get_list("content-security-policy")
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    expected = "cross-origin" if path.startswith("/media/") else "same-origin"
    assert response.headers.get_list("cross-origin-resource-policy") == [expected]
    assert "server" not in response.headers


@pytest.mark.parametrize("path", ["/explorer/", "/"])
async def test_a_page_runs_no_script_but_its_own(path: str) -> None:
    async with serving() as client:
        page = await client.get(path)
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    for attributes, text in re.findall(r"(?s)<script\b([^>]*)>(.*?)</script>", page.text):
        source = re.search(r'src="([^"]+)"', attributes)
        assert source
        assert not urlsplit(source[1]).netloc
        assert text.strip() == ""
    assert not re.search(r"<[^>]*\son[a-z]+=", page.text)


async def test_a_browser_that_requests_the_api_is_redirected_to_the_explorer() -> None:
    async with serving() as client:
        for accept in ("text/html", "text/html,application/xhtml+xml,*/*;q=0.8"):
            answer = await client.get("/graphql", headers={"Accept": accept})
            assert (answer.status_code, answer.headers["location"]) == (307, "/explorer/")
        response = await client.get("/graphql", params=TYPENAME, headers={"Accept": "*/*"})
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_cors_is_off_by_default() -> None:
    async with serving() as client:
        preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        for path in ("/graphql", "/schema.graphql", "/livez"):
            for response in (
                await client.get(path, params=TYPENAME, headers={"Origin": ORIGIN}),
                await client.options(path, headers=preflight),
            ):
                assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/graphql", "/schema.graphql"])
async def test_an_origin_that_is_allowed_may_read_and_another_may_not(path: str) -> None:
    async with serving(cors_origins="https://news.example,http://localhost:3000") as client:
        for origin in (ORIGIN, "http://localhost:3000"):
            headers = {"Origin": origin}
            answer = await client.get(path, params=TYPENAME, headers=headers)
            assert answer.headers.get_list("access-control-allow-origin") == [origin]
            assert "Origin" in answer.headers["vary"]
            preflight = await client.options(path, headers=headers)
            assert preflight.status_code == 204
            assert preflight.headers["access-control-allow-origin"] == origin
            assert preflight.headers["access-control-allow-methods"] == "GET, POST, QUERY"
            assert "Content-Type" in preflight.headers["access-control-allow-headers"]
        for origin in ("https://evil.example", f"{ORIGIN}.evil.example", "null", ""):
            answer = await client.get(path, params=TYPENAME, headers={"Origin": origin})
            assert "access-control-allow-origin" not in answer.headers
            assert "Origin" in answer.headers["vary"]
            preflight = await client.options(path, headers={"Origin": origin})
            assert preflight.status_code == (204 if path == "/graphql" else 405)
            assert "access-control-allow-origin" not in preflight.headers


async def test_any_origin_may_read_without_credentials() -> None:
    async with serving(cors_origins="*") as client:
        headers = {"Origin": "https://evil.example", "Cookie": "a=b"}
        for response in (
            await client.post("/graphql", json=TYPENAME, headers=headers),
            await client.post("/graphql", content=b"[", headers=headers),
            await client.options("/graphql", headers=headers),
        ):
            assert response.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    "origin", ["news.example", "https://news.example/", "https://News.example", "https://*", "null"]
)
def test_an_invalid_origin_is_named(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSGRAPH_CORS_ORIGINS", f"{ORIGIN},{origin}")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert f": {origin}: not an origin" in str(caught.value)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log, as JSON lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def entries(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


async def test_24_an_unexpected_error_is_logged_with_traceback_and_request_id(
    database: Database, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("cannot talk to mongodb://root:hunter2@db.example")

    await store(database, article("a"))
    for name in ("page", "pages"):
        monkeypatch.setattr(articles, name, fail)
    async with client_of(Settings(mongo_url="mongomock://"), database) as client:
        answer = await client.post(
            "/graphql",
            json={"query": "{ articles { nodes { title } } }"},
            headers={"X-Request-ID": "story-1"},
        )
    assert "db.example" not in answer.text
    [error] = answer.json()["errors"]
    assert error["message"] == "Internal server error"
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    [entry] = [each for each in entries(lines) if "exception" in each]
    assert (entry["request_id"], entry["level"]) == ("story-1", "error")
    assert "RuntimeError: cannot talk to mongodb://root:[password]@db.example" in entry["exception"]
    assert "Traceback" in entry["exception"]


async def test_a_failure_of_the_endpoint_is_masked_and_logged_under_its_id(
    lines: io.StringIO,
) -> None:
    status, headers, body = await sent({}, responses=object())
    assert status == 500
    assert json.loads(body)["errors"][0]["message"] == "Internal server error"
    [entry] = entries(lines)
    assert entry["request_id"] == headers[b"x-request-id"].decode()
    assert entry["logger"] == "newsgraph"


@pytest.mark.parametrize("kind", [JsonFormatter, TextFormatter])
@pytest.mark.parametrize(
    "secret",
    [
        "ng_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        "U0VDUkVUIENJUEhFUlRFWFQ=;U0VDUkVUIFZFQ1RPUg==",
        "hunter2",
        "opaque.token/of=one+party",
    ],
)
def test_no_line_of_the_log_carries_a_secret(kind: type[logging.Formatter], secret: str) -> None:
    text = f"Authorization: Bearer {secret} {secret}" if secret.startswith("ng_") else secret
    if secret == "hunter2":
        text = f"mongodb://root:{secret}@db.example/news"
    if secret.startswith("opaque"):
        text = f"bearer {secret}"
    try:
        raise ValueError(text)
    except ValueError:
        exc_info = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s", (text,), exc_info)
    record.stack_info = text
    line = kind().format(record)
    assert secret not in line
    assert secret.split(";")[0] not in line


def test_a_json_line_is_one_line_whatever_is_in_it() -> None:
    message = 'a\r\nb "c" \u2028 \ud800'
    record = logging.LogRecord("x", logging.INFO, "x", 1, message, (), None)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["message"] == message
    assert set(json.loads(line)) == {"time", "level", "logger", "message"}


def test_the_format_of_the_log_is_a_setting() -> None:
    assert isinstance(formatter_of(Settings(log_format="json")), JsonFormatter)
    assert isinstance(formatter_of(Settings()), TextFormatter)


@contextmanager
def bare_root() -> Iterator[logging.Logger]:
    """The root logger without handlers."""
    root, driver = logging.getLogger(), logging.getLogger("pymongo")
    handlers, level, driver_level = root.handlers[:], root.level, driver.level
    root.handlers[:] = []
    try:
        yield root
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        driver.setLevel(driver_level)


def test_with_json_logs_every_logger_writes_json() -> None:
    with bare_root() as root:
        root.addHandler(logging.NullHandler())
        log_to_stderr(Settings(log_format="json", log_level="error"))
        [handler] = root.handlers
        assert isinstance(handler.formatter, JsonFormatter)
        assert root.level == logging.ERROR
        assert logging.getLogger("uvicorn").handlers == []


def test_with_text_logs_existing_handlers_stay() -> None:
    with bare_root() as root:
        log_to_stderr(Settings())
        [handler] = root.handlers
        assert isinstance(handler.formatter, TextFormatter)
        log_to_stderr(Settings())
        assert root.handlers == [handler]


@pytest.mark.parametrize(("name", "warning_count"), [("Executor.get_results", 0), ("anything", 1)])
def test_warnings_of_coroutines_that_graphql_core_abandons_are_silenced(
    name: str, warning_count: int
) -> None:
    async def resolve() -> None:
        pass

    with bare_root(), warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        log_to_stderr(Settings())
        left: Any = resolve()
        left.__qualname__ = name
        del left
        gc.collect()
    assert len(seen) == warning_count


@pytest.mark.parametrize("path", ["/graphql", "/livez"])
async def test_the_access_log_has_a_line_a_request_and_no_query(
    path: str, lines: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="newsgraph.access")
    async with serving() as client:
        await client.get(path, params=TYPENAME)
    assert entries(lines) == []
    async with serving(access_log="on") as client:
        answer = await client.get(path, params=TYPENAME, headers={"Authorization": "Bearer x"})
    [entry] = entries(lines)
    assert re.fullmatch(rf"GET '{path}' 200 in \d+\.\d ms", entry["message"])
    assert entry["request_id"] == answer.headers["x-request-id"]


async def test_the_access_log_has_a_line_a_websocket(
    mock: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "newsgraph.access")
    async with served(mock, access_log="on") as server:
        url = f"ws://127.0.0.1:{server.port}/graphql?secret"
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]):
            pass
        with pytest.raises(InvalidStatus):
            await connect(url, origin=Origin("https://evil.example"))
        await eventually(lambda: caplog.text.count("'/graphql'") == 2)
    lines = [record.getMessage() for record in caplog.records if "/graphql" in record.getMessage()]
    assert [line.rpartition(" in ")[0] for line in lines] == [
        "GET '/graphql' 101",
        "GET '/graphql' 403",
    ]
