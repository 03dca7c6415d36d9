"""Settings of the execution of operations, and of the limits on them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ExecutionSettings(BaseModel):
    """Which executor runs operations."""

    compiler: Literal["on", "off", "verify"] = Field(
        default="on",
        description="How operations are executed: `on` compiles them to Python, `off` leaves "
        "them to graphql-core, `verify` does both, sends graphql-core's response and logs any "
        "difference; see [compiler.md](compiler.md).",
    )


class LimitSettings(BaseModel):
    """The limits of docs/limits.md."""

    max_tokens: int = Field(
        default=4_000,
        ge=1,
        le=1_000_000,
        description="Maximum number of lexical tokens in the text of an operation; see "
        "[limits.md](limits.md).",
    )
    max_depth: int = Field(
        default=25, ge=1, le=100, description="Maximum number of levels of nested fields."
    )
    max_aliases: int = Field(
        default=100,
        ge=0,
        le=100_000,
        description="Maximum number of fields with an alias. Fragments count wherever they are "
        "spread.",
    )
    max_root_fields: int = Field(
        default=25,
        ge=1,
        le=100_000,
        description="Maximum number of fields at the top level of an operation.",
    )
    max_directives: int = Field(
        default=50,
        ge=0,
        le=100_000,
        description="Maximum number of directives, such as `@include`.",
    )
    max_selections: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="Maximum number of fields and fragments. The contents of fragments count "
        "wherever they are spread.",
    )
    max_cost: int = Field(
        default=100_000,
        ge=1,
        le=1_000_000_000,
        description="Maximum cost of an operation: about the number of objects that its response "
        "may contain; see [limits.md](limits.md).",
    )
