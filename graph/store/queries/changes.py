"""Read the changes of articles, topics, providers and authors since a token, page by page.

An event describes the current state, not a past one: if an article was removed and came back, all
its events say that it exists. A client that applies all events in order therefore ends with what
the API serves, even if the corpus changes while it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from graph.documents import (
    ARTICLES,
    AUTHORS,
    PROVIDERS,
    TOMBSTONES,
    TOPICS,
    CorpusDocument,
    NodeTypeName,
    tombstone_id,
)
from graph.errors import BadUserInput
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.articles import PUBLISHED
from graph.store.queries.change_tokens import ChangeToken, require_same_corpus, start_of, token_of
from graph.store.queries.filters import Order, sort_of
from graph.store.queries.pagination import cursors
from graph.store.queries.pagination.keyset import get_path
from graph.store.revision import read_corpus

ChangeKind = Literal["changed", "unpublished", "removed"]
Projections = Mapping[NodeTypeName, Projection]
"""The types of objects to read, and what to read of each."""

_ORDERS: Final = (Order("revision", descending=False), Order("_id", descending=False))
_CURSOR: Final = (*_ORDERS, Order("corpus", descending=False))


class _Source(NamedTuple):
    """Where the objects of a type are stored, and the path of the revision that changed them."""

    collection: str
    revision: str
    visible: Row


_Sources = Mapping[NodeTypeName, _Source]

_SOURCES: Final[_Sources] = {
    "Article": _Source(ARTICLES, "source.revision", PUBLISHED),
    "Author": _Source(AUTHORS, "changedRevision", {}),
    "Provider": _Source(PROVIDERS, "changedRevision", {}),
    "Topic": _Source(TOPICS, "changedRevision", {}),
}


class Event(NamedTuple):
    """A change of an object. `revision` is the revision that made it, `id` its type and key.

    `row` is the object, or None if it does not exist or is not published any more.
    """

    revision: int
    id: str
    type: NodeTypeName
    key: str
    kind: ChangeKind
    row: Row | None


@dataclass(frozen=True)
class ChangePage:
    """A page of events, in order of their revisions.

    `next_since` is where to continue without a cursor: all earlier changes have been returned.
    """

    events: Sequence[Event]
    list_key: bytes
    corpus: str
    has_next: bool
    next_since: ChangeToken

    def cursor_of(self, event: Row) -> str:
        """Return the cursor of an event, from its fields by name."""
        values = (event["revision"], event["id"], self.corpus)
        return cursors.encode(_CURSOR, values, self.list_key)


class EventPosition(NamedTuple):
    """A position in the sequence of events: a revision, and the last event in it, if any.

    `last_revision` is the last one to read.
    """

    revision: int
    id: str | None
    last_revision: int


async def was_published(database: Reader, slug: str) -> bool:
    """Return whether an article was published, and then removed or unpublished."""
    key = {"_id": tombstone_id("Article", slug)}
    return bool(await database.find(TOMBSTONES, key, projection={"_id": 1}, limit=1))


async def read_changes(
    database: Reader,
    since: str | None,
    size: int,
    after: str | None,
    projections: Projections,
) -> ChangePage:
    """Read the events after the token `since`, up to the current revision of the corpus.

    Changes of a load in progress have a later revision, so they are returned only after it ends.
    Raises ResyncRequired if the changes since then are not known, and BadUserInput for a token or
    a cursor of something else.
    """
    corpus = await read_corpus(database)
    start, last_revision = start_of(since, corpus, projections), int(corpus["revision"])
    list_key = f"changes:{start.revision}:{start.types}".encode()
    position = _position(after, start, last_revision, list_key, corpus)
    following = await read_events(database, position, size + 1, projections)
    events, further = following[:size], following[size:]
    complete_revision = further[0].revision - 1 if further else last_revision
    token = token_of(corpus, complete_revision, projections)
    return ChangePage(events, list_key, start.corpus, has_next=bool(further), next_since=token)


def _position(
    after: str | None,
    start: ChangeToken,
    last_revision: int,
    list_key: bytes,
    corpus: CorpusDocument,
) -> EventPosition:
    if after is None:
        return EventPosition(start.revision, None, last_revision)
    revision, event_id, corpus_id = values = cursors.decode("after", after, _CURSOR, list_key)
    if list(map(type, values)) != [int, str, str]:
        raise BadUserInput("after", "after: not a cursor of this API")
    require_same_corpus("after", corpus_id, corpus)
    return EventPosition(revision, event_id, last_revision)


async def read_events(
    database: Reader,
    position: EventPosition,
    limit: int,
    projections: Projections,
    article_filter: Row = PUBLISHED,
) -> list[Event]:
    """Read the first `limit` events after a position.

    `article_filter` is for the articles that exist. Those that have gone match none, and their
    events are always returned.
    """
    sources = {**_SOURCES, "Article": _SOURCES["Article"]._replace(visible=article_filter)}
    event_lists = await asyncio.gather(
        *(
            _changed_objects(database, position, limit, kind, sources[kind], projections[kind])
            for kind in projections
        ),
        _tombstone_events(database, position, limit, sources, projections),
    )
    # An object may be in two lists with the same revision; the events are equal then.
    events = {event[:2]: event for event in chain(*event_lists)}
    return sorted(events.values(), key=lambda event: event[:2])[:limit]


async def _changed_objects(
    database: Reader,
    position: EventPosition,
    limit: int,
    kind: NodeTypeName,
    source: _Source,
    projection: Projection,
) -> Iterable[Event]:
    rows = await database.find(
        source.collection,
        _after_in(kind, source, position),
        projection=_with_revision(source, projection),
        sort=sort_of((Order(source.revision, descending=False), _ORDERS[1])),
        limit=limit,
    )
    return [_change(kind, row["_id"], get_path(row, source.revision), row) for row in rows]


async def _tombstone_events(
    database: Reader,
    position: EventPosition,
    limit: int,
    sources: _Sources,
    projections: Projections,
) -> list[Event]:
    """Read the events of tombstones. If an object exists again, its event says so."""
    types = {"type": {"$in": sorted(projections)}}
    tombstones = await database.find(
        TOMBSTONES,
        _after("revision", position, position.id, types),
        sort=sort_of(_ORDERS),
        limit=limit,
    )
    keys: dict[NodeTypeName, list[str]] = {}
    for tombstone in tombstones:
        keys.setdefault(tombstone["type"], []).append(tombstone["key"])
    rows_by_key = await asyncio.gather(
        *(_existing(database, sources[kind], keys[kind], projections[kind]) for kind in keys)
    )
    existing = dict(zip(keys, rows_by_key, strict=True))
    return [
        _event_of(tombstone, existing[tombstone["type"]].get(tombstone["key"]))
        for tombstone in tombstones
    ]


async def _existing(
    database: Reader, source: _Source, keys: Sequence[str], projection: Projection
) -> dict[str, Row]:
    rows = await database.find(
        source.collection,
        {"_id": {"$in": list(keys)}, **source.visible},
        projection=_with_revision(source, projection),
    )
    return {row["_id"]: row for row in rows}


def _change(kind: NodeTypeName, key: str, revision: int, row: Row) -> Event:
    return Event(revision, tombstone_id(kind, key), kind, key, "changed", row)


def _event_of(tombstone: Row, row: Row | None) -> Event:
    kind, key, revision = tombstone["type"], tombstone["key"], tombstone["revision"]
    if row is not None:
        return _change(kind, key, revision, row)
    return Event(revision, tombstone["_id"], kind, key, tombstone["reason"], None)


def _with_revision(source: _Source, projection: Projection) -> Projection:
    """Return the projection with the revision added."""
    if source.revision.partition(".")[0] in projection:
        return projection
    return {**projection, source.revision: 1}


def _after_in(kind: NodeTypeName, source: _Source, position: EventPosition) -> Row:
    """Return the filter for the objects of a type that changed after a position."""
    key: str | None = None
    if position.id is not None:
        last_type, _, last_key = position.id.partition(":")
        # Within a revision, the types are in alphabetical order.
        key = last_key if kind == last_type else "" if kind > last_type else None
    return _after(source.revision, position, key, source.visible)


def _after(field: str, position: EventPosition, key: str | None, base: Row) -> Row:
    """Return the filter for what follows a position. Each branch is one range of the index.

    `key` is the last one that was read in the revision of the position; None if that is done with.
    """
    later: dict[str, Any] = {
        **base,
        field: {"$gt": position.revision, "$lte": position.last_revision},
    }
    if key is None:
        return later
    return {"$or": [{**base, field: position.revision, "_id": {"$gt": key}}, later]}
