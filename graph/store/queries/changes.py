"""What changed in the published corpus since a revision, a page at a time.

An event tells how things are now, not how they were: an article that was removed and came back is
told as there, wherever its events stand. So whoever applies all events in their order, however the
corpus changes meanwhile, ends with what is published.
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
    """A change: of which article, and the revision that made it.

    `row` is the article itself, None where it is not published any more.
    """

    revision: int
    slug: str
    kind: ChangeKind
    row: Row | None


@dataclass(frozen=True)
class ChangePage:
    """A page of events in the order of their revisions.

    `next_revision` is the one from which to ask on without a cursor: all before it is told.
    """

    events: Sequence[Event]
    end_cursor: str | None
    has_next: bool
    next_revision: int


class _Place(NamedTuple):
    """After which revision, or after which slug of a revision, and up to which revision."""

    revision: Any
    slug: Any | None
    last: int


async def read_changes(
    database: Reader, since: int, size: int, after: str | None, projection: Projection
) -> ChangePage:
    """The events after revision `since`, up to the one that the corpus has now.

    What a load under way has written carries a later revision, and is told when it is finished.
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
    found = await _read(database, _Place(revision, slug, corpus), size + 1, projection)
    events, further = found[:size], found[size:]
    return ChangePage(
        events,
        cursors.encode(_ORDERS, events[-1][:2], scope) if events else after,
        has_next=bool(further),
        next_revision=further[0].revision - 1 if further else corpus,
    )


async def _read(database: Reader, place: _Place, limit: int, projection: Projection) -> list[Event]:
    """The first events after a place."""
    changed = await _changed(database, place, limit, projection)
    lost = await _lost(database, place, limit, projection)
    # Both may tell of one article under one revision; they say the same.
    events = {event[:2]: event for event in chain(changed, lost)}
    return sorted(events.values(), key=lambda event: event[:2])[:limit]


async def _changed(
    database: Reader, place: _Place, limit: int, projection: Projection
) -> Iterable[Event]:
    rows = await database.find(
        ARTICLES,
        _beyond("source.revision", place, PUBLISHED),
        projection=_with_revision(projection),
        sort=sort_of((Order("source.revision", descending=False), _ORDERS[1])),
        limit=limit,
    )
    return (Event(row["source"]["revision"], row["_id"], "changed", row) for row in rows)


async def _lost(database: Reader, place: _Place, limit: int, projection: Projection) -> list[Event]:
    """What tombstones tell: of an article that is there after all, that it is."""
    tombstones = await database.find(
        TOMBSTONES, _beyond("revision", place, {}), sort=sort_of(_ORDERS), limit=limit
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
    """A projection that holds the revision too, be it alone or with all of `source`."""
    return projection if "source" in projection else {**projection, "source.revision": 1}


def _beyond(field: str, place: _Place, base: Row) -> Row:
    """The filter for what comes after a place: each branch is one range of the index."""
    later = {**base, field: {"$gt": place.revision, "$lte": place.last}}
    if place.slug is None:
        return later
    return {"$or": [{**base, field: place.revision, "_id": {"$gt": place.slug}}, later]}
