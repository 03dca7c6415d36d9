"""The routes of what crawlers read."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from graph.config import Settings
from graph.web.http.response import Response, response_with
from graph.web.resources.public_site import public_site
from graph.web.resources.resources import MakeBody, Resource, Resources
from graph.web.sitemaps.article_sitemaps import NEWS_PATH, article_parts, make_index
from graph.web.sitemaps.news_sitemap import beginning, make_news
from graph.web.sitemaps.page_sitemap import PAGES_PATH, page_parts
from graph.web.sitemaps.robots import read_robots_txt, robots_txt
from graph.web.sitemaps.sitemap_xml import MEDIA_TYPE


def sitemap_routes(settings: Settings, resources: Resources) -> list[BaseRoute]:
    """Return the routes of sitemaps and robots.txt. Raises SettingsError for an unusable file."""
    rules = read_robots_txt(settings.robots_txt) if settings.robots_txt else None

    async def respond(request: Request, make: MakeBody, *parts: object) -> Response:
        identity = (request.url.path, *parts)
        return await resources.respond(request, Resource(MEDIA_TYPE, identity, make))

    async def index(request: Request) -> Response:
        base = (await public_site(settings, request)).url
        return await respond(request, partial(make_index, base), base)

    async def articles(request: Request) -> ASGIApp:
        number, base = request.path_params["number"], (await public_site(settings, request)).url
        parts = partial(article_parts, base, number)
        return await resources.stream(request, MEDIA_TYPE, (request.url.path, base), parts)

    async def pages(request: Request) -> ASGIApp:
        base = (await public_site(settings, request)).url
        parts = partial(page_parts, base)
        return await resources.stream(request, MEDIA_TYPE, (request.url.path, base), parts)

    async def news(request: Request) -> Response:
        since, site = beginning(datetime.now(UTC)), await public_site(settings, request)
        make = partial(make_news, site.url, site.language, since)
        return await respond(request, make, site.url, site.language, since)

    async def robots(request: Request) -> Response:
        if rules is not None:
            return response_with(rules, "text/plain")
        return response_with(robots_txt((await public_site(settings, request)).url), "text/plain")

    return [
        Route("/sitemap.xml", index, methods=["GET"]),
        Route("/sitemaps/articles-{number:int}.xml", articles, methods=["GET"]),
        Route(PAGES_PATH, pages, methods=["GET"]),
        Route(NEWS_PATH, news, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]
