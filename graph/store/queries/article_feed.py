"""The changes of articles as they come, for subscriptions: page by page, from a position on.

A position is a revision, and the last event that was read in it. It stays valid, so a client that
was away or slow continues where it was, and nobody has to remember what it missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from graph.documents import CorpusDocument, NodeTypeName
from graph.errors import BadUserInput, ResyncRequired
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.change_tokens import require_same_corpus, start_of
from graph.store.queries.changes import Event, EventPosition, read_events
from graph.store.queries.filters import Order
from graph.store.queries.pagination import cursors
from graph.store.revision import read_corpus

PAGE_SIZE: Final = 100
"""How many events are read, executed and held for a client at once."""

_ARTICLE: Final[NodeTypeName] = "Article"
_PARTS: Final = tuple(Order(name, descending=False) for name in ("revision", "event", "corpus"))
_SCOPE: Final = b"articleChanged"


class FeedPosition(NamedTuple):
    """A position in the changes of articles: all up to this event have been read.

    `event` is the id of the last one in the revision; None after all of them.
    """

    revision: int
    event: str | None
    corpus: str

    def __str__(self) -> str:
        return cursors.encode(_PARTS, self, _SCOPE)

    def after(self, event: Event) -> FeedPosition:
        """Return the position after an event."""
        return FeedPosition(event.revision, event.id, self.corpus)


class FeedPage(NamedTuple):
    """The events after a position, and the one to continue from."""

    events: Sequence[Event]
    position: FeedPosition
    has_next: bool


def position_of(since: str, corpus: CorpusDocument) -> FeedPosition:
    """Return the position of a `nextSince`, of a subscription or of `changes`.

    Raises BadUserInput for another text.
    """
    try:
        revision, event, corpus_id = values = cursors.decode("since", since, _PARTS, _SCOPE)
    except BadUserInput:
        token = start_of(since, corpus, [_ARTICLE])
        return FeedPosition(token.revision, None, token.corpus)
    types = [type(value) for value in values]
    if types not in ([int, str, str], [int, type(None), str]) or revision < 0:
        raise BadUserInput("since", "since: not a `nextSince` of this API")
    return FeedPosition(revision, event, corpus_id)


async def read_feed(
    database: Reader,
    start: FeedPosition | str | None,
    projection: Projection,
    article_filter: Row,
) -> FeedPage:
    """Read the next events after a position or a `since`; None begins with the next change.

    Raises ResyncRequired if the changes since then are not known, and BadUserInput for what is no
    `since`.
    """
    corpus = await read_corpus(database)
    revision, corpus_id = int(corpus["revision"]), corpus.get("id", "")
    end = FeedPosition(revision, None, corpus_id)
    if start is None:
        return FeedPage((), end, has_next=False)
    position = position_of(start, corpus) if isinstance(start, str) else start
    if position.corpus or position.revision:  # a database that was empty gets its id by a load
        require_same_corpus("since", position.corpus, corpus)
    if position.revision > revision:
        raise ResyncRequired("since")
    following = await read_events(
        database,
        EventPosition(position.revision, position.event, revision),
        PAGE_SIZE + 1,
        {_ARTICLE: projection},
        article_filter,
    )
    events = following[:PAGE_SIZE]
    if len(following) > PAGE_SIZE:
        return FeedPage(events, end.after(events[-1]), has_next=True)
    return FeedPage(events, end, has_next=False)
