"""The reader: a news front end over the API, at `/`. Its files are served as they are written."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.web.graphql.trusted import digest_of
from graph.web.http.headers import page_headers
from graph.web.pages.precompressed import PrecompressedBody

FOLDER: Final = Path(__file__).parents[2] / "reader"
OPERATIONS: Final = FOLDER / "operations"

PAGES: Final = (
    "/",
    "/topic/{name:path}",
    "/provider/{name:path}",
    "/article/{name:path}",
    "/search",
)
"""The addresses of its views: the same page is sent for all of them, and looks at the address."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_SERVED: Final = {".css", ".js", ".svg"}
_HEADERS: Final = page_headers(POLICY)
_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}


def reader_routes(*, by_id: bool) -> list[BaseRoute]:
    """The routes of the pages, and of what they are made of.

    The pages ask for their operations `by_id`, or with their texts.
    """
    for prepare in (_index, _sent):
        prepare(by_id)  # requests need not wait for it
    return [
        *(Route(path, partial(_page, by_id)) for path in PAGES),
        Route("/reader/{version}/{path:path}", partial(_asset, by_id)),
    ]


async def _page(by_id: bool, request: Request) -> Response:
    if request.path_params.get("name") == "":
        return _not_found()
    page, tag = _index(by_id)
    if tag in request.headers.get("if-none-match", ""):
        return page.unchanged()
    return page.response(request)


async def _asset(by_id: bool, request: Request) -> Response:
    asset = _sent(by_id).get(request.path_params["path"])
    if asset is None or request.path_params["version"] != version(by_id):
        return _not_found()
    return asset.response(request)


def _not_found() -> Response:
    return Response("There is nothing here.", 404, media_type="text/plain")


@cache
def assets(by_id: bool) -> dict[str, bytes]:
    """What the page loads, by its path."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in _SERVED)
    content = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in files}
    content["operations.js"] = _module_of(sorted(OPERATIONS.glob("*.graphql")), by_id)
    return content


@cache
def _sent(by_id: bool) -> dict[str, PrecompressedBody]:
    """What the page loads, as it is sent."""
    return {
        path: PrecompressedBody(content, mimetypes.guess_type(path)[0], _FOR_EVER)
        for path, content in assets(by_id).items()
    }


@cache
def version(by_id: bool) -> str:
    """A name for what the assets hold: it stands in their addresses, so they are kept for ever."""
    digest = hashlib.sha256()
    for path, content in assets(by_id).items():
        digest.update(b"%s\0%d\0%s" % (path.encode(), len(content), content))
    return digest.hexdigest()[:12]


@cache
def _index(by_id: bool) -> tuple[PrecompressedBody, str]:
    """The page and its tag. It names all modules: none is found only by reading another."""
    modules = "".join(
        f'<link rel="modulepreload" href="/reader/{path}">\n'
        for path in assets(by_id)
        if path.endswith(".js")
    )
    html = (FOLDER / "index.html").read_text().replace("</head>", f"{modules}</head>")
    body = html.replace('"/reader/', f'"/reader/{version(by_id)}/').encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    # The tag is a weak one: the page has the same in every coding.
    headers = {**_HEADERS, "cache-control": "no-cache", "etag": f"W/{tag}"}
    return PrecompressedBody(body, "text/html", headers), tag


def _module_of(files: Iterable[Path], by_id: bool) -> bytes:
    """The operations as a module: by the ids that the server knows them by, or as texts."""
    texts = {path.stem: path.read_text() for path in files}
    if by_id:
        parameters = {name: {"documentId": digest_of(text)} for name, text in texts.items()}
    else:
        parameters = {name: {"query": text} for name, text in texts.items()}
    return b"export const operations = %s;\n" % orjson.dumps(parameters)
