"""Parse YAML to the events of libyaml.

libyaml rejects `"\ud83c\udf89"`, which is how JSON escapes a character beyond U+FFFF and how many
programs write YAML. Here it is that character. Half of a pair is kept, and the caller decides what
to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml._yaml import CParser

# Any other escape is matched too, so that the second half of `\\` does not begin one.
_ESCAPE = re.compile(r"\\(?:u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_PRIVATE_USE = range(0xE000, 0xF900)


def events(text: str) -> Iterator[Any]:
    """Return the events, with positions in this text. Raises yaml.YAMLError if it is not YAML."""
    if "\\ud" not in text and "\\uD" not in text:
        return _parsed(text)
    return _with_surrogates(text)


def _parsed(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while (event := parser.get_event()) is not None:
        yield event


def _with_surrogates(text: str) -> Iterator[Any]:
    """Yield the events of a text in which `\ud83c\udf89`, or half of it, may stand in double
    quotes.

    Only the parser knows what is in double quotes. So a character that the text does not contain
    replaces the backslashes, which changes no position, and is replaced in each scalar: in double
    quotes by the escaped character, elsewhere by the backslash.
    """
    mark = next((chr(code) for code in _PRIVATE_USE if chr(code) not in text), "\\")
    escapes = re.compile(f"(?:{re.escape(mark)}u[dD][89a-fA-F][0-9a-fA-F]{{2}})+")
    for event in _parsed(_ESCAPE.sub(lambda match: _marked(match, mark), text)):
        if isinstance(event, yaml.ScalarEvent) and mark in event.value:
            restored = _characters if event.style == '"' else _escapes
            event.value = escapes.sub(restored, event.value)
        yield event


def _marked(match: re.Match[str], mark: str) -> str:
    return match[0] if match[1] is None else f"{mark}u{match[1]}"


def _characters(match: re.Match[str]) -> str:
    """Return the characters of adjacent escapes; the two halves of a pair are one character."""
    escapes = match[0]
    halves = (escapes[at : at + 4] for at in range(2, len(escapes), 6))
    units = "".join(chr(int(half, 16)) for half in halves)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _escapes(match: re.Match[str]) -> str:
    return "".join(rf"\u{match[0][at : at + 4]}" for at in range(2, len(match[0]), 6))
