"""Serving: uvicorn over the application, the same for one process, for several, and the demo."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from time import monotonic
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from graph.app import create_app, create_settled_app
from graph.config import PREFIX, Settings
from graph.errors import UsageError
from graph.store.client import EMBEDDED
from graph.store.embedded import embedded
from graph.web.connections import Bounds, Connection
from graph.web.cors import Cors
from graph.web.peers import PLACE, meeting_place
from graph.web.tracing import require_tracing


class Server(uvicorn.Server):
    """A server that is told to stop has done what it was told, and does not die of the signal.

    `is_late` says that some requests were not answered within the grace period.
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


class Workers(Multiprocess):
    """Server processes whose socket closes with the first of them, not with the last."""

    def terminate_all(self) -> None:
        for each in self.sockets:
            each.close()
        super().terminate_all()


def serve(settings: Settings) -> None:
    """Serve until a signal comes, in as many processes as the settings say."""
    if settings.workers == 1:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            if runner.run(serve_here(settings)):
                _leave()
    else:
        require_tracing(settings)
        if settings.trusted_documents is not None or settings.persisted == "trusted":
            create_app(settings)  # what is wrong with them is told once, not by every process
        with (
            asyncio.Runner() as runner,
            _one_database(runner, settings) as url,
            meeting_place() if settings.metrics == "on" else nullcontext() as place,
        ):
            os.environ[f"{PREFIX}MONGO_URL"] = url  # workers are told by their environment
            os.environ[f"{PREFIX}WORKERS"] = str(settings.workers)
            os.environ[PLACE] = str(place or "")
            config = config_of(settings, "graph.app:create_settled_app")
            Workers(config, sockets=[config.bind_socket()]).run()


async def serve_here(settings: Settings) -> bool:
    """Serve in this event loop until a signal comes; whether the end was late."""
    server = Server(config_of(settings, create_settled_app(settings)))
    await server.serve()
    return server.is_late


def _leave() -> None:
    """Exit without waiting for threads: Motor's may wait for the database long after the grace."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def config_of(settings: Settings, app: Any) -> uvicorn.Config:
    """What uvicorn is told: `app` is the application, or the name of what makes it."""
    # uvicorn takes any callable for a protocol, and parts of a second, if not by its types.
    options: dict[str, Any] = {
        "http": partial(Connection, bounds=Bounds.of(settings), cors=Cors.of(settings)),
        "ws": "none",  # no upgrade is supported
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
        proxy_headers=False,  # the application reads them where it needs them
        **options,
    )


def require_free_port(settings: Settings) -> None:
    """Raise UsageError where another serves already."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise UsageError(
                f"cannot serve at {settings.host}:{settings.port}: {error.strerror}; "
                f"give another --port or --host"
            ) from None


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop of a server: uvloop's, where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@contextmanager
def _one_database(runner: asyncio.Runner, settings: Settings) -> Iterator[str]:
    """The URL that all workers share; an embedded database is started here, once."""
    if not settings.mongo_url.startswith(EMBEDDED):
        yield settings.mongo_url
        return
    server = embedded(settings.data_dir)
    url = runner.run(server.__aenter__())
    try:
        yield url
    finally:
        runner.run(server.__aexit__(None, None, None))
