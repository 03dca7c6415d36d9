"""Read the changes of the published corpus since a revision, page by page.

An event describes the current state, not a past one: if an article was removed and came back, all
its events say that it exists. A client that applies all events in order therefore ends with the
published corpus, even if the corpus changes while it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, NamedTuple

from graph.documents import ARTICLES, TOMBSTONES
from graph.errors import BadUserInput
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries import cursors
from graph.store.queries.articles import PUBLISHED
from graph.store.queries.filters import Order, sort_of
from graph.store.revision import read_corpus

ChangeKind = Literal["changed", "unpublished", "removed"]

_ORDERS: Final = (Order("revision", descending=False), Order("_id", descending=False))


class Event(NamedTuple):
    """A change of an article. `revision` is the revision that made it.

    `row` is the article, or None if it is not published any more.
    """

    revision: int
    slug: str
    kind: ChangeKind
    row: Row | None


@dataclass(frozen=True)
class ChangePage:
    """A page of events, in order of their revisions.

    `next_revision` is where to continue without a cursor: all earlier changes have been returned.
    """

    events: Sequence[Event]
    end_cursor: str | None
    has_next: bool
    next_revision: int


class _Position(NamedTuple):
    """A position in the sequence of events: a revision, and possibly a slug within it.

    `last` is the last revision to read.
    """

    revision: Any
    slug: Any | None
    last: int


async def read_changes(
    database: Reader, since: int, size: int, after: str | None, projection: Projection
) -> ChangePage:
    """Read the events after revision `since`, up to the current revision of the corpus.

    Changes of a load in progress have a later revision, so they are returned only after it ends.
    Raises BadUserInput for a revision that this database never had.
    """
    corpus = int((await read_corpus(database))["revision"])
    if not 0 <= since <= corpus:
        message = (
            f"since: {since} is not between 0 and {corpus}: this database never reached that "
            "revision: start again from 0"
        )
        raise BadUserInput("since", message, minimum=0, maximum=corpus)
    scope = f"changes:{since}".encode()
    revision, slug = cursors.decode("after", after, _ORDERS, scope) if after else (since, None)
    found = await _read(database, _Position(revision, slug, corpus), size + 1, projection)
    events, further = found[:size], found[size:]
    return ChangePage(
        events,
        cursors.encode(_ORDERS, events[-1][:2], scope) if events else after,
        has_next=bool(further),
        next_revision=further[0].revision - 1 if further else corpus,
    )


async def _read(
    database: Reader, position: _Position, limit: int, projection: Projection
) -> list[Event]:
    """Read the first `limit` events after a position."""
    changed = await _changed(database, position, limit, projection)
    lost = await _unpublished(database, position, limit, projection)
    # An article may be in both with the same revision; the events are equal then.
    events = {event[:2]: event for event in chain(changed, lost)}
    return sorted(events.values(), key=lambda event: event[:2])[:limit]


async def _changed(
    database: Reader, position: _Position, limit: int, projection: Projection
) -> Iterable[Event]:
    rows = await database.find(
        ARTICLES,
        _after("source.revision", position, PUBLISHED),
        projection=_with_revision(projection),
        sort=sort_of((Order("source.revision", descending=False), _ORDERS[1])),
        limit=limit,
    )
    return (Event(row["source"]["revision"], row["_id"], "changed", row) for row in rows)


async def _unpublished(
    database: Reader, position: _Position, limit: int, projection: Projection
) -> list[Event]:
    """Read the events of tombstones. If the article exists again, the event says so."""
    tombstones = await database.find(
        TOMBSTONES, _after("revision", position, {}), sort=sort_of(_ORDERS), limit=limit
    )
    if not tombstones:
        return []
    query = {"_id": {"$in": [stone["_id"] for stone in tombstones]}, **PUBLISHED}
    wanted = _with_revision(projection)
    back = {row["_id"]: row for row in await database.find(ARTICLES, query, projection=wanted)}
    return [_event(stone, back.get(stone["_id"])) for stone in tombstones]


def _event(stone: Row, row: Row | None) -> Event:
    kind: ChangeKind = stone["reason"] if row is None else "changed"
    return Event(stone["revision"], stone["_id"], kind, row)


def _with_revision(projection: Projection) -> Projection:
    """Return the projection with the revision added."""
    return projection if "source" in projection else {**projection, "source.revision": 1}


def _after(field: str, position: _Position, base: Row) -> Row:
    """Return the filter for what follows a position. Each branch is one range of the index."""
    later = {**base, field: {"$gt": position.revision, "$lte": position.last}}
    if position.slug is None:
        return later
    return {"$or": [{**base, field: position.revision, "_id": {"$gt": position.slug}}, later]}
