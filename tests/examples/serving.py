"""A newsgraph server for the clients of examples/, and a record of their requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.app import create_app
from graph.config import Settings
from graph.web.http.response import COMPLETE_RESPONSE
from tests.served import hosted


@dataclass
class RecordedRequest:
    """A request to /graphql: its method, the parameters of its address, and its headers.

    `status` is that of the response.
    """

    method: str
    parameters: dict[str, str]
    headers: dict[str, str]
    status: int = 0


@dataclass
class Served:
    """A server: its URL, and the requests that it received."""

    host: str
    requests: list[RecordedRequest] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.host}/graphql"


@asynccontextmanager
async def serving(
    mongo_url: str, *, before: Callable[[ASGIApp], ASGIApp] | None = None, **settings: Any
) -> AsyncIterator[Served]:
    """A server of this process over a database; `before` may stand in front of it."""
    chosen = Settings.model_validate({"mongo_url": mongo_url, **settings})
    app: ASGIApp = create_app(chosen)
    if before is not None:
        app = before(app)
    requests: list[RecordedRequest] = []
    async with hosted(chosen, _recorded(app, requests)) as (port, _, _):
        yield Served(f"http://127.0.0.1:{port}", requests)


def _recorded(app: ASGIApp, requests: list[RecordedRequest]) -> ASGIApp:
    async def record(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/graphql":
            await app(scope, receive, send)
            return
        parameters = dict(parse_qsl(scope["query_string"].decode()))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        request = RecordedRequest(scope["method"], parameters, headers)
        requests.append(request)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
            await send(message)

        send_complete = scope["extensions"][COMPLETE_RESPONSE]["send"]

        def record_and_send(status: int, head: bytes, body: bytes) -> bool:
            request.status = status
            return bool(send_complete(status, head, body))

        extensions = {COMPLETE_RESPONSE: {"send": record_and_send}}
        await app({**scope, "extensions": extensions}, receive, sent)

    return record
