"""Settings of HTTP."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from graph.config.non_empty import NonEmptyPath

_ORIGIN: Final = re.compile(
    r"\*|[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*)(:\d{1,5})?"
)

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""The name of a header (RFC 9110, section 5.6.2)."""


class HttpSettings(BaseModel):
    """Which requests are accepted, and what responses reveal."""

    body_limit: int = Field(
        default=1024 * 1024,
        ge=1024,
        le=64 * 1024**2,
        description="Maximum size of a request body, in bytes.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins, separated by commas, whose scripts may read responses, such as "
        "`https://news.example`; `*` allows all; see [http.md](http.md).",
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
        description="Request headers, separated by commas, that scripts of "
        "`NEWSGRAPH_CORS_ORIGINS` may send in addition to those that the API reads; see "
        "[http.md](http.md).",
    )
    introspection: Literal["on", "off"] = Field(
        default="on",
        description="Whether the schema is public: `off` rejects `__schema` and `__type`, and "
        "removes `/schema.graphql`.",
    )
    suggestions: Literal["on", "off"] = Field(
        default="on", description="Whether error messages suggest names (`Did you mean …?`)."
    )
    persisted: Literal["on", "trusted", "off"] = Field(
        default="on",
        description="Which operations clients may identify by an id instead of their text. `on`: "
        "automatic persisted queries and trusted documents. `trusted`: only trusted documents; "
        "all other operations are rejected, even with their text. `off`: none. See "
        "[persisted.md](persisted.md).",
    )
    trusted_documents: NonEmptyPath | None = Field(
        default=None,
        description="The trusted documents: a folder of `.graphql` files, or the manifest that a "
        "client's compiler writes; see [persisted.md](persisted.md).",
    )
    compression: Literal["on", "off"] = Field(
        default="on",
        description="Whether responses are compressed for clients that accept it; see "
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
