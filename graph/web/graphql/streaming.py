"""Operations whose results are streamed: live queries and subscriptions."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final, Self

import orjson
from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope

from graph.config import Settings
from graph.errors import DatabaseError, NewsgraphError, NotLive, OperationTimeout, TooManyStreams
from graph.live.event import next_event
from graph.live.live_query import LiveQuery, Result, Snapshot
from graph.live.streams import Streams
from graph.live.subscription import EventPage, EventResult, LiveSubscription, SubscriptionReader
from graph.schema import Context
from graph.schema.execution.executor import Executor, PreparedOperation
from graph.schema.execution.result import Answer
from graph.schema.execution.root_fields import root_fields
from graph.store.queries.article_feed import FeedPosition
from graph.web.graphql.error_format import log_withheld
from graph.web.graphql.event_stream import (
    STREAM_HEADERS,
    EventStreamResponse,
    accepts_events,
    prefers_events,
)
from graph.web.graphql.graphql_response import result_response, timeout_response
from graph.web.graphql.persisted import PersistedOperations
from graph.web.graphql.request import GRAPHQL, BadRequest, GraphQLRequest
from graph.web.graphql.request_context import RequestContext
from graph.web.http.client_address import ClientAddresses
from graph.web.http.headers import Header
from graph.web.observability.operation_metrics import ANONYMOUS, OK, REFUSED, Label, label_of
from graph.web.server.app_state import AppState
from graph.web.server.operation_limiter import OperationLimiter, OperationSlot

_CHANGES: Final = (
    "`changes` is read page by page from a token, so it has no live result: watch another field, "
    "and read `changes` when it changes"
)
_INTROSPECTION: Final = "introspection has no live result: the schema stays the same"


class Streaming:
    """Responds to requests that prefer an event stream."""

    def __init__(
        self,
        settings: Settings,
        streams: Streams,
        executor: Executor,
        operations: OperationLimiter,
        persisted: PersistedOperations,
    ) -> None:
        self._settings = settings
        self.video_hosts = settings.video_hosts
        self._streams = streams
        self.executor = executor
        self._operations = operations
        self._persisted = persisted
        self._clients = ClientAddresses()

    def begin(self) -> OperationSlot:
        """Begin an execution. Raises Overloaded if too many are running."""
        slot = self._operations.begin()
        self._streams.executions += 1
        return slot

    def wants_stream(self, context: RequestContext) -> bool:
        """Return whether a request is for a stream: it prefers one, or accepts one and is for a
        subscription.
        """
        accept = context.headers.accept
        if prefers_events(accept):
            return True
        if not accepts_events(accept) or b"subscription" not in context.payload:
            return False
        request = context.parse(for_stream=True)
        return _is_subscription(self.executor.prepare(request.query, request.operation_name))

    async def respond(
        self, context: RequestContext, scope: Scope, receive: Receive, headers: tuple[Header, ...]
    ) -> EventStreamResponse:
        """Return the stream of an operation's results, once the first of them is known.

        Errors of the GraphQL operation are events. Raises BadRequest if there is none, and what
        the first execution raises.
        """
        request = context.parse(for_stream=True)
        text = self._persisted.text_of(request, context.media_type, by_get=False)
        client = await self._clients.of(scope)
        resources = AsyncExitStack()
        try:
            end = resources.enter_context(self._streams.stream(client))
            source = await self._source(request, text, context, scope["app"].state, resources)
        except TooManyStreams as error:
            raise BadRequest(str(error), 429, error.code) from None
        except BaseException:
            await resources.aclose()
            raise
        return EventStreamResponse(
            200,
            (*STREAM_HEADERS, *headers),
            b"",
            label=self._label(request, text, source.is_refused),
            source=source,
            receive=receive,
            streams=self._streams,
            end=end,
            resources=resources,
            heartbeat=self._settings.heartbeat,
            patience=self._settings.stream_timeout,
        )

    async def _source(
        self,
        request: GraphQLRequest,
        text: str,
        context: RequestContext,
        state: AppState,
        resources: AsyncExitStack,
    ) -> _QuerySource | _SubscriptionSource:
        """Return the results of an operation, of which the first one is known."""
        prepared = self.executor.prepare(text, request.operation_name)
        execution = _Execution(self, request, text, context.scopes, state)
        last_event_id = context.headers.last_event_id
        key = (*_key(request, text, context), _is_subscription(prepared))
        if _is_subscription(prepared):
            sharing = state.live.share(key, partial(LiveSubscription, execution.read_page))
            subscription = await resources.enter_async_context(sharing)
            return await _SubscriptionSource.open(subscription, last_event_id)
        errors = prepared if isinstance(prepared, list) else _errors_of(prepared)
        execute = partial(_refuse, errors) if errors else execution.execute
        query = await resources.enter_async_context(
            state.live.share(key, partial(LiveQuery, execute))
        )
        return await _QuerySource.open(query, last_event_id)

    def _label(self, request: GraphQLRequest, text: str, is_refused: bool) -> Label:
        prepared = self.executor.prepare(text, request.operation_name)
        if isinstance(prepared, list):
            return label_of(Answer(None, prepared), "")
        return Label(
            prepared.identity.name or ANONYMOUS,
            prepared.identity.type,
            REFUSED if is_refused else OK,
        )


class _Execution:
    """Executes one operation for all its clients, within the limits."""

    def __init__(
        self,
        streaming: Streaming,
        request: GraphQLRequest,
        text: str,
        scopes: frozenset[str],
        state: AppState,
    ) -> None:
        self._streaming = streaming
        self._request = request
        self._text = text
        self._scopes = scopes
        self._state = state

    async def execute(self) -> Result:
        """Execute a query."""
        try:
            with self._streaming.begin() as operation:
                answer = await self._streaming.executor.execute(
                    self._text,
                    self._request.variables,
                    self._request.operation_name,
                    self._context(operation),
                )
        except OperationTimeout as error:
            return Result(timeout_response(error, GRAPHQL, ()).body, is_transient=True)
        return _result(answer)

    async def read_page(self, position: Hashable) -> EventPage:
        """Execute a subscription for the events after a position."""
        try:
            with self._streaming.begin() as operation:
                context = self._context(operation)
                reading = context.reading
                reading.position = position if isinstance(position, FeedPosition) else None
                if isinstance(position, str):
                    reading.since = position
                answers = await self._streaming.executor.execute_events(
                    self._text, self._request.variables, self._request.operation_name, context
                )
        except OperationTimeout:
            return EventPage((), position, is_transient=True)
        if isinstance(answers, Answer):
            result = _result(answers)
            return EventPage(
                [EventResult(result.body, None)],
                position,
                is_final=True,
                is_transient=result.is_transient,
            )
        results = [
            EventResult(_result(answer).body, str(each))
            for answer, each in zip(answers, reading.positions, strict=True)
        ]
        return EventPage(results, reading.position, has_next=reading.has_next)

    def _context(self, operation: OperationSlot) -> Context:
        reader = self._state.reader(operation.deadline)
        return Context(reader, self._scopes, self._streaming.video_hosts)


class _SubscriptionSource:
    """The results of a subscription as events, from the one after the client's last event on."""

    def __init__(self, reader: SubscriptionReader) -> None:
        self._reader = reader

    @classmethod
    async def open(cls, subscription: LiveSubscription, last_event_id: str) -> Self:
        """Read the first page. Raises what its execution raises."""
        reader = SubscriptionReader(subscription, last_event_id or None)
        await reader.start()
        return cls(reader)

    @property
    def is_refused(self) -> bool:
        """Whether the subscription is invalid."""
        return self._reader.is_refused

    async def next(self) -> bytes | None:
        """Return the event of the next result; None if there will be none."""
        result = await self._reader.next()
        return None if result is None else next_event(result.body, result.id)


class _QuerySource:
    """The results of a live query as events, from the one after the client's last event on."""

    def __init__(self, query: LiveQuery, first: Snapshot, last_event_id: str) -> None:
        self.is_refused = first.is_final
        self._query = query
        self._snapshot = first
        self._digest: str | None = last_event_id.partition("-")[2]

    @classmethod
    async def open(cls, query: LiveQuery, last_event_id: str) -> Self:
        """Wait for the first result. Raises what its execution raises."""
        return cls(query, await query.next(None), last_event_id)

    async def next(self) -> bytes | None:
        """Return the event of the next result; None if there will be none."""
        if self._snapshot.is_final and self._snapshot.digest == self._digest:
            return None
        snapshot = self._snapshot = await self._query.next(self._digest)
        self._digest = snapshot.digest
        return next_event(snapshot.body, snapshot.id)


async def _refuse(errors: list[GraphQLError]) -> Result:
    return _result(Answer(None, errors))


def _is_subscription(prepared: PreparedOperation | list[GraphQLError]) -> bool:
    if isinstance(prepared, list):
        return False
    return prepared.definition.operation is OperationType.SUBSCRIPTION


def _errors_of(prepared: PreparedOperation) -> list[GraphQLError]:
    """Return the error of an operation that has no live result; none if it has."""
    names = root_fields(prepared)
    if "changes" in names:
        cause = NotLive(_CHANGES)
    elif all(name.startswith("__") for name in names):
        cause = NotLive(_INTROSPECTION)
    else:
        return []
    return [GraphQLError(str(cause), prepared.definition, original_error=cause)]


def _result(answer: Answer) -> Result:
    if answer.errors:
        log_withheld(answer.errors)
    return Result(
        result_response(answer, GRAPHQL, ()).body,
        is_final=not answer.was_run,
        is_transient=any(map(_is_transient, answer.errors)),
    )


def _is_transient(error: GraphQLError) -> bool:
    """Return whether an error may pass without a change of the corpus."""
    cause = error.original_error
    if isinstance(cause, NewsgraphError):
        return isinstance(cause, DatabaseError)
    return cause is not None and not isinstance(cause, GraphQLError)


def _key(request: GraphQLRequest, text: str, context: RequestContext) -> tuple[Hashable, ...]:
    """Return everything that the results of an operation depend on except the corpus."""
    try:
        variables = orjson.dumps(request.variables or None, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # more than 254 levels, or half of a surrogate pair
        variables = context.payload
    return text, request.operation_name, variables, context.scopes
