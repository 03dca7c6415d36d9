"""Global ids (Relay's Global Object Identification): opaque, one per object and type."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from graph.errors import BadUserInput

TYPES: Final = frozenset({"Article", "Topic", "Provider", "Author"})
"""The types whose objects have ids."""

_MAX_LENGTH: Final = 4096


def to_global_id(type_name: str, key: str) -> str:
    """Return the id of the object of this type with this key."""
    return base64.urlsafe_b64encode(f"{type_name}:{key}".encode()).decode().rstrip("=")


def from_global_id(argument: str, global_id: str) -> tuple[str, str]:
    """Return the type and the key in an id; the type need not be one of TYPES. Raises BadUserInput
    for a malformed id.
    """
    type_name, _, key = _decoded(global_id).partition(":")
    if not type_name or not key:
        raise BadUserInput(argument, f'{argument}: "{global_id}" is not an id of this API')
    return type_name, key


def key_of(argument: str, global_id: str, type_name: str) -> str:
    """Return the key in an id that must be of this type."""
    type_of_id, key = from_global_id(argument, global_id)
    if type_of_id != type_name:
        raise BadUserInput(argument, f"{argument}: an id of the type {type_of_id}, not {type_name}")
    return key


def _decoded(global_id: str) -> str:
    if len(global_id) > _MAX_LENGTH or not global_id.isascii():
        return ""
    padded = global_id + "=" * (-len(global_id) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
