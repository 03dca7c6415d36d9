"""Tests of stored fields as queries of the index.

They select the articles that `Condition.query` and `Group.query` select in MongoDB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from tantivy import FieldType, Occur, Query, Schema

from graph.search.index.columns import COLUMNS, NULL, PUBLISHED, Column, as_number
from graph.store.queries.filters import Condition, Group, Test

_MAXIMUM: Final = 2**63 - 1
_SPECIAL: Final = re.compile(r"\W")


def can_test(tests: Iterable[Test]) -> bool:
    """Whether the index has all fields that these tests are of."""
    return all(
        can_test(test.tests) if isinstance(test, Group) else test.field in COLUMNS for test in tests
    )


def visible_query(schema: Schema, *, unpublished: bool) -> Query:
    """Return a query for the articles that may be shown: the published ones, or all."""
    if unpublished:
        return Query.range_query(schema, PUBLISHED, FieldType.Integer, 0, 1)
    return Query.term_query(schema, PUBLISHED, 1)


def all_of(queries: Sequence[Query]) -> Query:
    """Return a query for the articles that match all of these queries; for all articles if there
    are none.
    """
    if len(queries) == 1:
        return queries[0]
    return _boolean(Occur.Must, queries) if queries else Query.all_query()


def filter_query(schema: Schema, test: Test) -> Query:
    """Return a query for the articles that meet a test, each with the score 1."""
    if isinstance(test, Condition):
        return _condition(schema, test)
    queries = [filter_query(schema, inner_test) for inner_test in test.tests]
    if test.operator == "$and":
        return all_of(queries)
    either = _boolean(Occur.Should, queries) if queries else Query.empty_query()
    return either if test.operator == "$or" else negated(either)


def negated(query: Query) -> Query:
    """Return a query for the articles that do not match a query."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])


def _boolean(occur: Occur, queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(occur, query) for query in queries])


def _condition(schema: Schema, test: Condition) -> Query:
    column = COLUMNS[test.field]
    match test.operator:
        case "exists" | "isNotEmpty":
            present = _present(schema, column)
            return present if test.value else negated(present)
        case "eq":
            return _equal(schema, column, test.value)
        case "ne":
            return negated(_equal(schema, column, test.value))
        case "in" | "any":
            return _among(schema, column, test.value)
        case "nin" | "none":
            return negated(_among(schema, column, test.value))
        case "all":
            return all_of([_equal(schema, column, value) for value in test.value])
        case "startsWith":
            return _prefixed(schema, column, test.value)
        case "contains":
            return _matching(schema, column, f".*{_literal(test.value)}.*")
        case "gt" | "gte" | "lt" | "lte":
            return _compared(schema, column, test.operator, as_number(test.value))


def _present(schema: Schema, column: Column) -> Query:
    if column.kind == "presence":
        return Query.term_query(schema, column.name, 1)
    if column.kind == "text":
        return Query.exists_query(column.name)
    return _range(schema, column, NULL + 1, _MAXIMUM)


def _equal(schema: Schema, column: Column, value: Any) -> Query:
    if value is None:
        return negated(_present(schema, column))
    term = value if column.kind == "text" else as_number(value)
    return Query.term_query(schema, column.name, term, "basic")


def _among(schema: Schema, column: Column, values: Sequence[Any]) -> Query:
    if not values:
        return Query.empty_query()
    terms = list(values) if column.kind == "text" else [as_number(value) for value in values]
    return Query.term_set_query(schema, column.name, terms)


def _prefixed(schema: Schema, column: Column, prefix: str) -> Query:
    if not prefix:
        return _present(schema, column)
    return _matching(schema, column, f"{_literal(prefix)}.*")


def _matching(schema: Schema, column: Column, pattern: str) -> Query:
    return Query.regex_query(schema, column.name, f"(?s){pattern}")


def _literal(text: str) -> str:
    """Return the regular expression for a text, in the syntax of the engine."""
    return _SPECIAL.sub(lambda match: f"\\x{{{ord(match[0]):x}}}", text)


def _compared(schema: Schema, column: Column, operator: str, value: int) -> Query:
    if operator == "gt":
        return _range(schema, column, value + 1, _MAXIMUM)
    if operator == "gte":
        return _range(schema, column, value, _MAXIMUM)
    return _range(schema, column, NULL + 1, value - 1 if operator == "lt" else value)


def _range(schema: Schema, column: Column, lower: int, upper: int) -> Query:
    if lower > upper:
        return Query.empty_query()
    return Query.range_query(schema, column.name, FieldType.Integer, lower, upper)
