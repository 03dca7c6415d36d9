"""A cache of the rows that a command read, valid until the corpus changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from sys import getsizeof
from typing import Any, Final

import orjson
from pymongo.collation import Collation

from graph.documents import ARTICLES, TAXONOMY
from graph.fields.article_document import ArticleDocument
from graph.fields.source_document import SourceDocument
from graph.store.cache.corpus_cache import CorpusCache
from graph.store.cache.read_paths import WHOLE, ReadPath, read_paths
from graph.store.driver.read_commands import ReadCommand, Row

_SOURCES: Final = frozenset({ARTICLES, TAXONOMY})
"""Collections whose documents have fields that change without a new revision."""

_PLACE: Final = frozenset(
    f"source.{name}"
    for name in SourceDocument.__annotations__.keys() - {"hash", "hasUpdatedDateTime", "revision"}
)
"""The parts of `source` that change without a new revision."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BARE_EPOCH: Final = datetime(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)


class ReadCache(CorpusCache[bytes, list[Row]]):
    """The rows of reads, by command.

    Reads of volatile fields, or of whole documents, are not cached, because those change without a
    new revision.
    """

    __slots__ = ("_volatile",)

    def __init__(self, capacity: int, volatile: frozenset[str] = frozenset()) -> None:
        super().__init__(capacity)
        extra = volatile - ArticleDocument.__annotations__.keys()
        self._volatile = frozenset({*_PLACE, *volatile, *(f"extra.{name}" for name in extra)})

    def may_hold(self, command: ReadCommand) -> bool:
        """Whether everything that a command reads changes only with the revision."""
        return not any(map(self._is_volatile, read_paths(command)))

    def _is_volatile(self, read: ReadPath) -> bool:
        if read.path == WHOLE:
            return read.collection in _SOURCES
        path = f"{read.path}."
        return any(
            path.startswith(f"{volatile_path}.") or volatile_path.startswith(path)
            for volatile_path in self._volatile
        )


def command_key(command: ReadCommand) -> bytes:
    """Return a key that is unique to this command; empty if there is none.

    Values without a JSON type are wrapped in an object with a key that begins with `$`, which no
    client's text can be.
    """
    parts = (
        command.name,
        *(part or 0 for part in command),
    )  # without null, _is_finite need not run
    try:
        key = orjson.dumps(parts, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:  # invalid Unicode or more than 64 bits: the driver reports it
        return b""
    # orjson writes infinity and NaN as null, too.
    return key if b"null" not in key or _is_finite(parts) else b""


def _is_finite(value: Any) -> bool:
    """Whether all numbers in a value are finite."""
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):  # as in BSON: in milliseconds, naive means UTC
        return {"$date": (value - (_EPOCH if value.tzinfo else _BARE_EPOCH)) // _MILLISECOND}
    if isinstance(value, Collation):
        return {"$collation": value.document}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def size_of(value: Any) -> int:
    """Return the size of rows in bytes."""
    total = 0
    waiting = [value]
    while waiting:
        value = waiting.pop()
        total += getsizeof(value)
        if isinstance(value, dict):
            waiting += value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return total
