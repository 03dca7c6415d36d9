"""Topics: the subjects of articles."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import strawberry

from graph.documents import TOPICS
from graph.fields.folding import folded_key
from graph.fields.taxonomy_documents import MAX_CO_OCCURRING, TopicDocument
from graph.schema.execution.context import Info
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import declared_fields
from graph.schema.execution.references import TOPIC, follow, lookup
from graph.schema.relay.article_page import ArticleSet, article_list, stored_count
from graph.schema.relay.connection import size_argument
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.values.image import Image, images_field
from graph.store.driver.read_commands import Row
from graph.store.queries.filters import Condition
from graph.store.queries.pagination.page_args import size_of

DEFAULT_CO_OCCURRING: Final = 10
FirstTopics = Annotated[int | None, size_argument(MAX_CO_OCCURRING)]
IncludeDescendants = Annotated[
    bool | None,
    strawberry.argument(description="Whether to include the articles of all topics below it."),
]


async def _articles(
    row: Row, info: Info, include_descendants: IncludeDescendants = False
) -> ArticleSet:
    name = row["_id"]
    if include_descendants:
        tests = [Condition("topics", "any", await _with_descendants(name, info))]
        return ArticleSet(tests=tests, name=f"all under {name}")
    tests = [Condition("topics", "any", [name])]
    return ArticleSet(tests=tests, count=partial(stored_count, info, row, TOPICS, name))


async def _with_descendants(name: str, info: Info) -> list[str]:
    """Return the name of a topic, followed by those of all topics below it."""
    return (await info.context.subtrees({name}))[name]


async def children_of(row: Row, info: Info) -> list[Row]:
    """Return the topics directly below a topic, ordered by name."""
    return await info.context.topic_children(row["_id"], info.context.paths(info, "Topic"))


async def descendants_of(row: Row, info: Info) -> list[Row]:
    """Return all topics below a topic, ordered by name."""
    below = await _with_descendants(row["_id"], info)
    rows = await follow(info, TOPIC, sorted(below[1:], key=_by_name))
    return [topic for topic in rows if topic is not None]


def _by_name(name: str) -> tuple[str, str]:
    """Return the key by which the database orders names."""
    return folded_key(name), name


def co_occurring_with(row: Row, first: FirstTopics = DEFAULT_CO_OCCURRING) -> list[Row]:
    """Return the names of the topics that occur most often together with a topic, and counts."""
    size = size_of(first, DEFAULT_CO_OCCURRING, MAX_CO_OCCURRING)
    counts: list[Row] = row.get("coOccurring") or []
    return counts[:size]


@strawberry.type(
    description="A subject. It exists because a published article uses it, or because a topic "
    "file describes it or names it as a parent."
)
@declared_fields(TopicDocument)
class Topic(Node):
    row: strawberry.Private[Row]

    id: strawberry.ID = computed(
        lambda row: to_global_id("Topic", row["_id"]),
        "_id",
        description="An opaque id, unique over all types.",
    )

    images: list[Image] = images_field()
    parent: Topic | None = lookup(
        "parent", TOPIC, description="The topic above it, or null at the top."
    )

    children = computed(
        children_of,
        "_id",
        description="The topics directly below it, ordered by name.",
        graphql_type=list[Annotated["Topic", strawberry.lazy("graph.schema.types.topic")]],
    )
    descendants = computed(
        descendants_of,
        "_id",
        description="All topics below it, each once, ordered by name. The topic itself is not "
        "among them, even if the files form a cycle.",
        graphql_type=list[Annotated["Topic", strawberry.lazy("graph.schema.types.topic")]],
    )
    co_occurring = computed(
        co_occurring_with,
        "coOccurring",
        description="The topics that occur most often together with it on published articles, the"
        " most frequent first.",
        graphql_type=list[Annotated["TopicCount", strawberry.lazy("graph.schema.types.topic")]],
    )

    articles = article_list(
        _articles, "_id", description="The published articles that are filed under it."
    )


@strawberry.type(
    description="A topic, and how many published articles have it together with another one."
)
class TopicCount:
    row: strawberry.Private[Row]

    article_count: int = computed(
        lambda row: row["articleCount"],
        description="How many published articles are filed under both.",
    )
    topic: Topic = lookup("name", TOPIC, description="The topic itself.")
