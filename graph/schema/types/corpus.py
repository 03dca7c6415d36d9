"""The corpus as a whole."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graph.schema.execution.context import Info
from graph.store.revision import read_corpus


@strawberry.type(description="What a load did.")
class LoadSummary:
    at: datetime = strawberry.field(description="When it began.")
    added: int = strawberry.field(description="How many documents it added.")
    updated: int = strawberry.field(description="How many documents it updated.")
    removed: int = strawberry.field(description="How many documents it removed.")
    rejected: int = strawberry.field(description="How many files it rejected.")


@strawberry.type(description="The corpus as a whole.")
class Corpus:
    id: strawberry.ID | None = strawberry.field(
        description="A random id, which changes when the database is loaded anew; null before the "
        "first load."
    )
    revision: int = strawberry.field(
        description="A number that rises by one with each load that changes something. While it "
        "stays the same, so does every response, except for volatile fields."
    )

    @strawberry.field(
        description="The revision of the search index. It is behind `revision` for a moment after "
        "a load; null while the index is built."
    )
    def search_revision(self, info: Info) -> int | None:
        return info.context.index.revision()

    article_count: int = strawberry.field(description="How many published articles there are.")
    topic_count: int = strawberry.field(description="How many topics there are.")
    provider_count: int = strawberry.field(description="How many providers there are.")
    author_count: int = strawberry.field(description="How many authors there are.")
    last_load: LoadSummary | None = strawberry.field(
        description="What the last load that changed something did; null before the first such "
        "load."
    )


@strawberry.type
class CorpusQueries:
    @strawberry.field(description="The corpus as a whole.")
    async def corpus(self, info: Info) -> Corpus | None:
        state = await read_corpus(info.context.database)
        id_, last = state.get("id"), state.get("lastLoad")
        return Corpus(
            id=None if id_ is None else strawberry.ID(id_),
            revision=state["revision"],
            article_count=state["articleCount"],
            topic_count=state["topicCount"],
            provider_count=state["providerCount"],
            author_count=state["authorCount"],
            last_load=LoadSummary(**last) if last else None,
        )
