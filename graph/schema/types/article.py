"""Articles."""

from __future__ import annotations

import asyncio
from enum import Enum
from functools import partial
from typing import Annotated, Final

import strawberry
from strawberry.scalars import JSON

from graph.fields.article_document import ArticleDocument
from graph.fields.url_key import url_key, url_variants
from graph.schema.execution.context import Info
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import declared_fields, requires
from graph.schema.execution.references import ARTICLE, AUTHOR, TOPIC, lookup
from graph.schema.inputs.input_types import ORDERED_PATHS, OrderBy, Where
from graph.schema.relay.article_page import ArticleSet, article_list, neighbour
from graph.schema.relay.global_id import to_global_id
from graph.schema.relay.node import Node
from graph.schema.types.author import Author
from graph.schema.types.stories.related_story import RelatedStory, reads_articles, related_stories
from graph.schema.types.stories.similar_article import SimilarArticle, similar_to
from graph.schema.types.stories.story import Story
from graph.schema.types.topic import Topic
from graph.schema.values.featured_content import FeaturedContent, featured_content_of
from graph.schema.values.json_ld import JSON_LD_PATHS, json_ld_of
from graph.schema.values.source import Secured, Source
from graph.store.driver.read_commands import Row
from graph.store.queries.filters import Condition
from graph.text.markup import render_html, render_text

_RENDERED_AT_ONCE: Final = 4_000
"""The length in characters above which a body is rendered in a thread, to not block other
requests.
"""


@strawberry.enum(description="The format of a text.")
class BodyFormat(Enum):
    RAW = strawberry.enum_value(
        "raw", description="As it was written: Markdown or HTML, unsafe to show unchanged."
    )
    HTML = strawberry.enum_value(
        "html", description="HTML that is safe to show: it contains no scripts."
    )
    TEXT = strawberry.enum_value("text", description="Plain text without markup.")


async def items_of(row: Row, info: Info) -> list[Row]:
    """Return the articles that a collection lists, in its order, without those that the caller may
    not see.
    """
    keys = [
        ("webUrl" if "://" in reference else "_id", reference)
        for reference in row.get("items") or ()
    ]
    if not keys:
        return []
    rows = await info.context.follow(ARTICLE, info.context.paths(info, "Article"), keys)
    return list({item["_id"]: item for item in rows if item is not None}.values())


async def collections_of(row: Row, info: Info) -> list[Row]:
    """Return the published collections that list an article by its slug or its URL."""
    url = row.get("webUrl") or ""
    references = tuple(filter(None, dict.fromkeys((row["_id"], url, *url_variants(url)))))
    return await info.context.collections(references, info.context.paths(info, "Article"))


def _referring_to(row: Row) -> ArticleSet:
    """Return the articles whose related stories include this one, by its URL."""
    url = row.get("webUrl")
    test = Condition("related.urlKey", "eq", url_key(url)) if url else Condition("_id", "in", [])
    return ArticleSet(tests=[test])


async def next_of(
    row: Row, info: Info, where: Where = None, order_by: OrderBy = None
) -> Row | None:
    """Return the article after this one in a list."""
    return await neighbour(info, row, where, order_by, backwards=False)


async def previous_of(
    row: Row, info: Info, where: Where = None, order_by: OrderBy = None
) -> Row | None:
    """Return the article before this one in a list."""
    return await neighbour(info, row, where, order_by, backwards=True)


@strawberry.type(description="One document: a news article, a video, a course, …")
@declared_fields(ArticleDocument)
class Article(Node, Story):
    id: strawberry.ID = computed(
        lambda row: to_global_id("Article", row["_id"]),
        "_id",
        description="An opaque id, unique over all types.",
    )

    @strawberry.field(
        metadata=requires("body", "bodyIsHtml"),
    )
    async def body(
        self,
        format: Annotated[  # noqa: A002
            BodyFormat | None, strawberry.argument(description="The format of the text.")
        ] = BodyFormat.RAW,
    ) -> str | None:
        source: str | None = self.row.get("body")
        if source is None or format in (BodyFormat.RAW, None):
            return source
        is_html = self.row.get("bodyIsHtml", False)
        render = partial(render_html if format is BodyFormat.HTML else render_text, is_html=is_html)
        if len(source) <= _RENDERED_AT_ONCE:
            return render(source)
        return await asyncio.to_thread(render, source)

    featured_content = computed(
        featured_content_of, "featuredContent", graphql_type=FeaturedContent | None
    )
    json_ld = computed(
        json_ld_of,
        *JSON_LD_PATHS,
        description="A `NewsArticle` of schema.org as JSON-LD, for the page of the article. "
        "In a `script` element, replace each `<` by `\\u003c`.",
        graphql_type=JSON,
    )
    topics = lookup("topics", TOPIC, graphql_type=list[Topic])
    authors = lookup("authors", AUTHOR, "authors.slug", "authors.name", graphql_type=list[Author])
    items = computed(
        items_of,
        "items",
        description="The documents that it collects, such as the lessons of a course, in their "
        "order. Documents that this API does not have are left out.",
        graphql_type=list[Annotated["Article", strawberry.lazy("graph.schema.types.article")]],
    )
    part_of = computed(
        collections_of,
        "_id",
        "webUrl",
        description="The published articles whose `items` include it, the newest first.",
        graphql_type=list[Annotated["Article", strawberry.lazy("graph.schema.types.article")]],
    )
    related = computed(
        related_stories,
        "related.webUrl",  # by which `resolution` chooses
        nested="related",
        is_async=reads_articles,
        graphql_type=list[RelatedStory],
    )
    related_count = computed(
        lambda row: len(row.get("related") or ()),
        "related.title",
        description="How many related stories it has.",
        graphql_type=int,
    )

    related_from = article_list(
        _referring_to,
        "webUrl",
        description="The published articles whose related stories include this one, by its URL.",
    )

    similar = computed(
        similar_to,
        "_id",
        "topics",
        "webUrl",
        "related.webUrl",
        description="Similar published articles, the most similar first; the newest first of "
        "those with the same score. Each related story that both have scores 2 points, and so "
        "does a related story that is the other article; each shared topic scores 1 point. "
        "Candidates are the newest 50 articles of each topic, the newest 50 whose related stories "
        "include this article or one of its related stories, and the newest 50 among its related "
        "stories.",
        graphql_type=list[SimilarArticle],
    )
    next = computed(
        next_of,
        *ORDERED_PATHS,
        description="The article after this one in the list that the arguments describe, by "
        "default the next older article; null at the end of the list. This article need not be in "
        "the list itself.",
        graphql_type=Annotated["Article", strawberry.lazy("graph.schema.types.article")] | None,
    )
    previous = computed(
        previous_of,
        *ORDERED_PATHS,
        description="The article before this one in the list that the arguments describe, by "
        "default the next newer article; null at the start of the list. This article need not be "
        "in the list itself.",
        graphql_type=Annotated["Article", strawberry.lazy("graph.schema.types.article")] | None,
    )
    source = computed(
        lambda row: row["source"],
        nested="source",
        path="source",
        description="Where it was loaded from.",
        graphql_type=Source,
    )
    secured = computed(lambda row: {"secured": row.get("secured")}, "secured", graphql_type=Secured)
