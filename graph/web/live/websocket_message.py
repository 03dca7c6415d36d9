"""The messages of the WebSocket subprotocol graphql-transport-ws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

SUBPROTOCOL: Final = "graphql-transport-ws"

ACK: Final = '{"type":"connection_ack"}'
PONG: Final = '{"type":"pong"}'

GOING_AWAY: Final = 1001
INVALID_MESSAGE: Final = 4400
UNAUTHORIZED: Final = 4401
UNACCEPTABLE_SUBPROTOCOL: Final = 4406
INIT_TIMEOUT: Final = 4408
DUPLICATE_ID: Final = 4409
TOO_MANY_INITS: Final = 4429

_MAX_ID: Final = 256
"""The maximum length of an id in characters."""


class CloseConnection(Exception):
    """Ends a connection, with a code and a reason that the client receives."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ClientMessage(NamedTuple):
    """A message of a client. The id is empty, and the payload is too, if the type has none."""

    type: str
    id: str
    payload: Mapping[str, Any]


_TYPES: Final = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})
_WITH_ID: Final = frozenset({"subscribe", "complete"})


def parse_message(text: str | None) -> ClientMessage:
    """Parse a message; None is a binary one. Raises CloseConnection if it is invalid."""
    if text is None:
        raise CloseConnection(INVALID_MESSAGE, "Invalid message: it must be text")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise CloseConnection(INVALID_MESSAGE, "Invalid message: it is not JSON") from None
    if not isinstance(message, dict):
        raise CloseConnection(INVALID_MESSAGE, "Invalid message: it is not an object")
    type_, id_, payload = message.get("type"), message.get("id"), message.get("payload")
    if not isinstance(type_, str) or type_ not in _TYPES:
        raise CloseConnection(INVALID_MESSAGE, "Invalid message: its type is unknown")
    if type_ in _WITH_ID and not (isinstance(id_, str) and 0 < len(id_) <= _MAX_ID):
        raise CloseConnection(INVALID_MESSAGE, f"Invalid message: {type_} needs an id")
    if not isinstance(payload, dict) and (payload is not None or type_ == "subscribe"):
        raise CloseConnection(INVALID_MESSAGE, "Invalid message: its payload is not an object")
    return ClientMessage(type_, id_ if isinstance(id_, str) else "", payload or {})


def next_message(id_: str, body: bytes) -> str:
    """Return the message with a result, which is JSON."""
    return f'{{"id":{_json(id_)},"type":"next","payload":{body.decode()}}}'


def error_message(id_: str, errors: Sequence[Any]) -> str:
    """Return the message that an operation cannot be executed, which ends it."""
    return f'{{"id":{_json(id_)},"type":"error","payload":{_json(errors)}}}'


def complete_message(id_: str) -> str:
    """Return the message that there will be no more results."""
    return f'{{"id":{_json(id_)},"type":"complete"}}'


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
