"""The address of a client, also behind a proxy."""

from __future__ import annotations

import os
from typing import Any, Final

from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_VARIABLE: Final = "FORWARDED_ALLOW_IPS"


def trusted_proxies() -> str:
    """Return the addresses of proxies whose `X-Forwarded-For` counts, from uvicorn's variable."""
    return os.environ.get(_VARIABLE, "127.0.0.1")


async def _do_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Do nothing: the middleware has changed the scope."""


def proxy_middleware(trusted: str, app: Any = _do_nothing) -> Any:
    """Return uvicorn's middleware for an application, by default one that does nothing.

    It is untyped, because the ASGI types of Starlette and uvicorn differ.
    """
    return ProxyHeadersMiddleware(app, trusted)


class ClientAddresses:
    """Finds the addresses of clients; those of trusted proxies are replaced by what they report."""

    def __init__(self) -> None:
        self._proxies = proxy_middleware(trusted_proxies())

    async def of(self, scope: Scope) -> str:
        """Return the address of the client that sent a request; empty if it is unknown."""
        changed_scope = dict(scope)
        await self._proxies(changed_scope, None, None)
        client = changed_scope.get("client")
        return str(client[0]) if client else ""
