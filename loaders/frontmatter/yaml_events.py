"""A YAML text as the events of libyaml's parser.

libyaml refuses `"\\ud83c\\udf89"`, the way in which JSON escapes a character beyond U+FFFF and in
which many programs write YAML. Here it is that character. One half without the other is kept too:
who reads the events decides what becomes of it.
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
    """The events, with the places of this text; raises yaml.YAMLError where it is not YAML."""
    if "\\ud" not in text and "\\uD" not in text:
        return _parsed(text)
    return _with_surrogates(text)


def _parsed(text: str) -> Iterator[Any]:
    parser = CParser(text)
    while (event := parser.get_event()) is not None:
        yield event


def _with_surrogates(text: str) -> Iterator[Any]:
    r"""The events of a text in which `\ud83c\udf89`, or a half of it, may stand in double quotes.

    Only the parser knows what stands in double quotes. So a character that the text does not hold
    takes the place of the backslashes, which moves no other, and each scalar gets back what it
    means there: the character in double quotes, the backslashes anywhere else.
    """
    mark = next((chr(code) for code in _PRIVATE_USE if chr(code) not in text), "\\")
    marked = re.compile(f"(?:{re.escape(mark)}u[dD][89a-fA-F][0-9a-fA-F]{{2}})+")
    for event in _parsed(_ESCAPE.sub(lambda found: _marked(found, mark), text)):
        if isinstance(event, yaml.ScalarEvent) and mark in event.value:
            restored = _characters if event.style == '"' else _escapes
            event.value = marked.sub(restored, event.value)
        yield event


def _marked(found: re.Match[str], mark: str) -> str:
    return found[0] if found[1] is None else f"{mark}u{found[1]}"


def _characters(found: re.Match[str]) -> str:
    """The characters of escapes without a space between; two halves of a pair are one."""
    escapes = found[0]
    halves = (escapes[at : at + 4] for at in range(2, len(escapes), 6))
    units = "".join(chr(int(half, 16)) for half in halves)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _escapes(found: re.Match[str]) -> str:
    return "".join(rf"\u{found[0][at : at + 4]}" for at in range(2, len(found[0]), 6))
