"""The stored paths that a read depends on: those that it returns, filters by and sorts by.

Only names in positions where MongoDB expects a path count, never values from clients. A command
that this module does not understand counts as a read of the whole document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graph.store.driver.read_commands import (
    AggregateCommand,
    Filter,
    FindCommand,
    Projection,
    ReadCommand,
)

WHOLE: Final = ""
"""The path that means the whole document."""

_PATHLESS: Final = frozenset({"$limit", "$skip"})
_NARROWING: Final = frozenset({"$facet", "$group"})
"""The stages whose output contains only what they name; `$project` is one if it is an inclusion."""


class ReadPath(NamedTuple):
    """A path in the documents of a collection."""

    collection: str
    path: str


def read_paths(command: ReadCommand) -> Iterator[ReadPath]:
    """Yield the paths that a command reads, possibly with repetitions."""
    collection = command.collection
    if isinstance(command, AggregateCommand):
        yield from _of_pipeline(collection, command.pipeline)
        return
    yield from _in(collection, _of_filter(command.query))
    if isinstance(command, FindCommand):
        yield from _in(collection, (path for path, _ in command.sort))
        projection = command.projection or {}
        yield from _in(collection, _of_projection(projection))
        if not _includes(projection):
            yield ReadPath(collection, WHOLE)


def _in(collection: str, paths: Iterable[str]) -> Iterator[ReadPath]:
    return (ReadPath(collection, path) for path in paths)


def _of_filter(query: Filter) -> Iterator[str]:
    for key, value in query.items():
        if not key.startswith("$"):
            yield key
        elif key in ("$and", "$or", "$nor"):
            for inner in value:
                yield from _of_filter(inner)
        elif key == "$expr":
            yield from _of_expression(value)
        else:
            yield WHOLE


def _of_projection(projection: Projection) -> Iterator[str]:
    for key, value in projection.items():
        if value:
            yield key
            yield from _of_expression(value)


def _includes(projection: Projection) -> bool:
    """Whether a projection is an inclusion."""
    others = [included for name, included in projection.items() if name != "_id"]
    return bool(any(others) if others else projection.get("_id"))


def _of_expression(expression: Any) -> Iterator[str]:
    if isinstance(expression, str) and expression.startswith("$"):
        variable, _, path = expression.removeprefix("$$").partition(".")
        if not expression.startswith("$$"):
            yield expression[1:]
        elif variable in ("ROOT", "CURRENT"):
            yield path or WHOLE
    elif isinstance(expression, Mapping):
        if "$getField" in expression:  # its field may be an expression
            yield WHOLE
        for name, value in expression.items():
            if name != "$literal":
                yield from _of_expression(value)
    elif isinstance(expression, list | tuple):
        for inner in expression:
            yield from _of_expression(inner)


def _of_pipeline(collection: str, pipeline: Sequence[Mapping[str, Any]]) -> Iterator[ReadPath]:
    is_whole = True
    for stage in pipeline:
        ((name, value),) = stage.items()
        yield from _of_stage(collection, name, value)
        if name in _NARROWING or (name == "$project" and _includes(value)):
            is_whole = False
    if is_whole:
        yield ReadPath(collection, WHOLE)


def _of_stage(collection: str, name: str, value: Any) -> Iterator[ReadPath]:
    if name == "$match":
        yield from _in(collection, _of_filter(value))
    elif name == "$sort":
        yield from _in(collection, value)
    elif name == "$project":
        yield from _in(collection, _of_projection(value))
    elif name in ("$group", "$set", "$unwind"):
        yield from _in(collection, _of_expression(value))
    elif name == "$facet":
        for pipeline in value.values():
            yield from _of_pipeline(collection, pipeline)
    elif name == "$unionWith":
        yield from _of_pipeline(value["coll"], value["pipeline"])
    elif name == "$lookup":
        yield ReadPath(collection, value["localField"])
        yield ReadPath(value["from"], value["foreignField"])
        yield from _of_pipeline(value["from"], value["pipeline"])
    elif name not in _PATHLESS:
        yield ReadPath(collection, WHOLE)
