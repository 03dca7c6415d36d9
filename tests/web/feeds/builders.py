"""A client of an application over a database in memory."""

from __future__ import annotations

from typing import Any

import httpx

from graph.app import create_app
from graph.config import Settings
from graph.search.index.service import SearchService
from graph.store.driver.database import Database

SITE = "https://news.example"


def client_of(
    database: Database, *, search: SearchService | None = None, **settings: Any
) -> httpx.AsyncClient:
    """A client of a server with these settings, at `SITE`."""
    chosen = {"mongo_url": "mongomock://", **settings}
    app = create_app(Settings.model_validate(chosen))
    app.state.database, app.state.search = database, search
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE)
