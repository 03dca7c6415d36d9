"""Fields that are computed from a stored object, by one function for both executors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import strawberry
from graphql import get_named_type, is_leaf_type

from graph.compiler import Method
from graph.schema.execution.fields.stored_fields import READING, requires
from graph.schema.execution.fields.strawberry_internals import python_type, resolve_info

Function = Callable[..., Any]
IsAsync = Callable[[dict[str, Any]], bool]


def computed(
    call: Function,
    *paths: str,
    description: str | None = None,
    nested: str | None = None,
    path: str | None = None,
    is_async: IsAsync | None = None,
    graphql_type: Any = None,
) -> Any:
    """Return a field whose value is `call(row, **arguments)`, with the row of its object.

    Where its object has no row, it is called with the object. The parameters of `call` are the
    field's arguments, aside from `info`. For an object it returns a row, for a list of them rows.

    Args:
        paths: the stored paths that it reads.
        nested: the stored path of the objects that it returns; see `graph.compiler.Requirements`.
        path: the stored path of its result for an operation that passes no arguments.
        description: that of the declaration, if there is none; see `declared_fields`.
        is_async: for which arguments it returns an awaitable, if it is not a coroutine function.
        graphql_type: the type of a field without an annotation. Its place in the schema is then
            among the resolvers, which come after all fields with annotations.
    """
    takes_info = "info" in inspect.signature(call).parameters

    def result(root: Any, info: strawberry.Info[Any, Any], arguments: dict[str, Any]) -> Any:
        return call(row_of(root), **arguments, **({"info": info} if takes_info else {}))

    def resolve(root: Any, info: strawberry.Info[Any, Any], **arguments: Any) -> Any:
        return as_objects(info, result(root, info, arguments))

    async def resolve_async(root: Any, info: strawberry.Info[Any, Any], **arguments: Any) -> Any:
        value = result(root, info, arguments)
        return as_objects(info, await value if inspect.isawaitable(value) else value)

    awaits = is_async or inspect.iscoroutinefunction(call)
    # A coroutine that `resolve` returned would never be awaited where a field beside it fails.
    resolver = resolve_async if awaits else resolve
    reading = partial(Method, call, wants_info=takes_info, is_async=awaits, on_row=True, path=path)
    metadata = {**requires(*paths, nested=nested), READING: reading}
    return make_field(resolver, call, metadata, description, graphql_type)


def make_field(
    resolve: Any,
    call: Function,
    metadata: Any,
    description: str | None,
    graphql_type: Any,
    more: Sequence[inspect.Parameter] = (),
) -> Any:
    """Return a field whose arguments are `more` and the parameters of `call`, except the first."""
    _, *parameters = inspect.signature(call).parameters.values()
    arguments = [*more, *(parameter for parameter in parameters if parameter.name != "info")]
    reserved = [*inspect.signature(resolve).parameters.values()][:2]
    resolve.__signature__ = inspect.Signature([*reserved, *arguments])
    resolve.__annotations__["info"] = strawberry.Info
    resolve.__module__ = call.__module__  # where Strawberry looks up what annotations name
    return strawberry.field(
        resolver=resolve, description=description, metadata=metadata, graphql_type=graphql_type
    )


def row_of(root: Any) -> Any:
    """Return the row of an object, or the object itself if it has none."""
    return getattr(root, "row", root)


def as_objects(info: strawberry.Info[Any, Any], value: Any) -> Any:
    """Return the objects for a row or a list of rows; other values are returned as they are."""
    type_: Any = get_named_type(resolve_info(info).return_type)
    if value is None or is_leaf_type(type_):
        return value
    made_of = python_type(type_)
    return [made_of(row=row) for row in value] if isinstance(value, list) else made_of(row=value)
