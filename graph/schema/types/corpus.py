"""The corpus as a whole, and what changed in it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from graphql import FieldNode

from graph.schema.execution.context import Info, projection, selected
from graph.schema.relay.connection import After, size_argument
from graph.schema.types.article import Article
from graph.store.queries.changes import Event, read_changes
from graph.store.queries.pagination import MAXIMUM_PAGE, size_of
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
    revision: int = strawberry.field(
        description="It rises by one with each load that changes something. While it stays the "
        "same, so does every response."
    )
    article_count: int = strawberry.field(description="How many published articles there are.")
    topic_count: int = strawberry.field(description="How many topics there are.")
    provider_count: int = strawberry.field(description="How many providers there are.")
    author_count: int = strawberry.field(description="How many authors there are.")
    last_load: LoadSummary | None = strawberry.field(
        description="What the last load that changed something did; null before the first."
    )


@strawberry.enum(description="A kind of change.")
class ChangeKind(Enum):
    CHANGED = strawberry.enum_value("changed", description="It is new or has changed: store it.")
    UNPUBLISHED = strawberry.enum_value(
        "unpublished", description="It is no longer published: remove it."
    )
    REMOVED = strawberry.enum_value("removed", description="It was deleted: remove it.")


@strawberry.type(description="An article that changed, as it is now.")
class Change:
    kind: ChangeKind = strawberry.field(description="The kind of change.")
    slug: str = strawberry.field(description="Its slug.")
    revision: int = strawberry.field(description="The revision of the corpus that changed it.")
    article: Article | None = strawberry.field(
        description="The article; null if it is no longer published."
    )


@strawberry.type(description="A page of what changed, in the order of the revisions.")
class ChangeSet:
    nodes: list[Change] = strawberry.field(
        description="The changes. An article may occur more than once, each time in its current "
        "state."
    )
    end_cursor: str | None = strawberry.field(
        description="The end of the page: pass it as `after`, with the same `since`, to get the "
        "next page."
    )
    has_next: bool = strawberry.field(description="Whether more follow after this page.")
    next_revision: int = strawberry.field(
        description="All changes up to this revision are included. When `hasNext` is false, use "
        "it as the next `since`."
    )


@strawberry.type
class CorpusQueries:
    @strawberry.field(description="The corpus as a whole.")
    async def corpus(self, info: Info) -> Corpus | None:
        state = await read_corpus(info.context.database)
        last = state.get("lastLoad")
        return Corpus(
            revision=state["revision"],
            article_count=state["articleCount"],
            topic_count=state["topicCount"],
            provider_count=state["providerCount"],
            author_count=state["authorCount"],
            last_load=LoadSummary(**last) if last else None,
        )

    @strawberry.field(
        description="What changed in the published articles since a revision, for clients that "
        "keep a copy. Begin with 0; applying all changes in order yields the "
        "published articles."
    )
    async def changes(
        self,
        info: Info,
        since: Annotated[
            int,
            strawberry.argument(
                description="The revision of the client's copy; 0 for an empty one."
            ),
        ],
        first: Annotated[int | None, size_argument(MAXIMUM_PAGE)] = MAXIMUM_PAGE,
        after: After = None,
    ) -> ChangeSet | None:
        paths = info.context.paths(info, "Article", _article_nodes(info))
        wanted = projection(paths)
        size = size_of(first, MAXIMUM_PAGE)
        page = await read_changes(info.context.database, since, size, after, wanted)
        return ChangeSet(
            nodes=[_change(event) for event in page.events],
            end_cursor=page.end_cursor,
            has_next=page.has_next,
            next_revision=page.next_revision,
        )


def _article_nodes(info: Info) -> list[FieldNode]:
    """The places in the operation where fields of the changed articles are selected."""
    nodes = selected(info, "ChangeSet").get("nodes", [])
    return selected(info, "Change", nodes).get("article", [])


def _change(event: Event) -> Change:
    return Change(
        kind=ChangeKind(event.kind),
        slug=event.slug,
        revision=event.revision,
        article=Article(row=event.row) if event.row is not None else None,
    )
