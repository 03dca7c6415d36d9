"""Emit: a plan becomes Python: functions from an object to its answer, and from what was read late.

What a client wrote never stands in the source: response keys and everything else that is not ours
are constants, which the functions know by names that are made here.
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

Finish = Callable[[Sequence[Any], Sequence[Any], Any], None]


@dataclass(frozen=True)
class Emitted:
    """Generated Python: its text and its functions.

    `root(None, run)` makes the answer but for what is read later: for field n it appends pairs to
    `run.later[n]`, of the object of the answer and of what its value is read by. `finish[n](pairs,
    values, run)` puts what was read for each pair into its object.
    """

    source: str
    root: Callable[[Any, Any], dict[str, Any]]
    complete: Mapping[int, Finish]


def emit(plan: Plan, operation_name: str | None) -> Emitted:
    """The Python of a plan; tracebacks name its file after the operation."""
    writer = FunctionWriter()
    root = writer.one(plan.root)
    source = "\n".join(writer.functions())
    names = writer.names
    _define(source, names, operation_name or "anonymous")
    complete = {number: names[name] for number, name in writer.complete.items()}
    return Emitted(source, names[root], complete)


class _Alive:
    """Lives as long as the functions that have it among their globals."""


def _define(source: str, names: dict[str, Any], operation_name: str) -> None:
    """Define the functions of a source; tracebacks show its lines as long as they live."""
    name = f"<newsgraph {operation_name[:_LONGEST_NAME]}#{next(_numbers)}>"
    names["alive"] = _Alive()
    exec(compile(source, name, "exec"), names)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    weakref.finalize(names["alive"], linecache.cache.pop, name, None)
