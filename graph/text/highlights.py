"""Highlights: the parts of texts that contain the matches of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import strawberry

from graph.text.excerpts import letter_start

MAX_SNIPPETS: Final = 3
SNIPPET_LENGTH: Final = 160
_LEAD: Final = 40
"""How many characters of a snippet stand before its first match, where there are as many."""

FindMatches = Callable[[str, str], list[tuple[int, int]]]
"""Returns the places of the matches in the text at a stored path: in order, none touching another.
"""


@strawberry.type(description="A part of a snippet: a match, or the text between matches.")
class SnippetPart:
    text: str = strawberry.field(description="The text of this part.")
    is_match: bool = strawberry.field(description="Whether it is a match.")


@strawberry.type(description="A part of a text that contains matches; plain text, no markup.")
class Snippet:
    text: str = strawberry.field(description="The whole snippet.")
    parts: list[SnippetPart] = strawberry.field(
        description="The parts of `text`: the matches, and the text between them."
    )


@strawberry.type(description="The matches of a search in one field of an article.")
class Highlight:
    field: str = strawberry.field(description="The name of the field.")
    snippets: list[Snippet] = strawberry.field(
        description="Parts of its text, in order: at most 3, of about 160 characters each."
    )


def highlights(texts: Iterable[tuple[str, str]], find: FindMatches) -> list[Highlight]:
    """Return the matches in these texts, each of which comes after its stored path."""
    found = []
    for path, text in texts:
        if spans := find(path, text):
            field = path.partition(".")[0]
            found.append(Highlight(field=field, snippets=list(_snippets(text, spans))))
    return found


def _snippets(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Snippet]:
    """Yield the first parts of the text with matches; they do not overlap."""
    floor = place = 0
    for _ in range(MAX_SNIPPETS):
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
    """Return where a snippet begins: at a word, at or after `place`, but not after its match."""
    if place > 0 and not text[place - 1].isspace():
        while place < match and not text[place].isspace():
            place += 1
    while place < match and text[place].isspace():
        place += 1
    return place


def _end(text: str, place: int, match: tuple[int, int]) -> int:
    """Return where a snippet ends: after a word, at or before `place`, with as much of its match as
    fits.
    """
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
