"""Settings of content and access."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from graph.config.tokens import Token, read_tokens
from graph.fields.article_document import VOLATILE

_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


class ContentSettings(BaseModel):
    """Which parts of documents are public, volatile or embedded."""

    tokens: Annotated[tuple[Token, ...], NoDecode] = Field(
        default=(),
        description="Bearer tokens, separated by spaces: `sha256:<64 hex "
        "digits>=<scope>[,<scope>]` for each, as printed by `newsgraph token`; see "
        "[tokens.md](tokens.md).",
    )
    video_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(
            {
                "www.youtube.com",
                "www.youtube-nocookie.com",
                "player.vimeo.com",
                "www.dailymotion.com",
                "geo.dailymotion.com",
                "player.twitch.tv",
                "embed.ted.com",
            }
        ),
        description="Hosts, separated by commas, whose video players `featuredContent` may embed.",
    )
    volatile: Annotated[frozenset[str], NoDecode] = Field(
        default=VOLATILE,
        description="Top-level fields, separated by commas, whose changes do not raise the "
        "corpus revision. They are never cached. `published` cannot be volatile.",
    )

    @field_validator("volatile", "video_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return frozenset(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("volatile")
    @classmethod
    def _require_published_is_stable(cls, names: frozenset[str]) -> frozenset[str]:
        if "published" in names:
            raise PydanticCustomError(
                "volatile",
                "published: cannot be volatile, because it decides whether an article is visible",
            )
        return names

    @field_validator("video_hosts")
    @classmethod
    def _require_host_names(cls, hosts: frozenset[str]) -> frozenset[str]:
        lowered = frozenset(host.lower() for host in hosts)
        wrong = sorted(host for host in lowered if not _HOST.fullmatch(host))
        if wrong:
            raise PydanticCustomError(
                "hosts",
                "{wrong}: not the name of a host, such as www.youtube.com, without scheme, port "
                "or path",
                {"wrong": ", ".join(wrong)},
            )
        return lowered

    @field_validator("tokens", mode="before")
    @classmethod
    def _read_tokens(cls, value: Any) -> Any:
        return read_tokens(value.split()) if isinstance(value, str) else value
