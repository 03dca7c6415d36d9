"""Arguments have the values of graphql-core, converted as by Strawberry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pytest
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_argument_values,
    get_variable_values,
    is_required_argument,
    is_required_input_field,
    parse,
)
from graphql.execution.values import VariableValues
from hypothesis import given
from hypothesis import strategies as st

from graph.compiler import Lookup, Method, Variables
from graph.compiler.arguments import argument_maker
from graph.schema import schema
from graph.schema.execution.fields.strawberry_fields import StrawberryAccess
from tests.thorough import examples

SCHEMA: Final = schema._schema
ACCESS: Final = StrawberryAccess(schema)
FIELDS: Final = {
    f"{type_.name}.{name}": definition
    for type_ in SCHEMA.type_map.values()
    if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
    for name, definition in type_.fields.items()
    if definition.args
}
LITERALS: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    "Int": (("1", 1), ("-1", -1), ("2147483647", 2**31 - 1)),
    "Float": (("0.5", 0.5), ("2", 2)),
    "String": (('"ebb"', "ebb"), ('""', "")),
    "ID": (('"a"', "a"), ('"7"', 7)),
    "Boolean": (("true", True), ("false", False)),
    "DateTime": (('"2025-03-01"', "2025-03-01"), ('"2025-03-01T01:00:00+01:00"', "2025-03-02")),
}


def method_of(definition: GraphQLField) -> Method:
    access = ACCESS.access(definition)
    method = access.references if isinstance(access, Lookup) else access
    assert isinstance(method, Method)
    return method


@dataclass
class Written:
    """The variables that an operation defines, and the values sent for them."""

    definitions: list[str] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)


@st.composite
def written(draw: st.DrawFn, definition: GraphQLField) -> tuple[str, Written]:
    """Arguments of a field as a valid operation has them, and its variables."""
    record = Written()
    parts = []
    for name, argument in definition.args.items():
        if is_required_argument(argument) or draw(st.booleans()):
            parts.append(f"{name}: {_value(draw, argument, record, 0)}")
    return f"({', '.join(parts)})" if parts else "", record


def _value(
    draw: st.DrawFn, place: GraphQLArgument | GraphQLInputField, record: Written, depth: int
) -> str:
    if draw(st.integers(0, 2)) == 0:
        has_default = not (is_required_argument(place) if isinstance(place, GraphQLArgument)
                           else is_required_input_field(place))  # fmt: skip
        return _variable(draw, place.type, record, has_default=has_default)
    return _literal(draw, place.type, record, depth)


def _variable(draw: st.DrawFn, type_: Any, record: Written, *, has_default: bool) -> str:
    name = f"v{len(record.definitions)}"
    may_be_null = not isinstance(type_, GraphQLNonNull)
    type_name = str(type_)
    text, sent = _value_without_variables(draw, type_)
    if not may_be_null and has_default and draw(st.booleans()):
        type_name, may_be_null = str(type_.of_type), True
    default = f" = {text}" if draw(st.booleans()) else ""
    record.definitions.append(f"${name}: {type_name}{default}")
    ways = ["sent", "sent"]
    if may_be_null:
        ways.append("null")
    if may_be_null or default:
        ways.append("omitted")
    way = draw(st.sampled_from(ways))
    if way != "omitted":
        record.sent[name] = None if way == "null" else sent
    return f"${name}"


def _literal(draw: st.DrawFn, type_: Any, record: Written, depth: int) -> str:
    if isinstance(type_, GraphQLNonNull):
        return _literal(draw, type_.of_type, record, depth)
    if isinstance(type_, GraphQLList):
        inner = type_.of_type
        parts = []
        for _ in range(draw(st.integers(0, 2))):
            if isinstance(inner, GraphQLNonNull) and draw(st.booleans()):
                parts.append(_variable(draw, inner, record, has_default=False))
            else:
                parts.append(_literal(draw, inner, record, depth))
        return f"[{', '.join(parts)}]"
    if isinstance(type_, GraphQLInputObjectType) and depth < 3:
        parts = []
        for name, each in type_.fields.items():
            if is_required_input_field(each) or draw(st.integers(0, 3)) == 0:
                parts.append(f"{name}: {_value(draw, each, record, depth + 1)}")
        return f"{{{', '.join(parts)}}}"
    return _value_without_variables(draw, type_)[0]


def _value_without_variables(draw: st.DrawFn, type_: Any) -> tuple[str, Any]:
    """A value without variables, as an operation has it and as JSON has it."""
    if isinstance(type_, GraphQLNonNull):
        return _value_without_variables(draw, type_.of_type)
    if isinstance(type_, GraphQLList):
        text, sent = _value_without_variables(draw, type_.of_type)
        forms: list[tuple[str, Any]] = [(f"[{text}]", [sent]), (text, sent), ("[]", [])]
        form: tuple[str, Any] = draw(st.sampled_from(forms))
        return form
    if isinstance(type_, GraphQLEnumType):
        name = draw(st.sampled_from(sorted(type_.values)))
        return name, name
    if isinstance(type_, GraphQLInputObjectType):
        parts = {
            name: _value_without_variables(draw, each.type)
            for name, each in type_.fields.items()
            if is_required_input_field(each)
        }
        text = ", ".join(f"{name}: {each}" for name, (each, _) in parts.items())
        return f"{{{text}}}", {name: sent for name, (_, sent) in parts.items()}
    found: tuple[str, Any] = draw(st.sampled_from(LITERALS[type_.name]))
    return found


def node_of(arguments: str, definitions: list[str]) -> tuple[OperationDefinitionNode, FieldNode]:
    head = f"({', '.join(definitions)})" if definitions else ""
    (operation,) = parse(f"query {head} {{ it{arguments} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    return operation, node


def assert_same(name: str, arguments: str, definitions: list[str], sent: Mapping[str, Any]) -> str:
    """The values of the arguments, compared with those of graphql-core."""
    definition = FIELDS[name]
    operation, node = node_of(arguments, definitions)
    nodes = operation.variable_definitions or ()
    reference = get_variable_values(SCHEMA, nodes, dict(sent))
    assert isinstance(reference, VariableValues), reference
    coerced = Variables(SCHEMA, nodes).coerce(sent)
    assert isinstance(coerced, VariableValues)
    method = method_of(definition)
    expected = _outcome(lambda: method.convert(get_argument_values(definition, node, reference)))
    found = _outcome(lambda: argument_maker(definition, node, method)(coerced))
    assert found == expected, (name, arguments, definitions, sent)
    return expected


def _outcome(make: Any) -> str:
    try:
        made = make()
    except GraphQLError as error:
        return f"error: {error.message}"
    return repr(sorted(made.items()))


@pytest.mark.parametrize("name", sorted(FIELDS))
@examples(10)
@given(data=st.data())
def test_the_arguments_of_every_field_are_those_of_graphql_core(
    name: str, data: st.DataObject
) -> None:
    arguments, record = data.draw(written(FIELDS[name]))
    assert_same(name, arguments, record.definitions, record.sent)


@pytest.mark.parametrize(
    ("arguments", "definitions", "sent", "first"),
    [
        ("", [], {}, 10),
        ("(first: 3)", [], {}, 3),
        ("(first: $n)", ["$n: Int!"], {"n": 4}, 4),
        ("(first: $n)", ["$n: Int"], {}, 10),
        ("(first: $n)", ["$n: Int = 6"], {}, 6),
        ("(resolution: $r, first: $n)", ["$n: Int!, $r: RelatedResolution!"],
         {"n": 5, "r": "EXTERNAL"}, 5),
    ],
)  # fmt: skip
def test_a_missing_variable_leaves_the_default(
    arguments: str, definitions: list[str], sent: dict[str, Any], first: int
) -> None:
    assert f"('first', {first})" in assert_same("Article.related", arguments, definitions, sent)


def test_null_for_a_required_value_is_an_error() -> None:
    outcome = assert_same("Query.node", "(id: $n)", ['$n: ID = "x"'], {"n": None})
    assert outcome.startswith("error: ")
    assert "id" in outcome


def test_an_error_of_one_run_does_not_affect_the_next() -> None:
    definition = FIELDS["Query.node"]
    _, node = node_of("(id: $n)", ['$n: ID = "x"'])
    make = argument_maker(definition, node, method_of(definition))
    first = make(VariableValues({}, {"n": "a"}))
    with pytest.raises(GraphQLError):
        make(VariableValues({}, {"n": None}))
    assert make(VariableValues({}, {"n": "b"})) == cast(Any, {**first, "id": "b"})
    assert first["id"] == "a"


def test_variables_within_objects_and_lists_are_put_in_place() -> None:
    outcome = assert_same(
        "Query.articles",
        "(first: $n, where: {topics: {any: [$t, \"Mills\"]}, quality: {gte: $q}, hasImage: $h})",
        ["$n: Int", "$t: String!", "$q: Int", "$h: Boolean = true"],
        {"n": 1, "t": "Tides"},
    )  # fmt: skip
    assert "any=['Tides', 'Mills']" in outcome
    assert "has_image=True" in outcome
