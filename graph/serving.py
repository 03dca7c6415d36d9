"""Run the application on uvicorn: in one process, in several, or for the demo."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

import uvicorn

from graph.app import create_app, create_settled_app
from graph.config import PREFIX, Settings
from graph.errors import UsageError
from graph.store.driver.client import database_name, started
from graph.web.http.cors import Cors
from graph.web.http.request.root_path import RootPaths
from graph.web.observability.metrics.aggregator import supervisor_metrics
from graph.web.observability.metrics.worker_metrics import (
    FOLDER_VARIABLE,
    metrics_folder,
    write_of_supervisor,
)
from graph.web.observability.tracing import require_tracing
from graph.web.server.protocol import HttpProtocol
from graph.web.server.websocket_protocol import WebSocketProtocol
from graph.worker_supervisor import Supervisor

log = logging.getLogger("newsgraph")

_SERVING: Final = (
    "serving at %s: the reader at %s/, the explorer at %s/explorer/, the API at %s/graphql"
)


class Server(uvicorn.Server):
    """A server that exits normally after a signal, instead of raising it again.

    `is_late` says that some requests did not finish within the grace period.
    """

    is_late = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        began = monotonic()
        await super().shutdown(sockets)
        grace = self.config.timeout_graceful_shutdown
        self.is_late = grace is not None and monotonic() - began >= grace


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a bound socket until a signal arrives, in `settings.workers` processes.

    Raises UsageError for settings that cannot work, and what `started` raises.
    """
    database_name(settings.mongo_url)
    if settings.workers == 1:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            if runner.run(_serve_alone(settings, listening)):
                _leave()
        return
    require_tracing(settings)
    create_app(settings)  # reports errors once, instead of in every process
    with (
        asyncio.Runner() as runner,
        _one_database(runner, settings) as url,
        metrics_folder() if settings.metrics == "on" else nullcontext() as folder,
    ):
        os.environ[f"{PREFIX}MONGO_URL"] = url  # workers read it from their environment
        os.environ[f"{PREFIX}WORKERS"] = str(settings.workers)
        os.environ[FOLDER_VARIABLE] = str(folder or "")
        listening.set_inheritable(True)
        _log_addresses(settings, listening)
        report = partial(_report_replaced, folder)
        report(0)
        config = config_of(settings, "graph.app:create_settled_app")
        workers = Supervisor(config, listening, report)
        workers.run()
        if workers.failure is not None:
            raise UsageError(workers.failure)


def _report_replaced(folder: Path | None, replaced: int) -> None:
    """Let the workers include the number of replaced workers in the metrics."""
    if folder is not None:
        write_of_supervisor(folder, supervisor_metrics(replaced))


async def _serve_alone(settings: Settings, listening: socket.socket) -> bool:
    async with started(settings) as served:
        return await serve_in_process(served, listening)


async def serve_in_process(settings: Settings, listening: socket.socket) -> bool:
    """Serve in this event loop until a signal arrives. Return whether the grace period was
    exceeded.
    """
    server = Server(config_of(settings, create_settled_app(settings)))
    _log_addresses(settings, listening)
    await server.serve(sockets=[listening])
    return server.is_late


def _log_addresses(settings: Settings, listening: socket.socket) -> None:
    log.info(_SERVING, address_of(listening), *[settings.root_path or ""] * 3)


def _leave() -> None:
    """Exit without waiting for threads: Motor's may wait for the database long after the grace
    period.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def config_of(settings: Settings, app: Any) -> uvicorn.Config:
    """Return uvicorn's configuration. `app` is the application, or its factory's import name."""
    # uvicorn accepts any callable as a protocol, and fractions of a second, unlike its types.
    options: dict[str, Any] = {
        "http": partial(
            HttpProtocol,
            settings=settings,
            cors=Cors.of(settings),
            root_paths=RootPaths(settings),
        ),
        "ws": WebSocketProtocol,
        "ws_max_size": settings.body_limit,
        "ws_ping_interval": settings.heartbeat,
        "ws_ping_timeout": settings.stream_timeout,
        "ws_per_message_deflate": False,  # it needs memory for each connection
        "timeout_keep_alive": settings.idle_timeout,
        "timeout_graceful_shutdown": settings.shutdown_grace,
    }
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the application evaluates them itself
        **options,
    )


def bound_socket(settings: Settings) -> socket.socket:
    """Return a socket that is bound to the configured address. Raises UsageError if that fails."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except (OSError, UnicodeError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or "not the name of a host"
        raise UsageError(
            f"cannot serve at {settings.host}:{settings.port}: {reason}; choose another --port or "
            "--host"
        ) from None
    return bound


def address_of(listening: socket.socket) -> str:
    """Return the URL of a socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's event loop factory, if uvloop is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@contextmanager
def _one_database(runner: asyncio.Runner, settings: Settings) -> Iterator[str]:
    """Yield the URL that all workers share. An embedded database is started once, here."""
    database = started(settings)
    served = runner.run(database.__aenter__())
    try:
        yield served.mongo_url
    finally:
        runner.run(database.__aexit__(None, None, None))
