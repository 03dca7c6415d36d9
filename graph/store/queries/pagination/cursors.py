"""Opaque cursors for keyset pagination.

A cursor is a short checksum and a JSON list `[list, value, ...]`, encoded as base64url. It
identifies its list, by its order and a digest of its filter, and contains the sort keys of one
document. So it stays valid when documents are added or removed, and a page costs the same however
far down the list it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from math import isfinite
from typing import Any, Final

import orjson

from graph.errors import BadUserInput
from graph.store.queries.filters import Order

_CHECKSUM_BYTES: Final = 4
_DIGEST_BYTES: Final = 6
_SHORT_LIST_KEY: Final = 512
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MAX_LENGTH: Final = 4096
_DATES: Final = range(-62_135_596_800_000, 253_402_300_800_000)
"""The milliseconds since 1970 that are in the years 1 to 9999."""
_INTEGERS: Final = range(-(2**63), 2**63)


def encode(orders: tuple[Order, ...], values: Sequence[Any], list_key: bytes) -> str:
    """Return the cursor of a document with these sort keys. `list_key` identifies the filter."""
    make = _cached_cursor if len(list_key) <= _SHORT_LIST_KEY else _cursor
    return make(orders, list_key, *values)


def _cursor(orders: tuple[Order, ...], list_key: bytes, *values: Any) -> str:
    payload = orjson.dumps([signature(orders, list_key), *map(_to_json, values)])
    return base64.urlsafe_b64encode(_checksum(payload) + payload).decode().rstrip("=")


_cached_cursor = lru_cache(maxsize=4096, typed=True)(_cursor)
"""The same pages are requested often. `typed`, because 1 and 1.0 have different cursors."""


def decode(argument: str, cursor: str, orders: tuple[Order, ...], list_key: bytes) -> list[Any]:
    """Return the sort keys in a cursor. Raises BadUserInput if it belongs to another order or
    filter.
    """
    parts = _parts(cursor)
    if parts is None:
        raise BadUserInput(argument, f'{argument}: "{cursor}" is not a cursor of this API')
    list_signature, *values = parts
    expected = signature(orders, list_key)
    if list_signature != expected or len(values) != len(orders):
        same_order = (
            isinstance(list_signature, str)
            and list_signature.partition("|")[0] == expected.partition("|")[0]
        )
        difference = "filter" if same_order else "order"
        raise BadUserInput(
            argument,
            f"{argument}: this cursor belongs to another {difference}; start without a cursor",
        )
    return [_from_json(value) for value in values]


def signature(orders: tuple[Order, ...], list_key: bytes) -> str:
    """Return the identifier of a list in its cursors: its order, and a digest of its filter."""
    make = _cached_signature if len(list_key) <= _SHORT_LIST_KEY else _signature
    return make(orders, list_key)


def _signature(orders: tuple[Order, ...], list_key: bytes) -> str:
    digest = blake2b(list_key, digest_size=_DIGEST_BYTES).hexdigest()
    return f"{','.join(map(str, orders))}|{digest}"


_cached_signature = lru_cache(maxsize=1024)(_signature)


def _parts(cursor: str) -> list[Any] | None:
    if len(cursor) > _MAX_LENGTH or not cursor.isascii():
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    checksum, payload = raw[:_CHECKSUM_BYTES], raw[_CHECKSUM_BYTES:]
    if checksum != _checksum(payload):
        return None
    try:
        parts = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return parts if isinstance(parts, list) and parts and all(map(_is_key, parts)) else None


def _is_key(value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) == {"date"} and type(value["date"]) is int and value["date"] in _DATES
    if type(value) is int:
        return value in _INTEGERS
    return value is None or isinstance(value, str) or (type(value) is float and isfinite(value))


def _checksum(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=_CHECKSUM_BYTES).digest()


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        since = _EPOCH if value.tzinfo else _NAIVE_EPOCH
        return {"date": (value - since) // _MILLISECOND}
    return value


def _from_json(value: Any) -> Any:
    return _EPOCH + value["date"] * _MILLISECOND if isinstance(value, dict) else value
