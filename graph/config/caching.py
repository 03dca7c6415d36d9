"""Settings of what is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class CachingSettings(BaseModel):
    """What the server keeps, and how much of it."""

    cache: Literal["on", "reads", "off"] = Field(
        default="on",
        description="What the server keeps until the corpus changes: `on` database reads and whole "
        "answers, `reads` the former alone, `off` nothing; see [caching.md](caching.md).",
    )
    cache_bytes: int = Field(
        default=128 * 1024 * 1024,
        ge=1024 * 1024,
        le=64 * 1024**3,
        description="Bytes that a server process keeps at most; where it keeps reads and answers, "
        "half of them for each.",
    )
    max_age: int = Field(
        default=0,
        ge=0,
        le=365 * 24 * 3600,
        description="Seconds for which browsers and CDNs may send a `GET`'s answer again without "
        "asking whether it still holds; see [caching.md](caching.md).",
    )
    stale_while_revalidate: int = Field(
        default=0,
        ge=0,
        le=365 * 24 * 3600,
        description="Seconds after `NEWSGRAPH_MAX_AGE` in which caches may send a stale answer "
        "while they revalidate it.",
    )
