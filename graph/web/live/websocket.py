"""Operations over a WebSocket, by the subprotocol graphql-transport-ws."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.types import Receive, Scope, Send

from graph.config import Settings
from graph.errors import NewsgraphError, Overloaded, TooManyStreams
from graph.live.event import NextResult
from graph.web.graphql.error_format import MASKED
from graph.web.graphql.graphql_response import error_response
from graph.web.graphql.persisted import PersistedOperations
from graph.web.graphql.request import GRAPHQL, BadRequest, from_parameters
from graph.web.http.cors import Cors
from graph.web.http.headers import RETRY_AFTER
from graph.web.http.request.auth import scopes_of
from graph.web.http.request.client_address import ClientAddresses
from graph.web.http.request.request_headers import RequestHeaders
from graph.web.live.live_execution import LiveExecutor, LiveRequest
from graph.web.live.websocket_message import (
    ACK,
    DUPLICATE_ID,
    GOING_AWAY,
    INIT_TIMEOUT,
    PONG,
    SUBPROTOCOL,
    TOO_MANY_INITS,
    UNACCEPTABLE_SUBPROTOCOL,
    UNAUTHORIZED,
    ClientMessage,
    CloseConnection,
    complete_message,
    error_message,
    next_message,
    parse_message,
)
from graph.web.server.app_state import AppState

log = logging.getLogger("newsgraph")


class WebSocketEndpoint:
    """Accepts WebSockets, within the limits on event streams: each counts as one."""

    def __init__(
        self, settings: Settings, executor: LiveExecutor, persisted: PersistedOperations
    ) -> None:
        self.settings = settings
        self.executor = executor
        self.persisted = persisted
        self._cors = Cors.of(settings)
        self._clients = ClientAddresses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection until one side closes it."""
        await receive()  # websocket.connect
        headers = RequestHeaders(scope["headers"])
        if not self._allows(headers):
            await send({"type": "websocket.close"})  # before it was accepted, this is a 403
            return
        try:
            with self.executor.streams.stream(await self._clients.of(scope)) as end:
                await _Connection(self, scope["app"].state, headers, receive, send).run(scope, end)
        except (Overloaded, TooManyStreams) as error:
            await _reject(error, send)

    def _allows(self, headers: RequestHeaders) -> bool:
        """Return whether scripts of the origin may connect: browsers do not apply CORS here."""
        origin = headers.origin
        if origin is None or self._cors.headers(origin):
            return True
        with suppress(ValueError):
            return urlsplit(origin.decode("latin-1")).netloc.encode("latin-1") == headers.host
        return False


class _Connection:
    """A WebSocket, and its running operations by id."""

    def __init__(
        self,
        endpoint: WebSocketEndpoint,
        state: AppState,
        headers: RequestHeaders,
        receive: Receive,
        send: Send,
    ) -> None:
        self._endpoint = endpoint
        self._state = state
        self._receive = receive
        self._send = send
        self._scopes = self._scopes_of(headers.authorization)
        self._is_initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, scope: Scope, end: asyncio.Future[None]) -> None:
        """Handle messages until the connection ends."""
        try:
            if SUBPROTOCOL not in scope["subprotocols"]:
                await self._send({"type": "websocket.accept"})
                raise CloseConnection(
                    UNACCEPTABLE_SUBPROTOCOL, f"Subprotocol not acceptable: use {SUBPROTOCOL}"
                )
            await self._send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
            await self._handle_messages(end)
        except CloseConnection as close:
            message = {"type": "websocket.close", "code": close.code, "reason": close.reason}
            with suppress(OSError):  # the client has gone
                await self._send(message)
        except TimeoutError:
            self._end_slow()
        except OSError:
            return
        finally:
            tasks = list(self._operations.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle_messages(self, end: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._endpoint.settings.connection_init_timeout
        pending: asyncio.Future[Any] | None = None
        try:
            while True:
                pending = pending or asyncio.ensure_future(self._receive())
                timeout = None if self._is_initialised else max(deadline - loop.time(), 0)
                first: set[asyncio.Future[Any]] = {pending, end, self._lost}
                await asyncio.wait(first, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if self._lost.done():
                    return
                if end.done():
                    raise CloseConnection(GOING_AWAY, "The server is stopping")
                if not pending.done():
                    raise CloseConnection(INIT_TIMEOUT, "Connection initialisation timeout")
                message, pending = pending.result(), None
                if message["type"] == "websocket.disconnect":
                    return
                await self._handle(parse_message(message.get("text")))
        finally:
            if pending is not None:
                pending.cancel()

    async def _handle(self, message: ClientMessage) -> None:
        if message.type == "connection_init":
            if self._is_initialised:
                raise CloseConnection(TOO_MANY_INITS, "Too many initialisation requests")
            self._is_initialised = True
            authorization = _authorization(message.payload)
            if authorization is not None:
                self._scopes = self._scopes_of(authorization)
            await self._write(ACK)
        elif message.type == "ping":
            await self._write(PONG)
        elif message.type == "subscribe":
            await self._subscribe(message)
        elif message.type == "complete":
            task = self._operations.pop(message.id, None)
            if task is not None:
                task.cancel()

    async def _subscribe(self, message: ClientMessage) -> None:
        if not self._is_initialised:
            raise CloseConnection(UNAUTHORIZED, "Unauthorized")
        if message.id in self._operations:
            raise CloseConnection(DUPLICATE_ID, f"Subscriber for {message.id[:64]} already exists")
        limit = self._endpoint.settings.max_subscriptions
        if len(self._operations) >= limit:
            await self._fail(message.id, TooManyStreams(limit, "operations on this connection"))
            return
        task = asyncio.ensure_future(self._run(message))
        self._operations[message.id] = task

        def forget(_: object) -> None:
            if self._operations.get(message.id) is task:
                del self._operations[message.id]

        task.add_done_callback(forget)

    async def _run(self, message: ClientMessage) -> None:
        """Execute an operation, and send its results."""
        try:
            async with AsyncExitStack() as resources:
                await self._send_results(message, resources)
        except TimeoutError:
            self._end_slow()
        except OSError:
            return  # the client has gone
        except (BadRequest, NewsgraphError) as error:
            await self._fail(message.id, error)
        except Exception:
            log.exception("an operation over a WebSocket failed")
            await self._fail(message.id, BadRequest(MASKED, code=NewsgraphError.code))

    async def _send_results(self, message: ClientMessage, resources: AsyncExitStack) -> None:
        endpoint = self._endpoint
        request = from_parameters(message.payload)
        text = endpoint.persisted.text_of(request, is_safe=False)
        live = LiveRequest(request, text, self._scopes)
        if not endpoint.executor.is_subscription(text, request.operation_name):
            result = await endpoint.executor.execute(live, self._state)
            await self._send_result(message.id, NextResult(result.body), is_error=result.is_final)
            if not result.is_final:
                await self._complete(message.id)
            return
        results = await endpoint.executor.open(live, self._state, resources)
        while (following := await results.next()) is not None:
            await self._send_result(message.id, following, is_error=results.is_refused)
            if results.is_refused:
                return
        await self._complete(message.id)

    async def _send_result(self, id_: str, result: NextResult, *, is_error: bool) -> None:
        if is_error:
            await self._write(error_message(id_, orjson.loads(result.body)["errors"]))
            return
        await self._write(next_message(id_, result.body))
        self._endpoint.executor.streams.events += 1

    async def _complete(self, id_: str) -> None:
        self._operations.pop(id_, None)  # the client may use the id again at once
        await self._write(complete_message(id_))

    async def _fail(self, id_: str, error: BadRequest | NewsgraphError) -> None:
        """Send an error that ends an operation."""
        self._operations.pop(id_, None)
        content = {"message": str(error), "extensions": {"code": error.code}}
        with suppress(OSError):
            await self._write(error_message(id_, [content]))

    async def _write(self, text: str) -> None:
        """Send a message. A client that does not read it in time is disconnected."""
        async with asyncio.timeout(self._endpoint.settings.stream_timeout):
            await self._send({"type": "websocket.send", "text": text})

    def _end_slow(self) -> None:
        if not self._lost.done():
            self._endpoint.executor.streams.dropped["slow"] += 1
            self._lost.set_result(None)

    def _scopes_of(self, authorization: str | None) -> frozenset[str]:
        return scopes_of(authorization, self._endpoint.settings.tokens)


def _authorization(payload: Mapping[str, Any]) -> str | None:
    """Return the Authorization header in the payload of `connection_init`: scripts in browsers
    cannot send it with the handshake.
    """
    for name, value in payload.items():
        if name.lower() == "authorization" and isinstance(value, str):
            return value
    return None


async def _reject(error: Overloaded | TooManyStreams, send: Send) -> None:
    """Reject a connection that was not accepted yet."""
    status = 503 if isinstance(error, Overloaded) else 429
    response = error_response(BadRequest(str(error), status, error.code), GRAPHQL, [RETRY_AFTER])
    start: Any = {
        "type": "websocket.http.response.start",
        "status": status,
        "headers": list(response.headers),
    }
    await send(start)
    await send({"type": "websocket.http.response.body", "body": response.body})
