"""Settings: read once from the environment (prefix `NEWSGRAPH_`), cast, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.config.caching import CachingSettings
from graph.config.content import ContentSettings
from graph.config.database import DatabaseSettings
from graph.config.execution import ExecutionSettings
from graph.config.http import HttpSettings
from graph.config.limits import LimitSettings
from graph.config.logs import LogSettings
from graph.config.observing import ObservingSettings
from graph.config.serving import ServingSettings
from graph.config.time import TimeSettings
from graph.config.tokens import Scope as Scope
from graph.config.tokens import Token as Token
from graph.config.variables import misspelt
from graph.errors import SettingsError

PREFIX = "NEWSGRAPH_"

_MASKED: Final = frozenset({"tokens"})
"""Settings whose value no message shows: somebody will put a token where its hash belongs."""


class Settings(
    TimeSettings,
    ObservingSettings,
    LogSettings,
    LimitSettings,
    ExecutionSettings,
    CachingSettings,
    HttpSettings,
    ContentSettings,
    ServingSettings,
    DatabaseSettings,
    BaseSettings,
):
    """Everything that an operator can set; `docs/settings.md` lists the same names."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )


def load_settings(**overrides: Any) -> Settings:
    """The settings of the environment, with `overrides` (those that are not None) on top.

    Raises SettingsError, which names every setting that is wrong, and its value.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("; ".join(_faults(error))) from None


def unknown_variables(environment: Mapping[str, str], options: Iterable[str]) -> Iterator[str]:
    """A warning for each variable with our prefix that no setting and none of `options` has."""
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    return misspelt(environment, PREFIX, {*settings, *options})


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        name = str(fault["loc"][0])
        value = "" if name in _MASKED else f"={fault['input']!r}"
        yield f"{PREFIX}{name.upper()}{value}: {fault['msg']}"
