"""What stays the same while the server runs: compressed when it starts, sent as clients take it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from graph.web.compression import coding_of, codings_of


class Fixed:
    """A body, and the same in each coding that makes it shorter."""

    def __init__(
        self, body: bytes, media_type: str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.body = body
        self._media_type = media_type
        self._coded = codings_of(body)
        self._headers = dict(headers or {})
        if self._coded:
            self._headers["vary"] = "Accept-Encoding"

    def response(self, request: Request) -> Response:
        """The response that carries it."""
        coding = coding_of(request.headers.get("accept-encoding", "").encode("latin-1"))
        if coding is None or coding not in self._coded:
            return Response(self.body, media_type=self._media_type, headers=self._headers)
        headers = {**self._headers, "content-encoding": coding}
        return Response(self._coded[coding], media_type=self._media_type, headers=headers)

    def unchanged(self) -> Response:
        """The response to a client that has it."""
        return Response(status_code=304, headers=self._headers)
