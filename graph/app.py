"""The ASGI application: routes, and a database that is open for its lifespan."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.config import Settings, load_settings
from graph.errors import SettingsError
from graph.live.live_operations import LiveOperations
from graph.live.open_streams import STREAMS, Streams
from graph.search.index.service import open_search
from graph.store.cache.corpus_state import CorpusState, follow_corpus
from graph.store.cache.read_cache import ReadCache
from graph.store.driver.client import open_database
from graph.store.driver.database import Database, Listener
from graph.store.probe import PATIENCE_SECONDS, probing
from graph.store.telemetry.commands import Commands
from graph.web.feeds.feed_routes import feed_routes
from graph.web.graphql.cache.stale_responses import Responses
from graph.web.graphql.endpoint import Endpoint
from graph.web.http.request.client_address import proxy_middleware, trusted_proxies
from graph.web.http.request.root_path import GRAPHQL_PATH, RootPaths, route_path
from graph.web.http.response_headers import ResponseHeaders
from graph.web.observability.access_log import log_access
from graph.web.observability.health import livez, readyz
from graph.web.observability.logging import log_to_stderr
from graph.web.observability.metrics.exposition import Metrics
from graph.web.observability.metrics.server_collector import ServerCollector
from graph.web.observability.metrics.worker_metrics import (
    WorkerMetrics,
    worker_metrics_from_environment,
)
from graph.web.observability.observer import Observer
from graph.web.observability.tracing import Tracing, tracing_of
from graph.web.pages.explorer import explorer_route, schema_route
from graph.web.pages.favicon import favicon_route
from graph.web.pages.reader import Pages, reader_routes
from graph.web.resources.resources import Resources
from graph.web.server.app_state import AppState
from graph.web.sitemaps.sitemap_routes import sitemap_routes
from graph.worker_supervisor import stop_with_supervisor

log = logging.getLogger("newsgraph")


METRICS_PATH: Final = "/metrics"

_SILENCE_SECONDS: Final = 5.0
"""A connection counts as lost if a command takes this much longer than its time limit."""


def create_app(
    settings: Settings | None = None,
    *,
    listeners: Sequence[Listener] = (),
    worker_metrics: WorkerMetrics | None = None,
) -> Starlette:
    """Create the application, with settings from the environment by default.

    It starts even if the database cannot be reached; `/readyz` reports that.
    """
    settings = settings or load_settings()

    streams = Streams(settings.max_streams, settings.max_streams_per_client)
    observation = _observation(settings, streams, worker_metrics)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with _opened(settings, app.state, observation, listeners):
            yield {STREAMS: streams}

    observer = observation.observer
    response_headers = ResponseHeaders(settings)
    endpoint = Endpoint(settings, response_headers, observer, streams=streams)
    resources = Resources(settings, endpoint.limiter)
    pages = Pages(settings, resources)
    app = _Application(
        endpoint,
        response_headers,
        observer,
        logs_access=settings.access_log == "on",
        root_paths=RootPaths(settings),
        routes=_routes(settings, endpoint, resources, pages),
        exception_handlers={404: pages.respond_not_found},
        lifespan=lifespan,
    )
    if observation.collector is not None and observation.metrics is not None:
        observation.collector.state = app.state
        app.router.routes.append(Route(METRICS_PATH, observation.metrics.respond))
    return app


@dataclass(frozen=True)
class _Observation:
    """What a server observes of operations and commands. Each is None if it is off."""

    tracing: Tracing | None
    commands: Commands | None
    observer: Observer | None
    collector: ServerCollector | None
    metrics: Metrics | None


def _observation(
    settings: Settings, streams: Streams, worker_metrics: WorkerMetrics | None
) -> _Observation:
    tracing = tracing_of(settings)
    counts = settings.metrics == "on"
    commands = observer = collector = metrics = None
    if counts or tracing is not None or settings.server_timing == "on":
        commands = Commands()
    if commands is not None or settings.access_log == "on":
        observer = Observer(settings, tracing)
    if counts and commands is not None and observer is not None:
        collector = ServerCollector(observer.operations, commands, streams)
        metrics = Metrics(collector, workers=settings.workers, worker_metrics=worker_metrics)
    return _Observation(tracing, commands, observer, collector, metrics)


@asynccontextmanager
async def _opened(
    settings: Settings, state: AppState, observation: _Observation, listeners: Sequence[Listener]
) -> AsyncIterator[None]:
    """Open what the application needs for its lifespan, and set its state."""
    async with AsyncExitStack() as stack:
        if observation.tracing is not None:
            stack.push_async_callback(observation.tracing.close)
        patience = settings.query_timeout + _SILENCE_SECONDS
        database = await stack.enter_async_context(
            open_database(settings, listeners=listeners, patience=patience)
        )
        limited = database.limited(settings.query_timeout, observation.commands)
        patience = PATIENCE_SECONDS + settings.mongo_timeout
        state.probe = await stack.enter_async_context(
            probing(limited, settings.probe_seconds, patience=patience)
        )
        caches = await stack.enter_async_context(caching(settings, limited))
        state.database = limited
        state.responses = caches.responses
        state.reads = caches.reads
        state.corpus_state = corpus = caches.corpus_state
        if corpus is None:  # nothing is cached
            corpus = await stack.enter_async_context(follow_corpus(limited))
        # Search and live queries share it: otherwise a live query that hears of a load first would
        # take the result of an old index as current.
        state.search = await stack.enter_async_context(open_search(settings, limited, corpus))
        state.live = await stack.enter_async_context(LiveOperations(corpus))
        if observation.metrics is not None:
            await stack.enter_async_context(observation.metrics.published())
        yield


def create_settled_app(settings: Settings | None = None) -> Starlette:
    """Create the application for a process that only serves it.

    Objects that exist by then are never freed, so the garbage collector ignores them, and runs less
    often.
    """
    settings = settings or load_settings()
    log_to_stderr(settings)
    worker_metrics = None
    if settings.workers > 1:
        worker_metrics = worker_metrics_from_environment()
        stop_with_supervisor()
    app = create_app(settings, worker_metrics=worker_metrics)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    return app


class _Application(Starlette):
    """Starlette, except that requests to the endpoint bypass its routing and middleware."""

    state: AppState

    def __init__(
        self,
        endpoint: Endpoint,
        response_headers: ResponseHeaders,
        observer: Observer | None,
        *,
        logs_access: bool,
        root_paths: RootPaths,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.state = AppState()
        self._endpoint = endpoint
        self._response_headers = response_headers
        self._observer = observer
        self._logs_access = logs_access
        self._root_paths = root_paths
        # Only redirects need the URL that the client used.
        self._behind_proxies = proxy_middleware(trusted_proxies(), super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        if scope["path"] != METRICS_PATH:
            self._root_paths.apply(scope)
        scope["app"] = self
        is_endpoint = route_path(scope) == GRAPHQL_PATH
        handler: ASGIApp = self._endpoint if is_endpoint else self._pages
        if scope["type"] == "websocket":
            handler = self._endpoint.websocket if is_endpoint else super().__call__
        if self._logs_access:
            await log_access(handler, scope, receive, send)
        else:
            await handler(scope, receive, send)

    async def _pages(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._observer is not None:
            await self._observer.count_response(self._rest, scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def _rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._response_headers.wrap(self._behind_proxies, scope, receive, send)


@dataclass(frozen=True)
class Caches:
    """The caches of a server, and the corpus state that empties them. Each may be None."""

    responses: Responses | None = None
    corpus_state: CorpusState | None = None
    reads: ReadCache | None = None


@asynccontextmanager
async def caching(settings: Settings, database: Database) -> AsyncIterator[Caches]:
    """Yield the configured caches for a database. They are emptied when the corpus changes."""
    if settings.stale_if_error and settings.cache != "on":
        log.warning("NEWSGRAPH_STALE_IF_ERROR has no effect without NEWSGRAPH_CACHE=on")
    if settings.cache == "off":
        yield Caches()
        return
    if (reason := database.why_uncacheable) is not None:
        log.info("nothing is cached: %s", reason)
        yield Caches()
        return
    both = settings.cache == "on"
    share = settings.cache_bytes // 2 if both else settings.cache_bytes
    reads = ReadCache(share, settings.volatile)
    responses: Responses | None = Responses(share, settings.stale_if_error) if both else None
    async with follow_corpus(
        database, reads, *([responses] if responses is not None else [])
    ) as corpus_state:
        yield Caches(responses, corpus_state, reads)


def _routes(
    settings: Settings, endpoint: Endpoint, resources: Resources, pages: Pages
) -> list[BaseRoute]:
    routes: list[BaseRoute] = [
        *reader_routes(settings, pages),
        *feed_routes(settings, resources),
        *sitemap_routes(settings, resources),
        favicon_route(),
        explorer_route(),
        Route(GRAPHQL_PATH, endpoint),
        Route("/livez", livez),
        Route("/readyz", readyz),
    ]
    if settings.introspection == "on":
        routes.append(schema_route())
    if settings.media_dir is not None:
        if not settings.media_dir.is_dir():
            raise SettingsError(f"NEWSGRAPH_MEDIA_DIR={settings.media_dir}: is not a folder")
        routes.append(Mount("/media", StaticFiles(directory=settings.media_dir)))
    _require_free(settings.root_path, routes)
    return routes


def _require_free(root: str | None, routes: Sequence[BaseRoute]) -> None:
    """Raise SettingsError if the root path is also a path below it: it might be removed twice."""
    paths = (route.path for route in routes if isinstance(route, (Route, Mount)))
    if root and any(f"{path}/".startswith(f"{root}/") for path in paths):
        raise SettingsError(
            f"NEWSGRAPH_ROOT_PATH={root}: is the path of one of the server's own "
            "pages: choose another"
        )
