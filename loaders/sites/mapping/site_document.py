"""A document that is being mapped: its values, and which of them fields were made from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from loaders.frontmatter.positions import Keys
from loaders.records.scalar_values import Finding, shown
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.permalinks import permalink
from loaders.sites.generators.site_page import SitePage, is_false
from loaders.sites.rules.rules import FieldType
from loaders.sites.rules.terms import Term
from loaders.sites.values import bodies
from loaders.sites.values.stories import linked_stories, named_stories

KeyPath = tuple[str, ...]


class Found(NamedTuple):
    """A value, and the keys that lead to it, which are empty for a built-in source."""

    keys: KeyPath
    value: Any


class SiteDocument:
    """A document; `front_matter` is its front matter with the defaults of its rules.

    `present` has its values by their top-level keys; None for empty values. `consumed` are the
    paths of values that fields were made from. `origins` is explained in `Mapped`.
    """

    def __init__(
        self, facts: SiteFacts, path: str, front_matter: dict[str, Any], body: str
    ) -> None:
        self.facts = facts
        self.path = path
        self.front_matter = front_matter
        self.body = body
        self.consumed: dict[KeyPath, None] = {}
        self.origins: dict[Keys, Keys] = {}
        self.page = SitePage(facts, path, front_matter, body)
        self._folding = facts.folding
        self.present = _present(front_matter, self._folding)
        self._unsuited: list[tuple[KeyPath, str, FieldType]] = []

    @cached_property
    def permalink(self) -> str | None:
        return permalink(self.page)

    def find(self, term: Term, kind: FieldType) -> Found | None:
        """Return the value of a source, unless it is missing or empty. Only a boolean may
        be false.
        """
        if term.builtin is not None:
            value = self._built_in(term.builtin, kind)
            return None if value is None else Found((), value)
        found = self.at(term.keys)
        is_none = found is not None and kind != "truth" and is_false(found.value)
        return None if is_none else found

    def at(self, keys: KeyPath) -> Found | None:
        """The value that these keys lead to, unless it is missing or empty."""
        found = self.present.get(self._folding(keys[0]) if self._folding else keys[0])
        if len(keys) == 1:
            return found
        for key in keys[1:]:
            if found is None or not isinstance(found.value, dict):
                return None
            value = found.value.get(key)
            found = None if _is_empty(value) else Found((*found.keys, key), value)
        return found

    def _built_in(self, name: str, kind: FieldType) -> Any:
        if name == "heading":
            return self.page.heading
        if name == "first-paragraph":
            return bodies.first_paragraph(self.body)
        if name == "filename":
            return self.page.named_date if kind == "moment" else self.page.named_title
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
        page = self.page
        needs_permalink = not url.startswith("/") and (page.is_bundle or url.startswith("."))
        return page.absolute(self.permalink if needs_permalink else None, url)

    def picture_url(self, link: str) -> str:
        """Return the URL of a picture, absolute as far as addresses are known; empty if there is no
        address.

        Astro publishes the files of `public/` under their names, and all others under new ones.
        """
        file = self.page.file_of(link) if self.facts.generator == "astro" else None
        if file is None:
            return self.absolute(link)
        return self.absolute(file.removeprefix("public")) if file.startswith("public/") else ""

    def refuse(self, keys: KeyPath, field: str, kind: FieldType) -> None:
        """Record that a value does not fit the type of a field."""
        self._unsuited.append((keys, field, kind))

    def remarks(self) -> list[Finding]:
        """Return warnings about values that did not fit any field."""
        shown_in_part = set(self.origins.values())
        return [
            Finding(
                keys, f"{_EXPECTED[kind]} for {field}, found {shown(_at(self.front_matter, keys))}"
            )
            for keys, field, kind in self._unsuited
            if keys not in self.consumed and keys not in shown_in_part
        ]


_EXPECTED: dict[FieldType, str] = {
    "text": "expected text",
    "markup": "expected text",
    "moment": "expected a date",
    "truth": "expected true or false",
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


def _present(
    front_matter: dict[str, Any], folding: Callable[[str], str] | None
) -> dict[str, Found | None]:
    found: dict[str, Found | None] = {}
    for key, value in front_matter.items():
        is_empty = _is_empty(value) if type(value) is list else not value
        found[folding(key) if folding else key] = None if is_empty else Found((key,), value)
    return found


def _is_empty(value: Any) -> bool:
    if isinstance(value, list):
        return all(entry is None or entry == "" for entry in value)
    return not value


def _at(tree: dict[str, Any], keys: KeyPath) -> Any:
    value: Any = tree
    for key in keys:
        value = value[key]
    return value
