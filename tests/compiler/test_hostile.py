"""Hostile operations: names, texts, depths and sizes that are meant to do harm."""

from __future__ import annotations

import ast
import gc
import keyword
import linecache
import re
import traceback
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType, Source, print_ast
from graphql import parse as parse_text
from hypothesis import given
from hypothesis import strategies as st

from graph.compiler import CompiledOperation
from graph.compiler.plan import MAX_FIELDS
from graph.errors import UsageError
from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.store.driver.database import Database
from tests.builders import Row
from tests.compiler.corpus import load
from tests.compiler.generator import operations
from tests.compiler.sameness import HOSTS, Watched, compare
from tests.conftest import Commands, fresh
from tests.thorough import cases, examples

_KEYWORDS: Final = [word for word in keyword.kwlist if word.isidentifier()]
NAMES: Final = (
    *_KEYWORDS[:: cases(3, 1)],
    *("source", "pairs", "values", "run", "answer", "v", "v0_0", "x0_0", "k0", "alive"),
    *("Query_0", "articles_0"),
    *("zip", "type", "listed"),
    *("__class__", "__init__", "__import__", "__builtins__", "exec", "eval", "print", "_", "__"),
    "a" * 1_000,
)
TEXTS: Final = (
    '"',
    "\\",
    "'''",
    '"""',
    "\n\r\t",
    "\0",
    "{}",
    "{0.__class__}",
    "%s %(x)d",
    "${run}",
    "'; import os; '",
    "# comment",
    "\u2028\u2029\u202e",
    "\U0001f30a",
)
_OURS: Final = re.compile(r"[a-z]+_?\d+(_\d+)*")
"""Names that generated functions may use, beside those that are the same in every one."""

_NAMED: Final = frozenset(
    name
    for type_ in schema._schema.type_map.values()
    if isinstance(type_, GraphQLObjectType)
    for name in (type_.name, *type_.fields)
)
"""What the schema calls types and fields: with a number, functions are called so, too."""

_ALWAYS_OURS: Final = frozenset(
    {"source", "run", "pairs", "values", "v", "answer", "zip", "type", "list", "str", "int", "bool"}
    | {"datetime", "ZONES", "listed", "missing", "_"}
)
_CONSTANTS: Final = re.compile(r"[A-Za-z_]+(\.[A-Za-z_]+)*")
"""Paths of stored fields, and names of types."""


async def compiled_source(executor: Executor, query: str, variables: Row | None = None) -> str:
    """The Python that was made of an operation; nothing where none was."""
    prepared = executor.prepare(query, None)
    if isinstance(prepared, list):
        return ""
    return "".join(
        each.code.source
        for each in prepared.variants.values()
        if isinstance(each, CompiledOperation)
    )


def assert_ours(source: str) -> None:
    """Raise unless a source uses no name and no text but those that are made for it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name | ast.arg | ast.FunctionDef):
            name: str = getattr(node, "id", None) or getattr(node, "arg", None) or node.name  # type: ignore[union-attr]  # one of the three
            is_function = name.rpartition("_")[0] in _NAMED
            assert name in _ALWAYS_OURS or _OURS.fullmatch(name) or is_function, name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert _CONSTANTS.fullmatch(node.value), node.value
        assert not isinstance(node, ast.Import | ast.ImportFrom | ast.Global)
        assert not isinstance(node, ast.Attribute) or not node.attr.startswith("_")


async def test_any_name_may_be_a_key_an_operation_a_fragment_or_a_variable(odd: Database) -> None:
    for name in NAMES:
        query = f"""
        query {name}(${name}: Int, $o: Boolean = true) {{
          {name}: article(slug: "tide") {{
            {name}: title ...{name}x @include(if: $o)
            a: images(first: ${name}) {{ {name}: url }} b: provider {{ {name}: articleCount }}
            c: related {{ {name}: article {{ {name}: slug }} d: provider {{ {name}: name }} }}
          }}
          t: __typename
        }}
        fragment {name}x on Article {{ {name}y: topics {{ {name}: slug }} }}
        """
        executor = Watched()
        for variables in ({}, {name: 1}):
            answer = await compare(executor, odd, query, variables, name)
            assert not answer.errors, name
        assert executor.fallbacks == 0, name
        prepared = executor.prepare(query, name)
        assert not isinstance(prepared, list), name
        [made] = prepared.variants.values()
        assert isinstance(made, CompiledOperation), name
        assert_ours(made.code.source)


async def test_a_name_may_be_ten_thousand_characters_long(odd: Database) -> None:
    name = "n" * 10_000
    executor = Watched()
    query = f'query {name} {{ {name}: article(slug: "tide") {{ slug }} }}'
    answer = await compare(executor, odd, query, None, name)
    assert answer.data == {name: {"slug": "tide"}}
    assert executor.fallbacks == 0


@pytest.mark.parametrize("text", TEXTS)
async def test_any_text_may_be_an_argument_and_is_not_in_the_generated_source(
    odd: Database, text: str
) -> None:
    escaped = "".join(f"\\u{{{ord(each):x}}}" for each in text)
    query = f"""
    query ($v: String = "{escaped}") {{
      a: article(slug: "{escaped}") {{ title }} b: topic(name: $v) {{ name }}
      c: articles(where: {{category: {{eq: "{escaped}"}}}}) {{ nodes {{ slug }} }}
    }}
    """
    executor = Watched()
    for variables in ({}, {"v": text}):
        await compare(executor, odd, query, variables)
    source = await compiled_source(executor, query)
    assert source
    assert_ours(source)


@pytest.mark.parametrize("half", ["\ud800", "a\udfff", "\udc00\ud800"])
async def test_a_lone_surrogate_is_rejected_anywhere(odd: Database, half: str) -> None:
    for query in (
        f'{{ article(slug: "{half}") {{ slug }} }}',
        f"{{ {half}: corpus {{ revision }} }}",
        "query ($s: String) { article(slug: $s) { slug } }",
        "query ($s: String) { topic(name: $s) { slug } articles(after: $s) { totalCount } }",
    ):
        answer = await compare(Watched(), odd, query, {"s": half})
        assert answer.errors


@examples(5)
@given(operation=operations(schema._schema), secret=st.from_regex(r"[a-z]{12}", fullmatch=True))
async def test_no_text_of_a_client_is_in_the_generated_source(
    odd: Database, operation: tuple[str, Row], secret: str
) -> None:
    query, variables = operation
    executor = Watched()
    await executor.execute(
        _renamed(query, secret), variables, None, Context(odd, frozenset(), HOSTS)
    )
    source = await compiled_source(executor, _renamed(query, secret))
    assert secret not in source
    assert_ours(source or "pass")


def _renamed(query: str, secret: str) -> str:
    """The operation with this in all of its keys and in the names of its fragments."""
    renamed = re.sub(r"\b(\w+): (?=[a-zA-Z_]+[ (])(?!null|true|false)", rf"{secret}\1: ", query)
    try:
        print_ast(parse_text(Source(renamed)))
    except Exception:
        return query
    return renamed


@pytest.mark.parametrize("levels", [50, 90, 98, 190, 1_000, 100_000])
@pytest.mark.parametrize("way", ["parent", "related(first: 1) { article", "..."])
async def test_any_depth_gets_an_answer_or_a_clear_error(
    odd: Database, way: str, levels: int
) -> None:
    opened, closed = f"{{ {way} " * levels, " }" * levels * (1 + way.count("{"))
    root = 'topic(name: "Hen")' if way == "parent" else 'article(slug: "tide")'
    query = f"{{ {root} {opened} {{ slug }} {closed} }}"
    answer = await compare(Watched(), odd, query)
    assert answer.data or "nested too deeply" in answer.errors[0].message


@pytest.mark.parametrize("levels", [5, 90, 300, 900, 5_000])
async def test_variables_of_any_depth_get_an_answer_or_a_clear_error(
    odd: Database, levels: int
) -> None:
    where: Any = {"hasBody": True}
    for _ in range(levels):
        where = {"not": where}
    query = "query ($where: ArticleWhere) { articles(where: $where) { totalCount } }"
    answer = await compare(Watched(), odd, query, {"where": where})
    assert answer.errors
    assert "nested" in answer.errors[0].message


@pytest.mark.parametrize("levels", [30, 150, 1_200])
async def test_fragments_in_fragments_get_an_answer_or_a_clear_error(
    odd: Database, levels: int
) -> None:
    fragments = [f"fragment F{n} on Article {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    query = "\n".join(
        [
            '{ article(slug: "tide") { ...F0 } }',
            *fragments,
            f"fragment F{levels} on Article {{ slug }}",
        ]
    )
    answer = await compare(Watched(), odd, query)
    assert answer.data or answer.errors[0].message == "Validation aborted."


async def test_fragments_that_stand_for_a_million_fields_are_not_compiled(odd: Database) -> None:
    levels = 20
    below = "a: parent {{ ...F{0} }} b: parent {{ ...F{0} }}"
    fragments = [f"fragment F{n} on Topic {{ {below.format(n + 1)} }}" for n in range(levels)]
    query = "\n".join(
        [
            '{ topic(name: "Nothing") { ...F0 } }',
            *fragments,
            f"fragment F{levels} on Topic {{ slug }}",
        ]
    )
    executor = Watched()
    answer = await compare(executor, odd, query)
    assert answer.data == {"topic": None}
    assert executor.fallbacks == 1


@pytest.mark.parametrize(("number", "is_compiled"), [(100, True), (MAX_FIELDS + 1, False)])
async def test_an_operation_with_too_many_fields_is_left_to_graphql_core(
    odd: Database, number: int, is_compiled: bool
) -> None:
    keys = " ".join(f"a{n}: slug" for n in range(number))
    executor = Watched()
    answer = await compare(executor, odd, f'{{ article(slug: "tide") {{ {keys} }} }}')
    assert answer.data
    assert executor.fallbacks == (0 if is_compiled else 1)


async def test_many_mentions_of_one_field_are_one_field(odd: Database) -> None:
    executor = Watched()
    answer = await compare(executor, odd, '{ article(slug: "tide") {' + " slug" * 200 + " } }")
    assert answer.data == {"article": {"slug": "tide"}}
    assert executor.fallbacks == 0


async def test_a_traceback_shows_the_generated_line_that_failed(odd: Database) -> None:
    executor = Executor(schema)
    query = 'query Tide { article(slug: "tide") { secured { iv } } }'
    await executor.execute(query, None, None, Context(odd))
    prepared = executor.prepare(query, None)
    assert not isinstance(prepared, list)
    [compiled] = prepared.variants.values()
    assert isinstance(compiled, CompiledOperation)
    [complete] = compiled.code.complete.values()
    with pytest.raises(AttributeError) as caught:
        complete([({}, None)], [5], None)
    trace = "".join(traceback.format_exception(caught.value))
    assert re.search(r"<newsgraph Tide#\d+>\", line \d+, in article_\d+", trace)
    assert "if (v1_0 := call_1(v)) is None: missing()" in trace


def test_no_function_is_named_like_a_variable_of_generated_code() -> None:
    variables = {"answer", "any", "call", "class", "empty", "known", "leaf", "list", "object"}
    variables |= {"read", "references", "row", "self", "within"}
    assert not variables & _NAMED


async def test_the_source_lines_of_an_operation_are_freed_with_it(odd: Database) -> None:
    before = _lines_in_linecache()
    executor = Executor(schema)
    for number in range(20):
        query = f'{{ a{number}: article(slug: "tide") {{ slug }} }}'
        await executor.execute(query, None, None, Context(odd))
    assert len(_lines_in_linecache() - before) == 20
    del executor
    gc.collect()
    assert not _lines_in_linecache() - before


def _lines_in_linecache() -> set[str]:
    return {name for name in linecache.cache if name.startswith("<newsgraph ")}


@pytest_asyncio.fixture(scope="module")
async def odd(mongod: str | UsageError) -> AsyncIterator[Database]:
    """A database with the odd corpus; the generated code is the same under every driver."""
    async with fresh(mongod, "motor", Commands()) as database:
        await load(database)
        yield database
