"""Excerpts: a text cut to a length."""

from __future__ import annotations

import unicodedata
from typing import Final

ELLIPSIS: Final = "…"

_JOINER: Final = "\u200d"


def shorten(text: str, length: int) -> str:
    """Shorten a text to at most `length` characters, one or more; what is cut ends in `…`.

    It is cut between words; a first word that is too long is cut between letters as readers see
    them.
    """
    if len(text) <= length or len(trimmed := text.rstrip()) <= length:
        return text.rstrip()
    room = length - len(ELLIPSIS)
    if trimmed[room].isspace():
        return trimmed[:room].rstrip() + ELLIPSIS
    whole = trimmed[:room].rstrip()
    if len(whole) == room:
        whole = _before_last_word(whole)
    return (whole or trimmed[: letter_start(trimmed, room)].rstrip()) + ELLIPSIS


def letter_start(text: str, place: int) -> int:
    """Return the nearest index at or before `place` that is not inside what readers see as one
    letter.
    """
    while 0 < place < len(text) and _joined(text, place):
        place -= 1
    return place


def _before_last_word(text: str) -> str:
    words = text.rsplit(maxsplit=1)
    return text[: len(text) - len(words[-1])].rstrip() if words else ""


def _joined(text: str, place: int) -> bool:
    """Whether the characters before and after this place make up one letter."""
    before, after = text[place - 1], text[place]
    return (
        unicodedata.category(after).startswith("M")
        or _JOINER in (before, after)
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # the colours of skin
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
        or (_is_flag_half(before) and _is_flag_half(after) and _flag_halves(text, place) % 2 == 1)
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves(text: str, place: int) -> int:
    """Return how many halves of flags are right before this place."""
    start = place
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return place - start
