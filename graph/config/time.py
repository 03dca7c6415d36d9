"""Settings of time and load."""

from __future__ import annotations

from pydantic import BaseModel, Field


class TimeSettings(BaseModel):
    """How long anything may take, and how much of it there may be at once."""

    operation_timeout: float = Field(
        default=15.0,
        ge=0.001,
        le=600,
        description="Seconds that an operation may take, with all its database commands.",
    )
    max_in_flight: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="Operations that a server process runs at once; more are refused with status "
        "503. Kept answers do not count.",
    )
    header_timeout: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Seconds that a request's headers may take to arrive.",
    )
    body_timeout: float = Field(
        default=30.0,
        gt=0,
        le=3_600,
        description="Seconds that a request's body may take to arrive after its headers.",
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
        description="Bytes of a request's URL (its path and query string) beyond which it is "
        "refused; see [http.md](http.md).",
    )
    max_header_bytes: int = Field(
        default=16 * 1024,
        ge=1024,
        le=1024 * 1024,
        description="Bytes of a request's headers, without its first line, beyond which it is "
        "refused.",
    )
    max_headers: int = Field(
        default=100, ge=8, le=10_000, description="Headers that a request may have."
    )
    max_connections: int = Field(
        default=800,
        ge=1,
        le=1_000_000,
        description="Connections that a server process holds open. A new one takes the place of "
        "one that is idle; where none is, it is refused with status 503.",
    )
    shutdown_grace: float = Field(
        default=10.0,
        ge=0,
        le=3_600,
        description="Seconds that requests in progress have to end when the server is stopped.",
    )
