"""Settings of logs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class LogSettings(BaseModel):
    """What is logged, and how."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Lowest level of log records to write: `debug`, `info`, `warning` or `error`.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="Format of the server's log: `text`, or `json` for one JSON object on each "
        "line.",
    )
    access_log: Literal["on", "off"] = Field(
        default="off", description="Whether the server logs every request."
    )
