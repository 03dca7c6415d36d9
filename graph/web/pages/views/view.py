"""A view: which operation a page is made of, and what the page shows of its data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from graph.store.driver.read_commands import Reader
from graph.web.feeds.feed_paths import ALL, FeedPath

StoryData = Mapping[str, Any]
"""An article or a related story, as an operation of the reader selects it."""


class PageContent(NamedTuple):
    """What a page shows.

    Args:
        title: of the page, without the name of the site; empty on the front page.
        variables: those of the template.
        image: the URL of a picture, as the document has it.
        json_ld: the values of its JSON-LD scripts.
    """

    title: str
    variables: Mapping[str, Any]
    description: str | None = None
    image: str | None = None
    published: Any = None
    json_ld: tuple[Any, ...] = ()


async def _as_it_is(data: Mapping[str, Any], reader: Reader, root: str) -> Mapping[str, Any]:
    return data


class View(NamedTuple):
    """The view of a path.

    Args:
        name: of its template, in lower case, and of its operation in `graph/reader/operations` or
            `graph/web/pages/operations`.
        path: its canonical path.
        show: makes the page of the operation's data and the URL of the server; None if the data
            lacks what the page is about.
        fields: more root fields for the operation.
        slug: of its article.
        words: those of its search.
        without_index: variables with which the operation needs no search index; empty if it always
            needs one, or never.
        template: its template, if it is not called after the view.
        complete: returns the operation's data with what else the page needs, for a root path.
    """

    name: str
    path: str
    variables: Mapping[str, Any]
    show: Callable[[Mapping[str, Any], str], PageContent | None]
    feed: FeedPath = ALL
    fields: str = ""
    slug: str | None = None
    words: str = ""
    without_index: Mapping[str, Any] = MappingProxyType({})
    template: str | None = None
    complete: Callable[[Mapping[str, Any], Reader, str], Awaitable[Mapping[str, Any]]] = _as_it_is


def breadcrumbs(base: str, steps: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the JSON-LD of the way to a page: the names and paths of the pages above it, and its
    own.
    """
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": base + path}
            for position, (name, path) in enumerate((("Front page", "/"), *steps), start=1)
        ],
    }
