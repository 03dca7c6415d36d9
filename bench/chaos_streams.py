"""The live results of operations, as the clients of chaos.py receive them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, Final
from urllib.parse import urlencode

from websockets.sync.client import connect
from websockets.typing import Subprotocol

SECONDS: Final = 30.0
"""How long a client waits for a response."""

_STOP_SECONDS: Final = 1.0
"""How long it may take a client of a WebSocket to notice that it is to stop."""

_PROTOCOL: Final = Subprotocol("graphql-transport-ws")


class Failed(Exception):
    """A request had no answer; the message is the code of the error."""


Events = Iterator[tuple[dict[str, Any], str]]
"""The data of each result, and the id of its event; the latter is empty over a WebSocket."""

OpenEvents = Callable[[int, str, dict[str, Any], Event], Events]
"""Yields the events of an operation at a port, with variables, until stopped. Raises Failed, and
what the connection raises when it breaks.
"""


def events(port: int, query: str, variables: dict[str, Any], stop: Event) -> Events:
    """Yield the events of an event stream."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        path = f"/graphql?{urlencode({'query': query, 'variables': json.dumps(variables)})}"
        connection.request("GET", path, headers={"Accept": "text/event-stream"})
        response = connection.getresponse()
        if response.status != 200:
            raise Failed(str(response.status))
        event: dict[str, str] = {}
        # A comment comes every few seconds, so that this notices soon when it is to stop.
        while not stop.is_set() and (line := response.readline()):
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
                continue
            if event.get("event") == "next":
                yield _data(json.loads(event["data"])), event["id"]
            event = {}
    finally:
        connection.close()


def websocket_events(port: int, query: str, variables: dict[str, Any], stop: Event) -> Events:
    """Yield the results over a WebSocket."""
    url, payload = f"ws://127.0.0.1:{port}/graphql", {"query": query, "variables": variables}
    with connect(
        url, subprotocols=[_PROTOCOL], open_timeout=SECONDS, close_timeout=_STOP_SECONDS, proxy=None
    ) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        socket.recv(SECONDS)
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        while not stop.is_set():
            try:
                message = json.loads(socket.recv(_STOP_SECONDS))
            except TimeoutError:
                continue
            if message["type"] == "complete":
                return
            if message["type"] == "error":
                raise Failed(message["payload"][0]["extensions"]["code"])
            yield _data(message["payload"]), ""


def _data(result: dict[str, Any]) -> dict[str, Any]:
    if "errors" in result:
        raise Failed(result["errors"][0]["extensions"]["code"])
    data: dict[str, Any] = result["data"]
    return data
