"""Clients of an application with a database, and with none."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx

from graph.app import create_app
from graph.config import Settings
from graph.store.driver.database import Database


class NoDatabase:
    """Stands in for a database; every use of it fails."""

    lacks = frozenset[str]()


def client_of(database: Database | NoDatabase, **settings: Any) -> httpx.AsyncClient:
    app = create_app(Settings.model_validate({"mongo_url": "mongomock://", **settings}))
    app.state.database = database
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


@cache
def _without_database() -> httpx.ASGITransport:
    app = create_app(Settings(mongo_url="mongomock://"))
    app.state.database = NoDatabase()
    return httpx.ASGITransport(app=app)


async def posted(body: bytes, content_type: str | None = "application/json") -> httpx.Response:
    """The answer to a body where there is no database: nothing may be executed."""
    transport = _without_database()
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"content-type": content_type} if content_type else {}
        return await client.post("/graphql", content=body, headers=headers)


def only_error(response: httpx.Response) -> dict[str, Any]:
    """The one error of a response, which holds nothing else."""
    [error] = response.json()["errors"]
    assert set(response.json()) == {"errors"}
    assert len(response.content) < 2_000
    found: dict[str, Any] = error
    return found
