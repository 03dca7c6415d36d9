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
    arguments,
    dispatcher,
    native,
    serializer,
    tested,
    unless_none,
)
from graph.compiler.fields import Attribute, Embedded, Method, Reference, Stored
from graph.compiler.plan import Field, Leaf, ListOf, Objects, Selection, Value, selection_of

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
    """The names of an object in a function: as it was given, of its row, and of itself."""

    source: str
    row: str
    itself: str


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
            rows = isinstance(field.access, Reference)
            made = self._value(field, field.value, "v", body, rows=rows)
            body.add(f"answer[{self._key(field)}] = {made}")
        of = f"{field.parent.name}.{field.nodes[0].name.value}"
        return _function(f"def {name}(pairs, values, run):  # {of}", body)

    def _answer(
        self, selection: Selection, source: str, body: Body, whole: str | None = None
    ) -> str:
        """The answer to a selection: an expression, behind the statements that lead to it.

        `source` names the object, or its row where it is backed by one; where that is nothing but
        what would stand at the path `whole` of a row, it is that.
        """
        place = self._place(selection, source, body)
        late = [each for each in selection.fields if _is_late(each)]
        deferred = {each.number for each in late if not _is_conditional(each)}
        entries = []
        for each in selection.fields:
            made = "None" if each.number in deferred else self._field(each, place, body, whole)
            entries.append(f"{self._key(each)}: {made}")
        answer = body.displayed(entries)
        if not late:
            return answer
        name = f"answer_{selection.number}"
        body.add(f"{name} = {answer}")
        for each in late:
            self._postpone(each, name, selection, place, body)
        return name

    def _place(self, selection: Selection, source: str, body: Body) -> _Place:
        """What of an object its selection needs, made where it is not at hand."""
        n, fields = selection.number, selection.fields
        if selection.is_row_backed:
            if not any(isinstance(each.access, Method | Attribute) for each in fields):
                return _Place(source, source, "")
            body.add(f"self_{n} = {self._class(selection)}(row={source})")
            return _Place(source, source, f"self_{n}")
        if not any(map(_is_stored, fields)):
            return _Place(source, "", source)
        body.add(f"row_{n} = {source}.row")
        return _Place(source, f"row_{n}", source)

    def _postpone(
        self, field: Field, answer: str, selection: Selection, place: _Place, body: Body
    ) -> None:
        """Note what a field's value is read by, for when all of its level is known."""
        n = field.number
        self._require_finish(field)
        if isinstance(field.access, Reference):
            by = f"{self._references(field, field.access, place)} or None"
        elif _is_conditional(field) and selection.is_row_backed:
            by = f"{self._class(selection)}(row={place.row})"
        else:
            by = place.itself
        condition = f"if not run.can_inline[{n}]: " if _is_conditional(field) else ""
        body.add(f"{condition}run.deferred[{n}].append(({answer}, {by}))")

    def _field(self, field: Field, place: _Place, body: Body, whole: str | None) -> str:
        """What stands in the answer for a field whose value is at hand."""
        n, access, value = field.number, field.access, field.value
        if field.is_typename:
            return repr(field.parent.name)
        if isinstance(access, Reference):
            return self._link(field, access, place, body)
        if isinstance(access, Embedded):
            return self._within(field, access, place, body)
        if isinstance(access, Stored):
            read = f"{place.row}.get({access.path!r})"
            if whole is not None:
                read = place.source
            elif isinstance(value, Leaf) and not value.nullable and access.empty is None:
                # What must be there is not asked for: a KeyError surprises as nothing would.
                read = f"{place.row}[{access.path!r}]"
            return self._value(field, value, read, body, empty=access.empty)
        if isinstance(access, Attribute):
            return self._value(field, value, f"{place.itself}.{access.name}", body)
        assert isinstance(access, Method)
        self.names[f"call_{n}"] = access.call
        info = f", info=run.info({n})" if access.wants_info else ""
        read = f"call_{n}({place.itself}{info}{arguments(field)})"
        return self._value(field, value, read, body)

    def _within(self, field: Field, access: Embedded, place: _Place, body: Body) -> str:
        """What stands within the object, where `read` covers it; else it is read late.

        Where that is for the arguments to say, all below is written twice, here and in `finish`;
        no such field of the schema stands directly below another.
        """
        n, value = field.number, field.value
        if access.plain is not None and not field.nodes[0].arguments:
            empty = () if isinstance(value, ListOf) else None
            read = f"{place.row}.get({access.plain!r})"
            return self._value(field, value, read, body, rows=True, empty=empty)
        self.names[f"read_{n}"] = access.read
        read = f"read_{n}({place.source}{arguments(field)})"
        if access.can_inline is None:
            return self._value(field, value, read, body, rows=True)
        body.add(f"within_{n} = None")
        with body.block(f"if run.can_inline[{n}]:"):
            body.add(f"within_{n} = {self._value(field, value, read, body, rows=True)}")
        return f"within_{n}"

    def _link(self, field: Field, link: Reference, place: _Place, body: Body) -> str:
        """A link of whose objects nothing is wanted but what the reference says."""
        value = field.value
        read = self._references(field, link, place)
        empty = () if isinstance(value, ListOf) else None
        stub = link.stub_for(field.paths)
        assert stub is not None  # else it is read with the references of its level
        if field.paths and field.paths <= stub.inline_fields:
            return self._value(field, value, read, body, rows=True, empty=empty)
        whole = stub.key_path
        if whole is not None and _is_all_at(selection_of(value), whole):
            return self._value(field, value, read, body, rows=True, empty=empty, whole=whole)
        default_row = f"known_{field.number}"
        self.names[default_row] = stub.make_row
        return self._value(
            field, value, read, body, rows=True, empty=empty, default_row=default_row
        )

    def _references(self, field: Field, link: Reference, place: _Place) -> str:
        """What a link refers to."""
        if link.path is not None:
            return f"{place.row}.get({link.path!r})"
        self.names[f"references_{field.number}"] = link.references
        return f"references_{field.number}({place.source}{arguments(field)})"

    def _value(
        self,
        field: Field,
        value: Value,
        read: str,
        body: Body,
        *,
        rows: bool = False,
        empty: Any = None,
        whole: str | None = None,
        default_row: str | None = None,
        depth: int = 0,
    ) -> str:
        """A value, completed: an expression, behind the statements that lead to it.

        `rows` says that objects come as their rows, `empty` is what stands for none, `whole` that
        an object is what would stand at this path of its row, `known` what makes a row of it.
        """
        if isinstance(value, Leaf):
            return self._leaf(field, value, read, empty, depth)
        if isinstance(value, Objects):
            read = f"{default_row}({read})" if default_row else read
            return self._object(field, value, read, body, rows=rows, whole=whole, depth=depth)
        v = _variable(field, read, depth)
        made = f"list{field.number}_{depth}"
        given = v
        if empty is not None and not value.nullable:
            self.names[f"empty_{field.number}"] = empty
            given = f"{v}, empty_{field.number}"
        entry = partial(
            self._value,
            field,
            value.inner,
            rows=rows,
            whole=whole,
            default_row=default_row,
            depth=depth + 1,
        )
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

    def _object(
        self,
        field: Field,
        value: Objects,
        read: str,
        body: Body,
        *,
        rows: bool,
        whole: str | None,
        depth: int,
    ) -> str:
        v = _variable(field, read, depth)
        none = "None" if value.nullable else "missing()"
        if value.is_abstract:
            name = f"any_{field.number}"
            self.names[name] = dispatcher(value, self.names)
            for each in value.selections.values():
                self.one(each)
            return unless_none(v, read, f"{name}({v}, run)", none)
        selection = value.selection
        source = v if rows or not selection.is_row_backed else f"{v}.row"
        if body.depth >= _DEEPEST:
            return unless_none(v, read, f"{self.one(selection)}({source}, run)", none)
        inner = Body(body.depth + value.nullable)
        if source != v:
            inner.add(f"row{field.number}_{depth} = {source}")
            source = f"row{field.number}_{depth}"
        made = self._answer(selection, source, inner, whole)
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


def _is_late(field: Field) -> bool:
    """Whether a field's value may have to be read when all of its level is known."""
    access = field.access
    if isinstance(access, Reference):
        return access.stub_for(field.paths) is None
    return _is_conditional(field) or (isinstance(access, Method) and access.is_async)


def _is_conditional(field: Field) -> bool:
    """Whether it depends on a field's arguments if its value is read later."""
    return isinstance(field.access, Embedded) and field.access.can_inline is not None


def _is_stored(field: Field) -> bool:
    access = field.access
    is_plain = isinstance(access, Embedded) and access.plain is not None
    is_path = isinstance(access, Reference) and access.path is not None
    return isinstance(access, Stored) or is_plain or is_path


def _is_all_at(selection: Selection, path: str) -> bool:
    """Whether nothing is selected but what stands at a path of the row."""
    return all(
        each.is_typename or (isinstance(each.access, Stored) and each.access.path == path)
        for each in selection.fields
    )
