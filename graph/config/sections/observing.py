"""Settings of logs, health checks, metrics and traces."""

from __future__ import annotations

import os
from typing import Final, Literal

from pydantic import BaseModel, Field

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class ObservingSettings(BaseModel):
    """Health, metrics, traces and timing; see docs/operations.md."""

    probe_seconds: float = Field(
        default=2.0,
        ge=0.1,
        le=300,
        description="Seconds between two checks of the database. `/readyz` reports their result; "
        "see [operations.md](operations.md).",
    )
    metrics: Literal["on", "off"] = Field(
        default="on", description="Whether `/metrics` serves metrics for Prometheus."
    )
    traces: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether operations are traced with OpenTelemetry. `auto` traces them if "
        "`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set.",
    )
    server_timing: Literal["on", "off"] = Field(
        default="off",
        description="Whether responses have a `Server-Timing` header.",
    )

    @property
    def wants_traces(self) -> bool:
        """Whether operations are traced."""
        if self.traces == "auto":
            return any(os.environ.get(name) for name in _ENDPOINTS)
        return self.traces == "on"


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
