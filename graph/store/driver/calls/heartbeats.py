"""The heartbeats of the driver's monitors: when a database server last answered."""

from __future__ import annotations

from time import monotonic
from typing import Final

from pymongo.monitoring import (
    ServerHeartbeatFailedEvent,
    ServerHeartbeatListener,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
)

INTERVAL_SECONDS: Final = 0.5
"""How often the driver checks each server: the shortest interval that drivers allow."""


class Heartbeats(ServerHeartbeatListener):
    """The times of the last answers, on the clock `time.monotonic`; at first, that of the start."""

    def __init__(self) -> None:
        self.writable = self.readable = monotonic()
        """When a server that accepts writes answered (a primary, or a server on its own), and one
        that accepts reads.
        """

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """Ignore it: it says nothing about the server."""

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """Record an answer."""
        now = monotonic()
        if event.reply.is_writable:
            self.writable = now
        if event.reply.is_readable:
            self.readable = now

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """Ignore it: that no answer came shows in the times."""
