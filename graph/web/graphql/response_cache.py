"""Kept responses: made once, compressed once in each coding, sent until the corpus changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from sys import getsizeof

from graph.store.cache.corpus_cache import CorpusCache
from graph.web.graphql.response import Response
from graph.web.http.compression import MINIMUM, compressed
from graph.web.http.request_headers import RequestHeaders

Key = tuple[Hashable, ...]
"""All that a response depends on but the state of the corpus; the last part is what was asked."""

Responses = CorpusCache[Key, Response]


def key_of(
    method: str, media_type: str, headers: RequestHeaders, scopes: frozenset[str], given: bytes
) -> Key:
    """What an answer depends on: what the caller may see, how it is sent, what is asked."""
    shown = headers.has_authorization, headers.wants_cost
    return (method, media_type, headers.content_type, scopes, shown, given)


async def respond(
    responses: Responses,
    key: Key,
    coding: str | None,
    make: Callable[[], Awaitable[Response]],
) -> Response:
    """The response of this key in a coding: a kept one, else what `make` returns."""
    epoch = responses.epoch
    response = responses.get(key) or await _fetched(responses, key, make)
    if coding is None or len(response.body) < MINIMUM:
        return response
    if response.is_keepable and responses.enabled and responses.epoch == epoch:
        return await _coded(responses, key, response, coding)
    return await compressed(response, coding, is_kept=False)


async def _fetched(
    responses: Responses, key: Key, make: Callable[[], Awaitable[Response]]
) -> Response:
    async def kept() -> tuple[Response, int]:
        made = await make()
        return made, _size_of(key) + made.size if made.is_keepable else responses.capacity

    return await responses.fetch(key, kept)


async def _coded(responses: Responses, key: Key, response: Response, coding: str) -> Response:
    """A response of the epoch that lasts, in a coding: kept beside it, and as bounded."""
    coded_key = (coding, *key)

    async def kept() -> tuple[Response, int]:
        made = await compressed(response, coding, is_kept=True)
        return made, _size_of(coded_key) + made.size

    return responses.get(coded_key) or await responses.fetch(coded_key, kept)


def _size_of(key: Key) -> int:
    """The bytes that a key takes."""
    return sum(map(getsizeof, key), getsizeof(key))
