"""The files of the reader, a news front end over the API. They are served without a build."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path, PurePath
from typing import Final

import orjson
from markupsafe import Markup
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from graph.web.graphql.trusted import document_digest
from graph.web.http.response import PreparedResponse, response_with

FOLDER: Final = Path(__file__).parents[2] / "reader"
OPERATIONS: Final = FOLDER / "operations"
"""Those of the modules. The server makes pages of them, too."""

_FRAGMENTS: Final = OPERATIONS / "fragments"

SERVER_OPERATIONS: Final = Path(__file__).parent / "operations"
"""Those of the pages that only the server makes."""

STYLE: Final = Markup((FOLDER / "reader.css").read_text())
"""The style sheet. It is part of each page, so that the first paint needs no second request."""

_STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'sha256-{_STYLE_DIGEST}'",
        "img-src 'self' https: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_MEDIA_TYPES: Final = {".js": "text/javascript", ".svg": "image/svg+xml"}
_IMMUTABLE: Final = (b"cache-control", b"public, max-age=31536000, immutable")


def asset_route(*, by_id: bool) -> Route:
    """Return the route of the files. With `by_id` they send the ids of their operations, else the
    texts.
    """
    _prepared_assets(by_id)  # when the server starts, not with the first request
    return Route("/reader/{version}/{path:path}", partial(_asset, by_id))


async def _asset(by_id: bool, request: Request) -> ASGIApp:
    if request.path_params["version"] != version(by_id):
        return _NOT_FOUND
    return _prepared_assets(by_id).get(request.path_params["path"], _NOT_FOUND)


_NOT_FOUND: Final[ASGIApp] = response_with(b"There is nothing here.", "text/plain", status=404)


@cache
def assets(by_id: bool) -> dict[str, bytes]:
    """Return the files that the page loads, by path."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in _MEDIA_TYPES)
    content = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in files}
    content["operations.js"] = _module_of(module_operations(), by_id)
    return content


@cache
def _prepared_assets(by_id: bool) -> dict[str, ASGIApp]:
    return {
        path: PreparedResponse(content, _MEDIA_TYPES[PurePath(path).suffix], [_IMMUTABLE])
        for path, content in assets(by_id).items()
    }


@cache
def version(by_id: bool) -> str:
    """Return a digest of the assets. It is part of their URLs, so that browsers can cache them for
    ever.
    """
    digest = hashlib.sha256()
    for path, content in assets(by_id).items():
        digest.update(b"%s\0%d\0%s" % (path.encode(), len(content), content))
    return digest.hexdigest()[:12]


@cache
def operation_text(name: str) -> str:
    """Return the text of an operation, with the fragments that it spreads."""
    paths = [folder / f"{name}.graphql" for folder in (OPERATIONS, SERVER_OPERATIONS)]
    text = next(path for path in paths if path.exists()).read_text()
    names = sorted(set(re.findall(r"\.\.\.(\w+)", text)))
    fragments = [(_FRAGMENTS / f"{name}.graphql").read_text() for name in names]
    return "\n".join([text, *fragments])


def module_operations() -> dict[str, str]:
    """Return the texts of the modules' operations by name."""
    names = sorted(path.stem for path in OPERATIONS.glob("*.graphql"))
    return {name: operation_text(name) for name in names}


def _module_of(texts: Mapping[str, str], by_id: bool) -> bytes:
    """Return a JavaScript module with the operations: their ids, or their texts."""
    if by_id:
        parameters = {name: {"documentId": document_digest(text)} for name, text in texts.items()}
    else:
        parameters = {name: {"query": text} for name, text in texts.items()}
    return b"export const operations = %s;\n" % orjson.dumps(parameters)
