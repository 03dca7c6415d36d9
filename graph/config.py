"""Settings: read once from the environment (prefix `NEWSGRAPH_`), cast, and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graph.errors import SettingsError

PREFIX = "NEWSGRAPH_"

_MASKED: Final = frozenset({"tokens"})
"""Settings whose value no message shows: somebody will put a token where its hash belongs."""

_ENTRY: Final = re.compile(r"sha256:([0-9a-fA-F]{64})=(.*)")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_ORIGIN: Final = re.compile(
    r"\*|[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*)(:\d{1,5})?"
)


class Scope(StrEnum):
    """What a token can allow."""

    UNPUBLISHED = "read:unpublished"
    SECURED = "read:secured"


@dataclass(frozen=True)
class Token:
    """A token that the server takes: its SHA-256 in lower-case hex digits, and what it allows."""

    digest: str
    scopes: frozenset[Scope]

    def __str__(self) -> str:
        """The entry of NEWSGRAPH_TOKENS."""
        return f"sha256:{self.digest}={','.join(sorted(self.scopes))}"


class Settings(BaseSettings):
    """Everything that an operator can set; `docs/settings.md` lists the same names."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    mongo_url: str = Field(
        default="embedded:",
        description="Where MongoDB is: a mongodb:// or mongodb+srv:// URL, `embedded:` for a "
        "private mongod, or `mongomock://` for a toy in memory. The URL's path names the "
        "database, else it is `newsgraph`.",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        default="motor", description="The driver: Motor, or PyMongo's own async client."
    )
    mongo_timeout: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="Seconds to look for a database server before an operation gives up.",
    )
    data_dir: Path = Field(
        default=Path(".newsgraph"),
        description="The folder in which the embedded database keeps its data.",
    )
    query_timeout: float = Field(
        default=10.0,
        ge=0.001,
        le=300,
        description="Seconds that a database command of a query may take before it is ended.",
    )
    host: str = Field(default="127.0.0.1", description="The address to serve at.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to serve at.")
    workers: int = Field(default=1, ge=1, le=256, description="How many server processes.")
    media_dir: Path | None = Field(
        default=None, description="A folder whose files are served below /media/."
    )
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
        default=frozenset({"secured"}),
        description="Top-level fields, separated by commas, whose change alone is no change in "
        "meaning.",
    )
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
    body_limit: int = Field(
        default=1024 * 1024,
        ge=1024,
        le=64 * 1024**2,
        description="Bytes of a request's body or query string beyond which it is refused.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins, separated by commas, whose scripts may read answers in a browser, "
        "such as `https://news.example`; `*` is any; see [http.md](http.md).",
    )
    introspection: Literal["on", "off"] = Field(
        default="on",
        description="Whether clients may ask for the schema: with `off` neither `__schema` and "
        "`__type` nor /schema.graphql tell it.",
    )
    suggestions: Literal["on", "off"] = Field(
        default="on", description="Whether errors suggest the names that a client may have meant."
    )
    max_tokens: int = Field(
        default=4_000,
        ge=1,
        le=1_000_000,
        description="Lexical tokens that the text of an operation may have; see "
        "[limits.md](limits.md).",
    )
    max_depth: int = Field(
        default=25, ge=1, le=100, description="How many fields may stand within each other."
    )
    max_aliases: int = Field(
        default=100,
        ge=0,
        le=100_000,
        description="Fields with an alias, fragments counted wherever they are spread.",
    )
    max_root_fields: int = Field(
        default=25, ge=1, le=100_000, description="Fields of an operation itself."
    )
    max_directives: int = Field(
        default=50, ge=0, le=100_000, description="Directives, such as `@include`."
    )
    max_selections: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="Fields and fragments, those within fragments counted wherever they are "
        "spread.",
    )
    max_cost: int = Field(
        default=100_000,
        ge=1,
        le=1_000_000_000,
        description="Objects that an answer may hold, by `first` of every list; see "
        "[limits.md](limits.md).",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log record to write."
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="How the server writes its log: lines for people, or a JSON object a line.",
    )
    access_log: Literal["on", "off"] = Field(
        default="off", description="Whether the server logs a line for each request."
    )

    @field_validator("volatile", "video_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return frozenset(name.strip() for name in value.split(",") if name.strip())
        return value

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

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _require_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [origin for origin in origins if not _ORIGIN.fullmatch(origin)]
        if wrong:
            raise PydanticCustomError(
                "origins",
                "{wrong}: not an origin as browsers send it, such as https://news.example or "
                "http://localhost:3000, in lower case and without a path",
                {"wrong": ", ".join(wrong)},
            )
        return origins

    @field_validator("tokens", mode="before")
    @classmethod
    def _read_tokens(cls, value: Any) -> Any:
        return _tokens(value.split()) if isinstance(value, str) else value


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment, with `overrides` (those that are not None) on top.

    Raises SettingsError, which names every setting that is wrong, and its value.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(_faults(error))) from None


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        name = str(fault["loc"][0])
        value = "" if name in _MASKED else f"={fault['input']!r}"
        yield f"{PREFIX}{name.upper()}{value}: {fault['msg']}"


def _tokens(entries: list[str]) -> tuple[Token, ...]:
    """The tokens of these entries; what is wrong is named by the entry's number alone."""
    numbers: dict[str, int] = {}
    tokens: list[Token] = []
    faults: list[str] = []
    for number, entry in enumerate(entries, start=1):
        try:
            token = _token(entry, numbers)
        except ValueError as error:
            faults.append(f"entry {number} {error}")
        else:
            numbers[token.digest] = number
            tokens.append(token)
    if faults:
        raise PydanticCustomError("tokens", "{faults}", {"faults": "; ".join(faults)})
    return tuple(tokens)


def _token(entry: str, numbers: Mapping[str, int]) -> Token:
    """The token of an entry; `numbers` has those before it, by their digests."""
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise ValueError(
            "is not of the form sha256:<64 hex digits>=<scope>[,<scope>]; `newsgraph token` makes "
            "a token and prints its entry"
        )
    digest = match[1].lower()
    if digest in numbers:
        raise ValueError(f"is of the same token as entry {numbers[digest]}; write its scopes there")
    try:
        return Token(digest, frozenset(map(Scope, match[2].split(","))))
    except ValueError:
        raise ValueError(f"has an unknown scope; there are {' and '.join(Scope)}") from None
