"""A search, and what narrows it down: each choice is a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from graph.web.feeds.feed_paths import ALL, search_feed
from graph.web.graphql.request import BadRequest
from graph.web.pages.views.view import PageContent, StoryData, View

_PARAMETERS: Final = ("q", "topic", "provider", "type", "year", "sort")
_FACETS: Final = {"topic": "topics", "provider": "providers", "type": "types", "year": "years"}
_YEAR: Final = re.compile("[0-9]{4}")

# The same texts as those of search.js.
_HINTS: Final = {
    "NO_WORDS": "There is no word in this search. Type a word to search for.",
    "ONLY_COMMON_WORDS": "Words such as “the” are in every story. Add a word that is more telling.",
    "ONLY_EXCLUDED_WORDS": "This search only excludes words. Add a word that stories must contain.",
    "SIMILAR_WORDS": "No story contains these words. The stories below contain similar ones.",
}


def search_view(name: str, query: Mapping[str, str]) -> View:
    """Return the view of a search. Raises BadRequest for an impossible year."""
    parameters = {key: query[key] for key in _PARAMETERS if query.get(key, "").strip()}
    words = parameters.get("q", "")

    def show(data: Mapping[str, Any], base: str) -> PageContent:
        return _content(data["articles"], parameters)

    return View(
        "Search",
        _path(parameters),
        _variables(parameters),
        show,
        search_feed(words) if words else ALL,
        words=words,
    )


def _path(parameters: Mapping[str, str]) -> str:
    query = urlencode({key: value for key, value in parameters.items() if value})
    return f"/search?{query}" if query else "/search"


def _variables(parameters: Mapping[str, str]) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if topic := parameters.get("topic"):
        where["topics"] = {"any": [topic], "includeDescendants": True}
    if provider := parameters.get("provider"):
        where["provider"] = {"any": [provider]}
    if type_ := parameters.get("type"):
        where["type"] = {"eq": type_}
    if year := parameters.get("year"):
        if not _YEAR.fullmatch(year) or not 0 < int(year) < 9999:
            raise BadRequest("The parameter `year` must be a year such as 2025.")
        where["publishedDateTime"] = {"gte": f"{year}-01-01", "lt": f"{int(year) + 1:04}-01-01"}
    variables: dict[str, Any] = {"where": where}
    if "q" in parameters:
        variables["search"] = parameters["q"]
    if "sort" in parameters:
        variables["orderBy"] = [{"field": "PUBLISHED_DATE_TIME"}]
    return variables


def _content(results: Mapping[str, Any], parameters: Mapping[str, str]) -> PageContent:
    words, outcome = parameters.get("q"), results["search"] or {}
    heading = f"“{words}”" if words else "All stories"
    correction = outcome.get("didYouMean")
    content = {
        "heading": heading,
        "found": results,
        "hint": _HINTS.get(outcome.get("hint") or ""),
        "correction": correction and (correction, _path({**parameters, "q": correction})),
        "orders": list(_orders(parameters)) if words and results["totalCount"] > 1 else (),
        "facets": list(_facets(results["facets"], parameters)),
        "stories": [(edge["node"], _marks(edge)) for edge in results["edges"]],
    }
    return PageContent(f"Search: {heading}", content)


def _orders(parameters: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    for label, sort in (("Best first", ""), ("Newest first", "newest")):
        yield label, _path({**parameters, "sort": sort}), parameters.get("sort", "") == sort


def _facets(facets: Mapping[str, Any], parameters: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the name of a facet and its choices: label, count, path, and whether it is chosen."""
    for name, field in _FACETS.items():
        current, buckets = parameters.get(name), list(facets[field])
        if current and all(bucket["value"] != current for bucket in buckets):
            buckets.insert(0, {"value": current, "count": 0})
        choices = [
            (
                (bucket.get("node") or {}).get("name") or bucket["value"],
                bucket["count"],
                _path({**parameters, name: "" if bucket["value"] == current else bucket["value"]}),
                bucket["value"] == current,
            )
            for bucket in buckets
        ]
        if choices:
            yield name, choices


def _marks(edge: Mapping[str, Any]) -> list[StoryData] | None:
    """Return the parts of the title, if words of the search are in it."""
    for highlight in edge["highlights"]:
        if highlight["field"] == "title":
            snippet = next(iter(highlight["snippets"]), None)
            if snippet and snippet["text"] == edge["node"]["title"]:
                return list(snippet["parts"])
    return None
