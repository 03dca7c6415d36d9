"""Suggestions for what somebody has begun to type."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.documents import PROVIDERS, TOPICS
from graph.errors import BadUserInput
from graph.fields.folding import folded_key
from graph.schema.execution.context import Info
from graph.schema.inputs.input_types import text
from graph.schema.relay.connection import size_argument
from graph.search.results.results import read_titles
from graph.store.queries.pagination.page_args import size_of
from graph.store.queries.taxonomy import suggested_names

DEFAULT_SUGGESTIONS: Final = 5
MAX_SUGGESTIONS: Final = 20
MAX_PREFIX: Final = 100

Prefix = Annotated[
    str,
    strawberry.argument(
        description="What was typed, at most 100 characters. A title or name must contain its "
        "words; of the last word, the beginning is enough."
    ),
]


@strawberry.type(description="Suggestions for what a user has begun to type.")
class Suggestions:
    prefix: strawberry.Private[str]
    size: strawberry.Private[int]

    @strawberry.field(description="Titles of published articles, the newest first.")
    async def titles(self, info: Info) -> list[str] | None:
        context = info.context
        slugs = await context.index.slugs_by_title(self.prefix, self.size)
        return await read_titles(context.database, slugs)

    @strawberry.field(description="Names of topics, those with the most articles first.")
    async def topics(self, info: Info) -> list[str]:
        return await self._names(info, TOPICS)

    @strawberry.field(description="Names of providers, those with the most articles first.")
    async def providers(self, info: Info) -> list[str]:
        return await self._names(info, PROVIDERS)

    async def _names(self, info: Info, collection: str) -> list[str]:
        prefix = folded_key(self.prefix)
        return await suggested_names(info.context.database, collection, prefix, self.size)


@strawberry.type
class SuggestionQueries:
    @strawberry.field(
        description="Suggestions for what a user has begun to type. Each list is empty for a "
        "blank prefix."
    )
    def suggest(
        self,
        prefix: Prefix,
        first: Annotated[int | None, size_argument(MAX_SUGGESTIONS)] = DEFAULT_SUGGESTIONS,
    ) -> Suggestions | None:
        if len(text("prefix", prefix)) > MAX_PREFIX:
            message = f"prefix: {len(prefix)} characters, at most {MAX_PREFIX}"
            raise BadUserInput("prefix", message, maximum=MAX_PREFIX)
        size = size_of(first, DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS)
        return Suggestions(prefix=prefix, size=size)
