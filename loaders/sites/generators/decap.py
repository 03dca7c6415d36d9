"""Read the configuration of Decap CMS. https://decapcms.org/docs/configuration-options/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from loaders.sites.generators.configuration import (
    ExpectedTypes,
    Tree,
    list_of,
    read_configurations,
    text_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.rules.rules import Rule, SiteSettings, Sources

FILES: Final = tuple(
    f"{folder}admin/config.{ending}"
    for folder in ("", "static/", "public/", "src/", "src/static/", "src/admin/")
    for ending in ("yml", "yaml")
)
_EXPECTED: Final[ExpectedTypes] = {
    **dict.fromkeys(("site_url", "display_url"), str),
    "collections": list,
    "collections.[]": dict,
    "collections.[].folder": str,
    "collections.[].identifier_field": str,
    "collections.[].fields": list,
    "collections.[].fields.[]": dict,
    "collections.[].fields.[].name": str,
    "collections.[].fields.[].widget": str,
}
_TOPICS: Final = ("topics", "tags", "keywords")
_WIDGETS: Final = {"datetime": "publishedDateTime", "date": "publishedDateTime", "image": "images"}


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    tree, warnings = read_configurations(root, FILES, _EXPECTED)
    url = text_of(tree, "site_url") or text_of(tree, "display_url")
    collections = [entry for entry in list_of(tree, "collections") if isinstance(entry, dict)]
    return SiteFacts(
        "decap",
        SiteSettings(None, url, None, None),
        future=True,
        rules=tuple(_rules(collections)),
        warnings=tuple(warnings),
    )


def _rules(collections: list[Tree]) -> Iterator[Rule]:
    """Yield a rule for each collection that is a folder."""
    for collection in collections:
        folder = text_of(collection, "folder")
        if folder is not None:
            yield Rule((f"/{folder.strip('/')}/**",), fields=dict(_fields(collection)))


def _fields(collection: Tree) -> Iterator[tuple[str, Sources]]:
    """Yield the first field for each widget that newsgraph has a field for."""
    title = text_of(collection, "identifier_field")
    if title is not None and title != "title":
        yield "title", ("title", title, ":heading", ":filename")
    found: dict[str, Sources] = {}
    for entry in list_of(collection, "fields"):
        if not isinstance(entry, dict) or (name := text_of(entry, "name")) is None:
            continue
        widget = text_of(entry, "widget") or "string"
        target = "topics" if name in _TOPICS else _WIDGETS.get(widget)
        if target is not None:
            found.setdefault(target, (name,))
    yield from found.items()
