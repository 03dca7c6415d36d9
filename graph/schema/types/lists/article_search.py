"""What became of a search."""

from __future__ import annotations

from enum import Enum

import strawberry

from graph.schema.execution.context import Info
from graph.search.queries.corrections import query_text
from graph.search.results.indexed_list import IndexedList
from graph.search.results.results import read_correction
from graph.store.queries.articles import ArticleQuery


@strawberry.enum(description="Why a search finds nothing, or articles without its words.")
class SearchHint(Enum):
    NO_WORDS = strawberry.enum_value("no_words", description="There is no word in it.")
    ONLY_COMMON_WORDS = strawberry.enum_value(
        "only_common_words", description="It has only words that are in every text, such as `the`."
    )
    ONLY_EXCLUDED_WORDS = strawberry.enum_value(
        "only_excluded_words", description="It only says which words must not occur."
    )
    SIMILAR_WORDS = strawberry.enum_value(
        "similar_words",
        description="No article contains its words; those that it finds contain similar ones.",
    )


@strawberry.type(description="What became of a search.")
class ArticleSearch:
    query: strawberry.Private[ArticleQuery]
    indexed: strawberry.Private[IndexedList]

    @strawberry.field(
        description="Why the search finds nothing, or articles without its words; null if the "
        "articles contain its words, or if simply none does."
    )
    def hint(self) -> SearchHint | None:
        hint = self.indexed.hint
        return SearchHint(hint.value) if hint else None

    @strawberry.field(
        description="The search with its misspelt words corrected, to search for instead; null if "
        "none is misspelt."
    )
    async def did_you_mean(self, info: Info) -> str | None:
        search = await read_correction(info.context.database, self.indexed, self.query)
        return query_text(search) if search else None
