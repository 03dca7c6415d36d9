"""Settings of the server process."""

from __future__ import annotations

from pydantic import BaseModel, Field

from graph.config.filled import FilledPath, FilledText


class ServingSettings(BaseModel):
    """Where to serve, with what."""

    host: FilledText = Field(default="127.0.0.1", description="The address to serve at.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to serve at.")
    workers: int = Field(default=1, ge=1, le=256, description="How many server processes.")
    media_dir: FilledPath | None = Field(
        default=None, description="A folder whose files are served below /media/."
    )
