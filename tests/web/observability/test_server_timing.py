"""The times in the header `Server-Timing`."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.web.graphql.cache.stale_responses import Responses
from tests.builders import article, drop
from tests.revisions import reached
from tests.stored import store
from tests.web.observability.metrics.test_metrics import ask, serving

FORM = re.compile(
    r'total;dur=(\d+\.\d\d), db;dur=(\d+\.\d\d);desc="(\d+) commands", cache;desc=(.+)'
)


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_server_timing_has_the_total_the_database_and_the_cache(
    driver: str, mongod: str | UsageError
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    url = mongod.replace("/?", f"/timing_{driver}?")
    options: dict[str, Any] = {"mongo_url": url, "mongo_driver": driver, "server_timing": "on"}
    async with open_database(Settings.model_validate(options)) as database:
        await store(database, article("a"))
        try:
            async with serving(**options) as (client, app), asyncio.timeout(20):
                await reached(app.state.corpus_state, 1)
                first, second = [(await ask(client)).headers["server-timing"] for _ in "ab"]
        finally:
            await drop(database)
    made, cached = FORM.fullmatch(first), FORM.fullmatch(second)
    assert made is not None
    assert cached is not None
    assert float(made[1]) >= float(made[2]) > 0
    assert (int(made[3]) >= 1, made[4]) == (True, "miss")
    assert (cached[2], cached[3], cached[4]) == ("0.00", "0", "hit")


async def test_a_response_to_requests_at_the_same_time_is_shared() -> None:
    async with serving(server_timing="on") as (client, app):
        responses = Responses(1_000_000)
        responses.resume()
        app.state.responses = responses
        answers = await asyncio.gather(*(ask(client) for _ in range(3)))
    said = [answer.headers["server-timing"].rpartition("=")[2] for answer in answers]
    assert sorted(said) == ["miss", "shared", "shared"]


async def test_a_rejection_was_not_cached() -> None:
    async with serving(server_timing="on") as (client, _):
        refused = await client.post("/graphql", content=b"nothing")
        page = await client.get("/graphql", headers={"Accept": "text/html"})
    assert refused.headers["server-timing"].endswith("cache;desc=miss")
    assert "server-timing" not in page.headers


async def test_there_is_no_server_timing_by_default() -> None:
    async with serving() as (client, _):
        assert "server-timing" not in (await ask(client)).headers
