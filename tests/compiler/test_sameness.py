"""Every operation of `operations/` and of docs/queries: compiled, the answer is graphql-core's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    is_interface_type,
    parse,
    visit,
)

from graph.errors import Unsupported
from graph.schema import schema
from graph.schema.execution.result import OperationResult
from graph.store.driver.database import Database
from tests.compiler.corpus import load
from tests.compiler.sameness import Watched, compare, context_of, data_of
from tests.schema.test_queries_page import FILES, VARIABLES

OPERATIONS: Final = sorted((Path(__file__).parent / "operations").glob("*.graphql"))

NEVER_COMPILED: Final = frozenset({"introspection_beside_data"})
"""What is left to graphql-core from the start."""

WITH_ERRORS: Final = frozenset(
    {
        "bad_cursors",
        "corpus_and_changes",
        "error_at_the_root",
        "errors_beside_data",
        "errors_in_lists",
        "errors_in_non_null_places",
        "errors_in_nullable_places",
        "errors_of_variables_in_fields",
        "images",
        "pages",
        "relevance_without_search",
        "secured_closed",
        "unpublished_closed",
        "variables_that_do_not_fit",
        "variables_with_defaults",
        "wrong_ids",
        "wrong_pages",
    }
)
"""Operations some runs of which have errors: those run once more on graphql-core, which tells."""


@dataclass(frozen=True)
class Case:
    """An operation, and the runs that its comment describes."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(scope for line in self._comments("scopes") for scope in line.split())

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The variables of each run."""
        return [json.loads(line) for line in self._comments("variables")] or [{}]

    def _comments(self, word: str) -> Iterator[str]:
        mark = f"# {word}: "
        return (line[len(mark) :] for line in self.text.splitlines() if line.startswith(mark))


CASES: Final = [Case(path) for path in OPERATIONS]


async def test_every_operation_is_answered_as_by_graphql_core(database: Database) -> None:
    await load(database)
    for case in CASES:
        executor = Watched()
        answers: list[OperationResult] = []
        for again in (False, True):  # what a run leaves behind must not change the next
            for number, variables in enumerate(case.runs):
                before = executor.fallbacks
                if again and not answers[number].errors:
                    context = await context_of(case.text, database, case.scopes)
                    answer = await executor.execute(case.text, variables, None, context)
                    assert data_of(answer) == data_of(answers[number])
                else:
                    answer = await compare(
                        executor, database, case.text, variables, scopes=case.scopes
                    )
                answers.append(answer)
                fell_back = executor.fallbacks > before
                unforeseen = [each for each in answer.errors if not _is_unsupported(each)]
                assert case.path.stem in WITH_ERRORS or not unforeseen, (case.path.stem, unforeseen)
                never = case.path.stem in NEVER_COMPILED
                # What is wrong with a request is told before anything is run.
                failed = answer.was_run and bool(answer.errors)
                assert fell_back is (failed or never), (case.path.stem, again)


async def test_every_page_of_a_front_end_is_answered_as_by_graphql_core(
    database: Database,
) -> None:
    await load(database)
    for path in FILES:
        executor = Watched()
        variables = VARIABLES.get(path.stem, {})
        for values in (variables, {**variables, "first": 1}, {**variables, "slug": "tide"}):
            answer = await compare(executor, database, path.read_text(), values)
            assert executor.fallbacks == 0 or answer.errors


async def test_every_page_of_a_list_is_answered_as_by_graphql_core(database: Database) -> None:
    await load(database)
    query = """
    query ($after: String, $orders: [ArticleOrder!]) {
      articles(first: 3, after: $after, orderBy: $orders) {
        edges { cursor node { slug } } pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
    """
    executor = Watched()
    for orders in ([], [{"field": "QUALITY"}], [{"field": "TITLE", "direction": "ASC"}]):
        after = None
        for _ in range(20):
            variables = {"after": after, "orders": orders}
            answer = await compare(executor, database, query, variables)
            assert answer.data
            page = answer.data["articles"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            after = page["endCursor"]
        else:
            pytest.fail("the list did not end")
    assert executor.fallbacks == 0


async def test_a_compiled_operation_distinguishes_callers_by_scopes(
    database: Database,
) -> None:
    await load(database)
    query = '{ article(slug: "tide") { secured { iv } } hidden: article(slug: "hidden") { slug } }'
    executor = Watched()
    for scopes in ({"read:secured"}, set(), {"read:secured", "read:unpublished"}):
        await compare(executor, database, query, scopes=frozenset(scopes))


async def test_an_error_in_one_field_does_not_prevent_reads_of_others(database: Database) -> None:
    await load(database)
    query = """
    {
      a: article(slug: "tide") { related(first: 101) { title } topics { articleCount } }
      b: article(slug: "tide") { topics { articleCount } }
    }
    """
    answer = await compare(Watched(), database, query)
    assert [error.path for error in answer.errors] == [["a", "related"]]
    assert answer.data
    assert answer.data["a"] is None
    assert answer.data["b"]["topics"]


def test_every_field_of_every_type_occurs_in_the_operations() -> None:
    types = schema._schema.type_map.values()
    only_subscribed = {"Subscription", "ArticleChange"}  # graphql-core alone runs subscriptions
    expected = {
        f"{each.name}.{name}"
        for each in types
        if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")
        if each.name not in only_subscribed
        for name in each.fields
    }
    assert not expected - set(_fields_in(CASES))


def test_each_operation_says_what_it_is_about() -> None:
    assert len(OPERATIONS) >= 40
    assert all(case.text.startswith("# ") for case in CASES)


def test_each_operation_stands_alone_in_its_file_and_is_valid() -> None:
    for case in CASES:
        definitions = parse(case.text).definitions
        assert sum(isinstance(each, OperationDefinitionNode) for each in definitions) == 1
        assert not isinstance(Watched().prepare(case.text, None), list), case.path.stem


def _is_unsupported(error: GraphQLError) -> bool:
    """Whether it failed because the in-memory database does not support it."""
    return isinstance(error.original_error, Unsupported)


def _fields_in(cases: list[Case]) -> set[str]:
    found: set[str] = set()
    info = TypeInfo(schema._schema)

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is None:
                return
            of = (
                schema._schema.get_possible_types(parent) if is_interface_type(parent) else [parent]
            )
            found.update(f"{each.name}.{node.name.value}" for each in of)

    for case in cases:
        visit(parse(case.text), TypeInfoVisitor(info, Fields()))
    return found
