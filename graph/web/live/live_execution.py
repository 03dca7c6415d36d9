"""Executes operations whose results are live: once for all clients that wait for them."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final, NamedTuple, Self

import orjson
from graphql import GraphQLError, OperationType

from graph.errors import (
    DatabaseError,
    NotLive,
    OperationTimeout,
    SearchUnavailable,
)
from graph.live.event import NextResult
from graph.live.live_query import LiveQuery, Result, Snapshot
from graph.live.live_subscription import EventPage, LiveSubscription, SubscriptionReader
from graph.live.open_streams import Streams
from graph.schema import Context
from graph.schema.execution.executor import Executor
from graph.schema.execution.prepared_operations import PreparedOperation
from graph.schema.execution.result import OperationResult
from graph.search.index_reader import IndexReader
from graph.store.queries.article_feed import FeedPosition
from graph.web.graphql.error_format import log_withheld
from graph.web.graphql.graphql_response import result_response, timeout_response
from graph.web.graphql.request import GRAPHQL, GraphQLRequest
from graph.web.observability.metrics.operation_metrics import (
    ANONYMOUS,
    OK,
    REFUSED,
    Label,
    label_of,
)
from graph.web.server.app_state import AppState
from graph.web.server.operation_limiter import OperationLimiter, OperationSlot

_CHANGES: Final = (
    "`changes` is read page by page from a token, so it has no live result: watch another field, "
    "and read `changes` when it changes"
)
_INTROSPECTION: Final = "introspection has no live result: the schema stays the same"


class LiveRequest(NamedTuple):
    """An operation for which a client wants live results.

    Args:
        text: of the operation; `request` may have its id only.
        last_event_id: of the last result that the client has; empty if it has none.
    """

    request: GraphQLRequest
    text: str
    scopes: frozenset[str]
    last_event_id: str = ""

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Everything that the results depend on except the corpus."""
        request = self.request
        variables: Hashable
        try:
            variables = orjson.dumps(request.variables or None, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # more than 254 levels, or half of a surrogate pair
            variables = object()  # shared with no other client
        return self.text, request.operation_name, variables, self.scopes


class LiveExecutor:
    """Opens the live results of operations."""

    def __init__(
        self,
        executor: Executor,
        operations: OperationLimiter,
        streams: Streams,
        video_hosts: frozenset[str],
    ) -> None:
        self.executor = executor
        self.video_hosts = video_hosts
        self._operations = operations
        self.streams = streams

    def begin(self) -> OperationSlot:
        """Begin an execution. Raises Overloaded if too many are running."""
        slot = self._operations.begin()
        self.streams.executions += 1
        return slot

    def is_subscription(self, text: str, operation_name: str | None) -> bool:
        """Return whether a text has a subscription of this name."""
        prepared = self.executor.prepare(text, operation_name)
        if isinstance(prepared, list):
            return False
        return prepared.definition.operation is OperationType.SUBSCRIPTION

    async def open(
        self, live: LiveRequest, state: AppState, resources: AsyncExitStack
    ) -> QueryResults | SubscriptionReader:
        """Return the results of an operation, of which the first one is known.

        They end with `resources`. Raises what the first execution raises.
        """
        execution = _Execution(self, live, state)
        name = live.request.operation_name
        prepared = self.executor.prepare(live.text, name)
        if self.is_subscription(live.text, name):
            read = partial(LiveSubscription, execution.read_page)
            subscription = await resources.enter_async_context(
                state.live.share(("subscription", *live.key), read)
            )
            return await SubscriptionReader.open(subscription, live.last_event_id or None)
        errors = prepared if isinstance(prepared, list) else _errors_of(prepared)
        execute = partial(_refuse, errors) if errors else execution.execute
        query = await resources.enter_async_context(
            state.live.share(("query", *live.key), partial(LiveQuery, execute))
        )
        return await QueryResults.open(query, live.last_event_id)

    async def execute(self, live: LiveRequest, state: AppState) -> Result:
        """Execute a query once."""
        return await _Execution(self, live, state).execute()

    def label(self, live: LiveRequest, *, is_refused: bool) -> Label:
        """Return the label of an operation for logs and metrics."""
        prepared = self.executor.prepare(live.text, live.request.operation_name)
        if isinstance(prepared, list):
            return label_of(OperationResult(None, prepared), "")
        return Label(
            prepared.identity.name or ANONYMOUS,
            prepared.identity.type,
            REFUSED if is_refused else OK,
        )


class _Execution:
    """Executes one operation for all its clients, within the limits."""

    def __init__(self, executor: LiveExecutor, live: LiveRequest, state: AppState) -> None:
        self._executor = executor
        self._live = live
        self._state = state

    async def execute(self) -> Result:
        """Execute a query."""
        try:
            with self._executor.begin() as operation:
                context = self._context(operation)
                answer = await self._executor.executor.execute(
                    self._live.text,
                    self._live.request.variables,
                    self._live.request.operation_name,
                    context,
                )
        except OperationTimeout as error:
            return Result(timeout_response(error, GRAPHQL, ()).body, is_transient=True)
        result = _result(answer)
        if context.index.is_cacheable:
            return result
        return result._replace(is_transient=True)  # the search index is behind the corpus

    async def read_page(self, position: Hashable) -> EventPage:
        """Execute a subscription for the events after a position."""
        try:
            with self._executor.begin() as operation:
                context = self._context(operation)
                reading = context.reading
                reading.position = position if isinstance(position, FeedPosition) else None
                if isinstance(position, str):
                    reading.since = position
                answers = await self._executor.executor.execute_events(
                    self._live.text,
                    self._live.request.variables,
                    self._live.request.operation_name,
                    context,
                )
        except OperationTimeout:
            return EventPage((), position, is_transient=True)
        if isinstance(answers, OperationResult):
            result = _result(answers)
            return EventPage(
                [NextResult(result.body, None)],
                position,
                is_final=True,
                is_transient=result.is_transient,
            )
        results = [_result(answer) for answer in answers]
        if any(result.is_transient for result in results):
            return EventPage((), position, is_transient=True)
        events = [
            NextResult(result.body, str(event_position))
            for result, event_position in zip(results, reading.positions, strict=True)
        ]
        return EventPage(events, reading.position, has_next=reading.has_next)

    def _context(self, operation: OperationSlot) -> Context:
        reader = self._state.reader(operation.deadline)
        index = IndexReader(self._state.search)
        return Context(reader, self._live.scopes, self._executor.video_hosts, index)


class QueryResults:
    """The results of a live query, from the one after the client's last event on."""

    def __init__(self, query: LiveQuery, first: Snapshot, digest: str) -> None:
        self.is_refused = first.is_final
        self._query = query
        self._snapshot = first
        self._digest = digest

    @classmethod
    async def open(cls, query: LiveQuery, last_event_id: str) -> Self:
        """Wait for the first result. Raises what its execution raises."""
        digest = last_event_id.partition("-")[2]
        return cls(query, await query.first(digest), digest)

    async def next(self) -> NextResult | None:
        """Return the next result; None if there will be none."""
        if self._snapshot.digest == self._digest:
            if self._snapshot.is_final:
                return None
            after_outage = not self._snapshot.is_shared
            self._snapshot = await self._query.next(self._digest, after_outage=after_outage)
        self._digest = self._snapshot.digest
        return self._snapshot.result


async def _refuse(errors: list[GraphQLError]) -> Result:
    return _result(OperationResult(None, errors))


def _errors_of(prepared: PreparedOperation) -> list[GraphQLError]:
    """Return the error of an operation that has no live result; none if it has."""
    names = prepared.root_fields
    if "changes" in names:
        cause = NotLive(_CHANGES)
    elif all(name.startswith("__") for name in names):
        cause = NotLive(_INTROSPECTION)
    else:
        return []
    return [GraphQLError(str(cause), prepared.definition, original_error=cause)]


def _result(answer: OperationResult) -> Result:
    if answer.errors:
        log_withheld(answer.errors)
    return Result(
        result_response(answer, GRAPHQL, ()).body,
        is_final=not answer.was_run,
        is_transient=any(map(_is_transient, answer.errors)),
    )


def _is_transient(error: GraphQLError) -> bool:
    """Return whether an error may pass without a change of the corpus."""
    return isinstance(error.original_error, DatabaseError | SearchUnavailable)
