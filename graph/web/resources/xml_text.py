"""Text in XML 1.0."""

from __future__ import annotations

import re
from typing import Final

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 allows nowhere, not even escaped."""


def clean(text: str) -> str:
    """Return a text without the characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)
