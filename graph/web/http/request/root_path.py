"""The root path: the path below which a proxy makes the server available, such as `/news`."""

from __future__ import annotations

from collections.abc import Container
from functools import cache
from typing import Final

from starlette.types import Scope

from graph.config import Settings
from graph.config.sections.publishing import ROOT_PATH
from graph.web.http.request.client_address import proxy_middleware, trusted_proxies

GRAPHQL_PATH: Final = "/graphql"
"""The path of the endpoint below the root path."""

_FORWARDED: Final = b"x-forwarded-prefix"


class RootPaths:
    """Finds the root paths of requests: the configured one, or that which a trusted proxy names."""

    def __init__(self, settings: Settings) -> None:
        self._configured = settings.root_path or ""
        self._is_forwarded = settings.forwarded_prefix == "on"
        self._trusted = trusted_proxies()

    def of(self, scope: Scope) -> str:
        """Return the root path of a request, without a slash at its end; empty if there is none."""
        if self._is_forwarded:
            client = scope.get("client")
            if (client[0] if client else None) in _proxies(self._trusted):
                prefixes = [value for name, value in scope["headers"] if name == _FORWARDED]
                prefix = prefixes[0].decode("latin-1").removesuffix("/") if prefixes else ""
                if prefixes and ROOT_PATH.fullmatch(prefix):
                    return prefix
        return self._configured

    def is_endpoint(self, path: str, scope: Scope) -> bool:
        """Return whether a path, from which a proxy may have removed the root path or not, is that
        of the endpoint.
        """
        return path in (GRAPHQL_PATH, self.of(scope) + GRAPHQL_PATH)

    def apply(self, scope: Scope) -> None:
        """Set the `root_path` of a request, and let its `path` begin with it, as ASGI demands.

        Proxies may have removed it from the path, or not.
        """
        if root := self.of(scope):
            scope["root_path"] = root
            path = scope["path"]
            if path != root and not path.startswith(f"{root}/"):
                scope["path"] = root + path


def root_path(scope: Scope) -> str:
    """Return the root path of the application, also within a mount."""
    return str(scope.get("app_root_path", scope.get("root_path", "")))


def route_path(scope: Scope) -> str:
    """Return the path of a request below the root path."""
    return str(scope["path"]).removeprefix(root_path(scope))


@cache
def _proxies(trusted: str) -> Container[str | None]:
    """Return the addresses of proxies that uvicorn trusts. They cannot be pickled for workers."""
    trusted_hosts: Container[str | None] = proxy_middleware(trusted).trusted_hosts
    return trusted_hosts
