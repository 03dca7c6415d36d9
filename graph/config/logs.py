"""Settings of what is told to the operator."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class LogSettings(BaseModel):
    """What is logged, and how."""

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
