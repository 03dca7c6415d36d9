"""The site for its readers: by the settings, or else as its documents' sources say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.requests import Request

from graph.config import Settings
from graph.errors import DatabaseError
from graph.locales import is_time_zone
from graph.store.revision import common_site, read_corpus
from graph.web.resources.public_url import public_url
from graph.web.server.app_state import AppState

NAME: Final = "newsgraph"
LANGUAGE: Final = "en"
TIME_ZONE: Final = "UTC"
DATE_FORMAT: Final = "MMMM d, y"


class PublicSite(NamedTuple):
    """The site as a request sees it.

    `url` is that of the server with its root path, without a slash at its end. `date_format` and
    `time_format` are patterns; without the latter, only dates are shown.
    """

    url: str
    name: str
    language: str
    time_zone: str
    date_format: str
    time_format: str | None


async def public_site(settings: Settings, request: Request) -> PublicSite:
    """Return the site. Settings take precedence over what the loaded documents' sources say."""
    site = await _source_site(request.app.state)
    zone = site.get("timeZone", TIME_ZONE)
    return PublicSite(
        public_url(settings, request.scope, site.get("url")),
        settings.public_name or site.get("name", NAME),
        settings.public_language or site.get("language", LANGUAGE),
        # The host of the loader may know more time zones than this one.
        settings.public_time_zone or (zone if is_time_zone(zone) else TIME_ZONE),
        settings.public_date_format or site.get("dateFormat", DATE_FORMAT),
        settings.public_time_format or site.get("timeFormat"),
    )


async def _source_site(state: AppState) -> Mapping[str, str]:
    """Return what the sources say: from memory, unless the corpus is not followed, or not yet."""
    if state.corpus_state is not None and state.corpus_state.site is not None:
        return state.corpus_state.site
    try:
        return common_site(await read_corpus(state.database))
    except DatabaseError:  # the page that says so needs no more than a name
        return {}
