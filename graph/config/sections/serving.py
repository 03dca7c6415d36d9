"""Settings of the server processes, their connections and their event streams."""

from __future__ import annotations

from pydantic import BaseModel, Field

from graph.config.non_empty import NonEmptyPath, NonEmptyText


class ServingSettings(BaseModel):
    """Address, processes and media."""

    host: NonEmptyText = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(default=1, ge=1, le=256, description="Number of server processes.")
    media_dir: NonEmptyPath | None = Field(
        default=None, description="Folder whose files are served below `/media/`."
    )


class TimeSettings(BaseModel):
    """How long requests and operations may take, and how many there may be at once."""

    operation_timeout: float = Field(
        default=15.0,
        ge=0.001,
        le=600,
        description="Maximum duration of an operation with all its database commands, in seconds.",
    )
    max_in_flight: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="Maximum number of operations that a server process executes at once. "
        "Further ones are rejected with status 503. Cached responses do not count.",
    )
    header_timeout: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Maximum time for the headers of a request to arrive, in seconds.",
    )
    body_timeout: float = Field(
        default=30.0,
        gt=0,
        le=3_600,
        description="Maximum time for the body of a request to arrive after its headers, in "
        "seconds.",
    )
    idle_timeout: float = Field(
        default=75.0,
        gt=0,
        le=3_600,
        description="Maximum time that a connection stays open between two requests, in seconds.",
    )
    max_url_bytes: int = Field(
        default=16 * 1024,
        ge=1024,
        le=1024 * 1024,
        description="Maximum size of a URL (path and query string), in bytes; see "
        "[http.md](http.md).",
    )
    max_header_bytes: int = Field(
        default=16 * 1024,
        ge=1024,
        le=1024 * 1024,
        description="Maximum size of the headers of a request, without the request line, in bytes.",
    )
    max_headers: int = Field(
        default=100, ge=8, le=10_000, description="Maximum number of headers in a request."
    )
    max_connections: int = Field(
        default=800,
        ge=1,
        le=1_000_000,
        description="Maximum number of open connections to a server process. A new connection "
        "replaces the one that has been idle longest. If none is idle, the new one is rejected "
        "with status 503.",
    )
    shutdown_grace: float = Field(
        default=10.0,
        ge=0,
        le=3_600,
        description="Maximum time for requests in progress to finish when the server is stopped, "
        "in seconds.",
    )


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
        description="Seconds without an event after which the server sends a comment, so that "
        "proxies do not close the event stream.",
    )
    stream_timeout: float = Field(
        default=30.0,
        ge=0.1,
        le=3_600,
        description="Seconds that the client of an event stream or a WebSocket may leave data "
        "unread while more is waiting; then it is disconnected.",
    )
    connection_init_timeout: float = Field(
        default=10.0,
        ge=0.1,
        le=600,
        description="Maximum time for the client of a WebSocket to send `connection_init`, in "
        "seconds.",
    )
    max_subscriptions: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Maximum number of operations that run at once on a WebSocket. Further ones "
        "get an error.",
    )
