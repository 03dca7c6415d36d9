"""Run a compiled operation.

A run builds the response level by level: the generated functions complete what the loaded documents
contain, then all references of the level are loaded in batches, until none are left.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain, islice
from typing import Any

from graphql import GraphQLResolveInfo, OperationDefinitionNode
from graphql.execution.values import VariableValues

from graph.compiler.codegen.module import GeneratedCode, generate
from graph.compiler.collect import Operation
from graph.compiler.fields import Lookup, Schema
from graph.compiler.plan import Field, ListOf, Plan, is_async, make_plan

Deferred = list[tuple[dict[str, Any], Any]]


Memo = dict[Any, Any]
"""What resolvers derived from the text of the operation; it is the same in every run."""


class Calls(dict[int, Callable[[Any], Any]]):
    """The methods of fields by field number, with all arguments but the first bound."""

    def __init__(self, bind: Callable[[int], Callable[[Any], Any]]) -> None:
        self._bind = bind

    def __missing__(self, number: int) -> Callable[[Any], Any]:
        self[number] = bound = self._bind(number)
        return bound


class Run:
    """One run: its inputs, and the deferred fields of the next level by field number."""

    __slots__ = ("calls", "context", "deferred")

    def __init__(self, context: Any, calls: Calls) -> None:
        self.context = context
        self.calls = calls
        self.deferred: defaultdict[int, Deferred] = defaultdict(list)


class CompiledOperation:
    """An operation, compiled for one set of values of the variables in `@skip` and `@include`."""

    def __init__(
        self, schema: Schema, operation: Operation, definition: OperationDefinitionNode
    ) -> None:
        self.plan: Plan = make_plan(schema, operation, definition)
        self.code: GeneratedCode = generate(
            self.plan, definition.name.value if definition.name else None
        )
        self.memo: Memo = {}
        self._schema = schema
        self._operation = operation
        self._definition = definition
        self._fields = sorted(self.plan.fields, key=lambda field: field.number)
        self._maybe_async = [field for field in self._fields if field.is_deferred is None]

    @property
    def size(self) -> int:
        """The number of fields."""
        return len(self._fields)

    async def run(self, context: Any, variables: VariableValues) -> dict[str, Any]:
        """Return the data of the response.

        Raises whatever fails. The reference executor then runs the operation, and reports the error
        with its path.
        """
        run = Run(context, Calls(lambda number: self._bind(number, context, variables)))
        answer = self.code.root(None, run)
        immediate = [field for field in self._maybe_async if not is_async(field, variables)]
        while level := self._next_level(run, immediate):
            if len(level) == 1:
                ((number, entries),) = level.items()
                await self._read(number, entries, run, alone=True)
            else:
                await asyncio.gather(*(self._read(*read, run) for read in level.items()))
        return answer

    def _next_level(self, run: Run, immediate: Sequence[Field]) -> Mapping[int, Deferred]:
        """Return what to load next, after completing the fields that need no read with these
        variables.
        """
        while ready := [field for field in immediate if field.number in run.deferred]:
            for field in ready:
                entries = run.deferred.pop(field.number)
                call = run.calls[field.number]
                values = [call(source) for _, source in entries]
                self.code.complete[field.number](entries, values, run)
        level, run.deferred = run.deferred, defaultdict(list)
        return level

    def _bind(self, number: int, context: Any, variables: VariableValues) -> Callable[[Any], Any]:
        """Return the method of a field with its arguments for these variables."""
        field = self._fields[number]
        method = field.method
        assert method is not None
        arguments = field.arguments_for(variables)
        if method.wants_info:
            return partial(method.call, info=self._info(field, context, variables), **arguments)
        return partial(method.call, **arguments)

    def _info(self, field: Field, context: Any, variables: VariableValues) -> Any:
        raw: Any = GraphQLResolveInfo(
            field.nodes[0].name.value,
            field.nodes,  # type: ignore[arg-type]  # declared as a list
            field.definition.type,
            field.parent,
            None,  # type: ignore[arg-type]  # no resolver uses the response path
            self._operation.schema,
            self._operation.fragments,  # type: ignore[arg-type]  # only read
            None,
            self._definition,
            variables.coerced,  # type: ignore[arg-type]  # a mapping, as with Strawberry
            context,
            None,  # type: ignore[arg-type]  # is_awaitable: unused
            None,
            None,  # type: ignore[arg-type]  # the executor's helpers: unused
        )
        return self._schema.info(field.definition, raw)

    async def _read(self, number: int, entries: Deferred, run: Run, *, alone: bool = False) -> None:
        """Read a field of a level; `alone` says that there is no other to share a read with."""
        field, complete = self._fields[number], self.code.complete[number]
        values: Sequence[Any]
        if isinstance(field.access, Lookup):
            values = await _read_rows(field, field.access, entries, run, alone=alone)
        elif len(entries) == 1:
            with run.context.alone() if alone else nullcontext():
                values = [await run.calls[number](entries[0][1])]
        else:  # concurrently, so that their reads can be batched
            call = run.calls[number]
            values = await asyncio.gather(*(call(source) for _, source in entries))
        complete(entries, values, run)


async def _read_rows(
    field: Field, lookup: Lookup, entries: Deferred, run: Run, *, alone: bool
) -> list[Any]:
    """Return the rows that the references of a level refer to. They are read in one batch."""
    several = isinstance(field.value, ListOf)
    present = [reference for _, reference in entries if reference is not None]
    references = [*chain(*present)] if several else present
    rows: list[Any] = []
    if references:
        follow = run.context.follow
        rows = await follow(lookup.reference, field.paths, references, alone=alone)
    remaining = iter(rows)
    if several:
        return [[*islice(remaining, len(reference or ()))] for _, reference in entries]
    if len(rows) == len(entries):
        return rows
    return [None if reference is None else next(remaining) for _, reference in entries]
