"""The pages of the reader: HTML with all of their content, which the modules then take over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from graph.config import Settings
from graph.errors import SearchUnavailable, Unsupported
from graph.store.queries.changes import was_published
from graph.web.feeds.feed_paths import FeedPath
from graph.web.graphql.request import BadRequest
from graph.web.http.headers import Header, page_headers
from graph.web.http.negotiation import accepts
from graph.web.http.request.request_headers import RequestHeaders
from graph.web.http.request.root_path import root_path, route_path
from graph.web.http.response import Response, response_with
from graph.web.pages.content.date_format import DateFormat
from graph.web.pages.html import render, templates_digest
from graph.web.pages.page_paths import PROVIDERS, TOPICS
from graph.web.pages.reader_files import (
    POLICY,
    STYLE,
    asset_route,
    assets,
    operation_text,
    version,
)
from graph.web.pages.views.article_view import article_view
from graph.web.pages.views.front_view import front_view
from graph.web.pages.views.index_views import providers_view, topics_view
from graph.web.pages.views.list_views import provider_view, topic_view
from graph.web.pages.views.search_view import search_view
from graph.web.pages.views.view import View
from graph.web.resources.failures import failed
from graph.web.resources.public_site import PublicSite, public_site
from graph.web.resources.public_url import uri_of
from graph.web.resources.resources import Resource, Resources, ServerOperations

_ToView = Callable[[str, Mapping[str, str]], View]

_VIEWS: Final[Mapping[str, _ToView]] = {
    "/": front_view,
    "/topic/{name:path}": topic_view,
    "/provider/{name:path}": provider_view,
    TOPICS: topics_view,
    f"{TOPICS}/": topics_view,
    PROVIDERS: providers_view,
    f"{PROVIDERS}/": providers_view,
    "/article/{name:path}": article_view,
    "/search": search_view,
    "/search/": search_view,
}

_FEED_TYPES: Final = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}

_SECTIONS: Final = "sections: topics(first: 9) { nodes { name slug } }"

_HEADINGS: Final = {
    404: "There is no such page",
    410: "This article was removed",
    400: "This search is not possible",
    503: "The server is busy",
}
_TEXTS: Final = {
    404: "It may have been removed, or its address is not quite right.",
    410: "Its publisher has taken it back.",
}

_HEADERS: Final[tuple[Header, ...]] = tuple(page_headers(POLICY))


class Pages:
    """Makes the pages of a server."""

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self._settings = settings
        self._resources = resources
        self._by_id = settings.persisted != "off"
        self._version = (version(self._by_id), templates_digest(), POLICY)
        self._modules = [path for path in assets(self._by_id) if path.endswith(".js")]

    async def respond(self, to_view: _ToView, request: Request) -> Response:
        """Return the page of a path."""
        root, site = root_path(request.scope), await public_site(self._settings, request)
        fail = partial(self._fail, site, root)
        name = request.path_params.get("name")
        if name == "":
            return fail(BadRequest(_TEXTS[404], 404))
        path = route_path(request.scope)
        try:
            if path.endswith("/") and path != "/":
                return _moved(to_view((name or "").rstrip("/"), request.query_params), root)
            view = to_view(name or "", request.query_params)
        except BadRequest as error:
            return fail(error)
        identity = (view.name, view.path, *site, *self._version)
        make = partial(self._make, view, site, root)
        page = Resource("text/html", identity, make, headers=_HEADERS, fail=fail)
        return await self._resources.respond(request, page)

    async def respond_not_found(self, request: Request, error: Exception) -> Response:
        """Return the response for a path without a route: the page, if a browser wants one."""
        vary = (b"vary", b"Accept")
        is_safe = request.method in {"GET", "HEAD"}
        if is_safe and accepts(RequestHeaders(request.scope["headers"]).accept, "text/html"):
            site = await public_site(self._settings, request)
            page = self._fail(site, root_path(request.scope), BadRequest(_TEXTS[404], 404))
            return replace(page, headers=(*page.headers, vary))
        return response_with(b"Not Found", "text/plain", [vary], 404)

    async def _make(
        self, view: View, site: PublicSite, root: str, operations: ServerOperations
    ) -> bytes:
        base = site.url
        data = await _data(view, operations)
        data = await view.complete(data, operations.reader, root)
        content = view.show(data, base)
        if content is None:
            raise await _missing(view, operations)
        image = uri_of(content.image, base)
        head = {
            "title": content.title,
            "description": content.description,
            "url": base + view.path,
            "path": view.path,
            "kind": "article" if view.slug is not None else "website",
            "image": image,
            "published": content.published,
            "json_ld": content.json_ld,
            "feeds": _feeds(view.feed),
            "words": view.words,
            "sections": data["sections"]["nodes"],
        }
        template = view.template or f"{view.name.lower()}.html"
        return self._render(template, {**head, **content.variables}, site, root)

    def _render(
        self, template: str, context: Mapping[str, Any], site: PublicSite, root: str
    ) -> bytes:
        dates = DateFormat(site.time_zone, site.date_format, site.time_format)
        everywhere = {
            "site": site.name,
            "site_language": site.language,
            "dates": dates,
            "assets": f"/reader/{self._version[0]}/",
            "modules": self._modules,
            "style": STYLE,
        }
        return render(template, {**everywhere, **context}, dates, root)

    def _fail(self, site: PublicSite, root: str, error: Exception) -> Response:
        """Return the page for an error. The modules load the page anew, if it exists."""
        status, message, headers = failed(error)
        heading = _HEADINGS.get(status, "Something went wrong")
        nothing = dict.fromkeys(("description", "url", "image", "published", "path"))
        context = {
            **nothing,
            "title": heading,
            "heading": heading,
            "text": message,
            "words": "",
            **dict.fromkeys(("json_ld", "feeds", "sections"), ()),
        }
        body = self._render("message.html", context, site, root)
        return response_with(body, "text/html", (*_HEADERS, *headers), status)


def reader_routes(settings: Settings, pages: Pages) -> list[BaseRoute]:
    """Return the routes of the pages and of the files that they load."""
    return [
        *(
            Route(path, partial(pages.respond, to_view), methods=["GET"])
            for path, to_view in _VIEWS.items()
        ),
        asset_route(by_id=settings.persisted != "off"),
    ]


async def _data(view: View, operations: ServerOperations) -> Mapping[str, Any]:
    text = _operation(view.name, view.fields)
    try:
        return await operations.execute(text, view.variables)
    except (SearchUnavailable, Unsupported):
        if not view.without_index:
            raise
    operations.is_partial = True
    return await operations.execute(text, {**view.variables, **view.without_index})


def _moved(view: View, root: str) -> Response:
    return response_with(b"", "text/plain", [(b"location", f"{root}{view.path}".encode())], 301)


async def _missing(view: View, operations: ServerOperations) -> BadRequest:
    """Return the error of a page whose subject does not exist, or not any more."""
    if view.slug is not None and await was_published(operations.reader, view.slug):
        return BadRequest(_TEXTS[410], 410)
    return BadRequest(_TEXTS[404], 404)


@cache
def _operation(name: str, fields: str) -> str:
    """Return an operation of the reader with more root fields. It is the first definition of its
    file, and ends with the first brace that is not indented.
    """
    start, end, fragments = operation_text(name).partition("\n}\n")
    return f"{start}\n{_SECTIONS}\n{fields}{end}{fragments}"


def _feeds(feed: FeedPath) -> list[tuple[str, str]]:
    return [(media_type, feed(ending)) for ending, media_type in _FEED_TYPES.items()]
