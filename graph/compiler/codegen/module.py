"""Generate the Python module of a plan.

Text from clients never becomes part of the source: response keys and other values from the
operation are bound as globals, under generated names.
"""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from graph.compiler.codegen.functions import FunctionWriter
from graph.compiler.plan import Plan

_numbers = count(1)

_LONGEST_NAME: Final = 100

Complete = Callable[[Sequence[Any], Sequence[Any], Any], None]


@dataclass(frozen=True)
class GeneratedCode:
    """Generated Python: its source and its functions.

    `root(None, run)` builds the response, except for deferred fields. For each of those it appends
    pairs to `run.deferred[n]`, n being the number of the field: the response object, and what to
    read the value from. `complete[n](pairs, values, run)` then fills in one value for each pair.
    """

    source: str
    root: Callable[[Any, Any], dict[str, Any]]
    complete: Mapping[int, Complete]


def generate(plan: Plan, operation_name: str | None) -> GeneratedCode:
    """Generate the Python of a plan. In tracebacks its file is named after the operation."""
    writer = FunctionWriter()
    root = writer.object_function(plan.root)
    source = "\n".join(writer.functions())
    names = writer.names
    _define(source, names, operation_name or "anonymous")
    complete = {number: names[name] for number, name in writer.complete.items()}
    return GeneratedCode(source, names[root], complete)


class _Alive:
    """An object that lives as long as the functions that have it among their globals."""


def _define(source: str, names: dict[str, Any], operation_name: str) -> None:
    """Define the functions of a source. Tracebacks can show its lines as long as the functions
    live.
    """
    name = f"<newsgraph {operation_name[:_LONGEST_NAME]}#{next(_numbers)}>"
    names["alive"] = _Alive()
    exec(compile(source, name, "exec"), names)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    weakref.finalize(names["alive"], linecache.cache.pop, name, None)
