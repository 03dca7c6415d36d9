"""The results of a search, and their order."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.search.index.index import SearchIndex
from graph.search.queries.corrections import Corrector
from graph.search.queries.language import parse_search
from graph.search.results.titles import title_query
from graph.store.queries.articles import SCORE
from graph.store.queries.filters import Order
from tests.builders import Row, article, moment, provider
from tests.search.indexes import RELEVANCE, finder_of, found, index_of, query_of
from tests.thorough import examples


def named(slug: str, title: str, **fields: Any) -> Row:
    return article(slug, title=title, **fields)


SEA: Final = (
    named("ferry", "A new ferry for the islands", excerpt="It leaves the harbour at noon"),
    named("harbour", "The harbour is closed", topics=["Local News"]),
    named("harbours", "Ten harbours", body="The ferry calls at each of them"),
    named("hidden", "A ferry that nobody may see", published=False),
    named("gull", "Gulls", provider=provider("The Daily Gull", "daily.example")),
    named("us", "U.S. ships in C++"),
    named("us2", "Send us ships"),
    named("polish", "Łukasz und die Straße", language="de"),
    named("french", "Les chevaux nationaux", language="fr-CH"),
    named("tokyo", "東京タワーは赤い"),
    named("hebrew", "הבית הלבן"),
    named("arabic", "البيت الأبيض"),
    named("apostrophe", "The pilot’s O’Brien"),
)


@pytest.fixture(scope="module")
def sea() -> SearchIndex:
    return index_of(SEA)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("ferry", {"ferry", "harbours"}),
        ("FERRIES", {"ferry", "harbours"}),
        ("ferry harbour", {"ferry", "harbours"}),
        ("new ferry harbour", {"ferry"}),
        ('"new ferry"', {"ferry"}),
        ('"ferry new"', set()),
        ("closed OR islands", {"ferry", "harbour"}),
        ("harbour -ferry", {"harbour"}),
        ('harbour -"new ferry"', {"harbour", "harbours"}),
        ("harb*", {"ferry", "harbour", "harbours"}),
        ("ferr* isl*", {"ferry"}),
        ("title:ferry", {"ferry"}),
        ("body:ferry", {"harbours"}),
        ("excerpt:harbour", {"ferry"}),
        ('topic:"local news"', {"harbour"}),
        ("topic:news", {"harbour"}),
        ("provider:daily", {"gull"}),
        ("U.S.", {"us"}),
        ("u.s", {"us"}),
        ("C++", {"us"}),
        ("lukasz", {"polish"}),
        ("ŁUKASZ strasse", {"polish"}),
        ("national cheval", {"french"}),
        ("chevaux", {"french"}),
        ("タワー", {"tokyo"}),
        ("京タ", {"tokyo"}),
        ("東タ", set()),
        ("בית", {"hebrew"}),
        ("בבית", {"hebrew"}),
        ("بيت", {"arabic"}),
        ("pilot", {"apostrophe"}),
        ("pilot's o'brien", {"apostrophe"}),
        ("the ferry", {"ferry", "harbours"}),
        ("nobody", set()),
        ("the", set()),
        ("*", set()),
    ],
)
def test_a_search_finds_exactly_the_matching_articles(
    sea: SearchIndex, text: str, slugs: set[str]
) -> None:
    assert set(found(sea, text)) == slugs
    assert finder_of(sea).count(query_of(text)) == len(slugs)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("fery", ["ferry", "harbours"]),
        ("harbuor closde", ["harbour"]),
        ("ten ferrey", ["harbours"]),
    ],
)
def test_misspelt_words_are_found_when_similar_ones_count(
    sea: SearchIndex, text: str, slugs: list[str]
) -> None:
    assert found(sea, text) == []
    assert set(slugs) <= set(found(sea, text, similar=True))


def test_short_words_must_be_spelt_right(sea: SearchIndex) -> None:
    assert found(sea, "tem", similar=True) == []


def test_better_matches_come_first() -> None:
    index = index_of(
        [
            named("body", "Of something else", body="There is a red lantern on the pier."),
            named("scattered", "A lantern, and much later in the headline one that is red"),
            named("row", "The red lantern of a headline that is as long as the other one is"),
            named("excerpt", "Of something else", excerpt="About a red lantern"),
        ]
    )
    assert found(index, "red lantern") == ["row", "scattered", "excerpt", "body"]


def test_the_word_itself_is_better_than_another_form() -> None:
    index = index_of([named("form", "The lanterns here"), named("word", "The lantern here")])
    assert found(index, "lantern") == ["word", "form"]
    assert found(index, "lanterns") == ["form", "word"]


def test_of_equal_matches_the_newer_comes_first() -> None:
    rows = [
        named(f"{year}", "A lantern", publishedDateTime=moment(1).replace(year=year))
        for year in (2003, 2024, 2013)
    ]
    rows.append(named("undated", "A lantern", publishedDateTime=None))
    index = index_of(rows)
    for prefers_newer in (True, False):
        hits = finder_of(index, prefers_newer=prefers_newer).page(
            query_of("lantern"), RELEVANCE, None, 9
        )
        assert [hit.slug for hit in hits] == ["2024", "2013", "2003", "undated"]
        scores = [hit.score for hit in hits]
        assert (len(set(scores)) == 1) is not prefers_newer


def test_the_preference_for_newer_articles_is_mild() -> None:
    index = index_of(
        [
            named("old", "A lantern", publishedDateTime=moment(1).replace(year=2005)),
            named("new", "The story of somebody who once had a lantern in the house on the hill"),
        ]
    )
    hits = finder_of(index, prefers_newer=True).page(query_of("lantern"), RELEVANCE, None, 9)
    assert [hit.slug for hit in hits] == ["old", "new"]


WORDS: Final = ("ferry", "harbour", "tide", "lantern")


@examples(20)
@given(
    titles=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), max_size=12),
    search=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    signs=st.lists(st.sampled_from(["", "-"]), min_size=3, max_size=3),
)
def test_all_words_are_required(
    titles: list[list[str]], search: list[str], signs: list[str]
) -> None:
    index = index_of([named(str(n), " ".join(words)) for n, words in enumerate(titles)])
    terms = list(zip(signs, search, strict=False))
    text = " ".join(map("".join, terms))
    required = [word for sign, word in terms if not sign]
    excluded = [word for sign, word in terms if sign]
    expected = {
        str(n)
        for n, words in enumerate(titles)
        if required and set(required) <= set(words) and not set(excluded) & set(words)
    }
    assert set(found(index, text)) == expected


TYPED: Final = st.one_of(
    st.text(max_size=1000),
    st.text(alphabet='ab*?"-−: ORtile()[]{}\\^.+|&~/“„\u202e\u200f\x00\n', max_size=100),
    st.lists(
        st.sampled_from(
            ["ferry", "harb*", "-", "OR", '"', "title:", "-topic:", "the", "U.S.", "C++", "C#",
             ".NET", "AT&T", "O'Neill", "O’Neill", "Łukasz", "Straße", "東京タワー", "สวัสดี",
             "והבית", "والبيت", "\u202eferry", "fe\u00adrry", "🌊", "*", "?!", "ﷺ", "\U0010ffff"]
        ),
        max_size=30,
    ).map(" ".join),
)  # fmt: skip


@examples(25)
@given(text=TYPED, similar=st.booleans())
def test_whatever_is_typed_gives_results_or_a_hint(
    sea: SearchIndex, text: str, similar: bool
) -> None:
    assert sea.snapshot is not None
    search = parse_search(text, sea.schema.languages)
    slugs = found(sea, text, similar=similar)
    assert not (search.hint and slugs)
    assert finder_of(sea).count(query_of(text, similar=similar)) == len(slugs)
    Corrector(sea.schema, sea.snapshot.searcher).corrected(search, ["The ferry"])
    title_query(sea.schema, sea.snapshot.searcher, text)


@pytest.mark.parametrize("text", ["OR " * 10_000, '"' * 10_000, "-" * 10_000, "ferry " * 10_000])
def test_a_long_search_is_no_error(sea: SearchIndex, text: str) -> None:
    assert set(found(sea, text)) == ({"ferry", "harbours"} if "ferry" in text else set())


@pytest.mark.parametrize(
    ("title", "searches", "others"),
    [
        ("U.S. ships", ["U.S.", "u.s", "U.S. ships"], ["us"]),
        ("C++ and C# for .NET", ["C++", "c#", ".NET", "net", "C++ C#"], ["c+"]),
        ("AT&T calls", ["AT&T", "at&t", '"AT&T calls"'], []),
        ("O'Neill speaks", ["O'Neill", "O’Neill", "o'neill's", "neill"], []),
        ("Łukasz in der Straße", ["lukasz", "ŁUKASZ", "strasse", "STRASSE", "straße"], ["lukas"]),
        ("東京タワーは赤い", ["東京", "タワー", "京タワ", '"東京"'], ["東タ"]),
        ("สวัสดีครับ", ["สวัสดี", "ครับ"], ["สดีคบ"]),
        ("הבית הלבן", ["הבית", "בית", "ובית", "בבית", "לבן"], ["ביתי"]),
        ("البيت الأبيض", ["البيت", "بيت", "والبيت", "أبيض"], ["بيوت"]),
        ("Ο ΚΑΎΣΩΝΑΣ", ["καύσωνας", "καυσωνασ"], []),
    ],
)
def test_names_are_found_in_every_spelling_and_script(
    title: str, searches: list[str], others: list[str]
) -> None:
    index = index_of([named("a", title)])
    assert [text for text in searches if found(index, text) != ["a"]] == []
    assert [text for text in others if found(index, text)] == []


def test_ascending_relevance_is_the_opposite_order(sea: SearchIndex) -> None:
    orders = (Order(SCORE, False), Order("publishedDateTime", False), Order("_id", False))
    hits = finder_of(sea).page(query_of("ferry OR harbour"), orders, None, 9)
    assert [hit.slug for hit in hits] == found(sea, "ferry OR harbour")[::-1]
