"""The markers that git writes into a file whose merge failed."""

from __future__ import annotations

import re
from typing import Final

UNRESOLVED: Final = "an unresolved merge conflict: resolve it, and remove git's markers"

_MARKER = re.compile(r"^(?:<{7}|>{7}) \S", re.MULTILINE)
# In Markdown, the middle marker makes a heading of the line above it; front matter has none.
_ANY_MARKER = re.compile(r"^(?:(?:<{7}|>{7}) \S|={7}\r?$|\|{7}(?: |\r?$))", re.MULTILINE)


def conflict_line(text: str) -> int | None:
    """Return the line, counted from 1, of the first text that can only be a conflict marker."""
    if "<<<<<<< " not in text and ">>>>>>> " not in text:
        return None
    return _line_of(_MARKER.search(text), text)


def broken_by_conflict(front: str) -> int | None:
    """Return the line, counted from 1, of the first conflict marker in invalid front matter."""
    return _line_of(_ANY_MARKER.search(front), front)


def _line_of(marker: re.Match[str] | None, text: str) -> int | None:
    return None if marker is None else text.count("\n", 0, marker.start()) + 1
