"""What stays the same while the server runs: compressed when it starts, sent as clients take it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from graph.web.http.compression import MINIMUM, takes


class PrecompressedBody:
    """A body, and the same compressed where that makes it shorter.

    It is gzip, as for the files of the explorer: generators of clients ask for the schema, and some
    of them say that they take zstd on a Node that cannot read it.
    """

    def __init__(
        self, body: bytes, media_type: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.body = body
        self._media_type = media_type
        self._shorter = _shorter(body)
        self._headers = dict(headers or {})
        if self._shorter is not None:
            self._headers["vary"] = "Accept-Encoding"

    def response(self, request: Request) -> Response:
        """The response that carries it."""
        accepted = request.headers.get("accept-encoding", "").encode("latin-1")
        if self._shorter is None or not takes("gzip", accepted):
            return Response(self.body, media_type=self._media_type, headers=self._headers)
        headers = {**self._headers, "content-encoding": "gzip"}
        return Response(self._shorter, media_type=self._media_type, headers=headers)

    def unchanged(self) -> Response:
        """The response to a client that has it."""
        return Response(status_code=304, headers=self._headers)


def _shorter(body: bytes) -> bytes | None:
    shorter = gzip.compress(body, 9, mtime=0) if len(body) >= MINIMUM else body
    return shorter if len(shorter) < len(body) else None
