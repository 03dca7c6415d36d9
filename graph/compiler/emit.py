"""Emit: a plan becomes Python: one function for each selection, from an object to its answer.

What a client wrote never stands in the source: response keys and everything else that is not ours
are constants, which the functions know by names that are made here.
"""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from graph.compiler.access import Attribute, Link, Method, Stored, Within
from graph.compiler.expressions import Expressions
from graph.compiler.plan import Field, Plan, Selection

_numbers = count(1)


@dataclass(frozen=True)
class Emitted:
    """Generated Python: its text and its functions.

    `root(None, run)` makes the answer but for what is read later: for field n it appends pairs to
    `run.later[n]`, of the object of the answer and of what its value is read by. `finish[n](value,
    run)` makes what stands in the answer of a value that was read.
    """

    source: str
    root: Callable[[Any, Any], dict[str, Any]]
    finish: Mapping[int, Callable[[Any, Any], Any]]


def emit(plan: Plan) -> Emitted:
    """The Python of a plan."""
    expressions = Expressions()
    expressions.used.add(plan.root.number)
    functions, late = [], []
    for selection in reversed(plan.selections):  # the root first: it uses those below
        is_used = selection.number in expressions.used
        is_listed = selection.number in expressions.listed
        if is_used:
            functions.append(_one(selection, expressions))
        if is_listed:
            functions.append(_all(selection, expressions))
        if is_used or is_listed:
            own = [each for each in selection.fields if is_late(each)]
            functions += [_finish(each, expressions) for each in own]
            late += own
    source = "\n".join(functions)
    names = expressions.names
    _define(source, names)
    finish = {each.number: names[f"finish_{each.number}"] for each in late}
    return Emitted(source, names[f"one_{plan.root.number}"], finish)


def is_late(field: Field) -> bool:
    """Whether a field's value may have to be read when all of its level is known."""
    access = field.access
    if isinstance(access, Link):
        return access.bare is None or not field.paths <= access.bare
    return is_conditional(field) or (isinstance(access, Method) and access.is_async)


def is_conditional(field: Field) -> bool:
    """Whether it depends on a field's arguments if its value is read later."""
    return isinstance(field.access, Within) and field.access.covers is not None


class _Alive:
    """Lives as long as the functions that have it among their globals."""


def _define(source: str, names: dict[str, Any]) -> None:
    """Define the functions of a source; tracebacks show its lines as long as they live."""
    name = f"<newsgraph operation {next(_numbers)}>"
    names["alive"] = _Alive()
    exec(compile(source, name, "exec"), names)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    weakref.finalize(names["alive"], linecache.cache.pop, name, None)


def _one(selection: Selection, expressions: Expressions) -> str:
    """The function from an object, or its row, to its answer."""
    head = f"def one_{selection.number}({_source(selection)}, run):  # {selection.of.name}"
    lines, made = _body(selection, expressions)
    return "\n    ".join([head, *lines, f"return {made}"]) + "\n"


def _all(selection: Selection, expressions: Expressions) -> str:
    """The function from a list of objects, or of their rows, to their answers."""
    head = f"def all_{selection.number}(entries, run):  # [{selection.of.name}]"
    lines, made = _body(selection, expressions)
    loop = "\n        ".join(
        [f"for {_source(selection)} in entries:", *lines, f"made.append({made})"]
    )
    return "\n    ".join([head, "made = []", loop, "return made"]) + "\n"


def _source(selection: Selection) -> str:
    return "row" if selection.is_row_backed else "self"


def _body(selection: Selection, expressions: Expressions) -> tuple[list[str], str]:
    """The statements that lead to the answer of an object, and the expression that it is."""
    fields, source = selection.fields, _source(selection)
    lines = []
    if selection.is_row_backed and any(map(_needs_object, fields)):
        name = f"class_{selection.number}"
        expressions.names[name] = selection.python_type
        lines.append(f"self = {name}(row=row)")
    if any(map(_is_stored, fields)):
        if not selection.is_row_backed:
            lines.append("row = self.row")
        lines.append("get = row.get")
    late = [each for each in fields if is_late(each)]
    later = {each.number for each in late if not is_conditional(each)}
    answer = expressions.answer(selection, source, later)
    if not late:
        return lines, answer
    lines.append(f"answer = {answer}")
    lines += [_postpone(each, selection, source, expressions) for each in late]
    return lines, "answer"


def _finish(field: Field, expressions: Expressions) -> str:
    """The function from what was read for a field to its answer."""
    rows = isinstance(field.access, Link)
    name = f"{field.parent.name}.{field.nodes[0].name.value}"
    made = expressions.value(field, field.value, "v", rows=rows)
    return f"def finish_{field.number}(v, run):  # {name}\n    return {made}\n"


def _postpone(field: Field, selection: Selection, source: str, expressions: Expressions) -> str:
    """The statement that notes what a field's value is read by."""
    n = field.number
    if isinstance(field.access, Link):
        references = expressions.references(field, field.access, source, "get")
        return f"run.later[{n}].append((answer, {references}))"
    if not is_conditional(field):
        return f"run.later[{n}].append((answer, self))"
    made = "self"
    if selection.is_row_backed:
        expressions.names[f"class_{selection.number}"] = selection.python_type
        made = f"class_{selection.number}(row=row)"
    return f"if not run.covers[{n}]: run.later[{n}].append((answer, {made}))"


def _needs_object(field: Field) -> bool:
    return isinstance(field.access, Method | Attribute)


def _is_stored(field: Field) -> bool:
    access = field.access
    is_plain = isinstance(access, Within) and access.plain is not None
    is_path = isinstance(access, Link) and access.path is not None
    return isinstance(access, Stored) or is_plain or is_path
