"""The positions in a text of the words of a search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.search.queries.language import parse_search
from graph.search.results.matches import Matcher


def marked(text: str, search: str, path: str = "title") -> str:
    matcher = Matcher(parse_search(search, ["en"]), ["en", "fr"])
    parts, place = [], 0
    for start, end in matcher.spans(path, text):
        parts += [text[place:start], "[", text[start:end], "]"]
        place = end
    return "".join([*parts, text[place:]])


@pytest.mark.parametrize(
    ("search", "text", "expected"),
    [
        ("ferry", "The Ferries’ ferry", "The [Ferries]’ [ferry]"),
        ("naive", "Naïve", "[Naïve]"),
        ("strasse", "Die Straße.", "Die [Straße]."),
        ('"new ferry"', "A new ferry, not a ferry", "A [new ferry], not a ferry"),
        ("new ferry", "A new ferry", "A [new] [ferry]"),
        ("harb*", "Harbour and arbour", "[Harbour] and arbour"),
        ('"new f*"', "A new ferry", "A new ferry"),
        ("new-f*", "A new ferry", "A [new ferry]"),
        ("body:ferry", "A ferry", "A ferry"),
        ("title:ferry", "A ferry", "A [ferry]"),
        ("port -ferry", "A ferry to port", "A ferry to [port]"),
        ("the ferry", "The ferry", "The [ferry]"),
        ("京タ", "東京タワー", "東[京タ]ワー"),
        ("U.S.", "The U.S. and us", "The [U.S]. and us"),
        ("chevaux", "Un cheval", "Un [cheval]"),
    ],
)
def test_the_positions_of_matches_are_found(search: str, text: str, expected: str) -> None:
    assert marked(text, search) == expected


@given(st.text(), st.text())
def test_matches_are_ordered_and_do_not_overlap(text: str, search: str) -> None:
    spans = Matcher(parse_search(search, ["en"]), ["en"]).spans("title", text)
    places = [place for span in spans for place in span]
    assert places == sorted(set(places))
    assert not places or (places[0] >= 0 and places[-1] <= len(text))
