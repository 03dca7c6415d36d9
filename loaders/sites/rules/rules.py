"""The rules of a mapping: which keys become which fields, in which files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from graph.locales import language_tag
from loaders.records.records import FRONT_MATTER_KEYS

DocumentKind = Literal["article", "topic", "provider", "author", "ignore"]
"""The kind of document in a file; files of the kind `ignore` are not loaded."""

KINDS: Final[tuple[DocumentKind, ...]] = get_args(DocumentKind)

FIELDS: Final[dict[DocumentKind, frozenset[str]]] = {
    "article": FRONT_MATTER_KEYS["article"] | {"publishDate", "expiryDate"},
    "topic": FRONT_MATTER_KEYS["topic"],
    "provider": FRONT_MATTER_KEYS["organization"],
    "author": FRONT_MATTER_KEYS["author"],
    "ignore": frozenset(),
}
"""The fields that each kind of document has."""

FieldType = Literal[
    "text",
    "datetime",
    "boolean",
    "names",
    "markup",
    "title",
    "pictures",
    "URL",
    "URLs",
    "people",
    "references",
    "provider",
    "stories",
    "as it is",
]
"""The type of a field, which decides how values in other forms are read."""

_NOT_TEXT: Final[dict[str, FieldType]] = {
    "title": "title",
    "excerpt": "markup",
    "publishedDateTime": "datetime",
    "updatedDateTime": "datetime",
    "publishDate": "datetime",
    "expiryDate": "datetime",
    "published": "boolean",
    "removed": "boolean",
    "topics": "names",
    "keywords": "names",
    "hashtags": "names",
    "otherNames": "names",
    "images": "pictures",
    "url": "URL",
    "webUrl": "URL",
    "originalUrl": "URL",
    "links": "URLs",
    "authors": "people",
    "items": "references",
    "provider": "provider",
    "related": "stories",
    "quality": "as it is",
    "heat": "as it is",
}
LISTS: Final[frozenset[FieldType]] = frozenset(
    {"names", "pictures", "URLs", "people", "references", "stories"}
)


def field_type(name: str) -> FieldType:
    """Return the type of a field: the same in all kinds of documents."""
    return _NOT_TEXT.get(name, "text")


def is_free(kind: DocumentKind, name: str) -> bool:
    """Whether a field is written in many ways even in documents that are written for newsgraph."""
    pair = kind, name
    return name in ("authors", "items") or pair in (("author", "provider"), ("topic", "images"))


Sources = tuple[str, ...]
"""The sources of a field; `loaders.sites.rules.terms` describes them."""


@dataclass(frozen=True)
class Rule:
    """One `[[map]]` block.

    It applies to the files that match one of `files`, which are .gitignore patterns relative to the
    root of the site; to all files if there are none. `defaults` are the values of keys that a
    document lacks. `fields` has the sources of fields, for documents of this rule's kind (by
    default, articles).
    """

    files: tuple[str, ...] = ()
    kind: DocumentKind | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Sources] = field(default_factory=dict)


KIND_FIELDS: Final[dict[DocumentKind, Mapping[str, Sources]]] = {
    "article": {"publishDate": ("publishDate",), "expiryDate": ("expiryDate",)},
    "topic": {
        "name": ("name", "title", ":heading", ":filename"),
        "description": ("description", "summary", "excerpt"),
        "images": ("images", "image"),
    },
    "provider": {
        "name": ("name", "title", ":heading", ":filename"),
        "domain": ("domain", "url", "website"),
        "description": ("description", "excerpt", "summary"),
        "images": ("images", "image", "logo"),
    },
    "author": {
        "_id": ("_id", "slug", ":slug"),
        "name": ("name", "title", "display_name", ":heading", ":filename"),
        "url": ("url", "website", "web", "homepage", "link", "uri"),
        "description": ("description", "bio", "excerpt", "summary", ":first-paragraph"),
        "links": ("links", "social"),
        "images": ("images", "image", "avatar", "photo", "picture", "image_url", "profile_image"),
        "provider": ("provider",),
    },
    "ignore": {},
}
"""The sources of each kind, unless a rule of that kind names others. Most of those of articles are
the preset's."""


_AUTHOR_NAMES: Final = (
    "author authors people contributors writers autor autores autoren auteur auteurs autore autori "
    "författare forfatter forfattere kirjoittaja kirjoittajat skribenter авторы 作者"
)
AUTHOR_NAMES: Final = frozenset(_AUTHOR_NAMES.split())
"""What sites call the authors of their documents: collections, taxonomies and folders."""


@dataclass(frozen=True)
class SiteSettings:
    """The `[site]` table; None for missing keys.

    `name` and the domain of `url` are the provider of articles without one. `timezone` is that of
    dates without an offset.
    """

    name: str | None = None
    url: str | None = None
    timezone: str | None = None
    language: str | None = None

    def completed_by(self, other: SiteSettings) -> SiteSettings:
        """Return these settings, completed by the other ones."""
        return SiteSettings(
            self.name or other.name,
            self.url or other.url,
            self.timezone or other.timezone,
            self.language or other.language,
        )


@dataclass(frozen=True)
class ReaderSettings:
    """The `[reader]` table: what the reader and the feeds show of the site; None for missing keys.

    `base_url` is the origin at which readers reach the server.
    """

    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    date_format: str | None = None
    time_format: str | None = None
    base_url: str | None = None

    def or_site(self, site: SiteSettings) -> ReaderSettings:
        """Return these settings, completed by those of the site."""
        return replace(
            self,
            name=self.name or site.name,
            language=self.language or language_tag(site.language),
            timezone=self.timezone or site.timezone,
        )


@dataclass(frozen=True)
class RuleFile:
    """A newsgraph.toml or a preset, which has the same format.

    `strict` says that the documents are written for newsgraph: fields have their own names, and a
    value that does not fit its field is a fault. Otherwise such a value stays in `extra`.
    """

    preset: str | None = None
    strict: bool = False
    site: SiteSettings = field(default_factory=SiteSettings)
    rules: tuple[Rule, ...] = ()
    reader: ReaderSettings = field(default_factory=ReaderSettings)
