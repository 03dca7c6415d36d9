"""Event streams of an application in this process, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from starlette.applications import Starlette

from tests.served import PATIENCE


class Event(NamedTuple):
    """An event: its name, its id and its data."""

    name: str
    id: str
    data: Any


class EventStream:
    """A request and the response that is sent for it."""

    def __init__(self, app: Starlette, scope: dict[str, Any], body: bytes = b"") -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.is_complete = False
        self.reads = asyncio.Event()
        self.reads.set()
        self._events: list[Event] = []
        self._changed = asyncio.Event()
        self._requests: asyncio.Queue[Any] = asyncio.Queue()
        self._requests.put_nowait({"type": "http.request", "body": body, "more_body": False})
        self.scope = scope
        self.task = asyncio.ensure_future(app(scope, self._requests.get, self._send))

    @classmethod
    def get(cls, app: Starlette, query: str, **options: Any) -> Self:
        """Send an operation as EventSource does."""
        headers = {"accept": "text/event-stream", **options.pop("headers", {})}
        parameters = {"query": query, **options.pop("parameters", {})}
        return cls(app, _scope("GET", headers, urlencode(parameters), **options))

    @classmethod
    def post(cls, app: Starlette, query: str, **options: Any) -> Self:
        """Send an operation as the clients of graphql-sse do."""
        headers = {
            "accept": "text/event-stream",
            "content-type": "application/json",
            **options.pop("headers", {}),
        }
        body = json.dumps({"query": query, **options.pop("parameters", {})}).encode()
        return cls(app, _scope("POST", headers, "", **options), body)

    async def _send(self, message: Any) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")
            self.is_complete = not message.get("more_body", False)
        self._changed.set()

    async def next(self) -> Event:
        """Return the next event."""
        async with asyncio.timeout(PATIENCE):
            while not (events := events_of(self.body)[len(self._events) :]):
                assert not self.task.done(), self.body
                await self._change()
        self._events.append(events[0])
        return events[0]

    async def until(self, data: bytes) -> None:
        """Return once the body contains this."""
        async with asyncio.timeout(PATIENCE):
            while data not in self.body:
                await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    @property
    def unread(self) -> list[Event]:
        """The events that were sent and not returned by `next`."""
        return events_of(self.body)[len(self._events) :]

    async def ended(self) -> bytes:
        """Return the whole body once the response has ended."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([self.task])
        with suppress(asyncio.CancelledError):
            self.task.result()
        return self.body

    async def close(self) -> None:
        """Disconnect the client."""
        self._requests.put_nowait({"type": "http.disconnect"})
        self.reads.set()
        await self.ended()


def events_of(body: bytes) -> list[Event]:
    """Return the events in a stream; comments and other fields are not events."""
    found = []
    for block in body.decode().split("\n\n")[:-1]:
        fields = dict(line.partition(":")[::2] for line in block.split("\n"))
        if "event" in fields:
            data = fields["data"].strip()
            found.append(
                Event(
                    fields["event"].strip(),
                    fields.get("id", "").strip(),
                    json.loads(data) if data else None,
                )
            )
    return found


def _scope(
    method: str, headers: dict[str, str], query_string: str, client: str = "192.0.2.1"
) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": query_string.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 50_000),
        "server": ("test", 80),
        "state": {},
    }


@asynccontextmanager
async def started(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    """The application, started; the state of its lifespan."""
    lifespan: Any = app.router.lifespan_context(app)
    async with lifespan as state:
        yield state
