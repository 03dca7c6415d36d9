"""Front matter separated from its body, and its errors, in any format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from loaders.frontmatter.positions import Position

FrontMatterFormat = Literal["yaml", "json", "toml", "bare"]

MAX_DEPTH: Final = 250
MAX_NODES: Final = 100_000
TOO_DEEP: Final = f"nested more than {MAX_DEPTH} levels deep"
NUL_IN_KEY: Final = "a key must not contain a NUL character"
TOO_MANY: Final = f"more than {MAX_NODES:,} values"

# YAML 1.1 is alone in ending lines at U+0085, U+2028 and U+2029: text would change.
FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


class FrontMatterError(Exception):
    """Front matter cannot be read; `line` and `column` count from 1, in the file."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class NoFrontMatter(FrontMatterError):
    """The file does not begin with front matter. It may not be a document, such as a README."""


class UnquotedScalar(str):
    """A scalar without quotes in the file: text, a number, a boolean or a date."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnsupportedValue:
    """A value that no field accepts, and what is stored instead under an unknown key.

    It is not a str, list or dict, so that the validation of fields rejects it.
    """

    stored: Any
    reason: str
    stored_as: str = "text"


def under_key(key: str, value: object, reason: str) -> UnsupportedValue:
    """Return the value of a key that could not be stored as written, and is now named `key`."""
    return UnsupportedValue(value, reason, f"the key {key!r}")


class Front(NamedTuple):
    """The front matter and body of a file; `first_line` is the number of the line in the file on
    which `text` starts.
    """

    text: str
    body: str
    first_line: int
    format: FrontMatterFormat = "yaml"

    def fault(self, message: str, line: int = 0, column: int = 0) -> FrontMatterError:
        """Return the error for a line and column in `text`, counted from 0."""
        return FrontMatterError(message, self.first_line + line, column + 1)

    def fault_at(self, message: str, index: int) -> FrontMatterError:
        """Return the error for the character of `text` at an index."""
        line, column = end_of(self.text[:index])
        return self.fault(message, line - 1, column - 1)

    def forbidden(self) -> FrontMatterError | None:
        """Return the first character that front matter must not contain, if any."""
        match = FORBIDDEN.search(self.text)
        if match is None:
            return None
        return self.fault_at(f"the character U+{ord(match[0]):04X} is not allowed", match.start())


def end_of(text: str) -> Position:
    """Return the line and column after a text, counted from 1."""
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))
