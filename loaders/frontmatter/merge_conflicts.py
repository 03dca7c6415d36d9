"""What git leaves in a file whose merge failed: lines that begin with seven marks."""

from __future__ import annotations

import re
from typing import Final

UNRESOLVED: Final = "an unresolved merge conflict: resolve it, and remove git's markers"

_MARKER = re.compile(r"^(?:<{7}|>{7}) \S", re.MULTILINE)
# Below a line of text, the middle marker is a heading in Markdown; front matter has no such lines.
_ANY_MARKER = re.compile(r"^(?:(?:<{7}|>{7}) \S|={7}\r?$|\|{7}(?: |\r?$))", re.MULTILINE)


def conflict_line(text: str) -> int | None:
    """The line of the first marker that can be nothing else, counted from 1."""
    if "<<<<<<< " not in text and ">>>>>>> " not in text:
        return None
    return _line_of(_MARKER.search(text), text)


def broken_by_conflict(front: str) -> int | None:
    """The line of the first marker in front matter that cannot be read, counted from 1."""
    return _line_of(_ANY_MARKER.search(front), front)


def _line_of(marker: re.Match[str] | None, text: str) -> int | None:
    return None if marker is None else text.count("\n", 0, marker.start()) + 1
