"""Settings of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from graph.config.non_empty import NonEmptyPath, NonEmptyText


class DatabaseSettings(BaseModel):
    """Where MongoDB is, and how long to wait for it."""

    mongo_url: NonEmptyText = Field(
        default="embedded:",
        description="URL of MongoDB: `mongodb://…`, `mongodb+srv://…`, `embedded:` for a private "
        "mongod, or `mongomock://` for a simulation in memory. The path of the URL, or NAME in "
        "`embedded:NAME`, is the name of the database; by default it is `newsgraph`.",
    )
    mongo_driver: Literal["motor", "pymongo"] = Field(
        default="motor",
        description="Database driver: `motor`, or `pymongo` for PyMongo's own async client.",
    )
    mongo_timeout: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="Maximum time that an operation waits while no database server responds, in "
        "seconds; see [http.md](http.md#timeouts-and-overload).",
    )
    data_dir: NonEmptyPath = Field(
        default=Path(".newsgraph"),
        description="Folder for the data of the embedded database.",
    )
    query_timeout: float = Field(
        default=10.0,
        ge=0.001,
        le=300,
        description="Maximum duration of each database command of a query, in seconds.",
    )
