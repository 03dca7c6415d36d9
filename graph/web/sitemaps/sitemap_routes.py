"""The routes of what crawlers read."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from graph.config import Settings
from graph.web.http.response import Response, response_with
from graph.web.resources.public_url import public_url
from graph.web.resources.resources import Make, Resource, Resources
from graph.web.sitemaps.article_sitemaps import NEWS_PATH, article_parts, make_index
from graph.web.sitemaps.news_sitemap import beginning, make_news
from graph.web.sitemaps.robots import read_robots_txt, robots_txt
from graph.web.sitemaps.sitemap_xml import MEDIA_TYPE


def sitemap_routes(settings: Settings, resources: Resources) -> list[BaseRoute]:
    """Return the routes of sitemaps and robots.txt. Raises SettingsError for an unusable file."""
    rules = read_robots_txt(settings.robots_txt) if settings.robots_txt else None

    async def respond(request: Request, make: Make, *parts: object) -> Response:
        identity = (request.url.path, public_url(settings, request.scope), *parts)
        return await resources.respond(request, Resource(MEDIA_TYPE, identity, make))

    async def index(request: Request) -> Response:
        make = partial(make_index, public_url(settings, request.scope))
        return await respond(request, make)

    async def articles(request: Request) -> ASGIApp:
        number, base = request.path_params["number"], public_url(settings, request.scope)
        parts = partial(article_parts, base, number)
        return await resources.stream(request, MEDIA_TYPE, (request.url.path, base), parts)

    async def news(request: Request) -> Response:
        since, language = beginning(datetime.now(UTC)), settings.public_language
        make = partial(make_news, public_url(settings, request.scope), language, since)
        return await respond(request, make, since, language)

    async def robots(request: Request) -> Response:
        content = robots_txt(public_url(settings, request.scope)) if rules is None else rules
        return response_with(content, "text/plain")

    return [
        Route("/sitemap.xml", index, methods=["GET"]),
        Route("/sitemaps/articles-{number:int}.xml", articles, methods=["GET"]),
        Route(NEWS_PATH, news, methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]
