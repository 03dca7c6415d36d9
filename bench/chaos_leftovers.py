"""What chaos.py looks for when clients are gone: what a server still holds for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic, sleep
from typing import Final, NamedTuple, Protocol

from chaos_site import Site

SHED_SECONDS: Final = 20.0
"""How long a server may take to notice that clients are gone."""

RESPOND_SECONDS: Final = 180.0
"""How long it may take until all workers of a server respond: some may be starting."""

IDLE_SECONDS: Final = 1.0
"""How long after a load an operation without clients would be executed."""

_PAUSE: Final = 0.2


class Held(NamedTuple):
    """What a server holds: event streams and WebSockets, and all open files of its workers."""

    streams: int
    files: int


class Holder(Protocol):
    """A server."""

    @property
    def name(self) -> str: ...

    def metrics(self) -> dict[str, float] | None:
        """Return the sums over all workers; None if not all of them respond."""


def held(server: Holder) -> Held | None:
    """Return what a server holds, as soon as all its workers respond; None if they do not."""
    ended = monotonic() + RESPOND_SECONDS
    while (metrics := server.metrics()) is None:
        if monotonic() > ended:
            return None
        sleep(_PAUSE)
    return Held(int(metrics["newsgraph_streams_open"]), int(metrics["process_open_fds"]))


def check_shed(site: Site, server: Holder, most: Held, seconds: float = SHED_SECONDS) -> None:
    """Check that a server that responds soon holds no more than this."""
    found, ended = held(server), monotonic() + seconds
    while found is not None and not _is_within(found, most) and monotonic() < ended:
        sleep(_PAUSE)
        found = held(server)
    if found is None:
        site.violate(f"{server.name}: not all workers respond")
    elif not _is_within(found, most):
        site.violate(f"{server.name}: holds {found} without clients, more than {most}")


def _is_within(found: Held, most: Held) -> bool:
    return found.streams <= most.streams and found.files <= most.files


def check_idle(site: Site, server: Holder, load: Callable[[], None]) -> None:
    """Check that a server without clients soon holds no streams, and that a load does not make it
    execute live operations.
    """
    check_shed(site, server, Held(0, sys.maxsize))
    before = _executions(server)
    load()
    sleep(IDLE_SECONDS)
    after = _executions(server)
    if after != before:
        site.violate(f"{server.name}: executed live operations {after - before:g} times for nobody")


def _executions(server: Holder) -> float:
    """Return how often a server has executed live operations; 0 if it does not respond."""
    metrics = server.metrics() if held(server) else None
    return metrics["newsgraph_stream_executions_total"] if metrics else 0.0
