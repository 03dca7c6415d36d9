"""Hints and corrections for a search."""

from __future__ import annotations

from enum import Enum

import strawberry

from graph.schema.execution.context import Info
from graph.search.queries.corrections import query_text
from graph.search.results.indexed_list import IndexedList
from graph.search.results.results import read_correction
from graph.store.queries.articles import ArticleQuery


@strawberry.enum(
    description="Why a search finds nothing, or finds articles that do not contain its words."
)
class SearchHint(Enum):
    NO_WORDS = strawberry.enum_value("no_words", description="The search contains no words.")
    ONLY_COMMON_WORDS = strawberry.enum_value(
        "only_common_words",
        description="The search contains only words that every text contains, such as `the`.",
    )
    ONLY_EXCLUDED_WORDS = strawberry.enum_value(
        "only_excluded_words",
        description="The search contains only words that must not occur, such as `-mill`.",
    )
    SIMILAR_WORDS = strawberry.enum_value(
        "similar_words",
        description="No article contains its words; the articles that it finds contain similar "
        "words.",
    )


@strawberry.type(description="Hints about a search.")
class ArticleSearch:
    query: strawberry.Private[ArticleQuery]
    indexed: strawberry.Private[IndexedList]

    @strawberry.field(
        description="Why the search finds nothing, or finds articles that do not contain its "
        "words. Null if there is nothing to explain."
    )
    def hint(self) -> SearchHint | None:
        hint = self.indexed.hint
        return SearchHint(hint.value) if hint else None

    @strawberry.field(
        description="The search with its misspelt words corrected; null if no word is misspelt."
    )
    async def did_you_mean(self, info: Info) -> str | None:
        search = await read_correction(info.context.database, self.indexed, self.query)
        return query_text(search) if search else None
