"""Template tags that stand for the address of a file's page: of Hugo and Jekyll."""

from __future__ import annotations

import re
from typing import Final

# Each of these takes linear time, because no repetition can match the beginning of another.
HUGO_REF: Final = re.compile(
    r"""\{\{[<%]\s*(?:rel)?ref\s+["'`]?([^"'`{}%<>\s]+)["'`]?\s*[%>]\}\}"""
)
POST_URL: Final = re.compile(r"""\{%-?\s*post_url\s+["']?([^\s"'{}%]+)["']?\s*-?%\}""")
LINK_TAG: Final = re.compile(r"""\{%-?\s*link\s+["']?([^\s"'{}%]+)["']?\s*-?%\}""")

NAMES: Final = frozenset({"ref", "relref", "post_url", "link"})
"""The names of these tags."""

_EXTENSION: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,8}$")
_NO_PATH: Final = re.compile(r"[()\\]")


def file_of(tag: str) -> str | None:
    """Return the path of the file that a tag names, with the fragment; None if it is no such tag.

    The path is relative to the file with the tag or, after a slash, to a folder above it.
    """
    path = _path_of(tag)
    return None if path is None or _NO_PATH.search(path) else path


def _path_of(tag: str) -> str | None:
    if (match := HUGO_REF.fullmatch(tag)) is not None:
        name, mark, fragment = match[1].partition("#")
        if not name:
            return match[1]
        is_of_root = "/" in name and not name.startswith(".")
        path = f"/{name.strip('/')}" if is_of_root else name
        return f"{path if _EXTENSION.search(path) else f'{path}.md'}{mark}{fragment}"
    if (match := POST_URL.fullmatch(tag)) is not None:
        return f"/_posts/{match[1].strip('/')}.md"
    if (match := LINK_TAG.fullmatch(tag)) is not None:
        return f"/{match[1].lstrip('/')}"
    return None
