"""From what a field is read: from the row of an object, from its instance, or from a reference."""

from __future__ import annotations

from typing import Any

from graph.compiler.fields import Attribute, Lookup, Method, Stored
from graph.compiler.plan import Field, ListOf, Selection, Value


def source_of(field: Field, selection: Selection, v: str) -> tuple[str, bool]:
    """Return an expression for the object in `v`, or for its row, and whether it is a single value.

    It is a single value if only the key of an inlined reference is selected.
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


def needs_instance(field: Field) -> bool:
    """Whether a field is read from the instance."""
    access = field.access
    return isinstance(access, Attribute) or (isinstance(access, Method) and not access.on_row)


def needs_row(field: Field) -> bool:
    """Whether a field is read from the row."""
    access = field.access
    if isinstance(access, Lookup):
        return isinstance(access.references, str)
    return isinstance(access, Stored) or (isinstance(access, Method) and access.path is not None)


def empty_value(value: Value) -> Any:
    """Return what replaces a missing value: an empty list for a list, else None."""
    return () if isinstance(value, ListOf) else None


def _is_all_at(selection: Selection, path: str) -> bool:
    """Whether nothing but the value at this path (and `__typename`) is selected."""
    return all(
        field.is_typename or (isinstance(field.access, Stored) and field.access.path == path)
        for field in selection.fields
    )
