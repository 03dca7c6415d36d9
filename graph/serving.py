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
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from graph.app import create_app, create_settled_app
from graph.config import PREFIX, Settings
from graph.errors import UsageError
from graph.store.driver.client import database_name, started
from graph.web.http.cors import Cors
from graph.web.observability.tracing import require_tracing
from graph.web.observability.worker_metrics import FOLDER_VARIABLE, metrics_folder
from graph.web.server.protocol import Bounds, HttpProtocol

log = logging.getLogger("newsgraph")

_STARTUP_FAILURE: Final = 3
"""uvicorn's exit code of a worker whose application does not start."""

_SERVING: Final = "serving at %s: the reader at /, the explorer at /explorer/, the API at /graphql"


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


class Supervisor(Multiprocess):
    """Server processes whose socket closes with the first of them, not with the last."""

    def terminate_all(self) -> None:
        for each in self.sockets:
            each.close()
        super().terminate_all()


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve at a bound socket until a signal comes, in as many processes as the settings say.

    Raises UsageError where a setting cannot work, and what `started` raises.
    """
    database_name(settings.mongo_url)
    if settings.workers == 1:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            if runner.run(_serve_alone(settings, listening)):
                _leave()
        return
    require_tracing(settings)
    create_app(settings)  # what is wrong is told once, not by every process
    with (
        asyncio.Runner() as runner,
        _one_database(runner, settings) as url,
        metrics_folder() if settings.metrics == "on" else nullcontext() as folder,
    ):
        os.environ[f"{PREFIX}MONGO_URL"] = url  # workers are told by their environment
        os.environ[f"{PREFIX}WORKERS"] = str(settings.workers)
        os.environ[FOLDER_VARIABLE] = str(folder or "")
        listening.set_inheritable(True)
        log.info(_SERVING, address_of(listening))
        workers = Supervisor(
            config_of(settings, "graph.app:create_settled_app"), sockets=[listening]
        )
        workers.run()
        if any(process.exitcode == _STARTUP_FAILURE for process in workers.processes):
            raise UsageError("a worker could not start: the log says why")


async def _serve_alone(settings: Settings, listening: socket.socket) -> bool:
    async with started(settings) as served:
        return await serve_here(served, listening)


async def serve_here(settings: Settings, listening: socket.socket) -> bool:
    """Serve in this event loop until a signal comes; whether the end was late."""
    server = Server(config_of(settings, create_settled_app(settings)))
    log.info(_SERVING, address_of(listening))
    await server.serve(sockets=[listening])
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
        "http": partial(HttpProtocol, bounds=Bounds.of(settings), cors=Cors.of(settings)),
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


def bound_socket(settings: Settings) -> socket.socket:
    """A socket at the address of the settings. Raises UsageError where none can be had there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except (OSError, UnicodeError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or "not the name of a host"
        raise UsageError(
            f"cannot serve at {settings.host}:{settings.port}: {reason}; "
            f"give another --port or --host"
        ) from None
    return bound


def address_of(listening: socket.socket) -> str:
    """The URL at which a socket can be reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
    database = started(settings)
    served = runner.run(database.__aenter__())
    try:
        yield served.mongo_url
    finally:
        runner.run(database.__aexit__(None, None, None))
