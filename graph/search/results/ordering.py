"""Pages of matching articles in a sort order, after given sort keys or an offset.

A page costs the same however far down the list it is, but for orders by relevance or by a text:
there the engine has no way to begin at a place, and reads what is before it, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Final, NamedTuple

import tantivy
from tantivy import FieldType, Occur, Query

from graph.search.index.columns import COLUMNS, KEY, NULL, RECENCY, TIE, as_number, tie_of
from graph.store.queries.articles import SCORE
from graph.store.queries.filters import Order

_GROWTH: Final = 4
_SPARE: Final = 16
_MAXIMUM: Final = 2**63 - 1


class Hit(NamedTuple):
    """A matching article: its slug, its place in the index, and its relevance."""

    slug: str
    address: tantivy.DocAddress
    score: float | None


class Finder:
    """Finds articles in one state of the index. `prefers_newer` weighs newer ones more."""

    def __init__(
        self, schema: tantivy.Schema, searcher: tantivy.Searcher, *, prefers_newer: bool
    ) -> None:
        self._schema = schema
        self._searcher = searcher
        self._weight = RECENCY if prefers_newer else None

    def page(
        self,
        query: Query,
        orders: Sequence[Order],
        after: Sequence[Any] | None,
        size: int,
        offset: int = 0,
    ) -> list[Hit]:
        """Return `size` articles in a total order, from the one after these keys, or after
        `offset`.

        The last of `orders` is `_id`, so `after` ends with an `_id`. Articles that are equal in all
        other orders have a fixed order.

        Each commit changes all scores. By relevance, the page therefore begins after the article
        that `after` names; if that no longer matches, where its score was.
        """
        walk = self._walk(query, orders, after, offset + size)
        hits = list(islice(walk, offset, offset + size))
        slugs = [self._stored(address, KEY) for address, _ in hits]
        if orders[0].field == SCORE:
            return [Hit(slug, *hit) for slug, hit in zip(slugs, hits, strict=True)]
        scores = self._scores(query, slugs)
        return [
            Hit(slug, address, scores.get(slug))
            for slug, (address, _) in zip(slugs, hits, strict=True)
        ]

    def _scores(self, query: Query, slugs: list[str]) -> dict[str, float]:
        """Return the relevance of these articles."""
        if not slugs:
            return {}
        among = Query.const_score_query(Query.term_set_query(self._schema, KEY, slugs), 0.0)
        both = Query.boolean_query([(Occur.Must, query), (Occur.Must, among)])
        result = self._searcher.search(both, len(slugs), count=False, weight_by_field=self._weight)
        return {self._stored(address, KEY): score for score, address in result.hits}

    def count(self, query: Query) -> int:
        """Return the number of matching articles."""
        return int(self._searcher.search(query, 1).count)  # type: ignore[attr-defined]

    def _walk(
        self, query: Query, orders: Sequence[Order], after: Sequence[Any] | None, size: int
    ) -> Iterator[tuple[tantivy.DocAddress, float | None]]:
        """Yield the matching articles in order, at least `size` of them if there are as many."""
        order, *others = orders
        if order.field == SCORE or _is_text(order):
            yield from self._walk_from_start(query, orders, after, size)
            return
        if after is not None:
            value = _number(order, after[0])
            if others:
                equal = self._and(query, order, value, value)
                yield from self._walk(equal, others, after[1:], size)
            query = self._and(query, order, *_beyond(order, value))
        hits = self._hits(query, order, size)
        for value, group in groupby(hits, key=lambda hit: hit[0]):
            addresses = [address for _, address in group]
            is_last = value == hits[-1][0] and len(hits) == size
            if others and (is_last or len(addresses) > 1):
                yield from self._walk(self._and(query, order, value, value), others, None, size)
            else:
                yield from ((address, None) for address in addresses)

    def _walk_from_start(
        self, query: Query, orders: Sequence[Order], after: Sequence[Any] | None, size: int
    ) -> Iterator[tuple[tantivy.DocAddress, float | None]]:
        order, *others = orders
        place = None if after is None else [_key(*pair) for pair in zip(orders, after, strict=True)]
        is_score = order.field == SCORE
        last = self._last_key(query, orders[-1], after[-1]) if is_score and after else None
        limit = size + _SPARE
        while True:
            hits = self._hits(query, order, limit)
            if len(hits) == limit:  # of the last value there may be more
                hits = [hit for hit in hits if hit[0] != hits[-1][0]]
                is_whole = False
            else:
                is_whole = True
            keys = self._keys([address for _, address in hits], others)
            placed = [
                ([_key(order, value), *rest], address, value)
                for (value, address), rest in zip(hits, keys, strict=True)
            ]
            if last is not None:
                place = next((keys for keys, _, _ in placed if keys[-1] == last), None)
            if place is not None:
                placed = [entry for entry in placed if entry[0] > place]
            is_placed = last is None or place is not None
            if is_whole or (is_placed and len(placed) >= size):
                break
            limit *= _GROWTH
        placed.sort(key=lambda entry: entry[0])
        yield from ((address, value if is_score else None) for _, address, value in placed)

    def _last_key(self, query: Query, order: Order, slug: str) -> Any:
        """Return the last sort key of an article, which no other article has; None if it does not
        match.
        """
        named = Query.term_query(self._schema, KEY, slug)
        is_match = self.count(Query.boolean_query([(Occur.Must, query), (Occur.Must, named)]))
        return _key(order, slug) if is_match else None

    def _hits(self, query: Query, order: Order, limit: int) -> list[tuple[Any, tantivy.DocAddress]]:
        if order.field == SCORE and order.descending:
            return self._searcher.search(
                query, limit, count=False, weight_by_field=self._weight
            ).hits
        if order.field == SCORE:
            everything = self._searcher.search(
                query, max(1, self.count(query)), count=False, weight_by_field=self._weight
            )
            return everything.hits[::-1][:limit]
        direction = tantivy.Order.Desc if order.descending else tantivy.Order.Asc
        name = TIE if order.field == "_id" else COLUMNS[order.field].name
        return self._searcher.search(
            query, limit, count=False, order_by_field=name, order=direction
        ).hits

    def _keys(
        self, addresses: list[tantivy.DocAddress], orders: Sequence[Order]
    ) -> list[list[Any]]:
        """Return the sort keys of articles for these orders."""
        columns = [
            [_key_of_stored(order, value) for value in self._values(addresses, order)]
            for order in orders
        ]
        return [list(column) for column in zip(*columns, strict=True)] or [[] for _ in addresses]

    def _values(self, addresses: list[tantivy.DocAddress], order: Order) -> list[Any]:
        if order.field == "_id":
            return self._searcher.fast_field_values(TIE, addresses)
        name = COLUMNS[order.field].name
        if _is_text(order):
            return [self._stored(address, name) for address in addresses]
        return self._searcher.fast_field_values(name, addresses)

    def _stored(self, address: tantivy.DocAddress, name: str) -> Any:
        return self._searcher.doc(address).get_first(name)

    def _and(self, query: Query, order: Order, lower: int, upper: int) -> Query:
        name = TIE if order.field == "_id" else COLUMNS[order.field].name
        if lower > upper:
            return Query.empty_query()
        within = Query.range_query(self._schema, name, FieldType.Integer, lower, upper)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, within)])


def _is_text(order: Order) -> bool:
    return order.field not in (SCORE, "_id") and COLUMNS[order.field].kind == "text"


def _number(order: Order, value: Any) -> int:
    if order.field == "_id":
        if not isinstance(value, str):
            raise TypeError(f"not a slug: {value!r}")
        return tie_of(value)
    return NULL if value is None else as_number(value)


def _beyond(order: Order, value: int) -> tuple[int, int]:
    return (-(2**63), value - 1) if order.descending else (value + 1, _MAXIMUM)


class _Descending:
    """A sort key that sorts the other way round."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __lt__(self, other: _Descending) -> bool:
        return bool(other._value < self._value)

    def __gt__(self, other: _Descending) -> bool:
        return bool(other._value > self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(other._value == self._value)

    def __hash__(self) -> int:
        return hash(self._value)


def _key(order: Order, value: Any) -> Any:
    """Return the sort key of a value as documents store it."""
    comparable = value if order.field == SCORE or _is_text(order) else _number(order, value)
    return _key_of_stored(order, comparable)


def _key_of_stored(order: Order, value: Any) -> Any:
    """Return the sort key of a value as the index stores it."""
    return _Descending(value) if order.descending else value
