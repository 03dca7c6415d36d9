"""Where the code of a Markdown text ends, by CommonMark's rules, found in linear time.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks and #code-spans
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

FENCE: Final = r"^[ ]{0,3}(?:[-*+>][ \t]+)?(?:`{3,}|~{3,})"
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n")
_CODE: Final = re.compile(rf"(?P<fence>{FENCE})|`+", re.MULTILINE)


class CodeEnds:
    """The ends of the code in one text. Places must be asked for in ascending order."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._runs: dict[int, list[int]] | None = None
        self._blank = -1

    def fence(self, opening: str, place: int) -> int:
        """Return the index after the fenced block whose opening fence ends at `place`."""
        mark = opening[-1]
        length = len(opening) - len(opening.rstrip(mark))
        closing = re.compile(rf"^[ \t>]*{re.escape(mark)}{{{length},}}[ \t]*$", re.MULTILINE)
        match = closing.search(self.source, place)
        return match.end() if match else len(self.source)

    def span(self, length: int, place: int) -> int:
        """Return the index after the code span that `length` backticks open; `place` if nothing
        closes it.
        """
        if self._runs is None:
            self._runs = {}
            for run in re.finditer("`+", self.source):
                self._runs.setdefault(len(run[0]), []).append(run.start())
        runs = self._runs.get(length, [])
        index = bisect_left(runs, place)
        if index == len(runs) or self.blank_line(place) < runs[index]:
            return place
        return runs[index] + length

    def blank_line(self, place: int) -> int:
        """Return the index of the next blank line at or after `place`; the end if there is none."""
        if self._blank < place:
            match = _BLANK_LINE.search(self.source, place)
            self._blank = match.start() if match else len(self.source)
        return self._blank


def without_code(source: str) -> str:
    """Return a Markdown text without its fenced code blocks and its code spans."""
    if "`" not in source and "~~~" not in source:
        return source
    ends = CodeEnds(source)
    parts: list[str] = []
    place = 0
    while match := _CODE.search(source, place):
        parts.append(source[place : match.start()])
        if match["fence"]:
            place = ends.fence(match[0], match.end())
        else:
            place = ends.span(len(match[0]), match.end())
            if place == match.end():
                parts.append(source[match.start() : place])
    return "".join([*parts, source[place:]])
