"""Opaque keyset cursors: where in an order a page starts.

A cursor is base64url over a JSON list `[list, value, ...]` behind a short checksum. It names the
list that it belongs to, by its order and a digest of its filter, and holds the keys of one
document; so it stays right when documents come and go, and page 5,000 costs what page 1 does.
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
_SCOPE_BYTES: Final = 6
_SHORT_SCOPE: Final = 512
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MAXIMUM_LENGTH: Final = 4096
_DATES: Final = range(-62_135_596_800_000, 253_402_300_800_000)
"""The milliseconds since 1970 that are within the years 1 to 9999."""
_INTEGERS: Final = range(-(2**63), 2**63)


def encode(orders: tuple[Order, ...], values: Sequence[Any], scope: bytes) -> str:
    """The cursor of a document with these values of the order's keys; `scope` names the filter."""
    make = _remembered_cursor if len(scope) <= _SHORT_SCOPE else _cursor
    return make(orders, scope, *values)


def _cursor(orders: tuple[Order, ...], scope: bytes, *values: Any) -> str:
    payload = orjson.dumps([signature(orders, scope), *map(_plain, values)])
    return base64.urlsafe_b64encode(_checksum(payload) + payload).decode().rstrip("=")


_remembered_cursor = lru_cache(maxsize=4096, typed=True)(_cursor)
"""The pages that are asked for most are the same ones again; 1 and 1.0 are not the same value."""


def decode(argument: str, cursor: str, orders: tuple[Order, ...], scope: bytes) -> list[Any]:
    """The values in a cursor. Raises BadUserInput for one of another order or filter."""
    parts = _parts(cursor)
    if parts is None:
        raise BadUserInput(argument, f"{argument}: not a cursor of this API")
    name, *values = parts
    own = signature(orders, scope)
    if name != own or len(values) != len(orders):
        same_order = isinstance(name, str) and name.partition("|")[0] == own.partition("|")[0]
        other = "filter" if same_order else "order"
        raise BadUserInput(
            argument, f"{argument}: this cursor belongs to another {other}; start without a cursor"
        )
    return [_restored(value) for value in values]


def signature(orders: tuple[Order, ...], scope: bytes) -> str:
    """The list as a cursor names it: its order, and a digest of its filter."""
    make = _remembered if len(scope) <= _SHORT_SCOPE else _signature
    return make(orders, scope)


def _signature(orders: tuple[Order, ...], scope: bytes) -> str:
    digest = blake2b(scope, digest_size=_SCOPE_BYTES).hexdigest()
    return f"{','.join(map(str, orders))}|{digest}"


_remembered = lru_cache(maxsize=1024)(_signature)


def _parts(cursor: str) -> list[Any] | None:
    if len(cursor) > _MAXIMUM_LENGTH or not cursor.isascii():
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


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        since = _EPOCH if value.tzinfo else _NAIVE_EPOCH
        return {"date": (value - since) // _MILLISECOND}
    return value


def _restored(value: Any) -> Any:
    return _EPOCH + value["date"] * _MILLISECOND if isinstance(value, dict) else value
