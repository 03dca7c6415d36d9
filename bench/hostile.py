"""Requests that were made to hurt, each on a line of its own."""

from __future__ import annotations

from collections.abc import Iterator

import orjson


def hostile_bodies() -> list[bytes]:
    """The bodies of requests that a server has to refuse, or to answer with an error."""
    broken = [b"null", b"[]", b"[" * 50_000, b'{"query":"{a}"', b'{"query":"\\ud800"}', b"\xff\xfe"]
    return [*broken, *map(_body, _operations()), b'{"query":"' + b"x" * 2_000_000 + b'"}']


def _body(query: str) -> bytes:
    return orjson.dumps({"query": query})


def _operations() -> Iterator[str]:
    yield "{ articles { nodes { nosuch } } }"
    yield "{" * 2_000
    yield "{" + " ".join(f"a{n}: corpus {{ revision }}" for n in range(500)) + "}"
    yield "query { articles(first: 100) { nodes { related { article { related { article { related {"
    yield _nested(60)
    yield _bomb(40)
    yield "{ articles(first: 100) { nodes { relatedFrom(first: 100) { nodes { id } } } } }"
    yield "{ articles(first: 1000000) { nodes { slug } } }"
    yield '{ articles(after: "bm9uc2Vuc2U") { nodes { slug } } }'
    yield '{ articles(search: "' + "tide " * 5_000 + '") { nodes { slug } } }'
    yield '{ articles(where: {title: {regex: "(a+)+$"}}) { nodes { slug } } }'
    yield "{ article(slug: 1" + "0" * 50_000 + ") { slug } }"
    yield "mutation { drop }"


def _nested(depth: int) -> str:
    return (
        '{ article(slug: "a") ' + "{ related { article " * depth + "{ id }" + " } }" * depth + "}"
    )


def _bomb(levels: int) -> str:
    """Fragments of which each spreads the next twice: short, and large if it were written out."""
    parts = [f"fragment F{n} on Article {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(
        ['{ article(slug: "a") { ...F0 } }', *parts, f"fragment F{levels} on Article {{ id }}"]
    )
