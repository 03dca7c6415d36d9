"""Execution: operations are prepared once for each text, and executed many times.

graphql-core is the reference. It executes what cannot be compiled, and repeats a compiled run that
failed, so that errors are always its own.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, Final, Literal

import strawberry
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    Source,
    ValuesOfCorrectTypeRule,
    execute,
    get_operation_ast,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.compiler import (
    CannotCompile,
    Compiled,
    Cost,
    Operation,
    Variables,
    conditions_of,
    count_tokens,
    measure,
)
from graph.compiler import Limits as Limits
from graph.compiler.limits import MOST
from graph.errors import NewsgraphError, StreamRequired, TooComplex
from graph.schema.execution.context import Context
from graph.schema.execution.difference import difference
from graph.schema.execution.result import Answer, Fallback, Identity
from graph.schema.execution.stored_fields import requirements_of
from graph.schema.execution.strawberry_fields import StrawberryAccess
from graph.schema.execution.strawberry_internals import executor_class, graphql_schema
from graph.schema.execution.subscription_events import event_results, source_events
from graph.schema.execution.syntax import parse_text
from graph.schema.inputs.literals import LiteralsRule
from graph.store.cache.lru import LRUCache
from graph.store.queries.pagination import MAXIMUM_PAGE

log = logging.getLogger("newsgraph.execution")

_RULES: Final = (
    *(LiteralsRule if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules),
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)

MAXIMUM_VARIANTS: Final = 8
"""For how many combinations of @skip and @include an operation is compiled; others are not
compiled.
"""

PREPARED_BYTES: Final = 64 * 1024 * 1024
FAILED_BYTES: Final = 4 * 1024 * 1024
"""Memory for prepared operations, and for texts that are invalid."""

_BYTES_PER_TEXT: Final = 4_000
_BYTES_PER_CHARACTER: Final = 100
_BYTES_PER_FIELD: Final = 3_000

MAXIMUM_TEXT: Final = 50_000
"""The length in characters above which an operation is not compiled."""


@dataclass
class PreparedOperation:
    """An operation that was parsed and validated. `variants` are its compiled forms.

    `conditions` are the variables that decide which of them runs.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    identity: Identity
    fragments: dict[str, FragmentDefinitionNode]
    variables: Variables
    conditions: list[str]
    cost: Cost
    variants: dict[tuple[Any, ...], Compiled | Fallback] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The approximate size in bytes, without the text."""
        fields = sum(each.size for each in self.variants.values() if isinstance(each, Compiled))
        return fields * _BYTES_PER_FIELD


class Executor:
    """Runs operations over a schema.

    Args:
        compiler: The setting of this name: with `off`, graphql-core runs everything; with `verify`,
            it also runs every compiled operation, and its result is returned.
        limits: An operation that exceeds them is rejected before it is validated or run.
        introspection: Whether the schema can be queried.
        suggestions: Whether errors may suggest names that the client did not write.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        compiler: Literal["on", "off", "verify"] = "on",
        limits: Limits | None = None,
        introspection: bool = True,
        suggestions: bool = True,
    ) -> None:
        self._schema = schema
        self._graphql = graphql_schema(schema)
        self._access = StrawberryAccess(schema)
        self._compiler = compiler
        self._limits = limits
        self._rules = _RULES if introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self._suggestions = suggestions
        self._operations: LRUCache[tuple[str, str | None], PreparedOperation] = LRUCache(
            PREPARED_BYTES
        )
        self._failed: LRUCache[tuple[str, str | None], list[GraphQLError]] = LRUCache(FAILED_BYTES)

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
    ) -> Answer:
        """Execute a query and return its result; errors are part of it."""
        accepted = self._accepted(query, variables, operation_name)
        if isinstance(accepted, Answer):
            return accepted
        prepared, values, cost = accepted
        if prepared.definition.operation is OperationType.SUBSCRIPTION:
            return Answer(None, [_stream_required(prepared)], cost, prepared.identity)
        if self._compiler == "off" or prepared.definition.operation is not OperationType.QUERY:
            return await self._reference(prepared, variables, context, cost)
        compiled = self.variant(prepared, values, query, operation_name)
        if not isinstance(compiled, Compiled):
            answer = await self._reference(prepared, variables, context, cost)
            return answer._replace(fallback=compiled)
        context.memo = compiled.memo
        try:
            data = await compiled.run(context, values)
        except Exception as error:  # graphql-core reports it, whatever it is
            answer = await self._reference(prepared, variables, context.again(), cost)
            if answer.errors or isinstance(error, NewsgraphError):
                return answer._replace(fallback=Fallback.ERRORS)
            log.warning("a compiled run failed where graphql-core did not", exc_info=error)
            return answer._replace(fallback=Fallback.COMPILER_BUG)
        if self._compiler == "on":
            return Answer(data, (), cost, prepared.identity)
        answer = await self._reference(prepared, variables, context.again(), cost)
        found = difference(data, answer)
        if found is None:
            return answer
        log.warning("a compiled answer differs: %s; operation %r with %r", found, query, variables)
        return answer._replace(fallback=Fallback.COMPILER_BUG)

    async def execute_events(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
    ) -> Answer | Sequence[Answer]:
        """Execute a subscription for the next events, and return a result for each.

        `context.reading` says where to begin, and afterwards where to continue. An error of the
        subscription itself is a single result, without data.
        """
        accepted = self._accepted(query, variables, operation_name)
        if isinstance(accepted, Answer):
            return accepted
        prepared, _, cost = accepted
        running = executor_class(self._schema).build(
            self._graphql,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables or {}),
            operation_name=prepared.identity.name,
        )
        events = await source_events(running)
        if isinstance(events, GraphQLError):
            self._schema.process_errors([events])
            return Answer(None, [events], cost, prepared.identity)
        results = await event_results(running, events)
        self._schema.process_errors([error for each in results for error in each.errors or ()])
        return [Answer(each.data, each.errors or (), cost, prepared.identity) for each in results]

    def _accepted(
        self, query: str, variables: Mapping[str, Any] | None, operation_name: str | None
    ) -> Answer | tuple[PreparedOperation, VariableValues, int | None]:
        """Return an operation with its variables and its cost, or the result that rejects it."""
        prepared = self.prepare(query, operation_name)
        if isinstance(prepared, list):
            return Answer(None, prepared)
        values = prepared.variables.coerce(variables or {})
        if isinstance(values, list):
            return Answer(None, values, operation=prepared.identity)
        cost = None
        if self._limits is not None:
            cost = prepared.cost.of(values.coerced)
            if cost > self._limits.cost:
                cost = min(cost, MOST)
                refusal = _too_complex("cost", cost, self._limits.cost)
                return Answer(None, [refusal], cost, prepared.identity)
        return prepared, values, cost

    def prepare(
        self, query: str, operation_name: str | None
    ) -> PreparedOperation | list[GraphQLError]:
        """Parse and validate the operation of this name in a text; return it, or the errors."""
        key = query, operation_name
        found = self._operations.get(key)
        if found is not None:
            return found
        failed = self._failed.get(key)
        if failed is not None:
            return failed
        made = self._prepared(query, operation_name)
        size = _BYTES_PER_TEXT + len(query) * _BYTES_PER_CHARACTER
        if isinstance(made, PreparedOperation):
            self._operations.put(key, made, size)
        else:
            self._failed.put(key, made, size)
        return made

    def variant(
        self,
        prepared: PreparedOperation,
        values: VariableValues,
        query: str,
        operation_name: str | None,
    ) -> Compiled | Fallback:
        """Return the compiled form of an operation for these variables, or why there is none."""
        choice = tuple(values.coerced.get(name) for name in prepared.conditions)
        if choice in prepared.variants:
            return prepared.variants[choice]
        if len(query) > MAXIMUM_TEXT:
            return Fallback.TOO_LONG
        if len(prepared.variants) >= MAXIMUM_VARIANTS:
            return Fallback.TOO_MANY_VARIANTS
        operation = Operation(self._graphql, prepared.fragments, values, requirements_of)
        compiled: Compiled | Fallback
        try:
            compiled = Compiled(self._access, operation, prepared.definition)
            log.debug("compiled an operation of %d fields", compiled.size)
        except (CannotCompile, GraphQLError) as reason:
            log.debug("not compiled: %s", reason)
            compiled = Fallback.NOT_COMPILED
        prepared.variants[choice] = compiled
        size = _BYTES_PER_TEXT + len(query) * _BYTES_PER_CHARACTER + prepared.size
        self._operations.put((query, operation_name), prepared, size)
        return compiled

    def _prepared(
        self, query: str, operation_name: str | None
    ) -> PreparedOperation | list[GraphQLError]:
        limits = self._limits
        if limits is not None and (tokens := count_tokens(query)) > limits.tokens:
            return [_too_complex("tokens", tokens, limits.tokens)]
        try:
            document = parse_text(query)
        except GraphQLError as error:
            return [error]
        except RecursionError:
            return [GraphQLSyntaxError(Source(query), 0, "The document is nested too deeply.")]
        if limits is not None and (refused := _beyond(limits, document)):
            return [refused]
        errors = validate(
            self._graphql, document, self._rules, hide_suggestions=not self._suggestions
        )
        if errors:
            return errors
        definition = get_operation_ast(document, operation_name)
        if definition is None:
            return [GraphQLError(_no_operation(operation_name))]
        fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        name = definition.name
        return PreparedOperation(
            document,
            definition,
            Identity(name.value if name else None, definition.operation.value),
            fragments,
            Variables(
                self._graphql,
                definition.variable_definitions or (),
                hide_suggestions=not self._suggestions,
            ),
            conditions_of(definition, fragments),
            Cost(self._graphql, definition, fragments, MAXIMUM_PAGE),
        )

    async def _reference(
        self,
        prepared: PreparedOperation,
        variables: Mapping[str, Any] | None,
        context: Context,
        cost: int | None,
    ) -> Answer:
        result: Any = execute(
            self._graphql,
            prepared.document,
            context_value=context,
            variable_values=dict(variables or {}),
            operation_name=prepared.identity.name,
            executor_class=executor_class(self._schema),
        )
        if isawaitable(result):
            result = await result
        if result.errors:
            self._schema.process_errors(result.errors)
        return Answer(result.data, result.errors or (), cost, prepared.identity)


def _beyond(limits: Limits, document: DocumentNode) -> GraphQLError | None:
    """Return an error for the first limit that a document exceeds."""
    for name, value in measure(document)._asdict().items():
        maximum = getattr(limits, name)
        if value > maximum:
            return _too_complex(name, value, maximum)
    return None


def _too_complex(limit: str, value: int, maximum: int) -> GraphQLError:
    cause = TooComplex(limit, value, maximum)
    return GraphQLError(str(cause), original_error=cause)


def _stream_required(prepared: PreparedOperation) -> GraphQLError:
    cause = StreamRequired()
    return GraphQLError(str(cause), prepared.definition, original_error=cause)


def _no_operation(name: str | None) -> str:
    if name is None:
        return "Must provide operation name if query contains multiple operations."
    return f"Unknown operation named '{name}'."
