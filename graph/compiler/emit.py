"""Emit: a plan becomes Python: one function for each selection, from an object to its answer.

What a client wrote never stands in the source: response keys and everything else that is not ours
are constants, which the functions know by names that are made here.
"""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from graphql import GraphQLLeafType, Undefined

from graph.compiler.access import Attribute, Link, Method, Row, Rows, Stored
from graph.compiler.plan import Field, Leaf, ListOf, Objects, Plan, Selection, Value

NATIVE: Final[Mapping[str, str]] = {
    "String": "type({v}) is str",
    "ID": "type({v}) is str",
    "Boolean": "type({v}) is bool",
    "Int": "type({v}) is int and -2147483648 <= {v} <= 2147483647",
    # Who writes the answer as JSON writes a date in UTC as the scalar does.
    "DateTime": "type({v}) is datetime and {v}.tzinfo is UTC",
}
"""Where a value is one of these it is its own result; all others are serialized by their type."""

_numbers = count(1)


class Surprise(Exception):
    """What was found is not what the schema promises: the reference executor shall tell it."""


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
    writer = _Writer()
    for selection in plan.selections:
        writer.selection(selection)
    late = [each for each in plan.fields if is_late(each)]
    for each in late:
        writer.finish(each)
    source = "\n".join(writer.lines) + "\n"
    _run(source, writer.names)
    finish = {each.number: writer.names[f"finish_{each.number}"] for each in late}
    return Emitted(source, writer.names[f"one_{plan.root.number}"], finish)


def _run(source: str, names: dict[str, Any]) -> None:
    """Define the functions of a source; tracebacks show its lines as long as they live."""
    name = f"<newsgraph operation {next(_numbers)}>"
    exec(compile(source, name, "exec"), names)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    weakref.finalize(names["alive"], linecache.cache.pop, name, None)


def is_late(field: Field) -> bool:
    """Whether a field's value may have to be read when all of its level is known."""
    access = field.access
    if isinstance(access, Link):
        return not _is_bare(access, field)
    return (isinstance(access, Method) and access.is_async) or is_conditional(field)


def is_conditional(field: Field) -> bool:
    """Whether it depends on a field's arguments if its value is read later."""
    return isinstance(field.access, Rows) and field.access.covers is not None


def _is_bare(link: Link, field: Field) -> bool:
    return link.bare is not None and field.paths <= link.bare


class _Alive:
    """Lives as long as the functions that have it among their globals."""


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "alive": _Alive(),
            "as_list": _as_list,
            "datetime": datetime,
            "dig": _dig,
            "UTC": UTC,
        }
        self._leaves: dict[int, str] = {}

    def selection(self, selection: Selection) -> None:
        """The function from an object, or its row, to its answer."""
        number, fields = selection.number, selection.fields
        source = "row" if selection.is_row_backed else "self"
        self.lines += [f"def one_{number}({source}, run):  # {selection.of.name}"]
        if selection.is_row_backed and any(map(_needs_object, fields)):
            self.names[f"class_{number}"] = selection.python_type
            self._add(f"self = class_{number}(row=row)")
        if not selection.is_row_backed and any(map(_needs_row, fields)):
            self._add("row = self.row")
        if any(isinstance(each.access, Stored) for each in fields):
            self._add("get = row.get")
        for each in fields:
            self._read(each)
        entries = ", ".join(f"{self._key(each)}: {self._entry(each)}" for each in fields)
        late = [each for each in fields if is_late(each)]
        if not late:
            self._add(f"return {{{entries}}}")
        else:
            self._add(f"answer = {{{entries}}}")
            for each in late:
                self._postpone(each, selection)
            self._add("return answer")
        self.lines.append("")

    def finish(self, field: Field) -> None:
        """The function from what was read for a field to its answer."""
        self.lines += [f"def finish_{field.number}(v, run):  # {_name(field)}"]
        self._add(f"return {self._value(field.value, 'v', rows=isinstance(field.access, Link))}")
        self.lines.append("")

    def _read(self, field: Field) -> None:
        """The statements that put what a field reads into a variable of its own."""
        n, access = field.number, field.access
        v = f"v{n}"
        if isinstance(access, Stored):
            path = access.path
            self._add(f"{v} = {f'dig(row, {path!r})' if '.' in path else f'get({path!r})'}")
            if access.empty is not None:
                self.names[f"empty_{n}"] = access.empty
                self._add(f"if {v} is None: {v} = empty_{n}")
        elif isinstance(access, Attribute):
            self._add(f"{v} = self.{access.name}")
        elif isinstance(access, Method) and not access.is_async:
            self.names[f"call_{n}"] = access.call
            info = f", info=run.infos[{n}]" if access.wants_info else ""
            self._add(f"{v} = call_{n}(self{info}{_arguments(field)})")
        elif isinstance(access, Rows):
            self.names[f"rows_{n}"] = access.read
            read = f"rows_{n}(row{_arguments(field)})"
            otherwise = f" if run.covers[{n}] else None" if access.covers else ""
            self._add(f"{v} = {read}{otherwise}")
        elif isinstance(access, Link):
            self.names[f"references_{n}"] = access.references
            self._add(f"{v} = references_{n}(row)")

    def _entry(self, field: Field) -> str:
        """The expression for what stands in the answer."""
        v, access = f"v{field.number}", field.access
        if field.is_typename:
            return repr(field.parent.name)
        if is_conditional(field):
            return (
                f"{self._value(field.value, v, rows=True)} if run.covers[{field.number}] else None"
            )
        if is_late(field):
            return "None"
        if isinstance(access, Link):
            return self._known(field, access, v)
        return self._value(field.value, v, rows=isinstance(access, Rows))

    def _known(self, field: Field, link: Link, v: str) -> str:
        """A link of whose objects nothing is wanted but what the reference says."""
        known = f"known_{field.number}"
        self.names[known] = link.known
        if isinstance(field.value, ListOf):
            inner = self._value(field.value.inner, f"{known}(x)", rows=True)
            return f"[{inner} for x in {v}]"
        made = f"{known}({v})"
        if link.own is not None and field.paths <= link.own:
            # A reference that lacks what it should have is for `known` to refuse.
            whole = "".join(f" and {path!r} in {v}" for path in sorted(link.own))
            made = f"({v} if type({v}) is dict{whole} else {made})"
        return self._value(field.value, made, rows=True)

    def _postpone(self, field: Field, selection: Selection) -> None:
        n = field.number
        if isinstance(field.access, Link):
            self._add(f"run.later[{n}].append((answer, v{n}))")
        elif is_conditional(field):
            made = f"class_{selection.number}(row=row)" if selection.is_row_backed else "self"
            self.names[f"class_{selection.number}"] = selection.python_type
            self._add(f"if not run.covers[{n}]: run.later[{n}].append((answer, {made}))")
        else:
            self._add(f"run.later[{n}].append((answer, self))")

    def _value(self, value: Value, v: str, *, rows: bool, depth: int = 0) -> str:
        """The expression that completes a value, as the specification calls it.

        `rows` says that objects come as their rows.
        """
        if isinstance(value, Leaf):
            return self._leaf(value, v)
        if isinstance(value, ListOf):
            x = f"x{depth}"
            inner = self._value(value.inner, x, rows=rows, depth=depth + 1)
            made = f"[{inner} for {x} in ({v} if type({v}) is list else as_list({v}))]"
        elif value.is_abstract:
            numbers = {cls: each.number for cls, each in value.selections.items()}
            name = f"any_{min(numbers.values())}"
            self.names[name] = _dispatcher(value, self.names)
            made = f"{name}({v}, run)"
        else:
            selection = value.selection
            inside = f"{v}.row" if selection.is_row_backed and not rows else v
            made = f"one_{selection.number}({inside}, run)"
        return f"None if {v} is None else {made}" if value.nullable else made

    def _leaf(self, leaf: Leaf, v: str) -> str:
        name = self._leaves.setdefault(id(leaf.type), f"leaf_{len(self._leaves)}")
        self.names[name] = _serializer(leaf.type)
        tests = [f"{v} is None"] if leaf.nullable else []
        if leaf.type.name in NATIVE:
            tests.append(NATIVE[leaf.type.name].format(v=v))
        return f"{v} if {' or '.join(tests)} else {name}({v})" if tests else f"{name}({v})"

    def _key(self, field: Field) -> str:
        """The name of a response key: the client chose it, so it does not stand in the source."""
        name = f"k{field.number}"
        self.names[name] = field.key
        return name

    def _add(self, line: str) -> None:
        self.lines.append(f"    {line}")


def _needs_object(field: Field) -> bool:
    return isinstance(field.access, Method | Attribute)


def _needs_row(field: Field) -> bool:
    return isinstance(field.access, Stored | Rows | Link)


def _arguments(field: Field) -> str:
    return f", **run.arguments[{field.number}]" if field.has_arguments else ""


def _name(field: Field) -> str:
    return f"{field.parent.name}.{field.nodes[0].name.value}"


def _as_list(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    raise Surprise(f"a {type(value).__name__} where a list belongs")


def _dig(row: Row, path: str) -> Any:
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _serializer(leaf: GraphQLLeafType) -> Callable[[Any], Any]:
    coerce = leaf.coerce_output_value

    def serialize(value: Any) -> Any:
        result = None if value is None else coerce(value)
        if result is None or result is Undefined:
            raise Surprise(f"nothing where a {leaf.name} belongs")
        return result

    return serialize


def _dispatcher(objects: Objects, names: Mapping[str, Any]) -> Callable[[Any, Any], Any]:
    selections = objects.selections

    def one(value: Any, run: Any) -> Any:
        selection = selections[type(value)]
        source = value.row if selection.is_row_backed else value
        return names[f"one_{selection.number}"](source, run)

    return one
