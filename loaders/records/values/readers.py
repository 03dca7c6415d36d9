"""The types of fields, with functions that read their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Any, Final

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from loaders.frontmatter.positions import Keys
from loaders.records.values.dates import date_time
from loaders.records.values.scalar_values import Finding, boolean, described, whole_number


@dataclass
class ReaderContext:
    """What the readers of fields need, and the warnings that they add."""

    timezone: tzinfo
    has_quotes: bool = False
    """Whether a number or a boolean is in quotes."""


def _reading(read: Callable[[object], object]) -> CoreSchema:
    def validate(value: object, info: core_schema.ValidationInfo) -> object:
        context: Any = info.context
        context.has_quotes |= type(value) is str
        return _read(read, value)

    return core_schema.with_info_plain_validator_function(validate)


def _date_time(value: object, info: core_schema.ValidationInfo) -> object:
    context: Any = info.context
    return _read(partial(date_time, timezone=context.timezone), value)


def _read(read: Callable[[object], object], value: object) -> object:
    try:
        return None if value is None else read(value)
    except ValueError as error:
        raise PydanticCustomError("scalar", "{reason}", {"reason": str(error)}) from None


WHOLE_NUMBER: Final = _reading(whole_number)
BOOLEAN: Final = _reading(boolean)
DATE_TIME: Final = core_schema.with_info_plain_validator_function(_date_time)


def warn_of_quotes(tree: Any, record: Any, at: Keys, warnings: list[Finding]) -> None:
    """Warn of values in quotes that were read as numbers or booleans."""
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            warn_of_quotes(value, record[key], (*at, key), warnings)
    elif type(tree) is str and isinstance(record, int):
        meaning = str(record).lower() if isinstance(record, bool) else "a number"
        warnings.append(Finding(at, f"{described(tree)} is in quotes, taken as {meaning}"))
