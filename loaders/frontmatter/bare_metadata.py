"""Metadata without delimiters at the beginning of a file: lines of `Key: value` up to an empty one.

Pelican and MkDocs have it as MultiMarkdown does; a line that is indented continues the value before
it. Nikola writes `.. key: value`, and in Markdown puts an HTML comment around that. Old posts of
Hexo have YAML with no line but the last one, `---`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from loaders.frontmatter.positions import Location
from loaders.frontmatter.split import Front, FrontMatterError, UnquotedScalar

CHARACTERS: Final = 50_000
"""The length of a file's beginning that may be metadata."""

_LINE: Final = r"(?:\.\.[ ])?[^\W\d_][\w .-]{0,40}:(?:[ \t][^\n]*)?\r?(?:\n|\Z)"
_BLOCK: Final = re.compile(
    rf"(?P<start>\s*+(?:<!--[ \t]*\r?\n)?)(?P<lines>{_LINE}(?:{_LINE}|[ \t]+[^\s][^\n]*(?:\n|\Z))*)"
    r"(?P<end>(?:-->|---)[ \t]*\r?(?:\n|\Z))?"
)
_ENTRY: Final = re.compile(r"(?:\.\.[ ])?(?P<key>[^\W\d_][\w .-]*):[ \t]*(?P<value>[^\n]*)")
_TITLE: Final = re.compile(r"^(?:\.\. )?title:[ \t]*\S", re.IGNORECASE | re.MULTILINE)


def split(text: str) -> Front | None:
    """Split a file after its metadata; None unless it begins with metadata that has a title, since
    other texts may also begin with a word and a colon.
    """
    match = _BLOCK.match(text, 0, CHARACTERS)
    if match is None or _TITLE.search(match["lines"]) is None:
        return None
    first_line = match["start"].count("\n") + 1
    is_yaml = (match["end"] or "").startswith("---")
    return Front(match["lines"], text[match.end() :], first_line, "yaml" if is_yaml else "bare")


def parse_bare_metadata(front: Front) -> dict[str, Any]:
    """Return the values by their keys, which are in small letters. Raises FrontMatterError."""
    if (fault := front.forbidden()) is not None:
        raise fault
    tree: dict[str, Any] = {}
    key = ""
    for number, line in enumerate(front.text.splitlines()):
        if line[0] in " \t":
            tree[key] = UnquotedScalar(f"{tree[key] or ''} {line.strip()}".strip())
            continue
        match = _ENTRY.match(line)
        if match is None:
            raise FrontMatterError("expected `Key: value`", front.first_line + number)
        key = match["key"].lower()
        tree[key] = UnquotedScalar(match["value"].strip()) if match["value"].strip() else None
    return tree


def positions(text: str) -> Iterator[Location]:
    """Yield the positions of the values."""
    for number, line in enumerate(text.splitlines()):
        match = _ENTRY.match(line)
        if match is not None:
            yield (match["key"].lower(),), number, match.start("value")
