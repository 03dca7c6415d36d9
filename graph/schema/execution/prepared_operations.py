"""Prepared operations: parsed, validated and, if possible, compiled once for each text."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    ValuesOfCorrectTypeRule,
    get_operation_ast,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.compiler import (
    CannotCompile,
    CompiledOperation,
    Cost,
    Limits,
    Operation,
    Variables,
    conditions_of,
    count_tokens,
    measure,
)
from graph.errors import TooComplex
from graph.schema.execution.fields.stored_fields import requirements_of
from graph.schema.execution.fields.strawberry_fields import StrawberryAccess
from graph.schema.execution.fields.strawberry_internals import graphql_schema
from graph.schema.execution.result import Fallback, Identity
from graph.schema.inputs.literals import LiteralsRule
from graph.schema.syntax import parse_text
from graph.store.cache.lru import LRUCache
from graph.store.queries.pagination.page_args import MAX_PAGE

log = logging.getLogger("newsgraph.execution")

VALIDATION_RULES: Final = (
    *(LiteralsRule if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules),
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)

MAX_VARIANTS: Final = 8
"""For how many combinations of @skip and @include an operation is compiled; others are not
compiled.
"""

PREPARED_BYTES: Final = 64 * 1024 * 1024
FAILED_BYTES: Final = 4 * 1024 * 1024
"""Memory for prepared operations, and for texts that are invalid."""

_BYTES_PER_TEXT: Final = 4_000
_BYTES_PER_CHARACTER: Final = 100
_BYTES_PER_FIELD: Final = 3_000

MAX_TEXT: Final = 50_000
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
    variants: dict[tuple[Any, ...], CompiledOperation | Fallback] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The approximate size in bytes, without the text."""
        fields = sum(
            variant.size
            for variant in self.variants.values()
            if isinstance(variant, CompiledOperation)
        )
        return fields * _BYTES_PER_FIELD

    @property
    def root_fields(self) -> frozenset[str]:
        """The names of the fields at the top level, also of those in fragments."""
        return frozenset(_field_names(self.definition.selection_set, self.fragments))


class PreparedOperations:
    """The operations that were prepared last, and the errors of invalid ones, in limited memory.

    The arguments are those of `Executor`.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits | None,
        *,
        introspection: bool,
        suggestions: bool,
    ) -> None:
        self._graphql = graphql_schema(schema)
        self._access = StrawberryAccess(schema)
        self._limits = limits
        self._rules = (
            VALIDATION_RULES
            if introspection
            else (*VALIDATION_RULES, NoSchemaIntrospectionCustomRule)
        )
        self._suggestions = suggestions
        self._operations: LRUCache[tuple[str, str | None], PreparedOperation] = LRUCache(
            PREPARED_BYTES
        )
        self._failed: LRUCache[tuple[str, str | None], list[GraphQLError]] = LRUCache(FAILED_BYTES)

    def prepare(
        self, query: str, operation_name: str | None
    ) -> PreparedOperation | list[GraphQLError]:
        """Parse and validate the operation of this name in a text; return it, or the errors."""
        key = query, operation_name
        if (cached := self._operations.get(key) or self._failed.get(key)) is not None:
            return cached
        prepared = self._prepare(query, operation_name)
        size = _BYTES_PER_TEXT + len(query) * _BYTES_PER_CHARACTER
        if isinstance(prepared, PreparedOperation):
            self._operations.put(key, prepared, size)
        else:
            self._failed.put(key, prepared, size)
        return prepared

    def variant(
        self,
        prepared: PreparedOperation,
        values: VariableValues,
        query: str,
        operation_name: str | None,
    ) -> CompiledOperation | Fallback:
        """Return the compiled form of an operation for these variables, or why there is none."""
        choice = tuple(values.coerced.get(name) for name in prepared.conditions)
        if choice in prepared.variants:
            return prepared.variants[choice]
        if len(query) > MAX_TEXT:
            return Fallback.TOO_LONG
        if len(prepared.variants) >= MAX_VARIANTS:
            return Fallback.TOO_MANY_VARIANTS
        operation = Operation(self._graphql, prepared.fragments, values, requirements_of)
        compiled: CompiledOperation | Fallback
        try:
            compiled = CompiledOperation(self._access, operation, prepared.definition)
            log.debug("compiled an operation of %d fields", compiled.size)
        except (CannotCompile, GraphQLError) as reason:
            log.debug("not compiled: %s", reason)
            compiled = Fallback.NOT_COMPILED
        prepared.variants[choice] = compiled
        size = _BYTES_PER_TEXT + len(query) * _BYTES_PER_CHARACTER + prepared.size
        self._operations.put((query, operation_name), prepared, size)
        return compiled

    def _prepare(
        self, query: str, operation_name: str | None
    ) -> PreparedOperation | list[GraphQLError]:
        limits = self._limits
        if limits is not None and (tokens := count_tokens(query)) > limits.tokens:
            return [too_complex("tokens", tokens, limits.tokens)]
        try:
            document = parse_text(query)
        except GraphQLError as error:
            return [error]
        except RecursionError:
            return [GraphQLSyntaxError(Source(query), 0, "The document is nested too deeply.")]
        if limits is not None and (refused := _exceeded_limit(limits, document)):
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
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
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
            Cost(self._graphql, definition, fragments, MAX_PAGE),
        )


def _exceeded_limit(limits: Limits, document: DocumentNode) -> GraphQLError | None:
    """Return an error for the first limit that a document exceeds."""
    for name, value in measure(document)._asdict().items():
        maximum = getattr(limits, name)
        if value > maximum:
            return too_complex(name, value, maximum)
    return None


def too_complex(limit: str, value: int, maximum: int) -> GraphQLError:
    """Return the error for an operation that exceeds a limit."""
    cause = TooComplex(limit, value, maximum)
    return GraphQLError(str(cause), original_error=cause)


def _no_operation(name: str | None) -> str:
    if name is None:
        return "Must provide operation name if query contains multiple operations."
    return f"Unknown operation named '{name}'."


def _field_names(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _field_names(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _field_names(fragments[node.name.value].selection_set, fragments)
