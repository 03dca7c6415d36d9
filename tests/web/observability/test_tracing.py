"""Traces: the attributes that spans have, and those that they must not have."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from time import monotonic

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from graph.app import create_app
from graph.config import Settings
from graph.errors import SettingsError, UsageError
from graph.store.driver.client import open_database
from graph.web.observability import tracing
from graph.web.observability.logging import JsonFormatter
from tests.builders import article, drop
from tests.processes import free_port
from tests.revisions import reached
from tests.served import Client
from tests.stored import store
from tests.web.observability.metrics.test_metrics import QUERY, ask, serving
from tests.web.server.test_shutdown import process

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    made = InMemorySpanExporter()

    def processor() -> SpanProcessor:
        return SimpleSpanProcessor(made)

    monkeypatch.setattr(tracing, "_processor", processor)
    return made


def operation_of(spans: Sequence[ReadableSpan]) -> ReadableSpan:
    [span] = [span for span in spans if span.kind is SpanKind.SERVER]
    return span


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_an_operation_has_a_span_and_its_commands_are_below_it(
    driver: str, mongod: str | UsageError, exporter: InMemorySpanExporter
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    name = f"traces_{driver}"
    options = {
        "mongo_url": mongod.replace("/?", f"/{name}?"),
        "mongo_driver": driver,
        "traces": "on",
    }
    async with open_database(Settings.model_validate(options)) as database:
        await store(database, article("a"))
        try:
            async with serving(**options) as (client, app), asyncio.timeout(20):
                await reached(app.state.corpus_state, 1)
                assert (await ask(client)).json()["data"]["articles"]["nodes"]
        finally:
            await drop(database)
    spans = exporter.get_finished_spans()
    operation = operation_of(spans)
    assert operation.name == "query Front"
    assert dict(operation.attributes or {}) == {
        "graphql.operation.name": "Front",
        "graphql.operation.type": "query",
        "graphql.document.hash": f"sha256:{hashlib.sha256(QUERY.encode()).hexdigest()}",
        "newsgraph.outcome": "ok",
        "http.response.status_code": 200,
    }
    assert operation.resource.attributes["service.name"] == "newsgraph"
    commands = [span for span in spans if span is not operation]
    assert commands
    for span in commands:
        assert (span.kind, span.parent) == (SpanKind.CLIENT, operation.context)
        assert operation.start_time is not None
        assert span.start_time is not None
        assert operation.start_time <= span.start_time + 1_000_000
    assert dict(commands[0].attributes or {}) == {
        "db.system.name": "mongodb",
        "db.operation.name": "find",
        "db.namespace": name,
        "db.collection.name": "articles",
    }


async def test_the_trace_of_a_caller_is_continued(exporter: InMemorySpanExporter) -> None:
    async with serving(traces="on") as (client, _):
        header = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        await client.post("/graphql", json={"query": QUERY}, headers=header)
    operation = operation_of(exporter.get_finished_spans())
    assert operation.context is not None
    assert operation.parent is not None
    assert f"{operation.context.trace_id:032x}" == TRACE
    assert f"{operation.parent.span_id:016x}" == PARENT


async def test_a_caller_that_does_not_sample_is_not_traced(exporter: InMemorySpanExporter) -> None:
    async with serving(traces="on") as (client, _):
        header = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
        answer = await client.post("/graphql", json={"query": QUERY}, headers=header)
    assert answer.status_code == 200
    assert exporter.get_finished_spans() == ()


@pytest.mark.parametrize("header", ["", "nonsense", "00-0-0-01", "\xff" * 300])
async def test_an_invalid_traceparent_begins_a_new_trace(
    header: str, exporter: InMemorySpanExporter
) -> None:
    async with serving(traces="on") as (client, _):
        headers = {b"traceparent": header.encode("latin-1")}
        answer = await client.post("/graphql", content=b"", headers=headers)
    assert answer.status_code == 415
    assert operation_of(exporter.get_finished_spans()).parent is None


async def test_neither_variables_nor_texts_are_traced(exporter: InMemorySpanExporter) -> None:
    query = (
        'query Find($s: String) { a: article(slug: $s) { id } article(slug: "t0psecret") { id } }'
    )
    async with serving(traces="on") as (client, _):
        await client.post("/graphql", json={"query": query, "variables": {"s": "hunter2"}})
    spans = "".join(each.to_json() for each in exporter.get_finished_spans())
    assert "query Find" in spans
    assert "hunter2" not in spans
    assert "t0psecret" not in spans


async def test_spans_of_failed_operations_have_an_error_type(
    exporter: InMemorySpanExporter,
) -> None:
    async with serving(traces="on") as (client, _):
        await ask(client, 'query Twice { article(slug: "a", webUrl: "b") { title } }')
        await ask(client, "{ nothing }")
    failed, refused = exporter.get_finished_spans()
    assert (failed.name, failed.status.status_code) == ("query Twice", StatusCode.ERROR)
    assert (failed.attributes or {})["error.type"] == "errors"
    assert refused.name == "GraphQL"
    assert (refused.attributes or {})["error.type"] == "refused"
    assert refused.status.status_code is StatusCode.UNSET  # the client's fault, not the server's


async def test_the_access_log_names_operation_outcome_and_trace(
    exporter: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="newsgraph.access")
    async with serving(traces="on", access_log="on") as (client, _):
        await ask(client)
        await client.get("/livez")
    operation_record, livez_record = [
        json.loads(JsonFormatter().format(each)) for each in caplog.records[-2:]
    ]
    operation = operation_of(exporter.get_finished_spans())
    assert operation.context is not None
    assert (operation_record["operation"], operation_record["outcome"]) == ("Front", "ok")
    assert operation_record["trace_id"] == f"{operation.context.trace_id:032x}"
    assert "operation" not in livez_record


async def test_the_access_log_names_operations_where_nothing_else_is_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="newsgraph.access")
    async with serving(metrics="off", access_log="on") as (client, _):
        await ask(client)
    entry = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert entry["operation"] == "Front"
    assert "trace_id" not in entry


@pytest.mark.parametrize(
    ("traces", "endpoint", "expected"),
    [
        ("auto", "", False),
        ("auto", "http://127.0.0.1:4318", True),
        ("off", "http://127.0.0.1:4318", False),
        ("on", "", True),
    ],
    ids=["default", "endpoint", "off", "on"],
)
def test_traces_are_made_where_the_environment_asks_for_them(
    traces: str, endpoint: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    assert Settings.model_validate({"traces": traces}).wants_traces is expected


def test_traces_that_cannot_be_made_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match=r"install newsgraph\[tracing\]"):
        create_app(Settings(mongo_url="mongomock://", traces="on"))


def test_without_traces_opentelemetry_is_not_imported() -> None:
    program = (
        "import sys; from graph.app import create_app; from graph.config import Settings; "
        "create_app(Settings(mongo_url='mongomock://', traces='off')); "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


async def test_an_operation_without_a_name_is_logged_by_its_type(
    exporter: InMemorySpanExporter,
) -> None:
    async with serving(traces="on") as (client, _):
        await ask(client, "{ corpus { revision } }")
    span = operation_of(exporter.get_finished_spans())
    assert span.name == "query"
    assert "graphql.operation.name" not in (span.attributes or {})


@pytest.fixture
def silent_collector() -> Iterator[str]:
    """Where a collector takes connections, and answers nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def test_shutdown_waits_for_a_silent_collector_only_for_its_time_limit(
    silent_collector: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", silent_collector)
    monkeypatch.setattr(tracing, "CLOSING_SECONDS", 0.1)
    async with serving() as (client, _):
        await ask(client)
        began = monotonic()
    assert monotonic() - began < 5
    assert "the last traces are lost" in caplog.text


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_server_stops_though_the_collector_is_silent(
    workers: int, silent_collector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", silent_collector)
    port = free_port()
    async with process("mongomock://", port, workers=workers) as server:
        for _ in range(5 * workers):
            async with await Client.connect(port) as client:
                assert (await client.ask(QUERY)).status == 200
        began = monotonic()
        server.fork.send_signal(signal.SIGTERM)
        code, stderr = await server.end()
        assert monotonic() - began < 8  # the SDK itself would wait for 10
    assert code == 0
    assert "the last traces are lost" in stderr
