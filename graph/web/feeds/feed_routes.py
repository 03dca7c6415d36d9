"""The routes of feeds: each feed in each format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from graph.config import Settings
from graph.web.feeds import atom, json_feed, rss
from graph.web.feeds.feed import Feed, entry_of
from graph.web.feeds.feed_kinds import (
    FeedSource,
    all_articles,
    of_author,
    of_provider,
    of_search,
    of_topic,
)
from graph.web.graphql.request import BadRequest
from graph.web.http.response import Response
from graph.web.pages.favicon import PATH as FAVICON
from graph.web.resources.failures import failure
from graph.web.resources.public_site import PublicSite, public_site
from graph.web.resources.resources import Resource, Resources, ServerOperations

_Kind = Callable[[str, Mapping[str, str]], FeedSource]


class FeedFormat(NamedTuple):
    """A format of feeds."""

    media_type: str
    render: Callable[[Feed], bytes]


FORMATS: Final[Mapping[str, FeedFormat]] = {
    "atom": FeedFormat(atom.MEDIA_TYPE, atom.to_atom),
    "rss": FeedFormat(rss.MEDIA_TYPE, rss.to_rss),
    "json": FeedFormat(json_feed.MEDIA_TYPE, json_feed.to_json_feed),
}
"""The formats, by the endings of their paths."""

_PATHS: Final[Mapping[str, _Kind]] = {
    "/feeds/all.{ending}": all_articles,
    "/feeds/search.{ending}": of_search,
    "/feeds/topics/{key:path}.{ending}": of_topic,
    "/feeds/providers/{key:path}.{ending}": of_provider,
    "/feeds/authors/{key:path}.{ending}": of_author,
}


def feed_routes(settings: Settings, resources: Resources) -> list[BaseRoute]:
    """Return the routes of all feeds."""
    return [
        Route(path, partial(_respond, settings, resources, kind), methods=["GET"])
        for path, kind in _PATHS.items()
    ]


async def _respond(
    settings: Settings, resources: Resources, kind: _Kind, request: Request
) -> Response:
    site = await public_site(settings, request)
    try:
        resource = _resource(settings, site, kind, request)
    except BadRequest as error:
        return failure(error)
    return await resources.respond(request, resource)


def _resource(settings: Settings, site: PublicSite, kind: _Kind, request: Request) -> Resource:
    ending = request.path_params["ending"]
    if ending not in FORMATS:
        *others, last = (f".{ending}" for ending in FORMATS)
        raise BadRequest(f"Feeds end in {', '.join(others)} or {last}.", 404)
    source = kind(request.path_params.get("key", ""), request.query_params)
    url = site.url + source.path(ending)
    what_is_shown = (site.name, site.language)
    how_much = (settings.feed_size, settings.feed_bodies)
    make = partial(_make, settings, site, source, ending)
    return Resource(FORMATS[ending].media_type, (url, *what_is_shown, *how_much), make)


async def _make(
    settings: Settings,
    site: PublicSite,
    source: FeedSource,
    ending: str,
    operations: ServerOperations,
) -> bytes:
    size, bodies = settings.feed_size, settings.feed_bodies == "html"
    variables = {**source.variables, "first": size, "bodies": bodies}
    data = await operations.execute(source.operation, variables)
    subject = data.get("subject", data)
    if subject is None:
        raise BadRequest(source.missing, 404)
    return FORMATS[ending].render(_feed(site, source, ending, subject))


def _feed(site: PublicSite, source: FeedSource, ending: str, subject: Mapping[str, Any]) -> Feed:
    base = site.url
    about = subject.get("name") or source.words
    title = f"{about} – {site.name}" if about else site.name
    return Feed(
        title=title,
        description=subject.get("description") or f"The newest articles: {title}",
        url=base + source.path(ending),
        home=base + source.home,
        icon=base + FAVICON,
        language=site.language,
        entries=tuple(entry_of(node, base) for node in subject["articles"]["nodes"]),
    )
