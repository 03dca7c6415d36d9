"""The reader: a news front end over the API, at `/`. Its files are served without a build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache, lru_cache, partial
from html import escape
from pathlib import Path, PurePath
from typing import Final

import orjson
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from graph.web.feeds.feed_paths import ALL, FeedPath, provider_feed, search_feed, topic_feed
from graph.web.graphql.trusted import digest_of
from graph.web.http.headers import page_headers
from graph.web.http.response import PreparedResponse, response_with

FOLDER: Final = Path(__file__).parents[2] / "reader"
OPERATIONS: Final = FOLDER / "operations"

PAGES: Final = (
    "/",
    "/topic/{name:path}",
    "/provider/{name:path}",
    "/article/{name:path}",
    "/search",
)
"""The paths of its views. All return the same page, which reads the path in the browser; only the
feeds that its head names are those of the path.
"""

_FEED_TYPES: Final = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}

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

_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PAGES_KEPT: Final = 128
"""How many pages are kept in memory, which differ in their feeds only."""

_IMMUTABLE: Final = (b"cache-control", b"public, max-age=31536000, immutable")


def reader_routes(*, by_id: bool) -> list[BaseRoute]:
    """Return the routes of the pages and of their assets.

    With `by_id` the pages send the ids of their operations, else the texts.
    """
    # When the server starts, not with the first request:
    _index(by_id, ALL)
    _prepared_assets(by_id)
    return [
        *(Route(path, partial(_page, by_id)) for path in PAGES),
        Route("/reader/{version}/{path:path}", partial(_asset, by_id)),
    ]


async def _page(by_id: bool, request: Request) -> ASGIApp:
    if request.path_params.get("name") == "":
        return _NOT_FOUND
    return _index(by_id, _feed_of(request))


def _feed_of(request: Request) -> FeedPath:
    """Return the feed of the articles that a page lists; that of all articles by default."""
    view, query = request.url.path.split("/")[1], request.query_params
    name = request.path_params.get("name", "")
    if view == "topic":
        return topic_feed(name)
    if view == "provider":
        return provider_feed(name, query.get("name"))
    if view == "search" and query.get("q", "").strip():
        return search_feed(query["q"])
    return ALL


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
    content["operations.js"] = _module_of(sorted(OPERATIONS.glob("*.graphql")), by_id)
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


@lru_cache(_PAGES_KEPT)
def _index(by_id: bool, feed: FeedPath) -> PreparedResponse:
    """Return the page. It names all modules, so that browsers load them at once, and a feed."""
    modules = "".join(
        f'<link rel="modulepreload" href="/reader/{path}">\n'
        for path in assets(by_id)
        if path.endswith(".js")
    )
    html = (FOLDER / "index.html").read_text().replace("</head>", f"{modules}</head>")
    html = html.replace("</title>", f"</title>\n{_links(feed)}")
    body = html.replace('"/reader/', f'"/reader/{version(by_id)}/').encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
    headers = (*page_headers(POLICY), (b"cache-control", b"no-cache"))
    return PreparedResponse(body, "text/html", headers, etag)


def _links(feed: FeedPath) -> str:
    """Return the elements by which feed readers find a feed."""
    return "\n".join(
        f'<link rel="alternate" type="{media_type}" href="{escape(feed(ending))}">'
        for ending, media_type in _FEED_TYPES.items()
    )


def _module_of(files: Iterable[Path], by_id: bool) -> bytes:
    """Return a JavaScript module with the operations: their ids, or their texts."""
    texts = {path.stem: path.read_text() for path in files}
    if by_id:
        parameters = {name: {"documentId": digest_of(text)} for name, text in texts.items()}
    else:
        parameters = {name: {"query": text} for name, text in texts.items()}
    return b"export const operations = %s;\n" % orjson.dumps(parameters)
