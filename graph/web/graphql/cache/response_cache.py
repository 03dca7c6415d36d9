"""The response cache: responses and their compressed forms, until the corpus changes.

While the database is unreachable, stale ones are sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from sys import getsizeof

from graph.errors import DatabaseUnavailable
from graph.web.graphql.cache.stale_responses import FORWARDED, HIT, Responses
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.graphql.request_context import Key
from graph.web.http.compression import MINIMUM
from graph.web.observability.observer import mark_shared

CreateResponse = Callable[[], Awaitable[GraphQLResponse]]


async def get_or_create(
    responses: Responses, key: Key, coding: str | None, create: CreateResponse
) -> GraphQLResponse:
    """Return the cached response with a key, or the result of `create`, in a content coding.

    While the database is unreachable, that is a stale response, if there is one.
    """
    if responses.is_lost and (stale := await _stale(responses, key, coding, HIT)):
        return stale
    try:
        response = await _get_or_create(responses, key, coding, create)
    except DatabaseUnavailable:
        stale = await _stale(responses, key, coding, FORWARDED)
        if stale is None:
            raise
        return stale
    if response.is_unavailable:
        return await _stale(responses, key, coding, FORWARDED) or response
    return response


async def _stale(
    responses: Responses, key: Key, coding: str | None, how: str
) -> GraphQLResponse | None:
    if coding is None:
        return responses.stale(key, how)
    compressed = responses.stale((coding, *key), how)
    if compressed is not None:
        return compressed
    response = responses.stale(key, how)
    return response and await response.compressed(coding, is_cached=False)


async def _get_or_create(
    responses: Responses, key: Key, coding: str | None, create: CreateResponse
) -> GraphQLResponse:
    epoch = responses.epoch
    response = responses.get(key) or await _fetch(responses, key, create)
    if coding is None or len(response.body) < MINIMUM:
        return response
    if response.is_cacheable and responses.enabled and responses.epoch == epoch:
        return await _compressed(responses, (coding, *key), response, coding)
    return await response.compressed(coding, is_cached=False)


async def _fetch(responses: Responses, key: Key, create: CreateResponse) -> GraphQLResponse:
    is_ours = False

    async def sized() -> tuple[GraphQLResponse, int]:
        nonlocal is_ours
        is_ours = True
        response = await create()
        too_large = responses.capacity
        return response, _size_of(key, response) if response.is_cacheable else too_large

    response = await responses.fetch(key, sized)
    if not is_ours:
        mark_shared()
    return response


async def _compressed(
    responses: Responses, key: Key, response: GraphQLResponse, coding: str
) -> GraphQLResponse:
    """Return a cached response in a content coding, which has its own entry in the cache."""

    async def sized() -> tuple[GraphQLResponse, int]:
        compressed = await response.compressed(coding, is_cached=True)
        return compressed, _size_of(key, compressed)

    return responses.get(key) or await responses.fetch(key, sized)


def _size_of(key: Key, response: GraphQLResponse) -> int:
    """Return the approximate size of an entry in bytes."""
    return sum(map(getsizeof, key), getsizeof(key)) + response.size
