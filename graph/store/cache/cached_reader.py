"""Reads through a cache, for the server: as exact as the corpus revision.

Rows that a read returns are shared by all who ask the same: whoever reads must not change them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from sys import getsizeof
from typing import Any, Final, Self

import orjson
from pymongo.collation import Collation

from graph.documents import ARTICLES, TAXONOMY, ArticleDocument
from graph.errors import DatabaseTimeout
from graph.store.cache.lru import Cache
from graph.store.driver.database import Database, Filter, Projection, Row, Sort
from graph.store.indexes import INDEXES

Reads = Cache[bytes, Any]
"""The results of reads, by collection, method and arguments."""

_SOURCES: Final = frozenset({ARTICLES, TAXONOMY})
"""Collections whose documents hold fields that change without a new revision."""

_PLACE: Final = rb'source(?:\.(?!hash"|revision")[^"]*)?'
"""Of where a document comes from, all but what changes with its meaning."""

_NARROWING: Final = frozenset({"$project", "$group", "$facet"})
"""The stages after which a pipeline's rows hold what it names, and not whole documents."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BARE_EPOCH: Final = datetime(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)

_TEXTS: Final = frozenset(
    field.partition(".")[0]
    for index in INDEXES[ARTICLES]
    for field in index.document.get("weights", ())
)
"""The fields that `$text` searches without naming them."""


class CachedDatabase(Database):
    """A database whose reads are kept, and read once where several ask the same at the same time.

    Reads that touch a volatile field, or whole documents of a file, go to the database each time:
    such fields change without a new revision. `keepable` says that there was none of those, so that
    what was made of this operation's reads may be kept, too.
    """

    def __init__(self, source: Database, reads: Reads, volatile: frozenset[str]) -> None:
        super().__init__(source._handle, address=source.address, mock=source.mock)
        self._source = source
        self._reads = reads
        self._passing = _passing(volatile)
        self.keepable = True

    def with_deadline(self, deadline: float | None = None) -> Self:
        """The same database over the same cache, to be asked by one operation."""
        view = object.__new__(type(self))
        view.__dict__ = {**self.__dict__, "keepable": True, "_until": deadline}
        return view

    async def find(
        self,
        collection: str,
        query: Filter,
        *,
        projection: Projection | None = None,
        sort: Sort = (),
        limit: int = 0,
        hint: str | None = None,
        collation: Collation | None = None,
    ) -> list[Row]:
        options = (sort, limit, hint or 0, collation or 0)  # a null makes the key dear
        key = key_of("find", collection, query, 0 if projection is None else projection, *options)
        rows: list[Row] | None = self._reads.get(key)
        if rows is not None:
            return rows

        async def read() -> list[Row]:
            return await self._source.with_deadline(self._until).find(
                collection,
                query,
                projection=projection,
                sort=sort,
                limit=limit,
                hint=hint,
                collation=collation,
            )

        whole = collection in _SOURCES and not _names_fields(projection or {})
        found: list[Row] = await self._fetch(key, read, whole=whole)
        return found

    async def aggregate(self, collection: str, pipeline: Sequence[Mapping[str, Any]]) -> list[Row]:
        key = key_of("aggregate", collection, pipeline)
        rows: list[Row] | None = self._reads.get(key)
        if rows is not None:
            return rows

        async def read() -> list[Row]:
            return await self._source.with_deadline(self._until).aggregate(collection, pipeline)

        whole = collection in _SOURCES and not any(_NARROWING & stage.keys() for stage in pipeline)
        found: list[Row] = await self._fetch(key, read, whole=whole)
        return found

    async def count(self, collection: str, query: Filter) -> int:
        key = key_of("count", collection, query)
        number: int | None = self._reads.get(key)
        if number is not None:
            return number

        async def read() -> int:
            return await self._source.with_deadline(self._until).count(collection, query)

        counted: int = await self._fetch(key, read, whole=False)
        return counted

    async def _fetch(self, key: bytes, read: Callable[[], Awaitable[Any]], *, whole: bool) -> Any:
        """What `read` gives: kept, unless it is of whole documents or touches what is volatile."""
        if whole or not key or self._passing.search(key):
            self.keepable = False
            return await read()

        is_ours = False

        async def make() -> tuple[Any, int]:
            nonlocal is_ours
            is_ours = True
            value = await read()
            return value, getsizeof(key) + size_of(value)

        while True:
            try:
                return await self._reads.fetch(key, make)
            except DatabaseTimeout:
                if is_ours:
                    raise
                # It was read for an operation that had less time left than this one.


def key_of(*parts: Any) -> bytes:
    """A key that these arguments of a read have, and no others; empty if they cannot be told.

    What JSON has no type for stands in an object under a name with `$`: never does a client's text
    become a name.
    """
    try:
        key = orjson.dumps(parts, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except orjson.JSONEncodeError:  # no Unicode, or beyond 64 bits: the driver says what of it
        return b""
    # What is infinite or no number is null in JSON, too.
    return key if b"null" not in key or _is_finite(parts) else b""


def _is_finite(value: Any) -> bool:
    """Whether all numbers in a value are some."""
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):  # as BSON has it: in milliseconds, and in UTC without a zone
        return {"$date": (value - (_EPOCH if value.tzinfo else _BARE_EPOCH)) // _MILLISECOND}
    if isinstance(value, Collation):
        return {"$collation": value.document}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _names_fields(projection: Projection) -> bool:
    """Whether a projection says which fields there shall be, not which there shall not be."""
    others = [wanted for name, wanted in projection.items() if name != "_id"]
    return bool(any(others) if others else projection.get("_id"))


def _passing(volatile: Iterable[str]) -> re.Pattern[bytes]:
    """What in the key of a read shows that it touches what changes without a new revision."""
    names = set(volatile)
    if names & _TEXTS:
        names.add("text")
    if names - ArticleDocument.__annotations__.keys():
        names.add("extra")  # where a document's other fields are
    paths = [re.escape(orjson.dumps(name)[1:-1]) + rb'(?:\.[^"]*)?' for name in sorted(names)]
    return re.compile(rb'"\$\$(?:ROOT|CURRENT)\b|"\$*(?:' + b"|".join([_PLACE, *paths]) + rb')"')


def size_of(value: Any) -> int:
    """The bytes that a value of rows takes."""
    total = 0
    waiting = [value]
    while waiting:
        each = waiting.pop()
        total += getsizeof(each)
        if isinstance(each, dict):
            waiting += each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return total
