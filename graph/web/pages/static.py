"""Files of a page that was built: sent compressed where they are, and kept by browsers for ever."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from graph.web.http.compression import takes
from graph.web.http.headers import page_headers

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"


class PageFiles(StaticFiles):
    """The files of a folder, `index.html` for the folder itself.

    What is below `assets/` has its content's digest in its name. A file `x.gz` stands for `x` where
    the client takes gzip.
    """

    def __init__(self, folder: Path, policy: str) -> None:
        super().__init__(directory=folder, html=True)
        self._assets = folder.resolve() / "assets"
        self._headers = page_headers(policy)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The response that carries a file, or says that the client has it."""
        path = Path(full_path)
        asked = Headers(scope=scope)
        is_asset = self._assets in path.resolve().parents
        headers = {**self._headers, "cache-control": _FOR_EVER if is_asset else _ASK_FIRST}
        media_type = mimetypes.guess_type(path)[0]
        smaller = path.with_name(f"{path.name}.gz")
        if smaller.is_file():
            headers["vary"] = "Accept-Encoding"
            if takes("gzip", asked.get("accept-encoding", "").encode("latin-1")):
                headers["content-encoding"] = "gzip"
                path, stat_result = smaller, smaller.stat()
        response = FileResponse(path, status_code, headers, media_type, stat_result=stat_result)
        if self.is_not_modified(response.headers, asked):
            unchanged = NotModifiedResponse(response.headers)
            unchanged.headers.update(self._headers)  # a browser takes them for those of the page
            return unchanged
        return response
