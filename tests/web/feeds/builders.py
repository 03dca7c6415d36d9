"""A client of an application over a database in memory."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from graph.app import create_app
from graph.config import Settings
from graph.search.index.service import SearchService
from graph.store.driver.database import Database

SITE = "https://news.example"


def client_of(
    database: Database, *, search: SearchService | None = None, **settings: Any
) -> httpx.AsyncClient:
    """A client of a server with these settings, at `SITE`."""
    app = _app_of(Settings.model_validate({"mongo_url": "mongomock://", **settings}))

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        app.state.database, app.state.search = database, search
        await app(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=respond), base_url=SITE)


@lru_cache(maxsize=4)
def _app_of(settings: Settings) -> Starlette:
    """The server with these settings: it prepares its operations once, for all tests."""
    return create_app(settings)
