"""The root of every subscription."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry
from graphql import FieldNode

from graph.compiler import Paths
from graph.schema.execution.context import Info, projection, selected
from graph.schema.inputs.input_types import ArticleWhere
from graph.schema.inputs.where import compile_where, topics_with_descendants
from graph.schema.relay.global_id import to_global_id
from graph.schema.types.article import Article
from graph.schema.types.change import ChangeKind
from graph.store.driver.read_commands import Row
from graph.store.queries.article_feed import FeedPosition, read_feed
from graph.store.queries.articles import PUBLISHED
from graph.store.queries.changes import Event
from graph.store.queries.filters import match


@strawberry.type(description="An article that changed, as it is now.")
class ArticleChange:
    # Not `id`: clients that normalise what they receive would take the change for the article.
    node_id: strawberry.ID = strawberry.field(
        description="The `id` of the article, even if it no longer exists."
    )
    kind: ChangeKind = strawberry.field(description="The kind of change.")
    slug: str = strawberry.field(
        description="The slug of the article, even if it no longer exists."
    )
    revision: int = strawberry.field(description="The revision of the corpus that changed it.")
    article: Article | None = strawberry.field(
        description="The article; null if it no longer exists or is no longer published."
    )
    next_since: str = strawberry.field(
        description="An opaque token: pass it as `since` to continue after this change."
    )


@strawberry.type(description="The root of all subscriptions.")
class Subscription:
    @strawberry.subscription(
        description="Each article that is added, changed, unpublished or removed, from now on or "
        "since a token, in the order of the revisions. An article may occur more than once, each "
        "time in its current state. Changes of volatile fields are left out. The error "
        "`RESYNC_REQUIRED` means that the changes since the token are not known, because the "
        "database was loaded anew."
    )
    async def article_changed(
        self,
        info: Info,
        where: Annotated[
            ArticleWhere | None,
            strawberry.argument(
                description="A filter; all articles by default. Articles that no longer exist or "
                "are no longer published are always reported. An article that no longer meets the "
                "filter for another reason is not."
            ),
        ] = None,
        since: Annotated[
            str | None,
            strawberry.argument(
                description="The `nextSince` of the last change that the client received, or that "
                "of `changes`; null to begin now."
            ),
        ] = None,
    ) -> AsyncIterator[ArticleChange]:
        # Yields one page: the server asks for the next one when the client has read this one and
        # the corpus has changed. See graph/live/live_subscription.py.
        reading = info.context.reading
        page = await read_feed(
            info.context.database,
            reading.position or reading.since or since,
            projection(_paths(info)),
            await _filter(info, where),
        )
        reading.position, reading.has_next = page.position, page.has_next
        reading.positions = [page.position.after(event) for event in page.events]
        for event, position in zip(page.events, reading.positions, strict=True):
            yield _change(event, position)


async def _filter(info: Info, where: ArticleWhere | None) -> Row:
    parents = topics_with_descendants(where)
    compile_where(where, info.context.scopes, {})  # reports errors before anything is read
    subtrees = await info.context.subtrees(parents) if parents else {}
    return match(PUBLISHED, compile_where(where, info.context.scopes, subtrees).tests)


def _paths(info: Info) -> Paths:
    """Return the stored paths that the selected fields of changed articles need."""
    articles: list[FieldNode] = list(selected(info, "ArticleChange").get("article", ()))
    return info.context.paths(info, "Article", articles)


def _change(event: Event, position: FeedPosition) -> ArticleChange:
    return ArticleChange(
        node_id=strawberry.ID(to_global_id(event.type, event.key)),
        kind=ChangeKind(event.kind),
        slug=event.key,
        revision=event.revision,
        article=Article(row=event.row) if event.row is not None else None,
        next_since=str(position),
    )
