"""The address of a client, also behind a proxy."""

from __future__ import annotations

import os
from typing import Any, Final

from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

TRUSTED_PROXIES: Final = "FORWARDED_ALLOW_IPS"
"""uvicorn's variable: the addresses of proxies whose `X-Forwarded-For` counts."""


class ClientAddresses:
    """Finds the addresses of clients; those of trusted proxies are replaced by what they report."""

    def __init__(self) -> None:
        trusted = os.environ.get(TRUSTED_PROXIES, "127.0.0.1")
        app: Any = _nothing  # the ASGI types of Starlette and uvicorn differ
        self._proxies: Any = ProxyHeadersMiddleware(app, trusted)

    async def of(self, scope: Scope) -> str:
        """Return the address of the client that sent a request; empty if it is unknown."""
        found = dict(scope)
        await self._proxies(found, None, None)
        client = found.get("client")
        return str(client[0]) if client else ""


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Do nothing: the middleware has changed the scope."""
