"""Translate a `where` to tests for the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph.documents import author_slug
from graph.errors import BadUserInput, Forbidden
from graph.fields.article_document import ArticleDocument
from graph.fields.declaration import Shape, fields_of
from graph.fields.folding import MAX_FOLDED, fold, folded_key
from graph.schema.execution.context import UNPUBLISHED
from graph.schema.inputs.input_types import (
    ArticleWhere,
    AuthorsFilter,
    ProviderFilter,
    TopicsFilter,
    text,
)
from graph.schema.values.scalars import Period
from graph.store.queries.filters import Condition, Group, Operator, Test

MAX_VALUES: Final = 100
MAX_DEPTH: Final = 5
MAX_TESTS: Final = 200

Subtrees = Mapping[str, Sequence[str]]
"""The names of some topics, each with those of itself and of all topics below it."""

# Attribute of an input → the operator that it stands for.
_OPERATORS: Final[dict[str, Operator]] = {
    "eq": "eq",
    "ne": "ne",
    "in_": "in",
    "nin": "nin",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
    "starts_with": "startsWith",
    "contains": "contains",
    "exists": "exists",
}


@dataclass(frozen=True, slots=True)
class CompiledWhere:
    """The tests of a `where`, and whether it refers to unpublished articles."""

    tests: list[Test]
    includes_unpublished: bool = False


def topics_with_descendants(where: ArticleWhere | None) -> set[str]:
    """Return the topics in a `where` that include all topics below them."""
    names: set[str] = set()
    for part in _parts(where, "where"):
        if part.topics is not None and part.topics.include_descendants:
            for values in (part.topics.any, part.topics.all, part.topics.none):
                names.update(values or ())
    return names


def compile_where(
    where: ArticleWhere | None, scopes: frozenset[str], subtrees: Subtrees
) -> CompiledWhere:
    """Translate a `where`. A null test is no test.

    Raises BadUserInput for a `where` beyond the limits, Forbidden for one that the scopes do not
    allow.
    """
    parts = list(_parts(where, "where"))
    if where is None:
        return CompiledWhere([])
    filters = [part.published for part in parts if part.published is not None]
    selects_unpublished = any(test.eq is False or False in (test.in_ or ()) for test in filters)
    if selects_unpublished and UNPUBLISHED not in scopes:
        raise Forbidden("where.published: unpublished articles", UNPUBLISHED)
    tests = list(_tests(where, "where", subtrees))
    if sum(map(_size, tests)) > MAX_TESTS:
        message = f"where: more than {MAX_TESTS} tests"
        raise BadUserInput("where", message, maximum=MAX_TESTS)
    return CompiledWhere(tests, includes_unpublished=bool(filters) and UNPUBLISHED in scopes)


def _parts(where: ArticleWhere | None, argument: str, depth: int = 1) -> Iterator[ArticleWhere]:
    """Yield a `where` and all filters within it."""
    if where is None:
        return
    if depth > MAX_DEPTH:
        message = f"{argument}: nested more than {MAX_DEPTH} deep"
        raise BadUserInput("where", message, maximum=MAX_DEPTH)
    yield where
    for name, inner in (("and", where.and_), ("or", where.or_), ("not", [where.not_])):
        for part in inner or ():
            yield from _parts(part, f"{argument}.{name}", depth + 1)


def _tests(where: ArticleWhere, argument: str, subtrees: Subtrees) -> Iterator[Test]:
    yield from value_tests(ArticleDocument, where, argument)
    if where.topics is not None:
        yield from _topic_tests(f"{argument}.topics", where.topics, subtrees)
    if where.authors is not None:
        yield from _author_tests(f"{argument}.authors", where.authors)
    if where.provider is not None:
        yield from _provider_tests(f"{argument}.provider", where.provider)
    yield from _presence_tests(where)
    if where.and_ is not None:
        yield Group("$and", _all(where.and_, f"{argument}.and", subtrees))
    if where.or_ is not None:
        yield Group("$or", _all(where.or_, f"{argument}.or", subtrees))
    if where.not_ is not None:
        yield Group("$nor", _all([where.not_], f"{argument}.not", subtrees))


def _all(wheres: Sequence[ArticleWhere], argument: str, subtrees: Subtrees) -> tuple[Test, ...]:
    return tuple(Group("$and", tuple(_tests(where, argument, subtrees))) for where in wheres)


def value_tests(shape: Shape, where: object, argument: str) -> Iterator[Test]:
    """Return the tests of the declared fields that hold one value, rather than a list or an
    object.
    """
    for field in fields_of(shape):
        if field.declaration.where and not field.is_list and not field.is_object:
            test = getattr(where, field.attribute)
            folded = bool(field.declaration.folded)
            name = f"{argument}.{field.graphql}"
            yield from _field_tests(name, field.compared, test, folded=folded)


def _presence_tests(where: ArticleWhere) -> Iterator[Test]:
    for field in fields_of(ArticleDocument):
        presence = field.declaration.presence
        present = getattr(where, presence.attribute) if presence else None
        if present is not None:
            yield Condition(field.name, "isNotEmpty" if field.is_list else "exists", present)


def _field_tests(argument: str, path: str, test: object, *, folded: bool = False) -> Iterator[Test]:
    """Return the tests of an operator input for one stored field.

    `folded` says that the field holds folded text.
    """
    for attribute, operator in _OPERATORS.items():
        value = getattr(test, attribute, None)
        if value is not None:
            name = f"{argument}.{operator}"
            checked = _checked(name, value)
            yield _value_test(
                path, operator, _folded(name, operator, checked) if folded else checked
            )


def _folded(argument: str, operator: Operator, value: Any) -> Any:
    """Return a value in the form of the stored text. A part of a text may end in a space.

    Raises BadUserInput for a part of which nothing is left, because every text contains that.
    """
    if isinstance(value, list):
        return [folded_key(entry) for entry in value]
    if operator not in ("contains", "startsWith"):
        return folded_key(value)
    part = fold(value)
    if value and not part:
        raise BadUserInput(argument, f"{argument}: only control characters or accents")
    return (part.lstrip() if operator == "startsWith" else part)[:MAX_FOLDED]


def _value_test(path: str, operator: Operator, value: Any) -> Test:
    if not isinstance(value, Period):
        return Condition(path, operator, value)
    if operator in ("eq", "ne"):
        bounds = Condition(path, "gte", value.start), Condition(path, "lt", value.end)
        return (
            Group("$and", bounds) if operator == "eq" else Group("$nor", (Group("$and", bounds),))
        )
    is_after = operator in ("gt", "lte")  # compare with the end of the period
    comparison: Operator = "gte" if operator in ("gt", "gte") else "lt"
    return Condition(path, comparison, value.end if is_after else value.start)


def _topic_tests(argument: str, test: TopicsFilter, subtrees: Subtrees) -> Iterator[Test]:
    descendants = subtrees if test.include_descendants else {}
    for operator, names in (("any", test.any), ("none", test.none)):
        if names is not None:
            checked = _checked(f"{argument}.{operator}", names)
            topics = [topic for name in checked for topic in descendants.get(name, [name])]
            yield Condition("topics", "any" if operator == "any" else "none", topics)
    for name in _checked(f"{argument}.all", test.all or []):
        yield Condition("topics", "any", list(descendants.get(name, [name])))


def _author_tests(argument: str, test: AuthorsFilter) -> Iterator[Test]:
    if test.any is not None:
        yield Condition("authors.slug", "any", _author_slugs(f"{argument}.any", test.any))
    if test.none is not None:
        yield Condition("authors.slug", "none", _author_slugs(f"{argument}.none", test.none))
    for slug in _author_slugs(f"{argument}.all", test.all or []):
        yield Condition("authors.slug", "any", [slug])


def _author_slugs(argument: str, names: list[str]) -> list[str]:
    return [author_slug(name) for name in _checked(argument, names)]


def _provider_tests(argument: str, test: ProviderFilter) -> Iterator[Test]:
    if test.any is not None:
        yield Group("$or", tuple(_providers(f"{argument}.any", test.any)))
    if test.none is not None:
        yield Group("$nor", tuple(_providers(f"{argument}.none", test.none)))
    for provider in test.all or ():
        yield from _providers(f"{argument}.all", [provider])


def _providers(argument: str, values: Iterable[str]) -> Iterator[Test]:
    """Return tests of which one matches if the provider is among these."""
    domains = []
    for value in _checked(argument, list(values)):
        domain, slash, name = value.partition("/")
        if slash:
            yield of_provider(domain, name)
        else:
            domains.append(value)
    if domains:
        yield Condition("provider.domain", "in", domains)


def of_provider(domain: str, name: str) -> Test:
    """Return the test for the articles of one provider."""
    return Group(
        "$and",
        (Condition("provider.domain", "eq", domain), Condition("provider.name", "eq", name)),
    )


def _size(test: Test) -> int:
    return 1 if isinstance(test, Condition) else 1 + sum(map(_size, test.tests))


def _checked(argument: str, value: Any) -> Any:
    if isinstance(value, list):
        if len(value) > MAX_VALUES:
            message = f"{argument}: {len(value)} values, at most {MAX_VALUES}"
            raise BadUserInput(argument, message, maximum=MAX_VALUES)
        return [_checked(argument, item) for item in value]
    return text(argument, value) if isinstance(value, str) else value
