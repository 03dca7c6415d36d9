from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.split import UnquotedScalar
from loaders.records.values import scalar_values as module
from loaders.records.values.scalar_values import (
    Finding,
    boolean,
    core,
    described,
    integer,
    resolve,
    whole_number,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("yes", "yes"),
        ("12", 12),
        ("-0", 0),
        ("+3", 3),
        ("012", 12),
        ("0o17", 15),
        ("0xFf", 255),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1.", 1.0),
        ("-.5e3", -500.0),
        ("1e2", 100.0),
        ("e2", "e2"),
        (".", "."),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("٣", "٣"),
    ],
)
def test_unquoted_scalars_have_the_types_of_the_core_schema(text: str, value: Any) -> None:
    assert (core(text), type(core(text))) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9223372036854775808", "'9223372036854775808' does not fit into 64 bits"),
        ("-9223372036854775809", "'-9223372036854775809' does not fit into 64 bits"),
        ("0xffffffffffffffff", "'0xffffffffffffffff' does not fit into 64 bits"),
        ("9" * 5000, f"'{'9' * 59}…' does not fit into 64 bits"),
        (".nan", ".nan is not a finite number"),
        ("-.INF", "-.INF is not a finite number"),
        ("1e999", "'1e999' is not a finite number"),
    ],
)
def test_43_numbers_that_cannot_be_stored_are_rejected(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the reason is compared whole
        core(text)
    assert str(caught.value) == reason


def test_leading_zeros_do_not_count() -> None:
    assert integer("-" + "0" * 100 + "12") == -12


def test_resolve_converts_only_unquoted_scalars() -> None:
    findings: list[Finding] = []
    tree = {
        "a": [UnquotedScalar("1"), "1", None],
        "b": {"c": UnquotedScalar("true")},
        "d": UnquotedScalar(".nan"),
    }
    resolve(tree, (), findings)
    assert tree == {"a": [1, "1", None], "b": {"c": True}, "d": ".nan"}
    assert findings == [Finding(("d",), ".nan is not a finite number: kept as text")]


def test_resolve_converts_objects_that_drivers_read_as_references_to_text() -> None:
    findings: list[Finding] = []
    tree: dict[str, Any] = {
        "a": [{"$ref": "x", "$id": [UnquotedScalar("1")]}],
        "$ref": "x",
        "b": {"$id": 1},
    }
    resolve(tree, (), findings)
    assert tree == {"a": ['{"$ref":"x","$id":[1]}'], "$ref": "x", "b": {"$id": 1}}
    reason = "a mapping must not contain both $ref and $id: kept as text"
    assert findings == [Finding(("a", 0), reason)]


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-1", -1), ("+5", 5), ("007", 7)])
def test_whole_numbers_are_read_with_and_without_quotes(text: str, number: int) -> None:
    assert whole_number(UnquotedScalar(text)) == whole_number(text) == number


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (UnquotedScalar("abc"), "expected a whole number, found 'abc'"),
        (UnquotedScalar("1.5"), "expected a whole number, found '1.5'"),
        (UnquotedScalar("0x1F"), "expected a whole number, found '0x1F'"),
        ("1.5", "expected a whole number, found '1.5'"),
        ("", "expected a whole number, found ''"),
        ([], "expected a whole number, found a list"),
        ({}, "expected a whole number, found a mapping"),
        (UnquotedScalar("9" * 20), "'99999999999999999999' does not fit into 64 bits"),
    ],
)
def test_an_invalid_whole_number_is_rejected_with_its_reason(value: object, reason: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the reason is compared whole
        whole_number(value)
    assert str(caught.value) == reason


def test_truth_values_are_read_with_and_without_quotes() -> None:
    assert [boolean(UnquotedScalar(text)) for text in ("true", "Yes", "ON", "y")] == [True] * 4
    assert [boolean(UnquotedScalar(text)) for text in ("False", "no", "OFF", "N")] == [False] * 4
    assert [boolean(text) for text in ("true", "No")] == [True, False]


@pytest.mark.parametrize(
    ("value", "found"), [("truly", "'truly'"), (UnquotedScalar("1"), "'1'"), ([], "a list")]
)
def test_an_invalid_truth_value_is_rejected(value: object, found: str) -> None:
    with pytest.raises(ValueError, match=f"expected true or false, found {found}"):
        boolean(value)


def test_a_described_value_is_short() -> None:
    assert described("x" * 100) == repr("x" * 59 + "…")
    assert [described(None), described([1]), described({"a": 1})] == [
        "nothing",
        "a list",
        "a mapping",
    ]


def read_or_reason(read: Callable[[object], object], value: object) -> object:
    try:
        return read(value)
    except ValueError as error:
        return str(error)


@given(st.from_regex(r"[-+]?[0-9\u0663]{0,12}", fullmatch=True).map(UnquotedScalar))
def test_the_fast_path_reads_numbers_as_the_slow_one_does(text: UnquotedScalar) -> None:
    short = read_or_reason(whole_number, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SHORT", 0)
        assert read_or_reason(whole_number, text) == short
