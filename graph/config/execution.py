"""Settings of how operations are run."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ExecutionSettings(BaseModel):
    """Which executor runs operations."""

    compiler: Literal["on", "off", "verify"] = Field(
        default="on",
        description="Whether operations are compiled: `off` runs them all on graphql-core, "
        "`verify` on both, answers with graphql-core's answer and logs where the two differ; see "
        "[compiler.md](compiler.md).",
    )
