"""Highlights: the parts of a text that contain matches."""

from __future__ import annotations

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from graph.search.queries.language import parse_search
from graph.search.results.matches import Matcher
from graph.text.highlights import FindMatches, Highlight, Snippet, highlights
from tests.builders import Stopwatch


def matches(search: str) -> FindMatches:
    return Matcher(parse_search(search, ["en"]), ["en"]).spans


def marked(text: str, search: str) -> list[str]:
    found = highlights([("body", text)], matches(search))
    return [
        part.text
        for highlight in found
        for snippet in highlight.snippets
        for part in snippet.parts
        if part.is_match
    ]


@pytest.mark.parametrize(
    ("text", "search", "expected"),
    [
        ("The mills turn.", "mill", ["mills"]),
        ("Milling in MILLS", "mills", ["Milling", "MILLS"]),
        ("Un café à Zürich", "cafe ZURICH", ["café", "Zürich"]),
        ("Un cafe\u0301 noir", "café", ["cafe\u0301"]),
        ("The miller’s wheel", "miller", ["miller"]),
        ("The miller's wheel", "miller", ["miller"]),
        ("'Mill' it said", "mill", ["Mill"]),
        ("a well-known mill", "known", ["known"]),
        ("millet and windmill", "mill", []),
        ("the mill and the sea", "the sea", ["sea"]),
        ("by the sea and the lake", '"the sea"', ["the sea"]),
        ("by the lake", '"the sea"', []),
        ("harbour walls", '"our wal"', []),
        ("mill race", "mill -race", ["mill"]),
        ("mill", "the", []),
        ("they lie, lying", "lying", ["lie", "lying"]),
        ("潮 満", "潮", ["潮"]),
        ("", "mill", []),
    ],
)
def test_matches_are_found_by_stem_without_case_and_accents(
    text: str, search: str, expected: list[str]
) -> None:
    assert marked(text, search) == expected


def test_a_highlight_names_its_field_and_fields_without_a_match_have_none() -> None:
    texts = [("title", "Mill turns"), ("excerpt", "Nothing here"), ("body", "A mill.")]

    assert [each.field for each in highlights(texts, matches("mill"))] == ["title", "body"]


def snippets(text: str, search: str) -> list[Snippet]:
    found = highlights([("body", text)], matches(search))
    return found[0].snippets if found else []


def test_a_short_text_is_one_snippet() -> None:
    text = "Gulls " * 20 + "saw the mill"

    assert [each.text for each in snippets(text, "mill")] == [text]


def test_a_snippet_is_cut_at_words_around_its_match() -> None:
    text = "waves roll " * 50 + "mill " + "gulls cry " * 50

    [snippet] = snippets(text, "mill")

    assert 140 <= len(snippet.text) <= 160
    assert set(snippet.text.split()) == {"waves", "roll", "mill", "gulls", "cry"}
    assert [part.is_match for part in snippet.parts] == [False, True, False]


def test_there_are_at_most_three_snippets() -> None:
    assert len(snippets(("mill " + "waves " * 60) * 9, "mill")) == 3


def test_a_match_that_is_longer_than_a_snippet_is_cut() -> None:
    text = "ferry " * 40

    [snippet] = snippets(text, f'"{text}"')

    assert snippet.text == text[: len(snippet.text)]
    assert 150 <= len(snippet.text) <= 160


def test_a_text_is_looked_at_up_to_a_limit() -> None:
    assert marked("waves " * 20_000 + "mill", "mill") == []


WORDS = st.lists(
    st.sampled_from(
        ["mill", "Mills", "tide", "the", "é", "e\u0301", "x" * 170, "\n", "-", "'", "🇳🇴"]
    )
    | st.text(max_size=9),
    max_size=120,
).map(" ".join)


@given(WORDS | st.text(), st.text() | st.sampled_from(['mill "the tide"', '"x" é', "'"]))
def test_the_parts_make_up_a_stretch_of_the_text(text: str, search: str) -> None:
    found = snippets(text, search)

    assert len(found) <= 3
    place = 0
    for snippet in found:
        assert "".join(part.text for part in snippet.parts) == snippet.text
        assert 0 < len(snippet.text) <= 160
        assert any(part.is_match for part in snippet.parts)
        assert all(part.text for part in snippet.parts)
        place = text.index(snippet.text, place) + len(snippet.text)


@pytest.mark.parametrize("piece", ["mill ", "a", "a ", "'", "\u0301", "-", "é", "millx "])
def test_a_long_text_is_read_in_linear_time(piece: str) -> None:
    search = matches('mill "' + piece * 50 + '"')
    with Stopwatch() as watch:
        highlights([("body", piece * 1_000_000)], search)

    assert watch.seconds < 5


def test_highlights_answer_with_their_snippets_in_parts() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def highlights(self) -> list[Highlight]:
            return highlights([("title", "The mill turns")], matches("mill"))

    result = strawberry.Schema(Query).execute_sync(
        "{ highlights { field snippets { text parts { text isMatch } } } }"
    )

    assert result.errors is None
    parts = [
        {"text": "The ", "isMatch": False},
        {"text": "mill", "isMatch": True},
        {"text": " turns", "isMatch": False},
    ]
    snippet = {"text": "The mill turns", "parts": parts}
    assert result.data == {"highlights": [{"field": "title", "snippets": [snippet]}]}
