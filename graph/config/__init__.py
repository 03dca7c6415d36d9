"""Settings, read once from environment variables (prefix `NEWSGRAPH_`) and validated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from graph.config.sections.caching import CachingSettings
from graph.config.sections.content import ContentSettings
from graph.config.sections.database import DatabaseSettings
from graph.config.sections.execution import ExecutionSettings, LimitSettings
from graph.config.sections.http import HttpSettings
from graph.config.sections.observing import LogSettings, ObservingSettings
from graph.config.sections.publishing import PublishingSettings
from graph.config.sections.search import SearchSettings
from graph.config.sections.serving import ServingSettings, StreamSettings, TimeSettings
from graph.config.tokens import Scope as Scope
from graph.config.tokens import Token as Token
from graph.config.variables import misspelt
from graph.errors import SettingsError

PREFIX = "NEWSGRAPH_"

_MASKED: Final = frozenset({"tokens"})
"""Settings whose value is not shown in messages: it may contain a token instead of its hash."""


class Settings(
    StreamSettings,
    TimeSettings,
    ObservingSettings,
    LogSettings,
    LimitSettings,
    ExecutionSettings,
    CachingSettings,
    HttpSettings,
    PublishingSettings,
    ContentSettings,
    SearchSettings,
    ServingSettings,
    DatabaseSettings,
    BaseSettings,
):
    """All settings of an operator; `docs/settings.md` lists the same names."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments and the environment only: to look for a `.env` file takes as long."""
        return init_settings, env_settings


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; `overrides` that are not None take precedence.

    Raises SettingsError, which names every invalid setting with its value.
    """
    present = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**present)
    except ValidationError as error:
        raise SettingsError("; ".join(_faults(error))) from None


def unknown_variables(environment: Mapping[str, str], options: Iterable[str]) -> Iterator[str]:
    """Return a warning for each variable with the prefix that is neither a setting nor in
    `options`.
    """
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    return misspelt(environment, PREFIX, {*settings, *options})


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        name = str(fault["loc"][0])
        value = "" if name in _MASKED else f"={fault['input']!r}"
        yield f"{PREFIX}{name.upper()}{value}: {fault['msg']}"
