"""The language of a search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.search.queries.language import BEGINNING, MAX_PARTS, Clause, Hint, Part, parse_search


def word(*terms: str, path: str | None = None, prefix: bool = False) -> Part:
    return Part(terms, path, prefix)


def all_of(*parts: Part) -> tuple[Clause, ...]:
    return tuple(Clause((part,)) for part in parts)


FERRY = word("ferry")
HARBOUR = word("harbour")
PORT = word("port")


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("harbour ferry", all_of(HARBOUR, FERRY)),
        ("the harbour", all_of(HARBOUR)),
        ("harbour OR port", (Clause((HARBOUR, PORT)),)),
        ("harbour OR port ferry", (Clause((HARBOUR, PORT)), Clause((FERRY,)))),
        ("OR harbour OR OR port OR", (Clause((HARBOUR, PORT)),)),
        ("harbour or port", all_of(HARBOUR, PORT)),
        ("harbour -ferry", (Clause((FERRY,), excluded=True), Clause((HARBOUR,)))),
        ('harbour -"the ferry"', (Clause((word("the", "ferry"),), True), Clause((HARBOUR,)))),
        ('"the ferry"', all_of(word("the", "ferry"))),
        ("“the ferry”", all_of(word("the", "ferry"))),
        ('"new ferry', all_of(word("new", "ferry"))),
        ('"harbour"', all_of(HARBOUR)),
        ("harb*", all_of(word("harb", prefix=True))),
        ("new-harb*", all_of(word("new", "harb", prefix=True))),
        ("title:ferry", all_of(word("ferry", path="title"))),
        ("TITLE:the", all_of(word("the", path="title"))),
        ('topic:"new ferries"', all_of(word("new", "ferries", path="topics"))),
        ("provider:gull", all_of(word("gull", path="provider.name"))),
        ("-title:ferry port", (Clause((word("ferry", path="title"),), True), Clause((PORT,)))),
        ("colour:red", all_of(word("colour", "red"))),
        ("don't", all_of(word("don", "t"))),
        ("東京", all_of(word("東", "京"))),
        ("ferry ?! *", all_of(FERRY)),
        ('ferry""', all_of(FERRY)),
        ("title:", all_of(word("title"))),
    ],
)
def test_a_search_is_parsed_into_clauses(text: str, clauses: tuple[Clause, ...]) -> None:
    found = parse_search(text, ["en"])
    assert sorted(found.clauses) == sorted(clauses)
    assert found.hint is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", Hint.NO_WORDS),
        ("*", Hint.NO_WORDS),
        ("?!", Hint.NO_WORDS),
        ('"', Hint.NO_WORDS),
        ("-a", Hint.ONLY_EXCLUDED_WORDS),
        ("the", Hint.ONLY_COMMON_WORDS),
        ("the OR and", Hint.ONLY_COMMON_WORDS),
        ("the -ferry", Hint.ONLY_COMMON_WORDS),
    ],
)
def test_a_search_that_can_find_nothing_says_why(text: str, hint: Hint) -> None:
    assert parse_search(text, ["en"]) == ((), hint)


def test_a_repeated_word_counts_once() -> None:
    assert parse_search("ferry ferry OR ferry -port -port", ["en"]).clauses == (
        Clause((FERRY,)),
        Clause((PORT,), excluded=True),
    )


@pytest.mark.parametrize("joint", [" ", " OR ", " -"])
def test_the_first_words_of_a_long_search_count(joint: str) -> None:
    numbers = list(map(str, range(10_000)))
    parts = [part for clause in parse_search(joint.join(numbers), []).clauses for part in clause[0]]
    assert {part.terms[0] for part in parts} == set(numbers[:MAX_PARTS])


def test_only_a_few_prefixes_count() -> None:
    clauses = parse_search(" ".join(f"a{number}*" for number in range(100)), []).clauses
    assert len(clauses) == MAX_PARTS // BEGINNING


def test_a_long_phrase_is_found_by_its_first_words() -> None:
    [clause] = parse_search("山" * 10_000, []).clauses
    assert len(clause.parts[0].terms) == 64


@given(st.text())
def test_every_text_can_be_parsed(text: str) -> None:
    found = parse_search(text, ["en"])
    assert bool(found.clauses) == (found.hint is None)


@given(st.text(alphabet='ab*?"-: OR\u201ctile'))
def test_every_mixture_of_signs_can_be_parsed(text: str) -> None:
    found = parse_search(text, ["en"])
    assert bool(found.clauses) == (found.hint is None)
