"""Resources made of the server's own operations, cached and revalidated like GraphQL responses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp

from graph.config import Settings
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.search.index_reader import IndexReader
from graph.store.cache.cached_reader import UncachedReader
from graph.store.driver.deadline_reader import DeadlineReader
from graph.store.driver.read_commands import Reader
from graph.web.graphql.cache.etags import ETags
from graph.web.graphql.cache.response_cache import get_or_create
from graph.web.graphql.error_format import log_withheld
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.http.compression import GZIP, coding_of
from graph.web.http.headers import Header
from graph.web.http.request.request_headers import RequestHeaders
from graph.web.http.response import Response
from graph.web.resources.failures import failure
from graph.web.resources.streamed_response import StreamedResponse
from graph.web.server.app_state import AppState
from graph.web.server.operation_limiter import OperationLimiter


class ServerOperations:
    """The operations and reads that a resource is made of, within the time of one operation.

    `reader` caches its reads; `passing` is for reads that are too large to be cached.
    """

    def __init__(
        self,
        executor: Executor,
        video_hosts: frozenset[str],
        reader: Reader,
        passing: Reader,
        index: IndexReader,
    ) -> None:
        self._executor = executor
        self._video_hosts = video_hosts
        self._index = index
        self.reader = reader
        self.passing = passing
        self.is_partial = False
        """Whether the body lacks something that may be available to the next request."""

    @property
    def is_cacheable(self) -> bool:
        """Whether all that was read changes only with the corpus revision."""
        parts = (self.reader, self.passing, self._index)
        return not self.is_partial and all(part.is_cacheable for part in parts)

    async def execute(self, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of an operation, as anyone may read it. Raises its first error."""
        context = Context(self.reader, video_hosts=self._video_hosts, index=self._index)
        result = await self._executor.execute(text, variables, None, context)
        if result.errors:
            log_withheld(result.errors)
            raise result.errors[0].original_error or result.errors[0]
        assert result.data is not None
        return result.data


MakeBody = Callable[[ServerOperations], Awaitable[bytes]]

Begin = Callable[[], AbstractContextManager[ServerOperations]]
"""Begins an operation, which must end before the next part is sent: a client may be slow."""

MakeParts = Callable[[Begin], AsyncIterator[bytes]]


class Resource(NamedTuple):
    """A resource of the server.

    Args:
        media_type: of the response.
        identity: everything that the body depends on, except the corpus.
        make: makes the body, or raises BadRequest.
        headers: more headers of the response, also of a 304.
        fail: makes the response to an error that `make` raised.
    """

    media_type: str
    identity: tuple[Any, ...]
    make: MakeBody
    headers: Sequence[Header] = ()
    fail: Callable[[Exception], Response] = failure


class Resources:
    """Responds with resources.

    The operations are the server's own, so the limits on the operations of clients do not apply.
    They count as running operations.
    """

    def __init__(self, settings: Settings, limiter: OperationLimiter) -> None:
        self._settings = settings
        self._limiter = limiter
        self._executor = Executor(schema, compiler=settings.compiler)
        self._etags = ETags(settings, "")
        self._compresses = settings.compression == "on"
        self._headers = _vary(settings)

    async def respond(self, request: Request, resource: Resource) -> Response:
        """Return the response with a resource, or with the error that it raised."""
        try:
            return await self._respond(request, resource)
        except Exception as error:
            return resource.fail(error)

    async def _respond(self, request: Request, resource: Resource) -> Response:
        state: AppState = request.app.state
        headers = RequestHeaders(request.scope["headers"])
        tag = self._tag(state, resource)
        if tag and tag in headers.if_none_match:
            return self._etags.not_modified(tag, (*self._headers, *resource.headers))

        async def create() -> GraphQLResponse:
            response = await self._create(state, resource)
            # If the corpus changed in the meantime, the response belongs to neither state.
            corpus = state.corpus_state
            is_current = response.is_cacheable and corpus and await corpus.is_current()
            holds = is_current and tag == self._tag(state, resource)
            return self._etags.with_validators(response, tag if holds else b"")

        encodings = headers.accept_encoding
        coding = coding_of(encodings) if encodings and self._compresses else None
        if state.responses is not None:
            key = (resource.media_type, *resource.identity)
            return await get_or_create(state.responses, key, coding, create)
        response = await create()
        return response if coding is None else await response.compressed(coding, is_cached=False)

    async def _create(self, state: AppState, resource: Resource) -> GraphQLResponse:
        with self._begin(state) as operations:
            body = await resource.make(operations)
        headers = (
            _content_type(resource.media_type),
            (b"content-length", b"%d" % len(body)),
            *self._headers,
            *resource.headers,
        )
        return GraphQLResponse(200, headers, body, is_cacheable=operations.is_cacheable)

    @contextmanager
    def _begin(self, state: AppState) -> Iterator[ServerOperations]:
        """Begin an operation. It ends with the context, or at its deadline."""
        with self._limiter.begin() as operation:
            yield ServerOperations(
                self._executor,
                self._settings.video_hosts,
                state.reader(operation.deadline),
                UncachedReader(DeadlineReader(state.database, operation.deadline), state.reads),
                IndexReader(state.search),
            )

    async def stream(
        self, request: Request, media_type: str, identity: tuple[Any, ...], make_parts: MakeParts
    ) -> ASGIApp:
        """Return the response with a resource that is made in parts while it is sent.

        If the corpus changes in the meantime, later parts have the new state under the old ETag.
        That tag will never be current again, so the next revalidation replaces such a body.
        """
        state: AppState = request.app.state
        headers = RequestHeaders(request.scope["headers"])
        tag = self._etags.tag(state.corpus_state, media_type, repr(identity).encode())
        if tag and tag in headers.if_none_match:
            return self._etags.not_modified(tag, self._headers)
        begun: list[ServerOperations] = []

        @contextmanager
        def begin() -> Iterator[ServerOperations]:
            with self._begin(state) as operations:
                begun.append(operations)
                yield operations

        parts = make_parts(begin)
        try:
            first = await anext(parts)
        except Exception as error:
            return failure(error)
        holds = all(operations.is_cacheable for operations in begun)
        bare = GraphQLResponse(200, (_content_type(media_type), *self._headers), b"")
        return StreamedResponse(
            self._etags.with_validators(bare, tag if holds else b"").headers,
            _joined(first, parts),
            compresses=self._compresses and bool(coding_of(headers.accept_encoding, GZIP)),
            patience=self._settings.stream_timeout,
        )

    def _tag(self, state: AppState, resource: Resource) -> bytes:
        identity = repr(resource.identity).encode()
        return self._etags.tag(state.corpus_state, resource.media_type, identity)


async def _joined(first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in parts:
        yield part


def _content_type(media_type: str) -> Header:
    return (b"content-type", f"{media_type}; charset=utf-8".encode())


def _vary(settings: Settings) -> tuple[Header, ...]:
    """Return the header that names the request headers on which a resource depends."""
    names = [b"Accept-Encoding"] if settings.compression == "on" else []
    if settings.public_url is None:  # proxies may have one cache for several hosts
        names.append(b"Host")
    if settings.forwarded_prefix == "on":
        names.append(b"X-Forwarded-Prefix")
    return ((b"vary", b", ".join(names)),) if names else ()
