"""Shortened texts: their length, and where they may be cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text.excerpts import shorten

LENGTHS = st.integers(1, 60)
TORN = st.lists(st.sampled_from(["a", "é", "e\u0301", " ", "\n", "👩\u200d🚀", "🇳🇴", "👍🏽", "潮"]))


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("The harbour froze.", 18, "The harbour froze."),
        ("The harbour froze.   \n", 18, "The harbour froze."),
        ("The harbour froze.", 17, "The harbour…"),
        ("The harbour froze.", 12, "The harbour…"),
        ("The harbour froze.", 11, "The…"),
        ("The  harbour\nfroze over.", 20, "The  harbour\nfroze…"),
        ("Unforgettable harbour", 6, "Unfor…"),
        ("Harbour", 1, "…"),
        ("", 5, ""),
        ("   ", 1, ""),
        ("潮が満ちて船が出る", 5, "潮が満ち…"),
    ],
)
def test_a_text_is_cut_between_words(text: str, length: int, expected: str) -> None:
    assert shorten(text, length) == expected


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("abe\u0301cd", 4, "ab…"),
        ("ab👩\u200d🚀cd", 5, "ab…"),
        ("🇳🇴🇸🇪🇩🇰", 4, "🇳🇴…"),
        ("ab👍🏽cd", 4, "ab…"),
        ("e" + "\u0301" * 9, 5, "…"),
        ("ab\ud83d\ude00cd", 4, "ab…"),
    ],
)
def test_grapheme_clusters_are_never_split(text: str, length: int, expected: str) -> None:
    assert shorten(text, length) == expected


@given(st.text() | TORN.map("".join), LENGTHS)
def test_a_shortened_text_is_a_prefix_that_fits(text: str, length: int) -> None:
    short = shorten(text, length)

    assert len(short) <= length
    if short != text.rstrip():
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@given(TORN.map("".join), LENGTHS)
def test_the_omitted_part_begins_with_a_whole_grapheme_cluster(text: str, length: int) -> None:
    short = shorten(text, length)

    rest = text[len(short) - 1 :] if short != text.rstrip() else ""
    assert not rest or unicodedata.category(rest[0]) not in {"Mn", "Cf", "Sk"}


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1), st.integers(10, 80))
def test_an_excerpt_ends_after_a_whole_word_if_the_first_one_fits(
    words: list[str], length: int
) -> None:
    short = shorten(" ".join(words), length).removesuffix("…").split(" ")

    assert short == words[: len(short)]


def test_a_long_text_is_cut_as_fast_as_a_short_one() -> None:
    assert shorten("\U0001f1e6" * 1_000_000, 40) == "\U0001f1e6" * 38 + "…"
