"""Settings of the execution of operations."""

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
