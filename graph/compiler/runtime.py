"""Runtime: a compiled operation, and its runs.

A run makes the answer level by level: the generated functions build what the documents at hand
give, then all that the level points at is read at once, and so on until nothing is left to read.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, islice
from typing import Any

from graphql import GraphQLResolveInfo, OperationDefinitionNode
from graphql.execution.values import VariableValues

from graph.compiler.arguments import ArgumentMaker, argument_maker
from graph.compiler.codegen.module import Emitted, emit
from graph.compiler.collect import Operation
from graph.compiler.fields import Arguments, Embedded, Method, Reference, Schema
from graph.compiler.plan import Field, ListOf, Plan, make_plan

Deferred = list[tuple[dict[str, Any], Any]]


Memo = dict[Any, Any]
"""What resolvers found out of an operation's text: the same in every run of it."""


class Run:
    """One run: its inputs, and what its next level has to read, by the fields' numbers."""

    __slots__ = ("arguments", "can_inline", "context", "deferred", "info")

    def __init__(
        self,
        context: Any,
        arguments: Sequence[Arguments],
        can_inline: Sequence[bool],
        info: Callable[[int], Any],
    ) -> None:
        self.context = context
        self.arguments = arguments
        self.can_inline = can_inline
        self.info = info
        self.deferred: defaultdict[int, Deferred] = defaultdict(list)


class Compiled:
    """An operation, compiled for one choice of what `@skip` and `@include` leave of it."""

    def __init__(
        self, schema: Schema, operation: Operation, definition: OperationDefinitionNode
    ) -> None:
        self.plan: Plan = make_plan(schema, operation, definition)
        self.emitted: Emitted = emit(self.plan, definition.name.value if definition.name else None)
        self.memo: Memo = {}
        self._schema = schema
        self._operation = operation
        self._definition = definition
        self._fields = sorted(self.plan.fields, key=lambda each: each.number)
        self._covers: list[tuple[int, Callable[[Arguments], bool]]] = [
            (each.number, each.access.can_inline)
            for each in self._fields
            if isinstance(each.access, Embedded) and each.access.can_inline is not None
        ]
        self._constant: list[Arguments] = []
        self._varying: list[tuple[int, ArgumentMaker]] = []
        for each in self._fields:
            method = _method_of(each)
            constant: Arguments = {}
            if method is not None and each.has_arguments:
                make = argument_maker(each.definition, each.nodes[0], method)
                if each.uses_variables:
                    self._varying.append((each.number, make))
                else:
                    constant = make(operation.variables)
            self._constant.append(constant)

    @property
    def size(self) -> int:
        """How many fields it has."""
        return len(self._fields)

    async def run(self, context: Any, variables: VariableValues) -> dict[str, Any]:
        """The answer's data.

        Raises whatever goes wrong; the reference executor then runs the operation, and says where.
        """
        arguments = self._constant
        if self._varying:
            arguments = arguments.copy()
            for number, make in self._varying:
                arguments[number] = make(variables)
        can_inline: Sequence[bool] = ()
        if self._covers:
            can_inline = [True] * len(arguments)
            for number, does_cover in self._covers:
                can_inline[number] = does_cover(arguments[number])
        run = Run(context, arguments, can_inline, self._informer(context, variables))
        answer = self.emitted.root(None, run)
        while level := run.deferred:
            run.deferred = defaultdict(list)
            if len(level) == 1:
                ((number, entries),) = level.items()
                await self._read(number, entries, run, alone=True)
            else:
                await asyncio.gather(*(self._read(*each, run) for each in level.items()))
        return answer

    def _informer(self, context: Any, variables: VariableValues) -> Callable[[int], Any]:
        """A function that makes what the resolver of a field gets as `info`."""
        infos: dict[int, Any] = {}

        def info(number: int) -> Any:
            found = infos.get(number)
            if found is None:
                found = infos[number] = self._info(self._fields[number], context, variables)
            return found

        return info

    def _info(self, field: Field, context: Any, variables: VariableValues) -> Any:
        raw: Any = GraphQLResolveInfo(
            field.nodes[0].name.value,
            field.nodes,  # type: ignore[arg-type]  # a list, typed as what it is here
            field.definition.type,
            field.parent,
            None,  # type: ignore[arg-type]  # no resolver asks where in the answer it is
            self._operation.schema,
            self._operation.fragments,  # type: ignore[arg-type]  # read only
            None,
            self._definition,
            variables.coerced,  # type: ignore[arg-type]  # as Strawberry gives them
            context,
            None,  # type: ignore[arg-type]  # nor what is awaitable
            None,
            None,  # type: ignore[arg-type]  # nor for its helpers
        )
        return self._schema.info(field.definition, raw)

    async def _read(self, number: int, entries: Deferred, run: Run, *, alone: bool = False) -> None:
        """Read a field of a level; `alone` says that there is no other to share a read with."""
        field, complete = self._fields[number], self.emitted.complete[number]
        values: Sequence[Any]
        if isinstance(field.access, Reference):
            values = await _linked(field, field.access, entries, run, alone=alone)
        else:
            values = await _resolved(field, entries, run)
        complete(entries, values, run)


async def _linked(
    field: Field, link: Reference, entries: Deferred, run: Run, *, alone: bool
) -> list[Any]:
    """The rows that the references of a level point at, read at once."""
    several = isinstance(field.value, ListOf)
    given = [each for _, each in entries if each is not None]
    references = [*chain(*given)] if several else given
    rows: list[Any] = []
    if references:
        rows = await run.context.follow(link, field.paths, references, alone=alone)
    rest = iter(rows)
    if several:
        return [[*islice(rest, len(each or ()))] for _, each in entries]
    if len(rows) == len(entries):
        return rows
    return [None if each is None else next(rest) for _, each in entries]


async def _resolved(field: Field, entries: Deferred, run: Run) -> Sequence[Any]:
    """What the resolvers of a level come to; what they share they read together."""
    method = _method_of(field)
    assert method is not None
    given = run.arguments[field.number]
    if method.wants_info:
        given = {**given, "info": run.info(field.number)}
    if len(entries) == 1:
        return [await method.call(entries[0][1], **given)]
    return await asyncio.gather(*(method.call(source, **given) for _, source in entries))


def _method_of(field: Field) -> Method | None:
    """The resolver of a field, where it has one that takes arguments or must be called."""
    access = field.access
    if isinstance(access, Embedded | Reference):
        return access.resolver
    return access if isinstance(access, Method) else None
