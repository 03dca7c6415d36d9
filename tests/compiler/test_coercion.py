"""Variables are coerced as by graphql-core, on the fast and on the slow path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from graphql import (
    GraphQLError,
    OperationDefinitionNode,
    VariableDefinitionNode,
    build_schema,
    get_variable_values,
    parse,
)
from graphql.execution.values import VariableValues
from hypothesis import given
from hypothesis import strategies as st

from graph.compiler import Variables
from tests.thorough import examples

SCHEMA: Final = build_schema(
    """
    type Query { tide(id: ID): String }
    enum Way { UP, DOWN }
    input Spot { x: Int!, y: Float = 1.5, names: [String!], way: Way = UP, next: Spot }
    """
)
LITERALS: Final = {
    "Int": ("0", "-7", "2147483647"),
    "Float": ("0.5", "3"),
    "String": ('"ebb"', '""'),
    "Boolean": ("true", "false"),
    "ID": ('"a"', "5"),
    "Way": ("UP", "DOWN"),
    "Spot": ("{x: 1}", "{x: 2, names: [], next: {x: 3, way: DOWN}}"),
}
PLAIN: Final = (
    *(None, False, True),
    *(0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63, 10**30),
    *(0.0, 1.0, 1.5, -0.0, 2.0**31, float("inf"), float("nan")),
    *("", "ebb", "1", "true", "UP", "up", "null", "\ud800", "\0"),
)
SCALARS: Final = st.sampled_from(PLAIN)
SPOTS: Final = st.fixed_dictionaries(
    {},
    optional={
        "x": st.sampled_from([1, None, "1", 2**31, True]),
        "y": st.sampled_from([1, 0.5, None, "y"]),
        "names": st.sampled_from([["a"], "a", [None], [], None]),
        "way": st.sampled_from(["UP", "LEFT", None]),
        "next": st.sampled_from([{"x": 1}, {}, None]),
        "z": st.just(1),
    },
)
VALUES: Final = st.one_of(
    SCALARS, SPOTS, st.lists(SCALARS | SPOTS, max_size=3), st.lists(st.lists(SCALARS, max_size=2))
)


@st.composite
def definitions(draw: st.DrawFn) -> str:
    """The definition of up to four variables, as an operation has them."""
    parts = []
    for number in range(draw(st.integers(0, 4))):
        base = draw(st.sampled_from(sorted(LITERALS)))
        shape = draw(st.sampled_from(["{}", "{}", "{}!", "{}!", "[{}]", "[{}!]!", "[[{}]]"]))
        part = f"$v{number}: {shape.format(base)}"
        default = draw(st.sampled_from([None, None, "null", *LITERALS[base]]))
        if default is not None and not (default == "null" and part.endswith("!")):
            part += f" = {default}"
        parts.append(part)
    return f"({', '.join(parts)})" if parts else ""


def defined(text: str) -> Sequence[VariableDefinitionNode]:
    (operation,) = parse(f"query {text} {{ tide }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.variable_definitions or ()


def outcome(values: VariableValues | list[GraphQLError]) -> str:
    """The result as text, so that 1, 1.0 and true differ, and NaN equals NaN."""
    if isinstance(values, list):
        return repr([(error.message, error.locations, error.path) for error in values])
    return repr(values.coerced)


def assert_same(text: str, sent: dict[str, Any]) -> None:
    nodes = defined(text)
    before = repr(sent)
    expected = outcome(get_variable_values(SCHEMA, nodes, dict(sent)))
    variables = Variables(SCHEMA, nodes)
    for _ in range(2):  # what one request sends leaves nothing behind
        assert outcome(variables.coerce(sent)) == expected
    assert repr(sent) == before


@given(
    definitions(),
    st.dictionaries(st.sampled_from(["v0", "v1", "v2", "v3", "other", "$v0", ""]), VALUES),
)
def test_any_variables_are_coerced_as_by_graphql_core(text: str, sent: dict[str, Any]) -> None:
    assert_same(text, sent)


@pytest.mark.parametrize("base", sorted(LITERALS))
def test_each_type_accepts_or_rejects_each_scalar_as_graphql_core_does(base: str) -> None:
    for shape in ("{}", "{}!", "[{}!]"):
        for value in PLAIN:
            assert_same(f"($v0: {shape.format(base)})", {"v0": value})


@pytest.mark.parametrize("base", ["Int", "Float", "String", "Boolean", "ID", "Way", "Spot"])
@pytest.mark.parametrize("shape", ["{}", "{}!", "{} = null", "[{}!]"])
@examples(10)
@given(VALUES)
def test_each_type_accepts_or_rejects_each_value_as_graphql_core_does(
    base: str, shape: str, value: Any
) -> None:
    assert_same(f"($v0: {shape.format(base)})", {"v0": value})


@pytest.mark.parametrize(
    ("text", "sent", "coerced"),
    [
        ("($n: Int)", {"n": 2**31 - 1}, {"n": 2**31 - 1}),
        ("($n: Int)", {"n": -(2**31)}, {"n": -(2**31)}),
        ("($n: Int)", {}, {}),
        ("($n: Int)", {"n": None}, {"n": None}),
        ("($n: Int = 5)", {}, {"n": 5}),
        ("($n: Int = 5)", {"n": None}, {"n": None}),
        ("($n: Int! = 5)", {}, {"n": 5}),
        ("($n: Int)", {"n": 1.0}, {"n": 1}),
        ("($i: ID!)", {"i": 7}, {"i": "7"}),
        ("($s: String!)", {"s": "", "unknown": 1}, {"s": ""}),
        ("($w: Way = DOWN, $l: [Int!])", {"l": 4}, {"w": "DOWN", "l": [4]}),
    ],
)
def test_valid_values_of_variables_are_coerced(
    text: str, sent: dict[str, Any], coerced: dict[str, Any]
) -> None:
    values = Variables(SCHEMA, defined(text)).coerce(sent)
    assert isinstance(values, VariableValues)
    assert json.dumps(values.coerced) == json.dumps(coerced)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("($n: Int)", {"n": 2**31}),
        ("($n: Int)", {"n": -(2**31) - 1}),
        ("($n: Int)", {"n": True}),
        ("($n: Int)", {"n": "1"}),
        ("($n: Int!)", {}),
        ("($n: Int! = 5)", {"n": None}),
        ("($b: Boolean)", {"b": 1}),
        ("($s: String)", {"s": 1}),
        ("($s: String)", {"s": ["ebb"]}),
        ("($i: ID)", {"i": True}),
        ("($w: Way)", {"w": "LEFT"}),
        ("($p: Spot)", {"p": {}}),
        ("($p: Spot)", {"p": {"x": 1, "z": 1}}),
    ],
)
def test_invalid_values_of_variables_are_errors(text: str, sent: dict[str, Any]) -> None:
    errors = Variables(SCHEMA, defined(text)).coerce(sent)
    assert isinstance(errors, list)
    (error,) = errors
    assert error.message.startswith(f"Variable '${text[2]}' has invalid value")
