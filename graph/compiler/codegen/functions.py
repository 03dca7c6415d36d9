"""The writer: the statements that make an answer, selection by selection.

All that is at hand in an object is written out where it is used, lists as loops: a call for each
object would cost as much as what it does. Only what may be one of several types, and what is nested
too deeply for Python, has a function of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple

from graph.compiler.codegen.values import (
    CONSTANTS,
    dispatcher,
    native,
    serializer,
    tested,
    unless_none,
)
from graph.compiler.fields import Attribute, Lookup, Method, Stored
from graph.compiler.plan import Field, Leaf, ListOf, Objects, Selection, Value

_DEEPEST: Final = 12
"""How deep statements may stand in one another: Python takes 20 loops."""

_LINE: Final = 80
"""Characters of an object's answer that stand in one line."""


class Body:
    """The statements of a function, one by one. `depth` is how deep the next one stands."""

    def __init__(self, depth: int = 1) -> None:
        self.depth = depth
        self.lines: list[str] = []

    def add(self, statement: str) -> None:
        self.lines.append(f"{'    ' * self.depth}{statement}")

    def displayed(self, entries: Sequence[str]) -> str:
        """A dictionary of these entries, an entry a line where one line would be too long."""
        line = f"{{{', '.join(entries)}}}"
        if len(line) <= _LINE or len(entries) == 1:
            return line
        inner, outer = "    " * (self.depth + 1), "    " * self.depth
        return "".join(["{\n", *(f"{inner}{each},\n" for each in entries), outer, "}"])

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add what is added meanwhile below a statement that has others in it."""
        self.add(head)
        self.depth += 1
        yield
        self.depth -= 1


class _Place(NamedTuple):
    """The names of an object in a function: as it was given, of its row, and of itself.

    `is_value` says that what was given is not the row but the one value of it that is selected.
    """

    source: str
    row: str
    itself: str
    is_value: bool = False


class FunctionWriter:
    """Writes the functions of a plan; `names` are what they know beside Python's own.

    `finish` has the functions that put in what is read late, by the numbers of its fields.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = dict(CONSTANTS)
        self.complete: dict[int, str] = {}
        self._known: set[str] = set()
        self._waiting: list[Callable[[], str]] = []

    def functions(self) -> Iterator[str]:
        """The sources of all functions that were asked for, and of those that they ask for."""
        while self._waiting:
            yield self._waiting.pop(0)()

    def one(self, selection: Selection) -> str:
        """The name of the function from an object, or from its row, to its answer."""
        name = selection.name
        if name not in self._known:
            self._known.add(name)
            self._waiting.append(partial(self._one, name, selection))
        return name

    def _one(self, name: str, selection: Selection) -> str:
        body = Body()
        body.add(f"return {self._answer(selection, 'source', body)}")
        return _function(f"def {name}(source, run):  # {selection.of.name}", body)

    def _require_finish(self, field: Field) -> None:
        """Ask for the function that puts in what is read late for a field."""
        name = field.name
        if field.number not in self.complete:
            self.complete[field.number] = name
            self._waiting.append(partial(self._finish, name, field))

    def _finish(self, name: str, field: Field) -> str:
        body = Body()
        with body.block("for (answer, _), v in zip(pairs, values):"):
            made = self._value(field, field.value, "v", body)
            body.add(f"answer[{self._key(field)}] = {made}")
        of = f"{field.parent.name}.{field.nodes[0].name.value}"
        return _function(f"def {name}(pairs, values, run):  # {of}", body)

    def _answer(
        self, selection: Selection, source: str, body: Body, *, is_value: bool = False
    ) -> str:
        """The answer to a selection: an expression, behind the statements that lead to it.

        `source` names the object, or its row where it is backed by one, or, with `is_value`, the
        value that is all that is selected of it.
        """
        place = self._place(selection, source, body)._replace(is_value=is_value)
        deferred = [each for each in selection.fields if each.is_deferred is not False]
        entries = []
        for each in selection.fields:
            made = "None" if each.is_deferred is not False else self._field(each, place, body)
            entries.append(f"{self._key(each)}: {made}")
        answer = body.displayed(entries)
        if not deferred:
            return answer
        name = f"answer_{selection.number}"
        body.add(f"{name} = {answer}")
        for each in deferred:
            self._postpone(each, name, place, body)
        return name

    def _place(self, selection: Selection, source: str, body: Body) -> _Place:
        """What of an object its selection needs, made where it is not at hand."""
        n, fields = selection.number, selection.fields
        if selection.is_row_backed:
            if not any(map(_needs_object, fields)):
                return _Place(source, source, "")
            body.add(f"self_{n} = {self._class(selection)}(row={source})")
            return _Place(source, source, f"self_{n}")
        if not any(map(_is_stored, fields)):
            return _Place(source, "", source)
        body.add(f"row_{n} = {source}.row")
        return _Place(source, f"row_{n}", source)

    def _postpone(self, field: Field, answer: str, place: _Place, body: Body) -> None:
        """Note what a field's value is read by, for when all of its level is known."""
        self._require_finish(field)
        if isinstance(field.access, Lookup):
            by = self._references(field, field.access, place)
        else:
            by = place.itself if _needs_object(field) else place.source
        body.add(f"run.deferred[{field.number}].append(({answer}, {by}))")

    def _field(self, field: Field, place: _Place, body: Body) -> str:
        """What stands in the answer for a field whose value is at hand."""
        access, value = field.access, field.value
        if field.is_typename:
            return repr(field.parent.name)
        if isinstance(access, Lookup):
            read = self._references(field, access, place)
            return self._value(field, value, read, body, empty=_empty(value))
        if isinstance(access, Attribute):
            return self._value(field, value, f"{place.itself}.{access.name}", body)
        if isinstance(access, Method):
            if access.path is None or field.nodes[0].arguments:
                return self._value(field, value, self._call(field, access, place), body)
            access = Stored(access.path, _empty(value))
        assert isinstance(access, Stored)
        read = f"{place.row}.get({access.path!r})"
        if place.is_value:
            read = place.source
        elif isinstance(value, Leaf) and not value.nullable and access.empty is None:
            # What must be there is not asked for: a KeyError surprises as nothing would.
            read = f"{place.row}[{access.path!r}]"
        return self._value(field, value, read, body, empty=access.empty)

    def _call(self, field: Field, method: Method, place: _Place) -> str:
        """A call of a field's method; what is the same in all runs is bound to it here."""
        n = field.number
        source = place.source if method.on_row else place.itself
        if method.wants_info or field.make_arguments:
            return f"run.calls[{n}]({source})"
        call = partial(method.call, **field.arguments) if field.arguments else method.call
        self.names[f"call_{n}"] = call
        return f"call_{n}({source})"

    def _references(self, field: Field, lookup: Lookup, place: _Place) -> str:
        """What a lookup refers to; None where that is empty."""
        if isinstance(lookup.references, Method):
            return f"{self._call(field, lookup.references, place)} or None"
        return f"{place.row}.get({lookup.references!r}) or None"

    def _value(
        self,
        field: Field,
        value: Value,
        read: str,
        body: Body,
        *,
        empty: Any = None,
        depth: int = 0,
    ) -> str:
        """A value, completed: an expression, behind the statements that lead to it.

        `empty` is what stands for none.
        """
        if isinstance(value, Leaf):
            return self._leaf(field, value, read, empty, depth)
        if isinstance(value, Objects):
            return self._object(field, value, read, body, depth)
        v = _variable(field, read, depth)
        made = f"list{field.number}_{depth}"
        given = v
        if empty is not None and not value.nullable:
            self.names[f"empty_{field.number}"] = empty
            given = f"{v}, empty_{field.number}"
        entry = partial(self._value, field, value.inner, depth=depth + 1)
        if value.nullable:
            body.add(f"{made} = None")
            with body.block(f"if {tested(v, read)} is not None:"):
                _loop(made, v, given, f"x{field.number}_{depth}", entry, body)
        else:
            if v != read:
                body.add(f"{v} = {read}")
            _loop(made, v, given, f"x{field.number}_{depth}", entry, body)
        return made

    def _leaf(self, field: Field, leaf: Leaf, read: str, empty: Any, depth: int) -> str:
        v = _variable(field, read, depth)
        name = f"leaf_{field.number}"
        self.names[name] = serializer(leaf.type, empty)
        return native(leaf, v, read, name)

    def _object(self, field: Field, value: Objects, read: str, body: Body, depth: int) -> str:
        v = _variable(field, read, depth)
        none = "None" if value.nullable else "missing()"
        if value.is_abstract:
            name = f"any_{field.number}"
            self.names[name] = dispatcher(value, self.names)
            for each in value.selections.values():
                self.one(each)
            return unless_none(v, read, f"{name}({v}, run)", none)
        selection = value.selection
        source, is_value = _source(field, selection, v)
        if body.depth >= _DEEPEST and not is_value:
            return unless_none(v, read, f"{self.one(selection)}({source}, run)", none)
        inner = Body(body.depth + value.nullable)
        if source != v:
            inner.add(f"row{field.number}_{depth} = {source}")
            source = f"row{field.number}_{depth}"
        made = self._answer(selection, source, inner, is_value=is_value)
        if not inner.lines:
            return unless_none(v, read, made, none)
        if not value.nullable:
            body.add(f"if {tested(v, read)} is None: {none}")
            body.lines += inner.lines
            return made
        name = f"object{field.number}_{depth}"
        body.add(f"{name} = None")
        body.add(f"if {tested(v, read)} is not None:")
        inner.add(f"{name} = {made}")
        body.lines += inner.lines
        return name

    def _key(self, field: Field) -> str:
        """A response key; under a name where the client chose it: it is not part of the source."""
        if field.key == field.nodes[0].name.value:
            return repr(field.key)
        name = f"k{field.number}"
        self.names[name] = field.key
        return name

    def _class(self, selection: Selection) -> str:
        name = f"class_{selection.number}"
        self.names[name] = selection.python_type
        return name


def _function(head: str, body: Body) -> str:
    return "\n".join([head, *body.lines, ""])


def _loop(
    made: str, v: str, given: str, x: str, entry: Callable[[str, Body], str], body: Body
) -> None:
    """The statements that complete a list, entry by entry."""
    body.add(f"{made} = []")
    with body.block(f"for {x} in {v} if type({v}) is list else listed({given}):"):
        body.add(f"{made}.append({entry(x, body)})")


def _variable(field: Field, read: str, depth: int) -> str:
    """The name under which what is read is looked at."""
    return read if read.isidentifier() else f"v{field.number}_{depth}"


def _source(field: Field, selection: Selection, v: str) -> tuple[str, bool]:
    """The expression for the object in `v`, or for its row, and whether it is a value of the row.

    That is so where it is a reference of which nothing is selected but what it is itself.
    """
    if isinstance(field.access, Lookup) and field.is_deferred is False:
        stub = field.access.reference.stub
        if stub is None or stub.key_path is None:
            return v, False
        path = stub.key_path
        if _is_all_at(selection, path):
            return v, True
        return f"{{{path!r}: {v}}}", False
    return (v if field.has_rows or not selection.is_row_backed else f"{v}.row"), False


def _needs_object(field: Field) -> bool:
    """Whether a field is read of the object itself."""
    access = field.access
    return isinstance(access, Attribute) or (isinstance(access, Method) and not access.on_row)


def _is_stored(field: Field) -> bool:
    """Whether a field is read at a path of the row."""
    access = field.access
    if isinstance(access, Lookup):
        return isinstance(access.references, str)
    return isinstance(access, Stored) or (isinstance(access, Method) and access.path is not None)


def _empty(value: Value) -> Any:
    """What stands for none where a list or an object is read."""
    return () if isinstance(value, ListOf) else None


def _is_all_at(selection: Selection, path: str) -> bool:
    """Whether nothing is selected but what stands at a path of the row."""
    return all(
        each.is_typename or (isinstance(each.access, Stored) and each.access.path == path)
        for each in selection.fields
    )
