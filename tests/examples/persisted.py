"""A server that knows documents by their hashes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.config import Settings
from tests.examples.serving import Served, serving

IS_BUILT_IN: Final = "trusted_documents" in Settings.model_fields
"""Whether newsgraph knows documents itself; else what the clients send is held to the protocols."""


@asynccontextmanager
async def serving_documents(mongo_url: str, manifest: Path | None = None) -> AsyncIterator[Served]:
    """A server that answers what a manifest has, or without one learns texts by their hashes."""
    if IS_BUILT_IN:
        mode = "on" if manifest is None else "trusted"
        async with serving(mongo_url, trusted_documents=manifest, persisted=mode) as served:
            yield served
        return
    known = {key.removeprefix("sha256:"): text for key, text in _texts(manifest).items()}
    async with serving(mongo_url, before=lambda app: _StandIn(app, known)) as served:
        yield served


def _texts(manifest: Path | None) -> dict[str, str]:
    texts: dict[str, str] = {} if manifest is None else json.loads(manifest.read_text())
    return texts


class _StandIn:
    """`documentId` of the GraphQL over HTTP proposal, and automatic persisted queries, by GET."""

    def __init__(self, app: ASGIApp, known: dict[str, str]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["query_string"]:
            await self._app(scope, receive, send)
            return
        parameters = dict(parse_qsl(scope["query_string"].decode()))
        name = _hash_in(parameters)
        if name is not None and "query" in parameters:
            self._known[name] = parameters["query"]
        elif name is not None and name not in self._known:
            error = {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }
            await JSONResponse({"errors": [error]})(scope, receive, send)
            return
        elif name is not None:
            parameters["query"] = self._known[name]
        asked = {**scope, "query_string": urlencode(parameters).encode()}
        await self._app(asked, receive, send)


def _hash_in(parameters: Mapping[str, str]) -> str | None:
    if "documentId" in parameters:
        return parameters["documentId"].removeprefix("sha256:")
    extensions: dict[str, Any] = json.loads(parameters.get("extensions", "{}"))
    persisted = extensions.get("persistedQuery")
    return None if persisted is None else str(persisted["sha256Hash"])
