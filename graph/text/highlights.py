"""Highlights: where in a text the words of a search are."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import snowballstemmer  # type: ignore[import-untyped]  # it has no types
import strawberry

from graph.text.excerpts import letter_start

MAXIMUM_TEXT: Final = 100_000
"""How many characters of a text are looked at."""

MAXIMUM_SNIPPETS: Final = 3
SNIPPET_LENGTH: Final = 160
_LEAD: Final = 40
"""How many characters of a snippet stand before its first match, where there are as many."""

_WORD: Final = re.compile(
    r"[^\s\x00-&(-/:-@\[-^`{-\x7f\xa1-\xa7\xa9\xab\xac\xae\xb0\xb1\xb6\xbb\xbf\xd7\xf7"
    r"\u0589\u058a\u05be\u060c\u061b\u061f\u06d4\u0964\u0965\u2010-\u203e\u2041-\u2053"
    r"\u2055-\u205e\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e7f\u3001-\u3003\u3008-\u3020"
    r"\u3030\ufd3e\ufd3f\uff01\uff0c-\uff0e\uff1a\uff1b\uff1f\uff61\uff64]+"
)
"""What is between the characters at which MongoDB's text index separates English words."""

_STEMMER: Final = "english"
_STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a about after all also am an and any are as at be because been before being between both "
        "but by can could did do does doing down during each few for from further had has have "
        "having he her here hers herself him himself his how i if in into is it its itself me "
        "more most my myself no nor not of off on once only or other our ours out over own same "
        "she should so some such than that the their theirs them then there these they this those "
        "through to too under until up very was we were what when where which while who whom why "
        "will with would you your yours yourself",
    )
)


@strawberry.type(description="A part of a snippet: a match, or the text between matches.")
class SnippetPart:
    text: str = strawberry.field(description="The text of this part.")
    is_match: bool = strawberry.field(description="Whether it is a match.")


@strawberry.type(description="A part of a text that contains matches; plain text, no markup.")
class Snippet:
    text: str = strawberry.field(description="The snippet as it is in the text.")
    parts: list[SnippetPart] = strawberry.field(
        description="The snippet in parts that make up `text`: the matches, and the text between"
        " them."
    )


@strawberry.type(description="The matches of a search in one field of an article.")
class Highlight:
    field: str = strawberry.field(description="The name of the field.")
    snippets: list[Snippet] = strawberry.field(
        description="Parts of its text, in order: at most 3, of about 160 characters each."
    )


@dataclass(frozen=True, slots=True)
class Search:
    """A search text, taken apart as MongoDB does; words without case and accents."""

    wanted: tuple[str, ...] = ()
    """The words, those of phrases among them."""
    phrases: tuple[str, ...] = ()
    """What stands in quotation marks: its words, with a space between them."""
    excluded: tuple[str, ...] = ()
    """The words and phrases that must not occur."""


def terms_of(search: str) -> Search:
    """What a search text asks for: words, "phrases", and -words or -"phrases" to exclude.

    A hyphen excludes at the start or after a space only. A quotation mark that is never closed
    makes no phrase, but its words are searched for.
    """
    wanted: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    negated, opened = False, None
    for found in re.finditer(r'(?<!\S)-|"|[^\s"-]+', search):
        if found[0] == "-":
            negated = negated or opened is None
        elif found[0] == '"':
            if opened is not None:
                phrase = " ".join(_words(search[opened : found.start()]))
                (excluded if negated else phrases).append(phrase)
                negated, opened = False, None
            else:
                opened = found.end()
        elif opened is not None:
            wanted += () if negated else _words(found[0])
        else:
            (excluded if negated else wanted).extend(_words(found[0]))
            negated = False
    return Search(_distinct(wanted), _distinct(phrases), _distinct(excluded))


def highlights(texts: Iterable[tuple[str, str]], search: Search) -> list[Highlight]:
    """Where the search is found in these texts, each given under its field's name."""
    marker = _Marker(search)
    found = []
    for field, text in texts:
        looked_at = text[:MAXIMUM_TEXT]
        if spans := marker.spans(looked_at):
            found.append(Highlight(field=field, snippets=list(_snippets(looked_at, spans))))
    return found


class _Marker:
    """What marks the matches of one search."""

    def __init__(self, search: Search) -> None:
        self.stemmer = snowballstemmer.stemmer(_STEMMER)
        wanted = [word for word in search.wanted if word not in _STOP_WORDS]
        self.stems = {self.stemmer.stemWord(word) for word in wanted}
        self.initials = {stem[0] for stem in self.stems if stem}
        self.phrases = [phrase for phrase in search.phrases if phrase]
        self.known: dict[str, bool] = {}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The places of the matches, in order, none touching another."""
        places = [found.span() for found in _WORD.finditer(text)]
        words = [fold(text[start:end]) for start, end in places]
        spans = [
            place for place, word in zip(places, words, strict=True) if word and self.wants(word)
        ]
        for phrase in self.phrases:
            spans += [(places[a][0], places[b][1]) for a, b in _occurrences(phrase, words)]
        return [_trimmed(text, span) for span in _merged(spans)]

    def wants(self, word: str) -> bool:
        word = word.strip("'")
        if word[:1] not in self.initials or word in _STOP_WORDS:  # a stem keeps its first letter
            return False
        if word not in self.known:
            self.known[word] = self.stemmer.stemWord(word) in self.stems
        return self.known[word]


def fold(text: str) -> str:
    """The text without case and diacritics."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _words(text: str) -> list[str]:
    words = (fold(found[0]).strip("'") for found in _WORD.finditer(text))
    return [word for word in words if word]


def _distinct(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _occurrences(phrase: str, words: list[str]) -> Iterator[tuple[int, int]]:
    """The first and last word of each place where the phrase is; it may begin inside a word."""
    text, starts, length = " ".join(words), [], 0
    for word in words:
        starts.append(length)
        length += len(word) + 1
    place = text.find(phrase)
    while place >= 0:
        end = place + len(phrase)
        yield bisect_right(starts, place) - 1, bisect_left(starts, end) - 1
        place = text.find(phrase, end)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _trimmed(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The span without the apostrophes around it."""
    start, end = span
    while start < end and text[start] == "'":
        start += 1
    while start < end and text[end - 1] == "'":
        end -= 1
    return start, end


def _snippets(text: str, spans: list[tuple[int, int]]) -> Iterator[Snippet]:
    """The first stretches with matches; they do not overlap."""
    floor = place = 0
    for _ in range(MAXIMUM_SNIPPETS):
        if place == len(spans):
            return
        first = spans[place]
        lead = min(first[0] - _LEAD, len(text) - SNIPPET_LENGTH)
        start = _start(text, max(floor, lead), first[0])
        end = _end(text, start + SNIPPET_LENGTH, first)
        inside = []
        while place < len(spans) and spans[place][0] < end:
            inside.append((spans[place][0], min(spans[place][1], end)))
            place += 1
        yield Snippet(text=text[start:end], parts=list(_parts(text, start, end, inside)))
        floor = end


def _start(text: str, place: int, match: int) -> int:
    """Where a snippet begins: at a word, `place` or later, and no later than its match."""
    if place > 0 and not text[place - 1].isspace():
        while place < match and not text[place].isspace():
            place += 1
    while place < match and text[place].isspace():
        place += 1
    return place


def _end(text: str, place: int, match: tuple[int, int]) -> int:
    """Where a snippet ends: after a word, `place` or earlier, with what fits of its match."""
    end, least = min(place, len(text)), min(place, match[1])
    if end < len(text) and not text[end].isspace():
        while end > least and not text[end - 1].isspace():
            end -= 1
        whole = letter_start(text, end)
        end = whole if whole > match[0] else end
    while end > least and text[end - 1].isspace():
        end -= 1
    return end


def _parts(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> Iterator[SnippetPart]:
    for span in spans:
        if start < span[0]:
            yield SnippetPart(text=text[start : span[0]], is_match=False)
        yield SnippetPart(text=text[span[0] : span[1]], is_match=True)
        start = span[1]
    if start < end:
        yield SnippetPart(text=text[start:end], is_match=False)
