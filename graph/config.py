"""Settings: read once from the environment (prefix `NEWSGRAPH_`), cast, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graph.errors import SettingsError

PREFIX = "NEWSGRAPH_"


class Settings(BaseSettings):
    """Everything that an operator can set; `docs/settings.md` lists the same names."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    mongo_url: str = Field(
        default="embedded:",
        description="Where MongoDB is: a mongodb:// or mongodb+srv:// URL, `embedded:` for a "
        "private mongod, or `mongomock://` for a toy in memory. The URL's path names the "
        "database, else it is `newsgraph`.",
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
    data_dir: Path = Field(
        default=Path(".newsgraph"),
        description="The folder in which the embedded database keeps its data.",
    )
    host: str = Field(default="127.0.0.1", description="The address to serve at.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to serve at.")
    workers: int = Field(default=1, ge=1, le=256, description="How many server processes.")
    media_dir: Path | None = Field(
        default=None, description="A folder whose files are served below /media/."
    )
    volatile: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset({"secured"}),
        description="Top-level fields, separated by commas, whose change alone is no change in "
        "meaning.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log record to write."
    )

    @field_validator("volatile", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        if isinstance(value, str):
            return frozenset(name.strip() for name in value.split(",") if name.strip())
        return value


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment, with `overrides` (those that are not None) on top.

    Raises SettingsError, which names every setting that is wrong, and its value.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = [
            f"{PREFIX}{str(fault['loc'][0]).upper()}={fault['input']!r}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise SettingsError("; ".join(faults)) from None
