"""What answers tell of the time that they took."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from graph.config import Settings
from graph.errors import UsageError
from graph.store.driver.client import open_database
from tests.builders import article, drop
from tests.revisions import reached
from tests.stored import store
from tests.web.observability.metrics.test_metrics import ask, serving

FORM = re.compile(
    r'total;dur=(\d+\.\d\d), db;dur=(\d+\.\d\d);desc="(\d+) commands", cache;desc=(.+)'
)


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
async def test_an_answer_tells_its_time_the_databases_share_and_whether_it_was_kept(
    driver: str, mongod: str | UsageError
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    url = mongod.replace("/?", f"/timing_{driver}?")
    given: dict[str, Any] = {"mongo_url": url, "mongo_driver": driver, "server_timing": "on"}
    async with open_database(Settings.model_validate(given)) as database:
        await store(database, article("a"))
        try:
            async with serving(**given) as (client, app), asyncio.timeout(20):
                await reached(app.state.corpus_state, 1)
                first, second = [(await ask(client)).headers["server-timing"] for _ in "ab"]
        finally:
            await drop(database)
    made, kept = FORM.fullmatch(first), FORM.fullmatch(second)
    assert made is not None
    assert kept is not None
    assert float(made[1]) >= float(made[2]) > 0
    assert (int(made[3]) >= 1, made[4]) == (True, "miss")
    assert (kept[2], kept[3], kept[4]) == ("0.00", "0", "hit")


async def test_a_refusal_was_not_kept() -> None:
    async with serving(server_timing="on") as (client, _):
        refused = await client.post("/graphql", content=b"nothing")
        page = await client.get("/graphql", headers={"Accept": "text/html"})
    assert refused.headers["server-timing"].endswith("cache;desc=miss")
    assert "server-timing" not in page.headers


async def test_nothing_is_told_unasked() -> None:
    async with serving() as (client, _):
        assert "server-timing" not in (await ask(client)).headers
