"""Excerpts of the lines of files, with the position of a fault."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from loaders.report.report import printable

EXCERPT_WIDTH: Final = 72
"""The width in cells of a terminal; the characters of some scripts take two."""

_CUT: Final = "…"
# The position of the column in an excerpt that is cut on its left, at any width; `caret` relies
# on it.
_LEAD: Final = 24


def excerpt(line: str, column: int | None, width: int = EXCERPT_WIDTH) -> str:
    """Return the part of a line around `column` (from 1), at most `width` cells wide.

    It has no line end, spaces instead of tabs, and `…` where it is cut.
    """
    line = line.rstrip("\r\n")
    at = min((column or 1) - 1, len(line))
    if at > _LEAD and (line.startswith(_CUT) or _hides(line, at, width)):
        return _cut(_CUT + line[at - _LEAD + 1 :], width)
    return _cut(line, width)


def caret(text: str, column: int) -> int:
    """Return the width of an excerpt before the column that it was made for, in cells."""
    at = column - 1
    if text.startswith(_CUT):
        at = min(at, _LEAD)
    return cell_len(text[:at])


def _hides(line: str, at: int, width: int) -> bool:
    """Return whether cutting the line on the right only would cut off the column."""
    return not _fits(line, width) and not _fits(line[: at + 1], width - 1)


def _cut(text: str, width: int) -> str:
    # One letter more than fits, to see that there is more: lines can be megabytes long.
    text = _clean(text[: width + 1])
    if _fits(text, width):
        return text
    while not _fits(text, width - 1):
        text = text[:-1]
    return text + _CUT


def _fits(text: str, width: int) -> bool:
    return len(text) <= width and cell_len(_clean(text)) <= width


def _clean(text: str) -> str:
    return printable(text.replace("\t", " "))
