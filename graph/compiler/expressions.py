"""Expressions: the Python that stands for a field's value in the answer.

Follows CompleteValue of the GraphQL specification (October 2021, section 6.4.3). What is as the
schema promises takes the short way; for all else a function is called, which serializes it, or
raises Surprise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from graphql import GraphQLLeafType, Undefined

from graph.compiler.access import Attribute, Link, Method, Stored, Within
from graph.compiler.plan import Field, Leaf, ListOf, Objects, Selection, Value, selection_of

NATIVE: Final[Mapping[str, str]] = {
    "String": "type({read}) is str",
    "ID": "type({read}) is str",
    "Boolean": "type({read}) is bool",
    "Int": "type({read}) is int and -2147483648 <= {v} <= 2147483647",
    # Who writes the answer as JSON writes a date in UTC, be it without a zone, as the scalar does.
    "DateTime": "type({read}) is datetime and {v}.tzinfo in ZONES",
}
"""Where a value is one of these it is its own result; all others are serialized by their type."""

_INLINE_FIELDS: Final = 12
"""How many fields a selection may have to be written out where it is used."""


class Surprise(Exception):
    """What was found is not what the schema promises: the reference executor shall tell it."""


class Expressions:
    """Makes expressions, and the names of what they need: nothing of a client's is in either."""

    def __init__(self) -> None:
        self.used: set[int] = set()
        """The selections of which one object's function is called."""
        self.listed: set[int] = set()
        """The selections of which a list's function is called."""
        self.names: dict[str, Any] = {
            "ZONES": (None, UTC),
            "datetime": datetime,
            "listed": _listed,
            "missing": _missing,
        }

    def answer(self, selection: Selection, source: str, later: Collection[int]) -> str:
        """The answer to a selection, without the fields that are read later.

        `source` names the object, or its row, which `get` reads.
        """
        entries = []
        for each in selection.fields:
            made = "None" if each.number in later else self.field(each, source, "get")
            entries.append(f"{self.key(each)}: {made}")
        return f"{{{', '.join(entries)}}}"

    def field(self, field: Field, source: str, get: str) -> str:
        """What stands in the answer for a field whose value is at hand."""
        n, access = field.number, field.access
        if field.is_typename:
            return repr(field.parent.name)
        if isinstance(access, Link):
            return self._link(field, access, source, get)
        if isinstance(access, Within):
            if access.plain is not None and not field.nodes[0].arguments:
                empty = () if isinstance(field.value, ListOf) else None
                read = f"{get}({access.plain!r})"
                return self.value(field, field.value, read, rows=True, empty=empty)
            self.names[f"read_{n}"] = access.read
            read = f"read_{n}({source}{arguments(field)})"
            made = self.value(field, field.value, read, rows=True)
            return f"({made}) if run.covers[{n}] else None" if access.covers else made
        if isinstance(access, Stored):
            read = f"{get}({access.path!r})"
            if isinstance(field.value, Leaf) and not field.value.nullable and access.empty is None:
                # What must be there is not asked for: a KeyError surprises as nothing would.
                read = f"{'row' if get == 'get' else source}[{access.path!r}]"
            return self.value(field, field.value, read, empty=access.empty)
        if isinstance(access, Attribute):
            return self.value(field, field.value, f"self.{access.name}")
        assert isinstance(access, Method)
        self.names[f"call_{n}"] = access.call
        info = f", info=run.info({n})" if access.wants_info else ""
        return self.value(field, field.value, f"call_{n}(self{info}{arguments(field)})")

    def value(
        self,
        field: Field,
        value: Value,
        read: str,
        *,
        rows: bool = False,
        empty: Any = None,
        depth: int = 0,
        whole: str | None = None,
    ) -> str:
        """A value, completed. `rows` says that objects come as their rows, `empty` is what stands
        for none, `whole` that the value is what would stand at this path of its row."""
        v = read if read.isidentifier() else f"v{field.number}_{depth}"
        if isinstance(value, Leaf):
            return self._leaf(value, v, read, empty, field)
        if isinstance(value, ListOf):
            given = v
            if empty is not None and not value.nullable:
                self.names[f"empty_{field.number}"] = empty
                given = f"{v}, empty_{field.number}"
            made, other = (
                self._entries(field, value.inner, each, rows=rows, depth=depth, whole=whole)
                for each in (v, f"listed({given})")
            )
            if value.nullable:
                return _unless_none(v, read, other)
            return f"{made} if type({_assigned(v, read)}) is list else {other}"
        return self._objects(field, value, v, read, rows=rows, whole=whole)

    def _entries(
        self, field: Field, inner: Value, given: str, *, rows: bool, depth: int, whole: str | None
    ) -> str:
        """A list's entries, completed: `given` is the list."""
        if isinstance(inner, Objects) and not inner.nullable and not inner.is_abstract:
            selection = inner.selection
            if whole is None and (rows or not selection.is_row_backed):
                # In a loop an assignment is cheap, and no entry costs a call.
                self.listed.add(selection.number)
                return f"all_{selection.number}({given}, run)"
        x = f"x{field.number}_{depth}"
        entry = self.value(field, inner, x, rows=rows, depth=depth + 1, whole=whole)
        return f"[{entry} for {x} in {given}]"

    def key(self, field: Field) -> str:
        """A response key; under a name where the client chose it: it is not part of the source."""
        if field.key == field.nodes[0].name.value:
            return repr(field.key)
        name = f"k{field.number}"
        self.names[name] = field.key
        return name

    def _leaf(self, leaf: Leaf, v: str, read: str, empty: Any, field: Field) -> str:
        name = f"leaf_{field.number}"
        self.names[name] = _serializer(leaf.type, empty)
        native = NATIVE.get(leaf.type.name)
        if native is None:
            return _unless_none(v, read, f"{name}({v})") if leaf.nullable else f"{name}({read})"
        assigned = _assigned(v, read)
        if leaf.nullable:
            test = f"({assigned}) is None or {native.format(read=v, v=v)}"
        else:
            test = native.format(read=assigned, v=v)
        return f"{v} if {test} else {name}({v})"

    def _objects(
        self, field: Field, value: Objects, v: str, read: str, *, rows: bool, whole: str | None
    ) -> str:
        if value.is_abstract:
            name = f"any_{field.number}"
            self.names[name] = _dispatcher(value, self.names)
            self.used.update(each.number for each in value.selections.values())
            made = f"{name}({v if value.nullable else read}, run)"
            return _unless_none(v, read, made) if value.nullable else made
        selection = value.selection
        # In a comprehension every assignment costs more than a call.
        is_entry = read.startswith("x") and whole is None
        if rows and not is_entry and is_small(selection, whole):
            made = self._written_out(selection, v, whole)
            return _unless_none(v, read, made, "None" if value.nullable else "missing()")
        self.used.add(selection.number)
        inside = v if value.nullable else read
        is_row = rows or not selection.is_row_backed
        made = f"one_{selection.number}({inside if is_row else f'{inside}.row'}, run)"
        return _unless_none(v, read, made) if value.nullable else made

    def _written_out(self, selection: Selection, v: str, whole: str | None) -> str:
        entries = []
        for each in selection.fields:
            if whole is not None and isinstance(each.access, Stored):
                made = self.value(each, each.value, v)
            else:
                made = self.field(each, v, f"{v}.get")
            entries.append(f"{self.key(each)}: {made}")
        return f"{{{', '.join(entries)}}}"

    def references(self, field: Field, link: Link, source: str, get: str) -> str:
        """What a link refers to."""
        if link.path is not None:
            return f"{get}({link.path!r})"
        self.names[f"references_{field.number}"] = link.references
        return f"references_{field.number}({source}{arguments(field)})"

    def _link(self, field: Field, link: Link, source: str, get: str) -> str:
        """A link of whose objects nothing is wanted but what the reference says."""
        n = field.number
        read = self.references(field, link, source, get)
        selection = selection_of(field.value)
        empty = () if isinstance(field.value, ListOf) else None
        if link.own is not None and field.paths and field.paths <= link.own:
            return self.value(field, field.value, read, rows=True, empty=empty)
        if link.is_at is not None and is_small(selection, link.is_at):
            whole = link.is_at
            return self.value(field, field.value, read, rows=True, empty=empty, whole=whole)
        self.names[f"known_{n}"] = link.bare_row or link.known
        if isinstance(field.value, ListOf):
            inner = self.value(field, field.value.inner, f"known_{n}(x{n})", rows=True, depth=1)
            return f"[{inner} for x{n} in {read} or ()]"
        return self.value(field, field.value, f"known_{n}({read})", rows=True)


def _unless_none(v: str, read: str, made: str, otherwise: str = "None") -> str:
    tested = v if v == read else f"({_assigned(v, read)})"
    return f"{otherwise} if {tested} is None else {made}"


def _assigned(v: str, read: str) -> str:
    return v if v == read else f"{v} := {read}"


def arguments(field: Field) -> str:
    """The arguments of a call, as they stand behind its first one."""
    return f", **run.arguments[{field.number}]" if field.has_arguments else ""


def is_small(selection: Selection, whole: str | None = None) -> bool:
    """Whether a selection is written out where it is used: all that it has is at hand in its row.

    Of a row that is nothing but the value at the path `whole`, no other path may be asked for.
    """
    return len(selection.fields) <= _INLINE_FIELDS and all(
        _is_at_hand(each, whole) for each in selection.fields
    )


def _is_at_hand(field: Field, whole: str | None) -> bool:
    access = field.access
    if field.is_typename:
        return True
    if not isinstance(field.value, Leaf):
        return False
    if isinstance(access, Stored):
        return access.path == whole if whole is not None else True
    return whole is None and isinstance(access, Within) and access.covers is None


def _listed(value: Any, empty: Any = None) -> Any:
    if type(value) is list or type(value) is tuple:
        return value
    if value is None and empty is not None:
        return empty
    raise Surprise(f"a {type(value).__name__} where a list belongs")


def _missing() -> Any:
    raise Surprise("nothing where an object belongs")


def _serializer(leaf: GraphQLLeafType, empty: Any) -> Callable[[Any], Any]:
    coerce = leaf.coerce_output_value

    def serialize(value: Any) -> Any:
        if value is None:
            value = empty
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
