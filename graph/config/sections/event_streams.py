"""Settings of event streams and WebSockets."""

from __future__ import annotations

from pydantic import BaseModel, Field


class StreamSettings(BaseModel):
    """How many event streams a server process serves, and how."""

    max_streams: int = Field(
        default=500,
        ge=0,
        le=1_000_000,
        description="Maximum number of open event streams of a server process; see "
        "[live.md](live.md). Further ones are rejected with status 503. Each uses a connection, so "
        "this should be less than `NEWSGRAPH_MAX_CONNECTIONS`. 0 switches event streams off.",
    )
    max_streams_per_client: int = Field(
        default=50,
        ge=1,
        le=1_000_000,
        description="Maximum number of open event streams for each address, in each server "
        "process. Further ones are rejected with status 429.",
    )
    heartbeat: float = Field(
        default=15.0,
        ge=0.1,
        le=3_600,
        description="Seconds without an event after which a comment is sent, so that proxies do "
        "not close an event stream.",
    )
    stream_timeout: float = Field(
        default=30.0,
        ge=0.1,
        le=3_600,
        description="Seconds that the client of an event stream has to read what was sent, once "
        "there is more to send, before it is disconnected.",
    )
    connection_init_timeout: float = Field(
        default=10.0,
        ge=0.1,
        le=600,
        description="Seconds that the client of a WebSocket has to send `connection_init`.",
    )
    max_subscriptions: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Maximum number of operations that run at once on a WebSocket. Further ones "
        "get an error.",
    )
