"""gql asks by POST. This asks by GET, which caches understand, and asks again only what changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Final, NamedTuple

import httpx
from gql import GraphQLRequest
from gql.transport.exceptions import TransportClosed, TransportConnectionFailed
from gql.transport.httpx import HTTPXAsyncTransport
from graphql import ExecutionResult

MAX_KEPT: Final = 100


class Kept(NamedTuple):
    """An answer, and the server's name for this state of it."""

    etag: str
    answer: dict[str, Any]


class GetTransport(HTTPXAsyncTransport):
    """Operations by GET: as text, or by their hash where the server has the manifest.

    An answer with an `ETag` is kept. The server is asked whether it still holds; if it says 304,
    nothing is sent again.
    """

    def __init__(self, url: str, *, by_hash: bool, **given: Any) -> None:
        super().__init__(url, **given)
        self._by_hash = by_hash
        self._kept: dict[str, Kept] = {}

    async def execute(
        self,
        request: GraphQLRequest,
        *,
        extra_args: dict[str, Any] | None = None,
        upload_files: bool = False,
    ) -> ExecutionResult:
        """The answer to a query."""
        if self.client is None:
            raise TransportClosed("Transport is not connected")
        address = str(httpx.URL(self.url, params=self._parameters(request)))
        kept = self._kept.get(address)
        headers = {"If-None-Match": kept.etag} if kept else {}
        try:
            response = await self.client.get(address, headers=headers)
        except httpx.HTTPError as error:
            raise TransportConnectionFailed(str(error)) from error
        if kept and response.status_code == httpx.codes.NOT_MODIFIED:
            return _result(kept.answer)
        answer = self._get_json_result(response)
        self._keep(address, response.headers.get("etag"), answer)
        return _result(answer)

    def _parameters(self, request: GraphQLRequest) -> dict[str, str]:
        text = text_of(request)
        named = {"documentId": f"sha256:{hash_of(text)}"} if self._by_hash else {"query": text}
        return {**named, "variables": json.dumps(request.variable_values or {})}

    def _keep(self, address: str, etag: str | None, answer: dict[str, Any]) -> None:
        self._kept.pop(address, None)
        if etag is not None:
            self._kept[address] = Kept(etag, answer)
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]


def text_of(request: GraphQLRequest) -> str:
    """The text of an operation as gql sends it."""
    text: str = request.payload["query"]
    return text


def hash_of(text: str) -> str:
    """What names a text in a manifest of persisted documents."""
    return sha256(text.encode()).hexdigest()


def _result(answer: dict[str, Any]) -> ExecutionResult:
    return ExecutionResult(data=answer.get("data"), errors=answer.get("errors"))
