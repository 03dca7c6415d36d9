"""Opaque tokens of `changes`: up to which revision of which corpus a client has read it.

A token also names the types of objects that it covers, because a client that begins to read another
type has missed all earlier changes of it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from graph.documents import CorpusDocument
from graph.errors import BadUserInput, ResyncRequired
from graph.store.queries.filters import Order
from graph.store.queries.pagination import cursors

_PARTS: Final = tuple(Order(name, descending=False) for name in ("revision", "corpus", "types"))
_SCOPE: Final = b"changes"


class ChangeToken(NamedTuple):
    """All changes of these types up to this revision of this corpus."""

    revision: int
    corpus: str
    types: str
    """The names of the types, in alphabetical order, separated by commas."""

    def __str__(self) -> str:
        return cursors.encode(_PARTS, self, _SCOPE)


def token_of(corpus: CorpusDocument, revision: int, types: Collection[str]) -> ChangeToken:
    """Return the token of a revision of a corpus."""
    return ChangeToken(revision, corpus.get("id", ""), ",".join(sorted(types)))


def start_of(since: str | None, corpus: CorpusDocument, types: Collection[str]) -> ChangeToken:
    """Return the token that a client sent, or that of the beginning if it sent none.

    Raises ResyncRequired if the changes since then are not known, and BadUserInput for what is no
    token, or one that does not cover all the types.
    """
    if since is None:
        return token_of(corpus, 0, types)
    token = _decoded(since)
    if missing := sorted(set(types).difference(token.types.split(","))):
        names = " and ".join(name.upper() for name in missing)
        message = (
            f"since: this token does not cover {names}: read these types from the beginning, with "
            "`since: null`"
        )
        raise BadUserInput("since", message)
    if not token.corpus and token.revision == 0:
        return token_of(corpus, 0, types)  # the database was empty, and so is the client's copy
    require_same_corpus("since", token.corpus, corpus)
    if token.revision > int(corpus["revision"]):
        raise ResyncRequired("since")
    return token_of(corpus, token.revision, types)


def require_same_corpus(argument: str, corpus_id: str, corpus: CorpusDocument) -> None:
    """Raise ResyncRequired if a token or cursor belongs to another corpus than this one."""
    if corpus_id != corpus.get("id", ""):
        raise ResyncRequired(argument)


def _decoded(since: str) -> ChangeToken:
    try:
        values: list[Any] = cursors.decode("since", since, _PARTS, _SCOPE)
    except BadUserInput:
        values = []
    if list(map(type, values)) != [int, str, str] or values[0] < 0:
        message = (
            "since: not a token of `changes`: pass `nextSince` of an earlier response, or null to "
            "read everything"
        )
        raise BadUserInput("since", message)
    return ChangeToken(*values)
