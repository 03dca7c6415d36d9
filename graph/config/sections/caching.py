"""Settings of the caches."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class CachingSettings(BaseModel):
    """What the server caches, how much, and what HTTP caches may do."""

    cache: Literal["on", "reads", "off"] = Field(
        default="on",
        description="What the server caches until the corpus changes: `on` for database reads "
        "and responses, `reads` for database reads only, `off` for nothing; see "
        "[caching.md](caching.md).",
    )
    cache_bytes: int = Field(
        default=128 * 1024 * 1024,
        ge=1024 * 1024,
        le=64 * 1024**3,
        description="Maximum size of the caches of a server process, in bytes. With "
        "`NEWSGRAPH_CACHE=on`, reads and responses get one half each.",
    )
    max_age: int = Field(
        default=0,
        ge=0,
        le=365 * 24 * 3600,
        description="`max-age` of responses to `GET`, in seconds: how long browsers and CDNs may "
        "reuse a response without revalidating it; see [caching.md](caching.md).",
    )
    stale_while_revalidate: int = Field(
        default=0,
        ge=0,
        le=365 * 24 * 3600,
        description="`stale-while-revalidate` of responses to `GET`, in seconds: how long after "
        "`NEWSGRAPH_MAX_AGE` caches may send a stale response while they revalidate it.",
    )
    stale_if_error: int = Field(
        default=0,
        ge=0,
        le=365 * 24 * 3600,
        description="How long stale responses from the cache are sent while the database is "
        "unreachable, in seconds, and `stale-if-error` of responses to `GET`; see "
        "[caching.md](caching.md#while-the-database-is-unreachable). 0 switches it off.",
    )
