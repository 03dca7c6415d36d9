"""The folded form of titles and names: without case and accents, to order and to compare them.

A loader stores it beside the text. The database then orders by it byte by byte, with an index, and
a cursor that holds it is exact.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_FOLDED: Final = 300
"""The maximum length of a folded text in characters, so that cursors stay short."""

_LETTER_MARKS: Final = frozenset({0, 7, 8, 9})
"""The combining classes of marks that make another letter, such as vowel signs and the dakuten."""

_SPACES: Final = re.compile(r"\s+")

# What is no accented letter to Unicode, although readers look for it among the plain letters; and
# typographic punctuation, which would otherwise come after all letters.
_REPLACEMENTS: Final = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "þ": "th",
        **dict.fromkeys("‘’‚‛‹›′ʼ", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "¡": "!",
        "¿": "?",
    }
)


def fold(text: str) -> str:
    """Return a text without case, accents, control characters and runs of spaces.

    Texts that differ only in these are equal afterwards, and code points order them roughly as a
    dictionary does.

    >>> fold("Łukasz  Ängström’s STRASSE"), fold("Straße")
    ("lukasz angstrom's strasse", 'strasse')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(filter(_belongs_to_letter, text.translate(_REPLACEMENTS)))
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(character for character in text if not _is_ignored(character))
    return _SPACES.sub(" ", text.casefold())


def _belongs_to_letter(character: str) -> bool:
    """Whether it is no accent."""
    return unicodedata.combining(character) in _LETTER_MARKS


def _is_ignored(character: str) -> bool:
    """Whether it is a control or format character, such as a soft hyphen."""
    return not character.isspace() and unicodedata.category(character) in ("Cc", "Cf")


def folded_key(text: str) -> str:
    """Return the folded form that is stored: at most `MAX_FOLDED` characters, and no space at
    its ends.
    """
    return fold(text).strip()[:MAX_FOLDED]
