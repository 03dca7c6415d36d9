"""How texts become terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.config.sections.search import STEMMED_LANGUAGES
from graph.search.analysis import (
    PLAIN,
    analyzer,
    fold_for_search,
    is_stop_word,
    located_terms,
    primary_language,
    terms_of,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Łukasz naïve Straße", ["lukasz", "naive", "strasse"]),
        ("The Gull’s ferry's", ["the", "gull", "ferry"]),
        ("O’Brien O'Brien", ["o", "brien", "o", "brien"]),
        ("U.S. and C++, C# or A.I.", ["u.s", "and", "c++", "c#", "or", "a.i"]),
        ("example.com state-of-the-art", ["example", "com", "state", "of", "the", "art"]),
        ("東京は", ["東", "京", "は"]),
        ("서울", ["서", "울"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("הַבַּיִת مُحَمَّد", ["הבית", "محمد"]),
        ("Ελλάδα ёлка йод", ["ελλαδα", "елка", "йод"]),
        ("ΚΑΎΣΩΝΑΣ καύσωνας", ["καυσωνασ", "καυσωνασ"]),
        ("ﬁne ＡＢＣ", ["fine", "abc"]),
        ("har\u00adbour \u202efer\u200dry\u202c", ["harbour", "ferry"]),
        ("🌊 ?! … —", []),
        ("", []),
        ("x" * 200 + " y", ["y"]),
    ],
)
def test_a_text_is_divided_into_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


@pytest.mark.parametrize(
    "text", ["naïve U.S.", "Straße’s ÅSE", "東京タワー", "Łódź ﬁne x", "har\u00adbour new"]
)
def test_terms_are_located_in_the_text_as_it_was_written(text: str) -> None:
    for term in located_terms(text):
        assert terms_of(text[term.start : term.end]) == [term.text]


@given(st.text())
def test_any_text_has_terms_within_it(text: str) -> None:
    for term in located_terms(text):
        assert 0 <= term.start < term.end <= len(text)


@given(st.text())
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert terms_of(fold_for_search(text)) == terms_of(text)


@pytest.mark.parametrize("language", STEMMED_LANGUAGES)
def test_each_language_has_a_stemmer(language: str) -> None:
    assert analyzer(language).analyze("a") is not None
    assert not is_stop_word("xyzzy", [language])


def test_words_are_stemmed_by_their_language() -> None:
    assert terms_of("running harbours", "en") == ["run", "harbour"]
    assert terms_of("running harbours", PLAIN) == ["running", "harbours"]
    assert is_stop_word("the", ["fr", "en"])
    assert not is_stop_word("the", ["fr"])


@pytest.mark.parametrize(
    ("tag", "language"),
    [("pt-BR", "pt"), ("EN_us", "en"), (" de ", "de"), ("", None), (None, None)],
)
def test_the_primary_language_of_a_tag_is_found(tag: str | None, language: str | None) -> None:
    assert primary_language(tag) == language
