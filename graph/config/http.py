"""Settings of the public face."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from graph.config.filled import FilledPath

_ORIGIN: Final = re.compile(
    r"\*|[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*)(:\d{1,5})?"
)

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name of a header: RFC 9110, section 5.6.2."""


class HttpSettings(BaseModel):
    """What requests may be, and what strangers are told."""

    body_limit: int = Field(
        default=1024 * 1024,
        ge=1024,
        le=64 * 1024**2,
        description="Bytes of a request's body beyond which it is refused.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins, separated by commas, whose scripts may read answers in a browser, "
        "such as `https://news.example`; `*` is any; see [http.md](http.md).",
    )
    cors_headers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(
            "traceparent",
            "tracestate",
            "baggage",
            "sentry-trace",
            "apollo-require-preflight",
            "apollographql-client-name",
            "apollographql-client-version",
            "x-apollo-operation-name",
        ),
        description="Request headers, separated by commas, that these scripts may send besides "
        "those that the API reads itself; see [http.md](http.md).",
    )
    introspection: Literal["on", "off"] = Field(
        default="on",
        description="Whether clients may ask for the schema: with `off` neither `__schema` and "
        "`__type` nor /schema.graphql tell it.",
    )
    suggestions: Literal["on", "off"] = Field(
        default="on", description="Whether errors suggest the names that a client may have meant."
    )
    persisted: Literal["on", "trusted", "off"] = Field(
        default="on",
        description="Which operations may be asked for by an id instead of their text: `on` those "
        "that clients send and the trusted ones, `trusted` these alone, and no other operation is "
        "answered at all, `off` none; see [persisted.md](persisted.md).",
    )
    trusted_documents: FilledPath | None = Field(
        default=None,
        description="The trusted operations: a folder of .graphql files, or the manifest that a "
        "client's compiler writes; see [persisted.md](persisted.md).",
    )
    compression: Literal["on", "off"] = Field(
        default="on",
        description="Whether answers are compressed for clients that take it; see "
        "[http.md](http.md).",
    )

    @field_validator("cors_origins", "cors_headers", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("cors_headers")
    @classmethod
    def _require_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in names if not _TOKEN.fullmatch(name)]
        if wrong:
            raise PydanticCustomError(
                "headers",
                "{wrong}: not the name of a header, such as traceparent",
                {"wrong": ", ".join(wrong)},
            )
        return names

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
