"""Execution: operations, known by their text, compiled once and run many times.

graphql-core is the reference: what the compiler does not know runs there, and so does whatever
went wrong in a compiled run, so that errors are always its own.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    specified_rules,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema import validate_document

from graph.compiler import CannotCompile, Compiled, Operation, Variables, conditions_of
from graph.errors import NewsgraphError
from graph.schema.access import StrawberryAccess
from graph.schema.context import Context
from graph.schema.fields import needs_of
from graph.store.cache import Cache

log = logging.getLogger("newsgraph.execution")

MAXIMUM_VARIANTS: Final = 8
"""Choices of @skip and @include for which an operation is compiled; others run uncompiled."""

KNOWN_BYTES: Final = 64 * 1024 * 1024
FAILED_BYTES: Final = 4 * 1024 * 1024
"""What operations, and texts that are none, may take in memory."""

_BYTES_PER_TEXT: Final = 4_000
_BYTES_PER_CHARACTER: Final = 100
_BYTES_PER_FIELD: Final = 3_000

MAXIMUM_TEXT: Final = 50_000
"""Characters of an operation's text beyond which it is not compiled: too large to be kept."""


@dataclass(frozen=True)
class Answer:
    """What an operation came to: GraphQL's `data`, and its errors."""

    data: dict[str, Any] | None
    errors: list[GraphQLError] = field(default_factory=list)

    @property
    def was_run(self) -> bool:
        """Whether the operation was begun: an error without a path is one of the request."""
        return self.data is not None or all(error.path for error in self.errors)


@dataclass
class Known:
    """An operation that was parsed and validated. `variants` are its compiled forms.

    `conditions` are the variables that decide which of them runs.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    variables: Variables
    conditions: list[str]
    variants: dict[tuple[Any, ...], Compiled | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """About how many bytes it takes beside its text."""
        fields = sum(each.size for each in self.variants.values() if each is not None)
        return fields * _BYTES_PER_FIELD


class Executor:
    """Runs operations over a schema. `compiled=False` leaves everything to graphql-core."""

    def __init__(self, schema: strawberry.Schema, *, compiled: bool = True) -> None:
        self._schema = schema
        self._access = StrawberryAccess(schema)
        self._compiled = compiled
        self._known: Cache[tuple[str, str | None], Known] = Cache(KNOWN_BYTES)
        self._failed: Cache[tuple[str, str | None], list[GraphQLError]] = Cache(FAILED_BYTES)
        self._known.resume()
        self._failed.resume()

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
    ) -> Answer:
        """The answer to an operation; it never raises."""
        known = self.known(query, operation_name)
        if isinstance(known, list):
            return Answer(None, known)
        if not self._compiled or known.definition.operation is not OperationType.QUERY:
            return await self._reference(query, variables, operation_name, context)
        values = known.variables.coerce(variables or {})
        if isinstance(values, list):
            return await self._reference(query, variables, operation_name, context)
        compiled = self.variant(known, values, query, operation_name)
        if compiled is None:
            return await self._reference(query, variables, operation_name, context)
        context.memo = compiled.memo
        try:
            return Answer(await compiled.run(context, values))
        except Exception as error:  # whatever it was, the reference tells it
            answer = await self._reference(query, variables, operation_name, context.again())
            if not answer.errors and not isinstance(error, NewsgraphError):
                log.warning("a compiled run failed where graphql-core did not", exc_info=error)
            return answer

    def known(self, query: str, operation_name: str | None) -> Known | list[GraphQLError]:
        """The operation of this name in a text, parsed and validated, or what is wrong with it."""
        key = query, operation_name
        found = self._known.get(key)
        if found is not None:
            return found
        failed = self._failed.get(key)
        if failed is not None:
            return failed
        made = self._prepared(query, operation_name)
        size = _BYTES_PER_TEXT + len(query) * _BYTES_PER_CHARACTER
        if isinstance(made, Known):
            self._known.put(key, made, size, self._known.epoch)
        else:
            self._failed.put(key, made, size, self._failed.epoch)
        return made

    def variant(
        self, known: Known, values: VariableValues, query: str, operation_name: str | None
    ) -> Compiled | None:
        """The compiled form of an operation for these variables; None where there is none."""
        choice = tuple(values.coerced.get(name) for name in known.conditions)
        if choice in known.variants:
            return known.variants[choice]
        if len(known.variants) >= MAXIMUM_VARIANTS or len(query) > MAXIMUM_TEXT:
            return None
        graphql = self._schema._schema
        operation = Operation(graphql, known.fragments, values, needs_of)
        compiled: Compiled | None
        try:
            compiled = Compiled(self._access, operation, known.definition)
        except (CannotCompile, GraphQLError) as reason:
            log.debug("not compiled: %s", reason)
            compiled = None
        known.variants[choice] = compiled
        size = _BYTES_PER_TEXT + len(query) * _BYTES_PER_CHARACTER + known.size
        self._known.put((query, operation_name), known, size, self._known.epoch)
        return compiled

    def _prepared(self, query: str, operation_name: str | None) -> Known | list[GraphQLError]:
        try:
            document = parse(query)
        except GraphQLError as error:
            return [error]
        except RecursionError:
            return [GraphQLError("The document is nested too deeply.")]
        errors = validate_document(self._schema._schema, document, specified_rules)
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
        variables = Variables(self._schema._schema, definition.variable_definitions or ())
        conditions = conditions_of(definition, fragments)
        return Known(document, definition, fragments, variables, conditions)

    async def _reference(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        context: Context,
    ) -> Answer:
        result = await self._schema.execute(
            query,
            variable_values=dict(variables or {}),
            context_value=context,
            operation_name=operation_name,
        )
        return Answer(result.data, list(result.errors or ()))


def _no_operation(name: str | None) -> str:
    if name is None:
        return "Must provide operation name if query contains multiple operations."
    return f"Unknown operation named '{name}'."
