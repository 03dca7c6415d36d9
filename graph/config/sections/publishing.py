"""Settings of the site for readers: its name and URL, feeds, and what crawlers may read."""

from __future__ import annotations

import re
from typing import Final, Literal

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from graph.config.non_empty import NonEmptyPath, NonEmptyText
from graph.locales import LANGUAGE_TAG, is_time_zone

ROOT_PATH: Final = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*")
"""A root path without a slash at its end: letters that need no quoting, so that it may be compared
as it is.
"""

_PATTERN: Final = re.compile(r"(?:'[^']*'|[^'A-Za-z]|([yMdEHhma])\1{0,3}+(?!\1))+")
"""Date format patterns (Unicode Technical Standard 35), of which these letters are understood."""

_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*)(:\d{1,5})?")


class PublishingSettings(BaseModel):
    """What the reader, feeds and sitemaps say of the site; see docs/reader.md and docs/feeds.md."""

    public_url: NonEmptyText | None = Field(
        default=None,
        description="The URL at which readers reach the server, such as `https://news.example`, "
        "for the links of feeds and sitemaps. By default it is that of the [site](reader.md#site), "
        "or taken from the request; see [feeds.md](feeds.md#urls).",
    )
    root_path: NonEmptyText | None = Field(
        default=None,
        description="The path below which a proxy makes the server available, such as `/news`; see "
        "[deployment.md](deployment.md#below-a-path).",
    )
    forwarded_prefix: Literal["on", "off"] = Field(
        default="off",
        description="Whether a trusted proxy may name the root path of each request in "
        "`X-Forwarded-Prefix`; see [deployment.md](deployment.md#below-a-path).",
    )
    public_name: NonEmptyText | None = Field(
        default=None,
        description="The name of the site, in the reader and in the titles of feeds. By default "
        "that of the [site](reader.md#site), or `newsgraph`.",
    )
    public_language: NonEmptyText | None = Field(
        default=None,
        description="The language of the reader's pages, of feeds, and of articles without "
        "`language` in the news sitemap, such as `en` or `pt-BR`. The texts of the reader itself "
        "are English. By default that of the [site](reader.md#site), or `en`.",
    )
    public_time_zone: NonEmptyText | None = Field(
        default=None,
        description="The time zone of dates in the reader, such as `Europe/Lisbon`. By default "
        "that of the [site](reader.md#site), or `UTC`.",
    )
    public_date_format: NonEmptyText | None = Field(
        default=None,
        description="The format of dates in the reader; see [reader.md](reader.md#dates). By "
        "default that of the [site](reader.md#site), or `MMMM d, y`.",
    )
    public_time_format: NonEmptyText | None = Field(
        default=None,
        description="The format of times of day in the reader, such as `HH:mm`. By default that "
        "of the [site](reader.md#site); if it has none, the reader shows dates without times.",
    )
    feed_size: int = Field(
        default=20, ge=1, le=100, description="Maximum number of articles in a feed."
    )
    feed_bodies: Literal["off", "html"] = Field(
        default="off",
        description="Whether feeds contain the texts of articles: `html` for the whole text, "
        "`off` for only the excerpt.",
    )
    robots_txt: NonEmptyPath | None = Field(
        default=None,
        description="File to serve as `/robots.txt`. By default crawlers may read everything.",
    )

    @field_validator("public_time_zone")
    @classmethod
    def _require_time_zone(cls, name: str | None) -> str | None:
        if name is not None and not is_time_zone(name):
            raise PydanticCustomError(
                "time_zone", "not a time zone of the IANA database, such as Europe/Lisbon"
            )
        return name

    @field_validator("public_language")
    @classmethod
    def _require_language(cls, tag: str | None) -> str | None:
        if tag is not None and not LANGUAGE_TAG.fullmatch(tag):
            raise PydanticCustomError("language", "not a language such as en or pt-BR")
        return tag

    @field_validator("public_date_format", "public_time_format")
    @classmethod
    def _require_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None and not _PATTERN.fullmatch(pattern):
            raise PydanticCustomError(
                "pattern",
                "not a date format such as d MMMM y or HH:mm: it may contain y, M, d, E, H, h, m, "
                "a, and other letters between apostrophes",
            )
        return pattern

    @field_validator("public_url")
    @classmethod
    def _require_origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        origin = url.removesuffix("/")
        if not _ORIGIN.fullmatch(origin):
            raise PydanticCustomError(
                "url",
                "not a URL such as https://news.example, in lower case and without a path: that "
                "is NEWSGRAPH_ROOT_PATH",
            )
        return origin

    @field_validator("root_path")
    @classmethod
    def _require_path(cls, path: str | None) -> str | None:
        if path is None:
            return None
        root = path.removesuffix("/")
        if not ROOT_PATH.fullmatch(root):
            raise PydanticCustomError(
                "root_path",
                "not a path such as /news, of letters, digits and the characters `-`, `.`, `_`, "
                "`~` and `/`",
            )
        return root or None
