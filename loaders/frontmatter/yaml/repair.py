"""Suggest how to write a line that YAML cannot read because its value needs quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import yaml

from loaders.frontmatter.yaml.libyaml import events

MAX_TEXT: Final = 100_000
"""The maximum length of front matter for which a repair is sought, in characters: it is parsed once
more.
"""

TAB: Final = "a tab in the indentation; use spaces"

_LONGEST: Final = 200
_LINE: Final = re.compile(r"([ ]*(?:- +)*(?:[A-Za-z_][\w-]*:[ \t]+|(?<=- )))(\S.*?)[ \t\r]*")
_BAD_COLON: Final = re.compile(r"^[ ]*[^\W\d][\w-]*(?::(?P<sign>[^ \t\r\n:/])|：)", re.MULTILINE)
_OPENING: Final = re.compile(r"\{\{|\{%|\*\*|[@`%*&!|>\[{\]},]")
_CLOSED_BY: Final = {"[": "]", "{": "}"}


class Repair(NamedTuple):
    """What is wrong, where (counted from 0), and how to correct it."""

    message: str
    line: int
    column: int


def repair(text: str, error: yaml.MarkedYAMLError) -> Repair | None:
    """Return how to correct an error of libyaml, if its cause is certain."""
    mark: Any = error.problem_mark
    if mark is None or len(text) > MAX_TEXT:
        return None
    lines = text.split("\n")
    if mark.line < len(lines) and _is_indented_by_tab(lines[mark.line], mark.column):
        return Repair(TAB, mark.line, mark.column)
    for line in _suspects(error):
        suggestion = _repair(lines, line)
        if suggestion is not None:
            is_here = line == mark.line
            return suggestion._replace(column=mark.column) if is_here else suggestion
    return None


def quoted_alias(text: str, line: int, column: int) -> str | None:
    """Return how to correct an alias (its line and column count from 0) that is the whole value of
    its line.
    """
    lines = text.split("\n") if len(text) <= MAX_TEXT else []
    repair = _repair(lines, line)
    if repair is None or repair.column != column:
        return None
    return repair.message.partition("; ")[2]


def bad_colon(text: str) -> str:
    """Return what is wrong with the colon after a key in a text without keys, with a semicolon
    before it; nothing if there is none.
    """
    match = _BAD_COLON.search(text, 0, MAX_TEXT)
    if match is None:
        return ""
    signs = {None: "a full-width colon", "\xa0": "a colon and a no-break space"}
    found = signs.get(match["sign"], "a colon without a space")
    return f"; a key is followed by {found}: write a colon and a space"


def _suspects(error: yaml.MarkedYAMLError) -> Iterable[int]:
    """Return the lines that may have caused the error: a quote may end far from where it began."""
    problem: Any = error.problem_mark
    context: Any = error.context_mark
    lines = [problem.line, problem.line - 1]
    if context is not None:
        lines.append(context.line)
    return dict.fromkeys(line for line in lines if line >= 0)


def _is_indented_by_tab(line: str, column: int) -> bool:
    return line[column : column + 1] == "\t" and not line[:column].strip()


def _repair(lines: list[str], line: int) -> Repair | None:
    if line >= len(lines) or len(lines[line]) > _LONGEST:
        return None
    match = _LINE.fullmatch(lines[line])
    cause = None if match is None else _cause(match[2])
    if match is None or cause is None:
        return None
    value = _without_quotes(match[2])
    repaired = match[1] + _quoted(value)
    text = "\n".join([*lines[:line], repaired, *lines[line + 1 :]])
    if not value or not _is_read(text, line, value):
        return None
    message = f"{cause}; put the value in quotes: {repaired.strip()}"
    return Repair(message, line, match.start(2))


def _cause(value: str) -> str | None:
    """Return why a value may need quotes, if there is a reason."""
    if value[0] in "\"'":
        return "the quotes are not closed, or closed too early"
    opening = _OPENING.match(value)
    if opening is not None:
        is_open = value[0] in _CLOSED_BY and _CLOSED_BY[value[0]] not in value
        beginning = "a backtick" if value[0] == "`" else f"`{opening[0]}`"
        return None if is_open else f"the value begins with {beginning}"
    return "the value contains `: `" if ": " in value or value.endswith(":") else None


def _without_quotes(value: str) -> str:
    """Return the text of a value whose quotes are not balanced."""
    quote = value[0]
    if quote not in "\"'" or re.match(rf"{quote}[^{quote}]*[^{quote}\s]{quote}\s", value):
        return value  # only the first words are quoted
    return value[1:-1] if len(value) > 1 and value[-1] == quote else value[1:]


def _quoted(value: str) -> str:
    if '"' in value or "\\" in value:
        return "'{}'".format(value.replace("'", "''"))
    return f'"{value}"'


def _is_read(text: str, line: int, value: str) -> bool:
    """Return whether a text can be read beyond a line if the line has this value."""
    is_there = False
    try:
        for event in events(text):
            mark: Any = event.start_mark
            if mark.line > line:
                return is_there
            if isinstance(event, yaml.ScalarEvent) and mark.line == line:
                is_there |= event.value == value
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return is_there and mark is not None and mark.line > line + 1
    except yaml.YAMLError:  # another fault, such as a forbidden character
        return False
    return is_there
