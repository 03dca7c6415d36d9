"""The metrics in `/metrics`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from graph.app import create_app
from graph.config import Settings
from graph.errors import DatabaseError, UsageError
from graph.store.driver.client import open_database
from graph.store.driver.mock import MockDatabase
from graph.web.observability.metrics.operation_metrics import (
    MAX_NAMES,
    OTHER,
    Label,
    OperationMetrics,
)
from tests.builders import article, drop
from tests.revisions import reached
from tests.stored import store

QUERY = "query Front { articles(first: 1) { nodes { title } } }"

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Starlette]]:
    app = create_app(Settings.model_validate({"mongo_url": "mongomock://", **settings}))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client, app


async def ask(client: httpx.AsyncClient, query: str = QUERY) -> httpx.Response:
    return await client.post("/graphql", json={"query": query})


async def scrape(client: httpx.AsyncClient) -> Samples:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return samples_of(answer.text)


def samples_of(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def operations(samples: Samples, name: str, outcome: str) -> float:
    key = ("newsgraph_operations_total", (("operation", name), ("outcome", outcome)))
    return samples.get(key, 0)


@pytest.mark.parametrize(
    ("query", "name", "outcome"),
    [
        (QUERY, "Front", "ok"),
        ("{ corpus { revision } }", "anonymous", "ok"),
        ('query Twice { article(slug: "a", webUrl: "b") { title } }', "Twice", "errors"),
        (
            "query Partial { articles(first: 0) { totalCount } corpus { revision } }",
            "Partial",
            "errors",
        ),
        ("query Wrong { nothing }", "unknown", "refused"),
        ("query Unnamed($a: Int!) { articles(first: $a) { totalCount } }", "Unnamed", "refused"),
    ],
    ids=["named", "anonymous", "errors", "partial", "invalid", "variables"],
)
async def test_operations_are_counted_by_name_and_outcome(
    query: str, name: str, outcome: str
) -> None:
    async with serving() as (client, _):
        for _ in range(3):
            await ask(client, query)
        samples = await scrape(client)
    assert operations(samples, name, outcome) == 3
    count = "newsgraph_operation_duration_seconds_count"
    assert samples[count, (("operation", name),)] == 3
    assert samples["newsgraph_operations_in_flight", ()] == 0


async def test_operations_that_fall_back_to_graphql_core_are_counted_by_reason() -> None:
    async with serving() as (client, _):
        for query in (QUERY, "{ nothing }", "{ __schema { queryType { name } } }"):
            await ask(client, query)
        for _ in range(2):
            await ask(client, 'query Twice { article(slug: "a", webUrl: "b") { title } }')
        samples = await scrape(client)
    fallbacks = {
        labels[0][1]: value
        for (name, labels), value in samples.items()
        if name == "newsgraph_operation_fallbacks_total"
    }
    assert fallbacks == {"not_compiled": 1, "errors": 2}


async def test_an_invalid_operation_is_counted_as_refused_and_a_page_not_at_all() -> None:
    async with serving() as (client, _):
        await client.post("/graphql", content=b"nothing")
        await client.delete("/graphql")
        await client.get("/graphql", headers={"Accept": "text/html"})
        samples = await scrape(client)
    assert operations(samples, "unknown", "refused") == 2
    assert sum(value for (name, _), value in samples.items() if name.endswith("tions_total")) == 2


async def test_responses_are_counted_by_status_whatever_sent_them() -> None:
    async with serving() as (client, _):
        await ask(client)
        await client.get("/livez")
        await client.get("/nowhere")
        await client.delete("/graphql")
        samples = await scrape(client)
    counts = {
        labels[0][1]: value
        for (name, labels), value in samples.items()
        if name == "newsgraph_http_responses_total"
    }
    assert counts == {"200": 2, "404": 1, "405": 1}


async def test_an_operation_that_its_client_gave_up_is_aborted_and_not_in_flight() -> None:
    async with serving() as (client, app):
        reached, never = asyncio.Event(), asyncio.Event()

        class Slow(MockDatabase):
            async def run(self, *arguments: Any, **options: Any) -> Any:
                reached.set()
                await never.wait()

        app.state.database = Slow(app.state.database._handle)
        task = asyncio.create_task(ask(client))
        await reached.wait()
        assert (await scrape(client))["newsgraph_operations_in_flight", ()] == 1
        task.cancel()
        await asyncio.wait([task])
        samples = await scrape(client)
    assert samples["newsgraph_operations_in_flight", ()] == 0
    assert operations(samples, "unknown", "aborted") == 1


def test_names_that_clients_invent_do_not_take_memory() -> None:
    counted = OperationMetrics()
    for number in range(10 * MAX_NAMES):
        counted.add(Label(f"Name{number}", "query", "ok"), 0.001)
    counted.add(Label("N" * 10_000, "query", "ok"), 0.001)
    assert len(counted.times) == len(counted.counts) == MAX_NAMES + 1
    assert counted.counts[OTHER, "ok"] == 9 * MAX_NAMES + 1
    assert sum(counted.counts.values()) == 10 * MAX_NAMES + 1


def test_a_long_operation_name_is_counted_as_other() -> None:
    counted = OperationMetrics()
    counted.add(Label("N" * 101, "query", "ok"), 0.001)
    assert set(counted.times) == {OTHER}


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_commands_caches_connections_and_the_corpus_have_metrics(
    driver: str, mongod: str | UsageError
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    url = mongod.replace("/?", f"/metrics_{driver}?")
    options = {"mongo_url": url, "mongo_driver": driver, "probe_seconds": 0.1}
    settings = Settings.model_validate(options)
    async with open_database(settings) as database:
        await store(database, article("a"))
        try:
            async with serving(**options) as (client, app), asyncio.timeout(20):
                await reached(app.state.corpus_state, 1)
                while not app.state.probe.readiness.is_ready:
                    await app.state.probe.next()
                await ask(client)
                await ask(client)
                with pytest.raises(DatabaseError):
                    await app.state.database.find("articles", {"$nonsense": 1})
                samples = await scrape(client)
                while samples["newsgraph_db_commands_waiting", ()]:  # of the probe or the index
                    await asyncio.sleep(0)
                    samples = await scrape(client)
        finally:
            await drop(database)
    answers, reads = (("cache", "answers"),), (("cache", "reads"),)
    assert samples["newsgraph_cache_hits_total", answers] == 1
    assert samples["newsgraph_cache_misses_total", answers] == 1
    assert samples["newsgraph_cache_entries", answers] == 1
    assert samples["newsgraph_cache_bytes", answers] > 0
    assert samples["newsgraph_cache_capacity_bytes", answers] == 64 * 1024 * 1024
    assert samples["newsgraph_cache_entries", reads] >= 1
    find = (("command", "find"),)
    assert samples["newsgraph_db_command_duration_seconds_count", find] >= 2
    assert samples["newsgraph_db_command_duration_seconds_sum", find] > 0
    assert samples["newsgraph_db_command_failures_total", find] == 1
    assert samples["newsgraph_db_commands_waiting", ()] == 0
    assert samples["newsgraph_db_connections", (("state", "idle"),)] >= 1
    assert ("newsgraph_db_connections", (("state", "used"),)) in samples
    assert samples["newsgraph_ready", ()] == 1
    assert samples["newsgraph_corpus_revision", ()] == 1
    assert samples["process_resident_memory_bytes", ()] > 0
    assert any(name == "newsgraph_build_info" for name, _ in samples)


async def test_two_applications_share_no_metrics() -> None:
    async with serving() as (one, _), serving() as (other, _):
        await ask(one)
        assert operations(await scrape(one), "Front", "ok") == 1
        assert operations(await scrape(other), "Front", "ok") == 0


async def test_each_of_several_workers_names_its_process() -> None:
    async with serving(workers=2) as (client, _):
        samples = await scrape(client)
    assert all("pid" in dict(labels) for _, labels in samples)


async def test_without_metrics_the_page_does_not_exist() -> None:
    async with serving(metrics="off") as (client, _):
        assert (await ask(client)).status_code == 200
        assert (await client.get("/metrics")).status_code == 404
