"""Settings of what an operation may ask for."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LimitSettings(BaseModel):
    """The bounds of docs/limits.md."""

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
