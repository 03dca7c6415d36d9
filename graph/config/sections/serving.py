"""Settings of the server processes."""

from __future__ import annotations

from pydantic import BaseModel, Field

from graph.config.sections.non_empty import NonEmptyPath, NonEmptyText


class ServingSettings(BaseModel):
    """Address, processes and media."""

    host: NonEmptyText = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(default=1, ge=1, le=256, description="Number of server processes.")
    media_dir: NonEmptyPath | None = Field(
        default=None, description="Folder whose files are served below `/media/`."
    )
