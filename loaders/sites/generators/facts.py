"""Facts about a site, from its configuration and its other files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final

from loaders.report.report import Fault
from loaders.sites.rules.rules import Rule, SiteSettings
from loaders.sites.values.shapes import host

Person = dict[str, Any]
"""An author: `name` and `slug`, and perhaps `url`, `description` and `images`."""


@dataclass(frozen=True)
class SiteFacts:
    """What the configuration of a generator says.

    `content` is the folder of the documents, relative to the root of the site. `permalinks` are
    patterns by section (Hugo), collection (Jekyll) or folder. `collections` are the folders of
    Jekyll's collections, by name, of which those in `unwritten` have no pages. `languages` has the
    beginning of the path of each language's pages, which is empty for the default one,
    `default_language`; `language_folders` has the folder of the documents of those that have their
    own. `single_file_language` is the language that is read of documents with a mapping for each.
    `mounts` has the folders outside of `content` that are mounted into it, and their places in it.
    `has_pages_without_front_matter` says whether Markdown without front matter is a page.
    `collection_tags` are tags that only name collections of pages. `has_ugly_urls` says whether the
    addresses of Hugo's pages end in `.html`. `variant` is the generator's name if `generator` is
    `generic`, as far as it is known. `drafts`, `future` and `expired` say whether the generator
    publishes documents of these kinds. `terms` are the names of terms that have a page, by the
    taxonomy and by `loaders.sites.generators.pages.term_pages.term_key`. `people` are
    the authors that the site describes, by the slugs of all that articles may call them. `warnings`
    are about values of the configuration that have another type than expected.
    """

    generator: str = "plain"
    settings: SiteSettings = field(default_factory=SiteSettings)
    content: str = ""
    permalinks: Mapping[str, str] = field(default_factory=dict)
    collections: Mapping[str, str] = field(default_factory=dict)
    unwritten: tuple[str, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    default_language: str | None = None
    single_file_language: str | None = None
    language_folders: Mapping[str, str] = field(default_factory=dict)
    has_pages_without_front_matter: bool = False
    collection_tags: tuple[str, ...] = ()
    variant: str = ""
    has_ugly_urls: bool = False
    drafts: bool = False
    future: bool = False
    expired: bool = False
    mounts: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    warnings: tuple[Fault, ...] = ()

    @cached_property
    def domain(self) -> str | None:
        """The host of the site's URL."""
        return host(self.settings.url)

    @cached_property
    def folding(self) -> Callable[[str], str] | None:
        """Return the form in which keys of front matter are compared; None if that is exact."""
        return _FOLDINGS.get(self.generator)


@lru_cache(maxsize=4096)
def _letters(key: str) -> str:
    """Return a key without its case and what separates its words."""
    return _SEPARATORS.sub("", key).lower()


_SEPARATORS: Final = re.compile(r"(?<=[^\W_])[-_ ]+(?=[^\W_])")
_FOLDINGS: Final[dict[str, Callable[[str], str]]] = {"hugo": str.lower, "generic": _letters}
