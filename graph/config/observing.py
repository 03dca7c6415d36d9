"""Settings of what the operator sees from outside."""

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
        description="Seconds between two looks at the database, of which `/readyz` tells; see "
        "[operations.md](operations.md).",
    )
    metrics: Literal["on", "off"] = Field(
        default="on", description="Whether `/metrics` tells Prometheus what the server does."
    )
    traces: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether operations are traced by OpenTelemetry: with `auto` they are where "
        "`OTEL_EXPORTER_OTLP_ENDPOINT` says where to.",
    )
    server_timing: Literal["on", "off"] = Field(
        default="off",
        description="Whether answers tell in a `Server-Timing` header what they took.",
    )

    @property
    def wants_traces(self) -> bool:
        """Whether operations are traced."""
        if self.traces == "auto":
            return any(os.environ.get(name) for name in _ENDPOINTS)
        return self.traces == "on"
