"""What changed since a token: `changes`, for clients that keep a copy."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from graphql import FieldNode

from graph.compiler import Paths
from graph.documents import NodeTypeName
from graph.errors import BadUserInput
from graph.schema.execution.context import Info, projection, selected
from graph.schema.relay.connection import After, Edge, PageInfo, page_info, size_argument
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.types.article import Article
from graph.schema.types.author import Author
from graph.schema.types.provider import Provider
from graph.schema.types.topic import Topic
from graph.store.queries.changes import ChangePage, Event, read_changes
from graph.store.queries.pagination.keyset import Page
from graph.store.queries.pagination.page_args import MAX_PAGE, size_of


@strawberry.enum(description="A kind of change.")
class ChangeKind(Enum):
    CHANGED = strawberry.enum_value("changed", description="It is new or has changed: store it.")
    UNPUBLISHED = strawberry.enum_value(
        "unpublished", description="The article is no longer published: remove it."
    )
    REMOVED = strawberry.enum_value("removed", description="It no longer exists: remove it.")


@strawberry.enum(description="A type of object that has an id.")
class NodeType(Enum):
    ARTICLE = strawberry.enum_value("Article", description="`Article`.")
    TOPIC = strawberry.enum_value("Topic", description="`Topic`.")
    PROVIDER = strawberry.enum_value("Provider", description="`Provider`.")
    AUTHOR = strawberry.enum_value("Author", description="`Author`.")


_CLASSES: Final[dict[NodeTypeName, type[Article | Topic | Provider | Author]]] = {
    "Article": Article,
    "Topic": Topic,
    "Provider": Provider,
    "Author": Author,
}


@strawberry.type(description="An object that changed, as it is now.")
class Change:
    # Not `id`: clients that normalise what they receive would take the change for the object.
    node_id: strawberry.ID = strawberry.field(
        description="The `id` of the object, even if it no longer exists."
    )
    type: NodeType = strawberry.field(description="The type of the object.")
    kind: ChangeKind = strawberry.field(description="The kind of change.")
    slug: str | None = strawberry.field(
        description="The slug of an article, even if it no longer exists; null for other types."
    )
    revision: int = strawberry.field(description="The revision of the corpus that changed it.")
    node: Node | None = strawberry.field(
        description="The object; null if it no longer exists or is no longer published."
    )
    article: Article | None = strawberry.field(
        description="The same object if it is an article; otherwise null."
    )


@strawberry.type(description="A page of changes, in the order of their revisions.")
class ChangeConnection:
    content: strawberry.Private[ChangePage]
    page: strawberry.Private[Page]

    @strawberry.field(description="The changes of the page, with their cursors.")
    def edges(self) -> list[Edge[Change]]:
        return [
            Edge(cursor=cursor, node=_change(event))
            for cursor, event in zip(self.page.cursors, self.content.events, strict=True)
        ]

    @strawberry.field(
        description="The changes of the page, without their cursors. An object may occur more than "
        "once, each time in its current state."
    )
    def nodes(self) -> list[Change]:
        return [_change(event) for event in self.content.events]

    @strawberry.field(description="The position of the page in the list.")
    def page_info(self) -> PageInfo:
        return page_info(self.page)

    @strawberry.field(
        description="An opaque token: all changes up to it are on this page or on those before it. "
        "When `hasNextPage` is false, store it, and pass it as `since` the next time."
    )
    def next_since(self) -> str:
        return str(self.content.next_since)


@strawberry.type
class ChangeQueries:
    @strawberry.field(
        description="What changed since a token, for clients that keep a copy. Begin without a "
        "token; applying all changes in order yields the published articles, and the topics, "
        "providers and authors. Only an object's own fields count: a topic does not change when "
        "one of its articles does, unless its `articleCount` or `latest` changes, too. The error "
        "`RESYNC_REQUIRED` means that the changes since the token are not known, because the "
        "database was loaded anew: discard the copy, and begin without a token."
    )
    async def changes(
        self,
        info: Info,
        since: Annotated[
            str | None,
            strawberry.argument(
                description="The `nextSince` up to which the client's copy is complete; null for "
                "an empty copy."
            ),
        ] = None,
        first: Annotated[int | None, size_argument(MAX_PAGE)] = MAX_PAGE,
        after: After = None,
        types: Annotated[
            list[NodeType] | None,
            strawberry.argument(
                description="The types of objects; all by default. A token is valid for the types "
                "that it was read with, or fewer."
            ),
        ] = None,
    ) -> ChangeConnection | None:
        size = size_of(first, MAX_PAGE)
        if types is not None and not types:
            raise BadUserInput("types", "types: name at least one type, or leave it out for all")
        names = [_name_of(type_) for type_ in types or NodeType]
        projections = {name: projection(_paths(info, name)) for name in names}
        content = await read_changes(info.context.database, since, size, after or None, projections)
        rows = [event._asdict() for event in content.events]
        page = Page(rows, content.cursor_of, content.has_next, has_previous=bool(after))
        return ChangeConnection(content=content, page=page)


def _name_of(type_: NodeType) -> NodeTypeName:
    value: Any = type_.value
    name: NodeTypeName = value
    return name


def _paths(info: Info, name: NodeTypeName) -> Paths:
    """Return the stored paths that the selected fields of changed objects of a type need."""
    fields = selected(info, "ChangeConnection")
    changes: list[FieldNode] = list(fields.get("nodes", ()))
    if edges := fields.get("edges"):
        changes += selected(info, "ChangeEdge", edges).get("node", [])
    fields = selected(info, "Change", changes)
    nodes = list(fields.get("node", ()))
    if name == "Article":
        nodes += fields.get("article", ())
    return info.context.paths(info, name, nodes)


def _change(event: Event) -> Change:
    node = _CLASSES[event.type](row=event.row) if event.row is not None else None
    return Change(
        node_id=strawberry.ID(to_global_id(event.type, event.key)),
        type=NodeType(event.type),
        kind=ChangeKind(event.kind),
        slug=event.key if event.type == "Article" else None,
        revision=event.revision,
        node=node,
        article=node if isinstance(node, Article) else None,
    )
