"""Coerce the variables of a request.

This follows CoerceVariableValues of the GraphQL specification (October 2021, section 6.1.2), for
which graphql-core is the reference. Variables of built-in scalar types take a fast path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError, GraphQLSchema, VariableDefinitionNode, get_variable_values
from graphql.execution.values import VariableValues
from graphql.language import NamedTypeNode, NonNullTypeNode

MAX_ERRORS: Final = 50
"""The maximum number of wrong values that are reported, as in graphql-core."""

_FITS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "String": lambda value: type(value) is str,
    "ID": lambda value: type(value) is str,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and -2147483648 <= value <= 2147483647,
}
"""For each built-in type: whether a value is valid and needs no conversion."""


@dataclass(frozen=True, slots=True)
class _ScalarVariable:
    """A variable of a built-in scalar type."""

    name: str
    fits: Callable[[Any], bool]
    is_required: bool
    has_default: bool


class Variables:
    """The variables of an operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definitions: Sequence[VariableDefinitionNode],
        *,
        hide_suggestions: bool = False,
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._hide_suggestions = hide_suggestions
        scalars = list(map(_scalar_variable, definitions))
        self._scalars = [variable for variable in scalars if variable is not None]
        self._are_scalars = len(self._scalars) == len(scalars)

    def coerce(self, values: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Return the coerced values of the variables, or the errors in them."""
        if self._are_scalars:
            coerced: dict[str, Any] = {}
            for variable in self._scalars:
                if variable.name in values:
                    value = values[variable.name]
                    if not (variable.fits(value) or (value is None and not variable.is_required)):
                        break
                    coerced[variable.name] = value
                elif variable.has_default or variable.is_required:
                    break
            else:
                return VariableValues({}, coerced)
        return get_variable_values(
            self._schema, self._definitions, dict(values), MAX_ERRORS, self._hide_suggestions
        )


def _scalar_variable(definition: VariableDefinitionNode) -> _ScalarVariable | None:
    type_, is_required = definition.type, False
    if isinstance(type_, NonNullTypeNode):
        type_, is_required = type_.type, True
    if not isinstance(type_, NamedTypeNode) or type_.name.value not in _FITS:
        return None
    name = definition.variable.name.value
    has_default = definition.default_value is not None
    return _ScalarVariable(name, _FITS[type_.name.value], is_required, has_default)
