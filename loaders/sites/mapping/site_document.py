"""A document that is being mapped: its values, and which of them fields were made from."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final

from loaders.frontmatter.positions import Keys
from loaders.records.values.scalar_values import Finding, described
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.pages.permalinks import permalink
from loaders.sites.generators.pages.site_page import SitePage
from loaders.sites.rules.rules import FieldType
from loaders.sites.rules.terms import KeyPath
from loaders.sites.values import bodies
from loaders.sites.values.stories import linked_stories, named_stories

_SITE_ADDRESS: Final = re.compile(
    r"\A(?:(?:\{\{-?\s*site\.(?:url|baseurl)\s*-?\}\}|__GHOST_URL__)\s*)+/?"
)
"""What stands for the address of the site, in Liquid and in exports of Ghost."""

_NO_ADDRESS: Final = re.compile(r"\{[{%]|<")
"""A template or HTML instead of an address."""


class SiteDocument:
    """A document; `front_matter` is its front matter with the defaults of its rules.

    `consumed` are the top-level keys of the values that fields were made from, and `consumed_below`
    the paths of those in mappings. `origins` is explained in `MappedDocument`.
    """

    def __init__(
        self, facts: SiteFacts, path: str, front_matter: dict[str, Any], body: str
    ) -> None:
        self.facts = facts
        self.path = path
        self.front_matter = front_matter
        self.body = body
        self.consumed: set[str] = set()
        self.consumed_below: list[KeyPath] = []
        self.origins: dict[Keys, Keys] = {}
        self.page = SitePage(facts, path, front_matter, body)
        self._unsuited: list[tuple[KeyPath, str, FieldType]] = []

    @cached_property
    def permalink(self) -> str | None:
        return permalink(self.page)

    def at(self, keys: KeyPath) -> Any:
        """Return the value at a path, unless it is missing or empty."""
        value: Any = self.front_matter
        for key in keys:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return None if is_empty(value) else value

    def consume(self, keys: KeyPath) -> None:
        """Record that a field was made from the value at a path."""
        if len(keys) == 1:
            self.consumed.add(keys[0])
        else:
            self.consumed_below.append(keys)

    def built_in(self, name: str, kind: FieldType) -> Any:
        """Return the value of a built-in source for a field of this type; None if there is none."""
        if name == "heading":
            return self.page.heading
        if name == "first-paragraph":
            return bodies.first_paragraph(self.body)
        if name == "filename":
            return self.page.named_date if kind == "datetime" else self.page.named_title
        if name == "language":
            return self.page.language
        if name == "slug":
            return self.page.slug
        site = self.facts.settings.url
        if name == "permalink":
            return self.page.absolute(None, self.permalink) if site and self.permalink else None
        return linked_stories(self.page, self.permalink, self.body)

    def stories_of(self, value: Any) -> list[Any] | None:
        """Return the related stories that a value of the front matter names."""
        return named_stories(self.page, self.permalink, value)

    def absolute(self, url: str) -> str:
        """Make a link in the document absolute, as far as addresses are known."""
        if url.startswith(("https://", "http://")):  # as most are: no more need be known
            return url
        page = self.page
        needs_permalink = not url.startswith("/") and (page.is_bundle or url.startswith("."))
        return page.absolute(self.permalink if needs_permalink else None, url)

    def picture_url(self, link: str) -> str:
        """Return the URL of a picture, absolute as far as addresses are known; empty if there is no
        address.

        Astro publishes the files of `public/` under their names, and all others under new ones.
        """
        link = _SITE_ADDRESS.sub("/", link)
        if _NO_ADDRESS.search(link):
            return ""
        file = self.page.file_of(link) if self.facts.generator == "astro" else None
        if file is None:
            return self.absolute(link)
        return self.absolute(file.removeprefix("public")) if file.startswith("public/") else ""

    def refuse(self, keys: KeyPath, field: str, kind: FieldType) -> None:
        """Record that a value does not fit the type of a field."""
        self._unsuited.append((keys, field, kind))

    def warnings(self) -> list[Finding]:
        """Return warnings about values that did not fit any field."""
        if not self._unsuited:
            return []
        made_from: set[Keys] = {(key,) for key in self.consumed}
        made_from.update(self.consumed_below, self.origins.values())
        return [
            Finding(
                keys,
                f"{_EXPECTED[kind]} for {field}, found {described(_at(self.front_matter, keys))}",
            )
            for keys, field, kind in self._unsuited
            if keys not in made_from
        ]


_EXPECTED: dict[FieldType, str] = {
    "text": "expected text",
    "markup": "expected text",
    "title": "expected text",
    "datetime": "expected a date",
    "boolean": "expected true or false",
    "names": "expected a list of names",
    "pictures": "expected the URL of a picture",
    "URL": "expected a URL",
    "URLs": "expected a URL",
    "references": "expected paths, slugs or URLs of documents",
    "people": "expected names of people",
    "provider": "expected a name and a domain",
    "stories": "expected slugs, paths or URLs of stories",
    "as it is": "expected a whole number",
}


def is_empty(value: Any) -> bool:
    """Return whether a value says nothing."""
    if not isinstance(value, list):
        return not value
    return not value or (_is_blank(value[0]) and all(map(_is_blank, value)))


def _is_blank(entry: Any) -> bool:
    return entry is None or entry == ""


def _at(tree: dict[str, Any], keys: KeyPath) -> Any:
    value: Any = tree
    for key in keys:
        value = value[key]
    return value
