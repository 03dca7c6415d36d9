"""The response cache: responses and their compressed forms, until the corpus changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from sys import getsizeof
from typing import Protocol

from graph.store.cache.corpus_cache import CorpusCache
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.graphql.request_context import Key
from graph.web.http.compression import MINIMUM

Responses = CorpusCache[Key, GraphQLResponse]

Create = Callable[[], Awaitable[GraphQLResponse]]


class Requested(Protocol):
    """What is requested: the key of the response without a content coding, and the coding."""

    @property
    def cache_key(self) -> Key: ...

    @property
    def coding(self) -> str | None: ...


async def get_or_create(
    responses: Responses, requested: Requested, create: Create
) -> GraphQLResponse:
    """Return the cached response to a request, or the result of `create`, in its content coding."""
    epoch, key, coding = responses.epoch, requested.cache_key, requested.coding
    response = responses.get(key) or await _fetch(responses, key, create)
    if coding is None or len(response.body) < MINIMUM:
        return response
    if response.is_cacheable and responses.enabled and responses.epoch == epoch:
        return await _compressed(responses, (coding, *key), response, coding)
    return await response.compressed(coding, is_cached=False)


async def _fetch(responses: Responses, key: Key, create: Create) -> GraphQLResponse:
    async def sized() -> tuple[GraphQLResponse, int]:
        response = await create()
        too_large = responses.capacity
        return response, _size_of(key, response) if response.is_cacheable else too_large

    return await responses.fetch(key, sized)


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
