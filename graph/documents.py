"""The collections, and the stored shapes that `graph.fields` does not declare.

Eight collections:

- `articles`: one nested document per file, under its front-matter names. `_id` is the slug: the
  path below the loaded root without its extension, with `/` between its parts.
- `taxonomy`: one document per topic, organisation or author file, as the loader read it.
- `topics`, `providers`, `authors`, `counts`: what `graph.store.load.derivation` makes of these two
  at the end of a load: counts and latest date of the published articles, joined with the files' own
  words.
- `tombstones`: one document per article that was published and then removed or unpublished, and per
  topic, provider and author that is no longer derived.
- `meta`: a single document, `_id: "corpus"`, with the id and the revision of the corpus.

`graph.fields` declares the fields of the first five. Dates are BSON dates: UTC, to the millisecond.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any, Final, Literal, NotRequired, TypedDict

ARTICLES: Final = "articles"
TAXONOMY: Final = "taxonomy"
TOPICS: Final = "topics"
PROVIDERS: Final = "providers"
AUTHORS: Final = "authors"
COUNTS: Final = "counts"
"""How many published articles have a type, or a month (UTC) of publication such as "2025-03".

A document has `kind`, `value`, `articleCount` and `revision`; its `_id` is `kind:value`. Articles
without a type, or without a date, are not counted.
"""
TOMBSTONES: Final = "tombstones"
META: Final = "meta"

Row = dict[str, Any]
"""A stored document, a part of one, or a result of a pipeline."""

CORPUS: Final = "corpus"
"""The `_id` of the one document in `meta`."""

Kind = Literal["articles", "topics", "providers", "authors"]
CountKind = Literal["type", "month"]
NodeTypeName = Literal["Article", "Author", "Provider", "Topic"]
"""The types of objects that have an id, in alphabetical order."""

TombstoneType = NodeTypeName | Literal["UnpublishedArticle"]

Reason = Literal["removed", "unpublished"]


class TombstoneDocument(TypedDict):
    """An article that was published and is not any more, or a topic, provider or author that is no
    longer derived: why, and since which revision.

    Its `_id` is `type:key`; `key` is the `_id` of the object. It is written before the object
    changes, and stays if the object comes back: readers check whether the object exists. An article
    that was removed while it was not published has a type of its own, which only the search index
    reads.
    """

    _id: str
    type: TombstoneType
    key: str
    reason: Reason
    revision: int
    loadedAt: NotRequired[datetime]


def tombstone_id(tombstone_type: TombstoneType, key: str) -> str:
    """Return the `_id` of a tombstone. It is unambiguous, because no type contains a colon."""
    return f"{tombstone_type}:{key}"


ARTICLE_TOMBSTONES: Final[tuple[TombstoneType, ...]] = ("Article", "UnpublishedArticle")
"""The types of tombstones whose keys are slugs of articles."""


class LoadSummary(TypedDict):
    """What the last load that changed something did."""

    at: datetime
    added: int
    updated: int
    removed: int
    rejected: int


class RaisedRevision(TypedDict):
    """A revision of the corpus. `id` is that of the load that made it. It is random, so that a
    revision that is made again after a restore is recognised as different.
    """

    revision: int
    id: str


class PendingLoad(TypedDict):
    """A load in progress: its revision, its `loadedAt`, and the number of the last batch that it
    wrote.
    """

    id: str
    revision: int
    at: datetime
    batch: NotRequired[int]


class SourceSite(TypedDict):
    """What a source says of its site for readers. `root` is the source, as documents name it.

    `url` is the origin at which readers reach the server; `dateFormat` and `timeFormat` are
    patterns such as `d MMMM y` and `HH:mm`.
    """

    root: str
    name: NotRequired[str]
    language: NotRequired[str]
    timeZone: NotRequired[str]
    dateFormat: NotRequired[str]
    timeFormat: NotRequired[str]
    url: NotRequired[str]


class CorpusDocument(TypedDict):
    """The state of the corpus.

    `id` is random: a database that is loaded anew has another. `revision` rises by one with each
    load that changed something in meaning. `pending` names the loads that began such a change and
    have not finished it: a load that finds another's name there finishes what that one, perhaps
    killed, left undone. `derivation` is the version of the derivation rules: a load
    with another version derives everything again. `history` has the last revisions: from
    these, and no others, a copy can be brought up to date by what has changed since. `sites` has
    what the sources say for readers: pages depend on it, but nothing in the API does, so that it
    may change without a new revision.
    """

    _id: str
    id: NotRequired[str]
    revision: int
    pending: list[PendingLoad]
    articleCount: int
    topicCount: int
    providerCount: int
    authorCount: int
    derivation: NotRequired[int]
    lastLoad: NotRequired[LoadSummary]
    history: NotRequired[list[RaisedRevision]]
    sites: NotRequired[list[SourceSite]]


def provider_key(domain: str, name: str) -> str:
    """Return the `_id` of a provider. It is unambiguous, because no domain contains a slash."""
    return f"{domain}/{name}"


def slugify(name: str) -> str:
    """Return a name in the form used in URLs: lower case, words joined by `-`, letters of any
    script.

    >>> slugify("Local Elections")
    'local-elections'
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "-", folded).strip("-")


def author_slug(name: str) -> str:
    """Return the slug that identifies an author, from a name or a slug; the name itself if it
    contains no letters or digits.
    """
    return slugify(name) or name
