"""The files of a built page: compressed in advance, and cached by browsers."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from graph.web.http.compression import GZIP, coding_of
from graph.web.http.headers import page_headers
from graph.web.http.request.request_headers import RequestHeaders

_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_NO_CACHE: Final = "no-cache"


class PageFiles(StaticFiles):
    """The files of a folder, too large to be kept in memory; `index.html` for the folder itself.

    The files below `assets/` have a digest of their content in their name, so they never change.
    The file `x.gz` is sent for `x` if the client accepts gzip.
    """

    def __init__(self, folder: Path, policy: str) -> None:
        super().__init__(directory=folder, html=True)
        self._assets = folder.resolve() / "assets"
        self._headers = {name.decode(): value.decode() for name, value in page_headers(policy)}

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return the response with a file, or a 304."""
        path = Path(full_path)
        is_asset = self._assets in path.resolve().parents
        headers = {**self._headers, "cache-control": _IMMUTABLE if is_asset else _NO_CACHE}
        media_type = mimetypes.guess_type(path)[0]
        compressed = path.with_name(f"{path.name}.gz")
        if compressed.is_file():
            headers["vary"] = "Accept-Encoding"
            if coding_of(RequestHeaders(scope["headers"]).accept_encoding, GZIP):
                headers["content-encoding"] = "gzip"
                path, stat_result = compressed, compressed.stat()
        response = FileResponse(path, status_code, headers, media_type, stat_result=stat_result)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            not_modified = NotModifiedResponse(response.headers)
            not_modified.headers.update(self._headers)  # a browser applies them to the cached page
            return not_modified
        return response
