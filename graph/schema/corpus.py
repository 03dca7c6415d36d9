"""The corpus as a whole, and what changed in it."""

from __future__ import annotations

import strawberry

from graph.schema.context import Info
from graph.store.revision import read_corpus


@strawberry.type(description="The corpus as a whole.")
class Corpus:
    revision: int = strawberry.field(
        description="It rises by one with each load that changes something: as long as it stays, "
        "every answer stays."
    )
    article_count: int = strawberry.field(description="How many published articles there are.")


@strawberry.type
class CorpusQueries:
    @strawberry.field(description="The corpus as a whole.")
    async def corpus(self, info: Info) -> Corpus:
        state = await read_corpus(info.context.database)
        return Corpus(revision=state["revision"], article_count=state["articleCount"])
