"""Limits: the tokens, the depth and the fields of a document, counted without a schema."""

from __future__ import annotations

import pytest
from graphql import Lexer, Source, TokenKind, parse
from hypothesis import given
from hypothesis import strategies as st

from graph.compiler import Measures, count_tokens, measure
from graph.compiler.limits import MOST, in_order
from graph.schema import schema
from tests.builders import Stopwatch
from tests.compiler.generator import operations
from tests.compiler.test_sameness import CASES
from tests.schema.test_queries_page import FILES

TEXTS = [*(path.read_text() for path in FILES), *(case.text for case in CASES)]


def measured(text: str) -> Measures:
    return measure(parse(text))


def lexed(text: str) -> int:
    """How many tokens graphql-core's lexer finds in a text."""
    lexer = Lexer(Source(text))
    count = 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


def bomb(levels: int, below: str = "__typename") -> str:
    """Fragments of which each spreads the next one twice."""
    doubling = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    last = f"fragment F{levels} on Query {{ {below} }}"
    return "\n".join(["{ ...F0 }", *doubling, last])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a }", Measures(1, 0, 1, 0, 1)),
        ("{ a b c }", Measures(1, 0, 3, 0, 3)),
        ("{ x: a { y: b { c } } }", Measures(3, 2, 1, 0, 3)),
        ("{ a @x @y { b @z } }", Measures(2, 0, 1, 3, 2)),
        ("query ($v: Int @x) @y { a ... @z { b } }", Measures(1, 0, 2, 3, 3)),
        ("{ ... { ... { a { ... { b } } } } }", Measures(2, 0, 1, 0, 5)),
        ("{ ...F } fragment F on Q @x { a { ...G } } fragment G on A { y: b }",
         Measures(2, 1, 1, 1, 4)),
        ("{ a { ...F } } fragment F on A { b c }", Measures(2, 0, 1, 0, 4)),
        # Of several operations, the most of each.
        ("query A { a b } query B { x: a { b } }", Measures(2, 1, 2, 0, 2)),
        # A fragment that is spread nowhere has no fields of an operation.
        ("{ a } fragment F on Q { x: b y: c { d } }", Measures(2, 2, 1, 0, 3)),
        ("type T { a: Int }", Measures()),
    ],
)  # fmt: skip
def test_documents_are_measured_as_counted_by_hand(text: str, expected: Measures) -> None:
    assert measured(text) == expected


def test_9_a_fragment_counts_wherever_it_is_spread() -> None:
    aliases = " ".join(f"a{n}: slug" for n in range(10))
    parents = " ".join(f"p{n} {{ ...F }}" for n in range(30))
    found = measured(f"{{ {parents} }} fragment F on Article {{ {aliases} }}")
    assert (found.aliases, found.selections) == (300, 30 + 30 + 300)


@pytest.mark.parametrize("levels", [30, 95, 3_000])
def test_8_fragments_that_double_are_counted_in_the_time_of_their_text(levels: int) -> None:
    document = parse(bomb(levels))
    with Stopwatch() as watch:
        found = measure(document)
    assert watch.seconds < 0.1
    assert found.root_fields == min(2**levels, MOST)
    assert found.depth == 1


def test_a_chain_of_fragments_is_as_deep_as_its_fields() -> None:
    levels = 2_000
    chain = [f"fragment F{n} on T {{ a {{ ...F{n + 1} }} }}" for n in range(levels)]
    assert measured("\n".join(["{ ...F0 }", *chain])).depth == levels


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Q { a ...F }",
        "{ ...F } fragment F on Q { a ...G } fragment G on Q { ...H } fragment H on Q { ...F }",
        "{ a } fragment F on Q { a ...G } fragment G on Q { ...F }",
        "{ a ...Missing }",
        "{ ...F } fragment F on Q { a } fragment F on Q { a ...F }",
    ],
)
def test_10_11_circles_and_missing_fragments_are_left_to_validation(text: str) -> None:
    assert measured(text).depth == 1


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        ({}, []),
        ({"a": ["b"], "b": ["c"], "c": []}, ["c", "b", "a"]),
        ({"a": ["b", "c"], "b": [], "c": ["b"]}, ["b", "c", "a"]),
        ({"a": ["a", "missing"]}, ["a"]),
    ],
)
def test_fragments_come_after_those_that_they_spread(
    spread: dict[str, list[str]], expected: list[str]
) -> None:
    assert list(in_order(spread)) == expected


@given(st.lists(st.lists(st.integers(0, 30)), max_size=30))
def test_of_fragments_without_a_circle_each_comes_after_those_that_it_spreads(
    graph: list[list[int]],
) -> None:
    spread = {str(n): [str(m) for m in below if m < n] for n, below in enumerate(graph)}
    place = {name: n for n, name in enumerate(in_order(spread))}
    assert place.keys() == spread.keys()
    assert all(place[below] < place[name] for name in spread for below in spread[name])


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_the_lexer(text: str) -> None:
    assert count_tokens(text) == lexed(text)


@given(operations(schema._schema))
def test_tokens_of_any_operation_are_those_of_the_lexer(operation: tuple[str, object]) -> None:
    assert count_tokens(operation[0]) == lexed(operation[0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ,\t\r\n\ufeff# only a comment",
        '"" """""" "a\\"b" """a\\"""b""" """a"b""c"""',
        '"""one\n"two" \\ \\n three"""a',
        '"#" #"\n a',
        "-1 0 1.5 1.5e+10 -2E3 [1,2]",
        "...a...b @c $d !|&:={}()",
        "_ __a a1 A_",
        '"\\u{1f30a}\U0001f30a"x',
    ],
)
def test_tokens_of_odd_texts_are_those_of_the_lexer(text: str) -> None:
    assert count_tokens(text) == lexed(text)


@pytest.mark.parametrize(
    "unit", ['"', '"""', '\\"""', '"\\', "\\", "{", "#", "a ", "...", '""', "1.", "-", "\n", ","]
)
def test_tokens_of_a_long_run_of_anything_are_counted_at_once(unit: str) -> None:
    for start in ("", '"', '"""'):
        text = start + unit * (200_000 // len(unit))
        with Stopwatch() as watch:
            count_tokens(text)
        assert watch.seconds < 0.3
