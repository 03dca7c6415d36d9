"""The stored shape: what loaders write and what graph reads.

Seven collections:

- `articles`: one nested document per file, under its front-matter names. `_id` is the slug: the
  path below the loaded root without its extension, with `/` between its parts.
- `taxonomy`: one document per topic or organisation file, as the loader read it.
- `topics`, `providers`, `counts`: what `graph.store.load.derive` makes of the two others at the end
  of a load: counts and latest date of the published articles, joined with the files' own words.
- `tombstones`: one document per article that was published and then removed or unpublished.
- `meta`: a single document, `_id: "corpus"`, with the revision of the corpus.

Dates are BSON dates: UTC, to the millisecond. `NotRequired` means that the key is missing where
the file does not have it; `| None` that the file may say null. Keys that are not named here stay
where they stand inside a nested object, and move below `extra` at the top.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, NotRequired, TypedDict

ARTICLES: Final = "articles"
TAXONOMY: Final = "taxonomy"
TOPICS: Final = "topics"
PROVIDERS: Final = "providers"
COUNTS: Final = "counts"
TOMBSTONES: Final = "tombstones"
META: Final = "meta"

CORPUS: Final = "corpus"
"""The `_id` of the one document in `meta`."""

TOPIC_FILE_KEYS: Final = ("slug", "shortname", "parent", "keywords", "hashtags", "images")
"""What a topic takes over from its file."""

ORGANIZATION_FILE_KEYS: Final = ("description", "otherNames", "images")
"""What a provider takes over from its domain's organisation file."""

Kind = Literal["articles", "topics", "providers"]
CountKind = Literal["type", "month"]
Reason = Literal["removed", "unpublished"]

DERIVED_KEYS: Final = frozenset({"_id", "extra", "source"})
"""Top-level keys that newsgraph adds; a file's own keys of these names move below `extra`."""


class ImageDocument(TypedDict):
    """A picture; width and height in pixels, as the file claims them."""

    url: str
    width: NotRequired[int | None]
    height: NotRequired[int | None]
    isCached: NotRequired[bool | None]
    title: NotRequired[str | None]
    attribution: NotRequired[str | None]


class ProviderReference(TypedDict):
    """The provider as a document names it."""

    name: str
    domain: str
    images: NotRequired[list[ImageDocument] | None]


class RelatedDocument(TypedDict):
    """A related story: a copy, made when the document was published, that may have aged."""

    title: str
    excerpt: NotRequired[str | None]
    publishedDateTime: NotRequired[datetime | None]
    webUrl: NotRequired[str | None]
    ampWebUrl: NotRequired[str | None]
    cdnAmpWebUrl: NotRequired[str | None]
    type: NotRequired[str | None]
    provider: ProviderReference
    quality: NotRequired[int | None]
    images: NotRequired[list[ImageDocument] | None]


class FileDocument(TypedDict):
    """The file as it was when it was loaded: its size in bytes, and when it was modified.

    `mtime` is in nanoseconds since 1970, or 0 where the file was loaded at once after a change.
    `hash` covers the file's bytes, its place and what else decides the document made of it: a file
    of the same hash yields the same document, and need not be parsed.
    """

    size: int
    mtime: int
    hash: bytes


class SourceDocument(TypedDict):
    """Where a document comes from, and how a reload knows whether it changed.

    `root` is the absolute path of the loaded folder, `path` the file's own below it. `hash` covers
    the document without its volatile fields, `volatileHash` those and the place: where only the
    latter differs, nothing changed in meaning. `revision` is the corpus revision that the
    document's last change in meaning made.
    """

    root: str
    path: str
    file: FileDocument
    hash: str
    volatileHash: str
    loadedAt: datetime
    revision: int


ALWAYS_STORED: Final = (
    "category",
    "publishedDateTime",
    "webUrl",
    "type",
    "quality",
    "heat",
    "topics",
    "images",
    "related",
    "body",
)
"""What lists of articles are ordered or filtered by, and files may lack: stored as null then.

Where MongoDB merges the branches of an `$or`, it takes a missing field of a document and the null
of an index for different values, and an order by both repeats documents and loses others.
"""


class ArticleDocument(TypedDict):
    """One article.

    Loaders always write `published`: missing in the file means true, and `draft: true` means false.
    What is in `ALWAYS_STORED` is null where the file does not have it.
    """

    _id: str
    category: str | None
    title: str
    excerpt: NotRequired[str | None]
    publishedDateTime: datetime | None
    webUrl: str | None
    originalUrl: NotRequired[str | None]
    ampWebUrl: NotRequired[str | None]
    cdnAmpWebUrl: NotRequired[str | None]
    type: str | None
    quality: int | None
    heat: int | None
    published: bool
    removed: NotRequired[bool | None]
    featuredContent: NotRequired[str | None]
    provider: ProviderReference
    topics: list[str] | None
    images: list[ImageDocument] | None
    related: list[RelatedDocument] | None
    secured: NotRequired[str | None]
    body: str | None
    extra: dict[str, Any]
    source: SourceDocument


class TopicFileDocument(TypedDict):
    """A topic file. `slug` is what the file calls its `_id`."""

    _id: str
    kind: Literal["topic"]
    slug: str
    name: str
    shortname: NotRequired[str | None]
    parent: NotRequired[str | None]
    keywords: NotRequired[list[str] | None]
    hashtags: NotRequired[list[str] | None]
    images: NotRequired[list[str] | None]
    extra: dict[str, Any]
    source: SourceDocument


class OrganizationFileDocument(TypedDict):
    """An organisation file. `slug` is what the file calls its `_id`."""

    _id: str
    kind: Literal["organization"]
    slug: str
    name: str
    domain: str
    description: NotRequired[str | None]
    otherNames: NotRequired[list[str] | None]
    images: NotRequired[list[ImageDocument] | None]
    extra: dict[str, Any]
    source: SourceDocument


StoredDocument = ArticleDocument | TopicFileDocument | OrganizationFileDocument


class BesideDocument(TypedDict):
    """A topic that stands beside another, and on how many published articles."""

    name: str
    articleCount: int


class TopicDocument(TypedDict):
    """A topic, under its name: that is how articles refer to it.

    It exists because a published article or a file uses its name, if only as a parent's. `together`
    holds the topics that most often stand beside it, the most frequent first, then by name.
    """

    _id: str
    slug: str
    shortname: NotRequired[str | None]
    parent: str | None
    keywords: NotRequired[list[str] | None]
    hashtags: NotRequired[list[str] | None]
    images: NotRequired[list[str] | None]
    together: list[BesideDocument]
    articleCount: int
    latest: datetime | None
    revision: int


class ProviderDocument(TypedDict):
    """A provider, under its domain and name: channels of a video site share their domain."""

    _id: str
    name: str
    domain: str
    description: NotRequired[str | None]
    otherNames: NotRequired[list[str] | None]
    images: NotRequired[list[ImageDocument] | None]
    articleCount: int
    latest: datetime | None
    revision: int


class CountDocument(TypedDict):
    """How many published articles have a type, or a month (UTC) of publication such as "2025-03".

    Its `_id` is `kind:value`. An article without a type, or without a date, is in no such count.
    """

    _id: str
    kind: CountKind
    value: str
    articleCount: int
    revision: int


class TombstoneDocument(TypedDict):
    """An article that was published and is not any more, under its slug: why, and since when.

    It is written before the article changes, and stays if the article comes back: what is stored
    of the article is what holds. A document that was never published has none.
    """

    _id: str
    reason: Reason
    revision: int
    loadedAt: datetime


class LoadSummary(TypedDict):
    """What the last load that changed something did."""

    at: datetime
    added: int
    updated: int
    removed: int
    rejected: int


class PendingLoad(TypedDict):
    """A load under way, and what its changes carry: the revision, and `loadedAt`."""

    id: str
    revision: int
    at: datetime


class CorpusDocument(TypedDict):
    """The state of the corpus.

    `revision` rises by one with each load that changed something in meaning. `pending` names the
    loads that began such a change and have not finished it: a load that finds another's name there
    finishes what that one, perhaps killed, left undone. `derivation` is the number of the rules by
    which everything derived was made: a load that knows others derives it anew.
    """

    _id: str
    revision: int
    pending: list[PendingLoad]
    articleCount: int
    topicCount: int
    providerCount: int
    derivation: NotRequired[int]
    lastLoad: NotRequired[LoadSummary]


def provider_key(domain: str, name: str) -> str:
    """The `_id` of a provider. A domain holds no slash, so the key is unambiguous."""
    return f"{domain}/{name}"
