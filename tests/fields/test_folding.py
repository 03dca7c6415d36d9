"""The folded form of titles and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.fields.folding import MAX_FOLDED, fold, folded_key


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The GULL", "the gull"),
        ("Ängström", "angstrom"),
        ("A\u0308ngstro\u0308m", "angstrom"),
        ("Łukasz Ðorđe Øre", "lukasz dorde ore"),
        ("Straße STRASSE", "strasse strasse"),
        ("Æther œuvre Þór", "aether oeuvre thor"),
        ("İstanbul ılık", "istanbul ilik"),
        ("Ἀθῆναι Ёлка", "αθηναι елка"),
        ("“Don’t” – wait…", '"don\'t" - wait...'),
        ("¿Qué? ¡No!", "?que? !no!"),
        ("ｆｕｌｌ　ｗｉｄｔｈ ﬁ №", "full width fi no"),
        ("soft\u00adhyphen, \u202eback\x00", "softhyphen, back"),
        ("a \u00a0\t\n b", "a b"),
        ("が か", "が か"),
        ("각 가", "각 가"),
        ("कुत्ता", "कुत्ता"),
        ("🚢", "🚢"),
    ],
)
def test_case_accents_and_typography_are_folded_and_letters_stay(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_code_points_order_folded_names_as_a_dictionary_does() -> None:
    names = ["zebra", "Łukasz", "lukas", "Ängström", "Angora", "Zoë", "“Wait”", "Lu", "ångström"]
    assert sorted(names, key=lambda name: (folded_key(name), name)) == [
        "“Wait”",
        "Angora",
        "Ängström",
        "ångström",
        "Lu",
        "lukas",
        "Łukasz",
        "zebra",
        "Zoë",
    ]


@given(text=st.text())
def test_case_and_form_do_not_matter(text: str) -> None:
    assert fold(text.casefold()) == fold(text)
    assert fold(fold(text)) == fold(text)


def test_a_stored_key_is_short_and_has_no_space_at_its_ends() -> None:
    assert folded_key("  The Gull\n") == "the gull"
    assert folded_key("é" * 1_000) == "e" * MAX_FOLDED
