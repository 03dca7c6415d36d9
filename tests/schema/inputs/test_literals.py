"""Errors in the literals of an operation name the argument, the value and the location."""

from __future__ import annotations

import pytest

from graph.schema import schema
from graph.schema.execution.executor import Executor
from graph.web.graphql.error_format import format_error

EXECUTOR = Executor(schema)


@pytest.mark.parametrize(
    ("query", "argument", "value", "fault"),
    [
        (
            '{ articles(where: {publishedDateTime: {gt: "soon"}}) { totalCount } }',
            "where.publishedDateTime.gt",
            '"soon"',
            '"soon" is not a date and time in the format of RFC 3339',
        ),
        (
            "{ articles(where: {publishedDateTime: {gt: 5}}) { totalCount } }",
            "where.publishedDateTime.gt",
            "5",
            "5 is not a date and time",
        ),
        (
            "{ articles(where: {and: [{quality: {in: [1, 99999999999]}}]}) { totalCount } }",
            "where.and[0].quality.in[1]",
            "99999999999",
            "Int cannot represent non 32-bit signed integer value: 99999999999",
        ),
        (
            "{ articles(first: 99999999999) { totalCount } }",
            "first",
            "99999999999",
            "Int cannot represent non 32-bit",
        ),
        (
            "{ articles(orderBy: [{field: SIZE}]) { totalCount } }",
            "orderBy[0].field",
            "SIZE",
            "Value 'SIZE' does not exist in 'ArticleOrderField' enum",
        ),
        (
            '{ article(slug: "a") { images(minWidth: "w") { url } } }',
            "minWidth",
            '"w"',
            "Int cannot represent non-integer value",
        ),
        (
            'query ($day: DateTime = "never") { articles(where: {publishedDateTime: {gt: $day}}) '
            "{ totalCount } }",
            "$day",
            '"never"',
            '"never" is not a date and time',
        ),
        (
            '{ articles(where: {or: [{publishedDateTime: {gt: "x"}}]}) { totalCount } }',
            "where.or[0].publishedDateTime.gt",
            '"x"',
            '"x" is not a date and time',
        ),
    ],
)
def test_a_wrong_literal_is_named_with_its_argument_and_location(
    query: str, argument: str, value: str, fault: str
) -> None:
    errors = EXECUTOR.prepare(query, None)
    assert isinstance(errors, list)
    (error,) = map(format_error, errors)
    assert error["message"].startswith(f"{argument}: {fault}")
    assert error["locations"] == [{"line": 1, "column": query.index(value) + 1}]
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED", "argument": argument}


def test_each_wrong_literal_is_an_error() -> None:
    query = '{ articles(first: "x", where: {quality: {gt: "y"}, heat: {lt: "z"}}) { totalCount } }'
    errors = EXECUTOR.prepare(query, None)
    assert isinstance(errors, list)
    found = [format_error(error)["extensions"]["argument"] for error in errors]
    assert found == ["first", "where.quality.gt", "where.heat.lt"]


def test_a_missing_part_of_an_input_object_is_named() -> None:
    errors = EXECUTOR.prepare("{ articles(orderBy: [{direction: ASC}]) { totalCount } }", None)
    assert isinstance(errors, list)
    (error,) = map(format_error, errors)
    assert error["message"].startswith("orderBy[0]")
    assert error["locations"]
