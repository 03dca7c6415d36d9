"""The ASGI application: routes, and the database that lives as long as it does."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from graph.config import Settings, load_settings
from graph.errors import DatabaseError
from graph.store.client import open_database
from graph.store.database import Database, Listener
from graph.web.endpoint import Endpoint
from graph.web.health import livez, readyz
from graph.web.pages import explorer, schema_text

log = logging.getLogger("newsgraph")


def create_app(
    settings: Settings | None = None, *, listeners: Sequence[Listener] = ()
) -> Starlette:
    """The application for these settings, else for those of the environment.

    It starts whether or not the database can be reached: `/readyz` says which.
    """
    chosen = settings if settings is not None else load_settings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_database(chosen, listeners=listeners) as database:
            app.state.database = database.limited(chosen.query_timeout)
            await _warn_if_away(database)
            yield

    return Starlette(routes=_routes(chosen), lifespan=lifespan)


async def _warn_if_away(database: Database) -> None:
    try:
        await database.ping()
    except DatabaseError as error:
        log.warning("serving, but not ready: %s", error)


def _routes(settings: Settings) -> list[BaseRoute]:
    endpoint = Endpoint(settings)
    routes: list[BaseRoute] = [
        Route("/", explorer),
        Route("/explorer/", explorer),
        Route("/graphql", endpoint, methods=["GET", "POST"]),
        Route("/schema.graphql", schema_text),
        Route("/livez", livez),
        Route("/readyz", readyz),
    ]
    if settings.media_dir is not None:
        routes.append(Mount("/media", StaticFiles(directory=settings.media_dir)))
    return routes
