"""Responses whose bodies are made while they are sent, so that they need little memory."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from graph.errors import NewsgraphError
from graph.web.http.headers import Header

log = logging.getLogger("newsgraph")

_GZIP: Final = 31
"""zlib's window bits for the format of gzip."""


class StreamedResponse:
    """An ASGI application that sends the parts of a body, compressed with gzip if `compresses`.

    If a part cannot be made, or the client does not read it within `patience` seconds, the
    connection is closed, so that the client does not take what it has for the whole body.
    """

    def __init__(
        self,
        headers: Sequence[Header],
        parts: AsyncIterator[bytes],
        *,
        compresses: bool,
        patience: float,
    ) -> None:
        coding: Sequence[Header] = ((b"content-encoding", b"gzip"),) if compresses else ()
        self._headers = [*headers, *coding]
        self._parts = _compressed(parts) if compresses else parts
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Any = {"type": "http.response.start", "status": 200, "headers": self._headers}
        await send(start)
        if scope["method"] != "HEAD":
            try:
                await self._send_parts(send)
            except (NewsgraphError, TimeoutError) as error:
                reason = str(error) or f"the client did not read it for {self._patience:g} s"
                log.warning("the response to %r is incomplete: %s", scope["path"], reason)
                raise asyncio.CancelledError("the response is incomplete") from None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_parts(self, send: Send) -> None:
        async for part in self._parts:
            async with asyncio.timeout(self._patience):
                await send({"type": "http.response.body", "body": part, "more_body": True})


async def _compressed(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    compressor = zlib.compressobj(1, wbits=_GZIP)
    async for part in parts:
        if compressed := await asyncio.to_thread(compressor.compress, part):
            yield compressed
    yield compressor.flush()
