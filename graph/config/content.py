"""Settings of what documents hold, and who may see it."""

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
    """What is shown of documents, and to whom."""

    tokens: Annotated[tuple[Token, ...], NoDecode] = Field(
        default=(),
        description="The bearer tokens that open what is closed, separated by spaces: for each "
        "`sha256:<64 hex digits>=<scope>[,<scope>]`, as `newsgraph token` prints it; see "
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
        description="Hosts, separated by commas, whose players `featuredContent` embeds.",
    )
    volatile: Annotated[frozenset[str], NoDecode] = Field(
        default=VOLATILE,
        description="Top-level fields, separated by commas, whose change alone is no change in "
        "meaning; `published` cannot be one.",
    )

    @field_validator("volatile", "video_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return frozenset(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("volatile")
    @classmethod
    def _require_meaningless(cls, names: frozenset[str]) -> frozenset[str]:
        if "published" in names:
            raise PydanticCustomError(
                "volatile",
                "published: whether an article can be seen always is a change in meaning",
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
                "and path",
                {"wrong": ", ".join(wrong)},
            )
        return lowered

    @field_validator("tokens", mode="before")
    @classmethod
    def _read_tokens(cls, value: Any) -> Any:
        return read_tokens(value.split()) if isinstance(value, str) else value
