"""Counts of matching articles by the values of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import tantivy

from graph.search.index.columns import COLUMNS, MONTH, PROVIDER, YEAR
from graph.store.queries.facets import Bucket, Facet

_FIELDS: Final[dict[Facet, str]] = {
    "topics": COLUMNS["topics"].name,
    "providers": PROVIDER,
    "authors": COLUMNS["authors.slug"].name,
    "types": COLUMNS["type"].name,
    "years": YEAR,
    "months": MONTH,
}
_BY_VALUE: Final = frozenset({"years", "months"})
_SPARE: Final = 50
"""How many more buckets are read than shown, to see whether equal counts are cut off."""

_ALL: Final = 65_000


def read_facets(
    searcher: tantivy.Searcher, query: tantivy.Query, sizes: Mapping[Facet, int]
) -> dict[Facet, list[Bucket]]:
    """Count facets. `sizes` has the maximum number of buckets of each.

    Those of equal counts are in the order of their values, the last first, as MongoDB returns them.
    """
    if not sizes:
        return {}
    buckets_by_facet = _aggregate(
        searcher, query, {facet: size + _SPARE for facet, size in sizes.items()}
    )
    cut = {facet: _ALL for facet, size in sizes.items() if _is_cut(buckets_by_facet[facet], size)}
    if cut:
        buckets_by_facet |= _aggregate(searcher, query, cut)
    return {facet: _ordered(facet, buckets_by_facet[facet])[:size] for facet, size in sizes.items()}


def _aggregate(
    searcher: tantivy.Searcher, query: tantivy.Query, sizes: Mapping[Facet, int]
) -> dict[Facet, list[Bucket]]:
    aggregations: dict[Any, Any] = searcher.aggregate(
        query, {facet: {"terms": _terms(facet, size)} for facet, size in sizes.items()}
    )
    return {
        facet: [
            Bucket(_text(facet, bucket["key"]), int(bucket["doc_count"]))
            for bucket in aggregations[facet]["buckets"]
        ]
        for facet in sizes
    }


def _terms(facet: Facet, size: int) -> dict[str, Any]:
    # Each segment contributes all of its values, so that counts are exact.
    terms: dict[str, Any] = {"field": _FIELDS[facet], "size": size, "segment_size": _ALL}
    return {**terms, "order": {"_key": "desc"}} if facet in _BY_VALUE else terms


def _is_cut(buckets: list[Bucket], size: int) -> bool:
    """Whether buckets were left out that have as many articles as the last one shown."""
    return len(buckets) >= size + _SPARE and buckets[size - 1].count == buckets[-1].count


def _ordered(facet: Facet, buckets: list[Bucket]) -> list[Bucket]:
    if facet in _BY_VALUE:
        return buckets
    return sorted(buckets, key=lambda bucket: (bucket.count, bucket.value), reverse=True)


def _text(facet: Facet, key: Any) -> str:
    if facet == "months":
        return f"{int(key) // 100:04d}-{int(key) % 100:02d}"
    return f"{int(key):04d}" if facet == "years" else str(key)
