"""Read simple YAML line by line, which nearly all front matter is.

This takes a fraction of libyaml's time. A line of this subset is `key: value`, `- value` or `- key:
value`, where the value is quoted, plain or an empty collection and ends with its line. All other
text, valid or not, is left to libyaml.
"""

from __future__ import annotations

import re
from typing import Any, Final

from loaders.frontmatter.split import FORBIDDEN, MAX_DEPTH, MAX_NODES, UnquotedScalar

NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})

_LINE = re.compile(
    r"( *+)"
    r"(?:(- )?([A-Za-z_][A-Za-z0-9_-]{0,99}+):(?: ++|\Z)|- )"  # an entry, a key, or both
    r"(?:"
    r'"((?:[^"\\]++|\\["\\])*+)"'
    r"|'((?:[^']++|'')*+)'"
    # Plain text: `: ` would end a key in it and ` #` start a comment.
    r"|(~|(?:[\w/.(+$]|-(?=[\w.]))[^:#]*+(?:(?::(?=[^ ])|(?<! )#)[^:#]*+)*+(?<! ))"
    r"|(\[\]|\{\})"
    r")?+"
)
_ESCAPE = re.compile(r'\\(["\\])')
# A line makes at most three values: a list, a mapping and a scalar.
_MAX_LINES: Final = MAX_NODES // 3


def read(text: str) -> dict[str, Any] | None:
    """Return the tree of a simple text, which is the same as from libyaml's events; else None."""
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > _MAX_LINES or not _is_regular("".join(lines)):
        return None
    # In one function: another call for each line takes a tenth of the whole time.
    fullmatch = _LINE.fullmatch
    root: dict[str, Any] = {}
    container: Any = root  # the collection of the line above
    column = 0
    in_list = False
    stack: list[tuple[Any, int]] = []  # the collections around `container`, with their columns
    open_key: str | None = None  # the key above, if it has no value yet
    for line in lines:
        if not line:
            continue
        match = fullmatch(line)
        if match is None:
            if line.strip(" ")[:1] in ("", "#"):
                continue
            return None
        indent, dash, key, double, single, plain, empty = match.groups()
        start = len(indent)
        is_entry = key is None or dash is not None

        if open_key is not None and (start > column or (is_entry and start == column)):
            child: Any = [] if is_entry else {}
            container[open_key] = child
            stack.append((container, column))
            container, column, in_list = child, start, is_entry
        elif column != start or in_list is not is_entry:
            # A list may have the column of its key.
            while stack and (column > start or (column == start and in_list)):
                container, column = stack.pop()
                in_list = type(container) is list
                if column == start and in_list is is_entry:
                    break
            else:
                return None
        open_key = None

        value: Any
        if double is not None:
            value = _ESCAPE.sub(r"\1", double) if "\\" in double else double
        elif single is not None:
            value = single.replace("''", "'")
        elif plain is not None:
            value = None if plain in NULLS else UnquotedScalar(plain)
        elif empty is not None:
            value = [] if empty == "[]" else {}
        else:
            value, open_key = None, key

        if key is None:
            container.append(value)
            continue
        if dash is not None:
            entry: dict[str, Any] = {}
            container.append(entry)
            stack.append((container, column))
            container, column, in_list = entry, start + 2, False
        elif key in container:
            return None
        container[key] = value
        if len(stack) >= MAX_DEPTH:
            return None
    return root or None


def _is_regular(text: str) -> bool:
    """Return whether no character has a special meaning: what Python calls printable has none in
    YAML.
    """
    return text.isprintable() or not ("\t" in text or "\r" in text or FORBIDDEN.search(text))
