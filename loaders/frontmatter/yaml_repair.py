"""What to write instead of a line that YAML cannot read because its value needs quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import yaml

from loaders.frontmatter.yaml_events import events

MAX_TEXT: Final = 100_000
"""Of front matter, in characters, beyond which no repair is looked for: it is read once more."""

TAB: Final = "a tab in the indentation; use spaces"

_LONGEST: Final = 200
_LINE: Final = re.compile(r"([ ]*(?:- +)*(?:[A-Za-z_][\w-]*:[ \t]+|(?<=- )))(\S.*?)[ \t\r]*")
_OPENING: Final = re.compile(r"\{\{|\{%|\*\*|[@`%*&!|>\[{\]},]")
_CLOSED_BY: Final = {"[": "]", "{": "}"}


class Repair(NamedTuple):
    """What is wrong at a place, counted from 0, and what to do about it."""

    message: str
    line: int
    column: int


def repair(text: str, error: yaml.MarkedYAMLError) -> Repair | None:
    """What to do about an error of libyaml, if its cause is certain."""
    mark: Any = error.problem_mark
    if mark is None or len(text) > MAX_TEXT:
        return None
    lines = text.split("\n")
    if mark.line < len(lines) and _is_indented_by_tab(lines[mark.line], mark.column):
        return Repair(TAB, mark.line, mark.column)
    for line in _suspects(error):
        found = _repair(lines, line)
        if found is not None:
            return found._replace(column=mark.column) if line == mark.line else found
    return None


def quoted_alias(text: str, line: int, column: int) -> str | None:
    """What to do about an alias at a place, counted from 0, if it is all of its line's value."""
    lines = text.split("\n") if len(text) <= MAX_TEXT else []
    found = _repair(lines, line)
    if found is None or found.column != column:
        return None
    return found.message.partition("; ")[2]


def _suspects(error: yaml.MarkedYAMLError) -> Iterable[int]:
    """The lines on which the cause may stand: a quote ends far from where it began."""
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
    """Why a value may need quotes; None where nothing speaks for it."""
    if value[0] in "\"'":
        return "the quotes are not closed, or closed too early"
    opening = _OPENING.match(value)
    if opening is not None:
        is_open = value[0] in _CLOSED_BY and _CLOSED_BY[value[0]] not in value
        shown = "a backtick" if value[0] == "`" else f"`{opening[0]}`"
        return None if is_open else f"the value begins with {shown}"
    return "the value contains `: `" if ": " in value or value.endswith(":") else None


def _without_quotes(value: str) -> str:
    """The text that is meant by a value whose quotes are not in order."""
    quote = value[0]
    if quote not in "\"'" or re.match(rf"{quote}[^{quote}]*[^{quote}\s]{quote}\s", value):
        return value  # the first words alone are quoted
    return value[1:-1] if len(value) > 1 and value[-1] == quote else value[1:]


def _quoted(value: str) -> str:
    if '"' in value or "\\" in value:
        return "'{}'".format(value.replace("'", "''"))
    return f'"{value}"'


def _is_read(text: str, line: int, value: str) -> bool:
    """Whether a text can be read beyond a line, which holds this value."""
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
    except yaml.YAMLError:  # of a character that is not allowed, somewhere
        return False
    return is_there
