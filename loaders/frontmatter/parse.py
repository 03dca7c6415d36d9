"""Parse the front matter of a file to a tree, in any of the three formats.

Delimiters are those of Hugo and Eleventy: `---` around YAML, `+++` around TOML, nothing around a
JSON object, and `---json`, `---toml` or `---yaml` to name the format. YAML may end with `...`, as
YAML itself allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from loaders.frontmatter import bare_metadata, json, toml
from loaders.frontmatter.positions import Keys, Position, find, positions
from loaders.frontmatter.split import (
    Front,
    FrontMatterError,
    FrontMatterFormat,
    NoFrontMatter,
    UnquotedScalar,
    end_of,
)
from loaders.frontmatter.yaml import constructor

__all__ = [
    "Front",
    "FrontMatterError",
    "NoFrontMatter",
    "UnquotedScalar",
    "decode",
    "locate",
    "parse",
    "split",
    "whole",
]

_BYTE_ORDER_MARK = "\ufeff"
_OPENING = re.compile(
    r"(?P<blank>(?:[ \t]*+\r?\n)*+)"
    # `{{`, `{%`, `{:` and the like belong to templates or Markdown: no object begins with them.
    r"(?:(?P<brace>\{(?![{%#:<]))"
    r"|(?:(?P<dashes>---)[ \t]*(?P<format>yaml|json|toml)?|(?P<pluses>\+\+\+))"
    r"[ \t]*(?:\r?\n|\Z))"
)
_JAVASCRIPT = re.compile(r"\s*+---[ \t]*+(?:js|javascript)[ \t]*+\r?\n")
# A misspelt delimiter: a key or a delimiter follows. Otherwise it is a rule of Markdown.
_NEARLY_OPENING = re.compile(r"\s*+(?:---|\+\+\+)[^\n]*+\n\s*+(?:[\w\"']++[ \t]*+[:=]|---)")
# YAML also ends a document at `...`, which a comment may follow.
_CLOSING = re.compile(r"(?:---|\+\+\+|\.\.\.(?:[ \t]+#[^\n]*+)?)[ \t]*\r?(?:\n|\Z)")
_YAML_END = "..."
_SCRIPT = "front matter in JavaScript is not supported: write it in YAML, TOML or JSON"
_PARSERS = {
    "yaml": constructor.parse_yaml,
    "json": json.parse_json,
    "toml": toml.parse_toml,
    "bare": bare_metadata.parse_bare_metadata,
}
_POSITIONS = {
    "yaml": positions,
    "json": json.positions,
    "toml": toml.positions,
    "bare": bare_metadata.positions,
}


def decode(data: bytes) -> str:
    """Decode a file, and remove its byte order mark. Raises FrontMatterError if it is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise FrontMatterError("the file is UTF-16 or UTF-32, expected UTF-8")
    try:
        return data.decode().removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        line, column = end_of(before)
        byte = data[error.start]
        reason = f"not UTF-8: byte 0x{byte:02x}; save the file as UTF-8"
        raise FrontMatterError(reason, line, column) from None


def split(text: str, *, takes_bare: bool = False) -> Front:
    """Split a file after its front matter. Raises FrontMatterError.

    Blank lines may precede the front matter. With `takes_bare`, it may have no delimiters.
    """
    opening = _OPENING.match(text)
    if opening is None and takes_bare and (front := bare_metadata.split(text)) is not None:
        return front
    if opening is None and not text.strip():
        raise NoFrontMatter("the file is empty")
    if opening is None:
        error = FrontMatterError if _NEARLY_OPENING.match(text) else NoFrontMatter
        is_script = _JAVASCRIPT.match(text) is not None
        raise error(_SCRIPT if is_script else "no front matter: the first line is not `---`")
    line = 1 + opening["blank"].count("\n")
    if opening["brace"]:
        return json.split(text[opening.end("blank") :], line)
    fence = opening["dashes"] or opening["pluses"]
    # The pattern accepts only the names of formats.
    format_ = cast(
        FrontMatterFormat, opening["format"] or ("toml" if opening["pluses"] else "yaml")
    )
    closing = _closing(text, fence, opening.end())
    if format_ == "yaml":
        closing = _closing(text, _YAML_END, opening.end(), closing) or closing
    if closing is None:
        raise FrontMatterError(
            f"the front matter that opens here has no closing `{fence}` line", line
        )
    return Front(text[opening.end() : closing.start()], text[closing.end() :], line + 1, format_)


def _closing(
    text: str, fence: str, start: int, before: re.Match[str] | None = None
) -> re.Match[str] | None:
    """Return the first line that is this delimiter and comes before `before`.

    Finding the delimiter as text first takes a tenth of the time of a regular expression.
    """
    end = len(text) if before is None else before.start()
    while (at := text.find(f"\n{fence}", start - 1, end)) >= 0:
        closing = _CLOSING.match(text, at + 1)
        if closing is not None:
            return closing
        start = at + 2
    return None


def whole(text: str) -> Front:
    """Return the front matter of a file that consists of YAML only."""
    return Front(text, "", 1)


def parse(front: Front) -> dict[str, Any]:
    """Parse front matter to dicts, lists, UnquotedScalar (text without quotes), str and None.

    Unquoted nulls are None; keys are always text. Raises FrontMatterError.
    """
    return _PARSERS[front.format](front)


def locate(front: Front, paths: Iterable[Keys]) -> dict[Keys, Position]:
    """Return the positions of these paths in the file; for a path that is missing, its nearest
    ancestor's.

    This parses again, so that documents without faults do not pay for positions.
    """
    places = find(_POSITIONS[front.format](front.text), list(paths))
    return {
        path: Position(front.first_line + line, column + 1)
        for path, (line, column) in places.items()
    }
