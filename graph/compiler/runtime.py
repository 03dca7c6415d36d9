"""Runtime: a compiled operation, and its runs.

A run makes the answer level by level: the generated functions build what the documents at hand
give, then all that the level points at is read at once, and so on until nothing is left to read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLResolveInfo, OperationDefinitionNode
from graphql.execution.values import VariableValues

from graph.compiler.access import Arguments, Link, Method, Paths, Rows, Schema
from graph.compiler.collect import Operation
from graph.compiler.emit import Emitted, Surprise, emit, is_late
from graph.compiler.plan import Field, ListOf, Plan, make_plan

Late = list[tuple[dict[str, Any], Any]]


@dataclass
class Memo:
    """What resolvers found out of the operation's text: the same in every run of it."""

    paths: dict[Any, Paths] = field(default_factory=dict)
    selected: dict[Any, dict[str, list[FieldNode]]] = field(default_factory=dict)


class Run:
    """One run: its inputs, and what its next level has to read, by the fields' numbers."""

    __slots__ = ("arguments", "context", "covers", "infos", "later")

    def __init__(
        self,
        context: Any,
        arguments: Sequence[Arguments],
        covers: Sequence[bool],
        infos: Sequence[Any],
    ) -> None:
        self.context = context
        self.arguments = arguments
        self.covers = covers
        self.infos = infos
        self.later: list[Late] = [[] for _ in arguments]


class Compiled:
    """An operation, compiled for one choice of what `@skip` and `@include` leave of it."""

    def __init__(
        self, schema: Schema, operation: Operation, definition: OperationDefinitionNode
    ) -> None:
        self.plan: Plan = make_plan(schema, operation, definition)
        self.emitted: Emitted = emit(self.plan)
        self.memo = Memo()
        self._schema = schema
        self._operation = operation
        self._definition = definition
        fields = sorted(self.plan.fields, key=lambda each: each.number)
        self._late = [each for each in fields if is_late(each)]
        self._informed = [each for each in fields if _wants_info(each)]
        self._varying = [each for each in fields if each.uses_variables]
        self._conditional = [
            each for each in fields if isinstance(each.access, Rows) and each.access.covers
        ]
        self._arguments: list[Arguments] = [
            {} if each.uses_variables else _arguments(each, operation) for each in fields
        ]
        self._covers = _covered(self._conditional, self._arguments)

    @property
    def size(self) -> int:
        """How many fields it has."""
        return len(self._arguments)

    async def run(self, context: Any, variables: VariableValues) -> dict[str, Any]:
        """The answer's data.

        Raises whatever goes wrong; the reference executor then runs the operation, and says where.
        """
        arguments, covers = self._arguments, self._covers
        if self._varying:
            operation = Operation(
                self._operation.schema,
                self._operation.fragments,
                variables,
                self._operation.needs_of,
            )
            arguments = arguments.copy()
            for each in self._varying:
                arguments[each.number] = _arguments(each, operation)
            covers = _covered(self._conditional, arguments)
        run = Run(context, arguments, covers, self._infos(context, variables))
        answer = self.emitted.root(None, run)
        while level := [each for each in self._late if run.later[each.number]]:
            reads = []
            for each in level:
                entries, run.later[each.number] = run.later[each.number], []
                reads.append(self._read(each, entries, run))
            await (reads[0] if len(reads) == 1 else asyncio.gather(*reads))
        return answer

    def _infos(self, context: Any, variables: VariableValues) -> list[Any]:
        infos: list[Any] = [None] * len(self._arguments)
        for each in self._informed:
            raw = GraphQLResolveInfo(
                each.nodes[0].name.value,
                each.nodes,  # type: ignore[arg-type]  # a list, typed as what it is here
                each.definition.type,
                each.parent,
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
            infos[each.number] = self._schema.info(each.definition, raw)
        return infos

    async def _read(self, field: Field, entries: Late, run: Run) -> None:
        finish, key = self.emitted.finish[field.number], field.key
        values: Sequence[Any]
        if isinstance(field.access, Link):
            values = await _linked(field, field.access, entries, run)
        else:
            values = await _resolved(field, entries, run)
        for (answer, _), value in zip(entries, values, strict=True):
            answer[key] = finish(value, run)


async def _linked(field: Field, link: Link, entries: Late, run: Run) -> list[Any]:
    """The rows that the references of a level point at, read at once."""
    key, known = link.key, link.known
    several = isinstance(field.value, ListOf)
    keys: dict[Any, None] = {}
    for _, found in entries:
        if several:
            keys.update((key(each), None) for each in found)
        elif found is not None:
            keys[key(found)] = None
    rows = await link.read(run.context, list(keys), field.paths) if keys else {}
    if several:
        return [[rows.get(key(each)) or known(each) for each in found] for _, found in entries]
    return [None if found is None else rows.get(key(found)) or known(found) for _, found in entries]


async def _resolved(field: Field, entries: Late, run: Run) -> Sequence[Any]:
    """What the resolvers of a level come to; what they share they read together."""
    method = field.access.resolver if isinstance(field.access, Rows) else field.access
    assert isinstance(method, Method)
    given = dict(run.arguments[field.number])
    if method.wants_info:
        given["info"] = run.infos[field.number]
    calls = [method.call(source, **given) for _, source in entries]
    return [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)


def _arguments(field: Field, operation: Operation) -> Arguments:
    access = field.access.resolver if isinstance(field.access, Rows) else field.access
    if not isinstance(access, Method) or not field.has_arguments:
        return {}
    return access.convert(operation.arguments(field.definition, field.nodes[0]))


def _covered(fields: Sequence[Field], arguments: Sequence[Arguments]) -> list[bool]:
    covers = [True] * len(arguments)
    for each in fields:
        assert isinstance(each.access, Rows)
        assert each.access.covers is not None
        covers[each.number] = each.access.covers(arguments[each.number])
    return covers


def _wants_info(field: Field) -> bool:
    access = field.access.resolver if isinstance(field.access, Rows) else field.access
    return isinstance(access, Method) and access.wants_info


__all__ = ["Compiled", "Memo", "Run", "Surprise"]
