"""How texts become terms: folded, divided into words, stemmed.

Terms are in lower case and without accents. A script that is written without spaces between words
has one term for each character, so that any part of a run is found as a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

import tantivy

from graph.config.sections.search import STEMMED_LANGUAGES

PLAIN: Final = "plain"
"""The analyzer of terms that are not stemmed."""

_STOP_WORDS_MISSING: Final = frozenset({"ar", "el", "ro", "ta", "tr"})
"""The languages for which the engine has no list of stop words."""

_LONGEST: Final = 100
"""The length in bytes from which on a word is not indexed."""

_UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER: Final = rf"[\p{{L}}\p{{N}}\p{{M}}&&[^{_UNSPACED}]]"
_WORD: Final = "|".join(
    (
        rf"[{_UNSPACED}]\p{{M}}*",
        r"\p{L}(?:\.\p{L})+\b",  # U.S.
        rf"{_LETTER}+(?:\+\+|#)?",  # C++, C#
    )
)

_MARKS: Final = re.compile(
    "(?<![иИ])\u0306|"  # й is a letter of its own, which stems depend on
    "[\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u00ad\u200d-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"  # invisible, as soft hyphens
)
_SIGMA: Final = str.maketrans("ς", "σ")
"""How the letter is written at the end of a word depends on its case."""

_APOSTROPHES: Final = re.compile("[\u2018\u2019\u201b\u02bc\u02b9\uff07`\u00b4]")
_POSSESSIVE: Final = re.compile(r"(?<=\w)'[sS]\b")


class LocatedTerm(NamedTuple):
    """A term of a text, and which characters of the text it stands for."""

    text: str
    start: int
    end: int


def fold_for_search(text: str) -> str:
    """Return a text without accents, vowel points, invisible characters and possessive endings, and
    with straight apostrophes.

    Its length differs from that of the text only where characters were left out, composed or
    decomposed.
    """
    if not text.isascii():
        text = _APOSTROPHES.sub("'", text)
        decomposed = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", decomposed).translate(_SIGMA)
    return _POSSESSIVE.sub("  ", text) if "'" in text else text


@cache
def analyzer(name: str) -> tantivy.TextAnalyzer:
    """Return the analyzer with this name for folded texts: PLAIN, or the code of a language."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_WORD))
    builder = builder.filter(tantivy.Filter.remove_long(_LONGEST))
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    if name != PLAIN:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMED_LANGUAGES[name]))
    return builder.build()


@cache
def _stopper(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    return builder.filter(tantivy.Filter.stopword(STEMMED_LANGUAGES[language])).build()


def is_stop_word(term: str, languages: Iterable[str]) -> bool:
    """Whether a term is one of the words that a language has in every text, such as `the`."""
    return any(
        not _stopper(language).analyze(term)
        for language in languages
        if language not in _STOP_WORDS_MISSING
    )


def terms_of(text: str, name: str = PLAIN) -> list[str]:
    """Return the terms of a text."""
    return list(analyzer(name).analyze(fold_for_search(text)))


def located_terms(text: str, name: str = PLAIN) -> list[LocatedTerm]:
    """Return the terms of a text with their places in it."""
    folded, places = (
        (fold_for_search(text), range(len(text) + 1))
        if text.isascii()
        else _fold_by_character(text)
    )
    return [
        LocatedTerm(token.text, places[token.char_offset_from], _end(places, token.char_offset_to))
        for token in analyzer(name).pre_tokenize(folded).tokens
    ]


def _end(places: Sequence[int], offset: int) -> int:
    """Return the end of a term in a text, after the accents of its last letter."""
    return max(places[offset - 1] + 1, places[offset])


def _fold_by_character(text: str) -> tuple[str, Sequence[int]]:
    """Return a folded text, and the index in `text` of each of its characters and of its end."""
    folded = {character: fold_for_search(character) for character in set(text)}
    parts = [folded[character] for character in text]
    places = [place for place, part in enumerate(parts) for _ in part]
    places.append(len(text))
    return _POSSESSIVE.sub("  ", "".join(parts)), places


def primary_language(language: str | None) -> str | None:
    """Return the primary subtag of a language tag: `pt` of `pt-BR`."""
    return re.split("[-_]", language.strip().lower(), maxsplit=1)[0] if language else None
