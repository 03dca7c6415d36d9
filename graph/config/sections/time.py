"""Settings of timeouts and connections."""

from __future__ import annotations

from pydantic import BaseModel, Field


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
        description="Seconds that a connection stays open between two requests.",
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
        description="Seconds that requests in progress have to finish when the server is stopped.",
    )
