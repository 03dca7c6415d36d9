"""Types of settings that must not be empty: an empty path would mean the current folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _require_non_empty(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise PydanticCustomError("empty", "is empty: give it a value, or unset it")
    return value


NonEmptyPath = Annotated[Path, BeforeValidator(_require_non_empty)]
NonEmptyText = Annotated[str, BeforeValidator(_require_non_empty)]
