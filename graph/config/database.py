"""Settings of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from graph.config.filled import FilledPath, FilledText


class DatabaseSettings(BaseModel):
    """Where MongoDB is, and how long to wait for it."""

    mongo_url: FilledText = Field(
        default="embedded:",
        description="Where MongoDB is: a mongodb:// or mongodb+srv:// URL, `embedded:` for a "
        "private mongod, or `mongomock://` for a toy in memory. The URL's path names the "
        "database, as NAME does in `embedded:NAME`; else it is `newsgraph`.",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        default="motor", description="The driver: Motor, or PyMongo's own async client."
    )
    mongo_timeout: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="Seconds to look for a database server before an operation gives up.",
    )
    data_dir: FilledPath = Field(
        default=Path(".newsgraph"),
        description="The folder in which the embedded database keeps its data.",
    )
    query_timeout: float = Field(
        default=10.0,
        ge=0.001,
        le=300,
        description="Seconds that a database command of a query may take before it is ended.",
    )
