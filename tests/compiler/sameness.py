"""What compiled answers are held to: graphql-core's, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest

from graph.schema import Context, schema
from graph.schema.execution import Answer, Executor
from graph.store.database import Database
from graph.web.errors import format_error

# graphql-core leaves the coroutines of what it gives up on an error to the garbage collector.
_GIVEN_UP: Final = "(GraphQLCoreConverter|Executor)[.]"
QUIET: Final = [
    pytest.mark.filterwarnings(f"ignore:coroutine .{_GIVEN_UP}:RuntimeWarning"),
    pytest.mark.filterwarnings(
        f"ignore:Exception ignored in. <coroutine object {_GIVEN_UP}"
        ":pytest.PytestUnraisableExceptionWarning"
    ),
]

SCOPES: Final = frozenset({"read:secured", "read:unpublished"})
HOSTS: Final = frozenset({"player.example"})


class Watched(Executor):
    """An executor that counts how often graphql-core had to run the operation after all."""

    def __init__(self) -> None:
        super().__init__(schema)
        self.fallbacks = 0

    async def _reference(self, *given: Any, **named: Any) -> Answer:
        self.fallbacks += 1
        return await super()._reference(*given, **named)


REFERENCE: Final = Executor(schema, compiled=False)


def wire(answer: Answer) -> tuple[bytes, str]:
    """An answer as a client gets it; errors, which may come in any order, by their paths."""
    errors = [json.dumps(format_error(error)) for error in answer.errors]
    errors.sort(key=lambda each: (json.dumps(json.loads(each).get("path")), each))
    return orjson.dumps(answer.data, option=orjson.OPT_UTC_Z), "\n".join(errors)


async def compare(
    executor: Executor,
    database: Database,
    query: str,
    variables: Mapping[str, Any] | None = None,
    name: str | None = None,
    scopes: frozenset[str] = frozenset(),
) -> Answer:
    """The compiled answer, after it was held to graphql-core's."""
    compiled = await executor.execute(query, variables, name, Context(database, scopes, HOSTS))
    expected = await REFERENCE.execute(query, variables, name, Context(database, scopes, HOSTS))
    assert wire(compiled) == wire(expected), (query, variables)
    return compiled
