"""Write the functions that build a response.

Selection sets are inlined where they are used, and lists become loops: calling a function for each
object would cost as much as the work it does. Only abstract types, and selection sets that are
nested too deeply for Python, get functions of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from graph.compiler.codegen.field_reads import empty_value, needs_instance, needs_row, source_of
from graph.compiler.codegen.function_body import FunctionBody
from graph.compiler.codegen.values import (
    CONSTANTS,
    dispatcher,
    native,
    operand,
    serializer,
    unless_none,
)
from graph.compiler.fields import Attribute, Lookup, Method, Stored
from graph.compiler.plan import Field, Leaf, Objects, Selection, Value

_DEEPEST: Final = 12
"""The maximum depth of nested blocks. CPython allows 20."""


class _ObjectExpressions(NamedTuple):
    """The expressions for an object: its source, its row and its instance.

    `is_value` says that the source is not the row but its only selected value.
    """

    source: str
    row: str
    instance: str
    is_value: bool = False


class FunctionWriter:
    """Writes the functions of a plan.

    `names` are the globals of the functions. `complete` has the names of the functions that fill in
    deferred fields, by field number.
    """

    def __init__(self) -> None:
        self.names: dict[str, Any] = dict(CONSTANTS)
        self.complete: dict[int, str] = {}
        self._function_names: set[str] = set()
        self._pending: list[Callable[[], str]] = []

    def functions(self) -> Iterator[str]:
        """Return the sources of all requested functions, and of those that they call."""
        while self._pending:
            yield self._pending.pop(0)()

    def object_function(self, selection: Selection) -> str:
        """Return the name of the function that builds the response object of a selection set."""
        name = selection.name
        if name not in self._function_names:
            self._function_names.add(name)
            self._pending.append(partial(self._write_object_function, name, selection))
        return name

    def _write_object_function(self, name: str, selection: Selection) -> str:
        body = FunctionBody()
        body.add(f"return {self._answer(selection, 'source', body)}")
        return body.function(f"def {name}(source, run):  # {selection.of.name}")

    def _require_complete(self, field: Field) -> None:
        """Request the function that fills in a deferred field."""
        name = field.name
        if field.number not in self.complete:
            self.complete[field.number] = name
            self._pending.append(partial(self._complete_function, name, field))

    def _complete_function(self, name: str, field: Field) -> str:
        body = FunctionBody()
        with body.block("for (answer, _), v in zip(pairs, values):"):
            expression = self._value(field, field.value, "v", body)
            body.add(f"answer[{self._key(field)}] = {expression}")
        of = f"{field.parent.name}.{field.nodes[0].name.value}"
        return body.function(f"def {name}(pairs, values, run):  # {of}")

    def _answer(
        self, selection: Selection, source: str, body: FunctionBody, *, is_value: bool = False
    ) -> str:
        """Add the statements that build a response object, and return an expression for it.

        `source` is an expression for the instance, or for its row if the type is row-backed. With
        `is_value` it is the only selected value of the row.
        """
        obj = self._expressions(selection, source, body)._replace(is_value=is_value)
        deferred = [field for field in selection.fields if field.is_deferred is not False]
        entries = []
        for field in selection.fields:
            expression = "None" if field in deferred else self._field(field, obj, body)
            entries.append(f"{self._key(field)}: {expression}")
        answer = body.displayed(entries)
        if not deferred:
            return answer
        name = f"answer_{selection.number}"
        body.add(f"{name} = {answer}")
        for each in deferred:
            self._postpone(each, name, obj, body)
        return name

    def _expressions(
        self, selection: Selection, source: str, body: FunctionBody
    ) -> _ObjectExpressions:
        """Return the expressions for an object. Add statements that assign missing ones."""
        n, fields = selection.number, selection.fields
        if selection.is_row_backed:
            if not any(map(needs_instance, fields)):
                return _ObjectExpressions(source, source, "")
            body.add(f"self_{n} = {self._class(selection)}(row={source})")
            return _ObjectExpressions(source, source, f"self_{n}")
        if not any(map(needs_row, fields)):
            return _ObjectExpressions(source, "", source)
        body.add(f"row_{n} = {source}.row")
        return _ObjectExpressions(source, f"row_{n}", source)

    def _postpone(
        self, field: Field, answer: str, obj: _ObjectExpressions, body: FunctionBody
    ) -> None:
        """Add a deferred field to its batch, with the reference or object to read it from."""
        self._require_complete(field)
        if isinstance(field.access, Lookup):
            read_from = self._references(field, field.access, obj)
        else:
            read_from = obj.instance if needs_instance(field) else obj.source
        body.add(f"run.deferred[{field.number}].append(({answer}, {read_from}))")

    def _field(self, field: Field, obj: _ObjectExpressions, body: FunctionBody) -> str:
        """Return an expression for a field that is not deferred."""
        access, value = field.access, field.value
        if field.is_typename:
            return repr(field.parent.name)
        if isinstance(access, Lookup):
            read = self._references(field, access, obj)
            return self._value(field, value, read, body, empty=empty_value(value))
        if isinstance(access, Attribute):
            return self._value(field, value, f"{obj.instance}.{access.name}", body)
        if isinstance(access, Method):
            if access.path is None or field.nodes[0].arguments:
                return self._value(field, value, self._call(field, access, obj), body)
            access = Stored(access.path, empty_value(value))
        assert isinstance(access, Stored)
        read = f"{obj.row}.get({access.path!r})"
        if obj.is_value:
            read = obj.source
        elif isinstance(value, Leaf) and not value.nullable and access.empty is None:
            # A required value has no default: if it is missing, KeyError triggers the fallback.
            read = f"{obj.row}[{access.path!r}]"
        return self._value(field, value, read, body, empty=access.empty)

    def _call(self, field: Field, method: Method, obj: _ObjectExpressions) -> str:
        """Return a call of a field's method. Arguments that are the same in every run are bound to
        it.
        """
        n = field.number
        source = obj.source if method.on_row else obj.instance
        if method.wants_info or field.make_arguments:
            return f"run.calls[{n}]({source})"
        call = partial(method.call, **field.arguments) if field.arguments else method.call
        self.names[f"call_{n}"] = call
        return f"call_{n}({source})"

    def _references(self, field: Field, lookup: Lookup, obj: _ObjectExpressions) -> str:
        """Return an expression for the references of a lookup; None if there are none."""
        if isinstance(lookup.references, Method):
            return f"{self._call(field, lookup.references, obj)} or None"
        return f"{obj.row}.get({lookup.references!r}) or None"

    def _value(
        self,
        field: Field,
        value: Value,
        read: str,
        body: FunctionBody,
        *,
        empty: Any = None,
        depth: int = 0,
    ) -> str:
        """Add the statements that complete a value, and return an expression for it.

        `empty` replaces a missing value.
        """
        if isinstance(value, Leaf):
            return self._leaf(field, value, read, empty, depth)
        if isinstance(value, Objects):
            return self._object(field, value, read, body, depth)
        v = _variable(field, read, depth)
        expression = f"list{field.number}_{depth}"
        list_arguments = v
        if empty is not None and not value.nullable:
            self.names[f"empty_{field.number}"] = empty
            list_arguments = f"{v}, empty_{field.number}"
        entry = partial(self._value, field, value.inner, depth=depth + 1)
        if value.nullable:
            body.add(f"{expression} = None")
            with body.block(f"if {operand(v, read)} is not None:"):
                _loop(expression, v, list_arguments, f"x{field.number}_{depth}", entry, body)
        else:
            if v != read:
                body.add(f"{v} = {read}")
            _loop(expression, v, list_arguments, f"x{field.number}_{depth}", entry, body)
        return expression

    def _leaf(self, field: Field, leaf: Leaf, read: str, empty: Any, depth: int) -> str:
        v = _variable(field, read, depth)
        name = f"leaf_{field.number}"
        self.names[name] = serializer(leaf.type, empty)
        return native(leaf, v, read, name)

    def _object(
        self, field: Field, value: Objects, read: str, body: FunctionBody, depth: int
    ) -> str:
        v = _variable(field, read, depth)
        none = "None" if value.nullable else "missing()"
        if value.is_abstract:
            name = f"any_{field.number}"
            self.names[name] = dispatcher(value, self.names)
            for selected in value.selections.values():
                self.object_function(selected)
            return unless_none(v, read, f"{name}({v}, run)", none)
        selection = value.selection
        source, is_value = source_of(field, selection, v)
        if body.depth >= _DEEPEST and not is_value:
            return unless_none(v, read, f"{self.object_function(selection)}({source}, run)", none)
        inner = FunctionBody(body.depth + value.nullable)
        if source != v:
            inner.add(f"row{field.number}_{depth} = {source}")
            source = f"row{field.number}_{depth}"
        expression = self._answer(selection, source, inner, is_value=is_value)
        if not inner.lines:
            return unless_none(v, read, expression, none)
        if not value.nullable:
            body.add(f"if {operand(v, read)} is None: {none}")
            body.lines += inner.lines
            return expression
        name = f"object{field.number}_{depth}"
        body.add(f"{name} = None")
        body.add(f"if {operand(v, read)} is not None:")
        inner.add(f"{name} = {expression}")
        body.lines += inner.lines
        return name

    def _key(self, field: Field) -> str:
        """Return the source of a response key. A key that the client chose is bound to a name: it
        must not become source.
        """
        if field.key == field.nodes[0].name.value:
            return repr(field.key)
        name = f"k{field.number}"
        self.names[name] = field.key
        return name

    def _class(self, selection: Selection) -> str:
        name = f"class_{selection.number}"
        self.names[name] = selection.python_type
        return name


def _loop(
    expression: str,
    v: str,
    list_arguments: str,
    x: str,
    entry: Callable[[str, FunctionBody], str],
    body: FunctionBody,
) -> None:
    """Add the loop that completes the entries of a list."""
    body.add(f"{expression} = []")
    with body.block(f"for {x} in {v} if type({v}) is list else listed({list_arguments}):"):
        body.add(f"{expression}.append({entry(x, body)})")


def _variable(field: Field, read: str, depth: int) -> str:
    """Return the name of the variable that holds the value of the expression `read`."""
    return read if read.isidentifier() else f"v{field.number}_{depth}"
