"""The root of every query."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry

from graph.errors import BadUserInput
from graph.schema.execution.context import Info
from graph.schema.execution.references import ARTICLE, article_key, lookup
from graph.schema.inputs.input_types import OrderBy, Where
from graph.schema.relay.article_page import ArticleListArgs, article_connection
from graph.schema.relay.connection import After, Before, First, Last, Offset
from graph.schema.relay.global_id import from_global_id
from graph.schema.relay.node import Node
from graph.schema.taxonomy_query import TaxonomyQueries
from graph.schema.types.article import Article
from graph.schema.types.article_list import ArticleConnection
from graph.schema.types.author import Author
from graph.schema.types.corpus import CorpusQueries
from graph.schema.types.provider import Provider
from graph.schema.types.topic import Topic
from graph.store.queries.pagination import MAXIMUM_PAGE


@strawberry.type(description="The root of all queries. The API is read-only.")
class Query(TaxonomyQueries, CorpusQueries):
    @strawberry.field(description="The object with this id, or null if there is none.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An id of this API.")],  # noqa: A002
    ) -> Node | None:
        return await _node(info, *from_global_id("id", id))

    @strawberry.field(
        description="The objects with these ids, in the same order; null for each that does not "
        "exist."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Up to 100 ids of this API.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MAXIMUM_PAGE:
            message = f"ids: {len(ids)} ids, at most {MAXIMUM_PAGE}"
            raise BadUserInput("ids", message, maximum=MAXIMUM_PAGE)
        parts = [from_global_id("ids", global_id) for global_id in ids]
        return list(await asyncio.gather(*(_node(info, *part) for part in parts)))

    article = lookup(
        article_key,
        ARTICLE,
        description="One published article, by exactly one of its id, its slug and its URL.",
        graphql_type=Article | None,
    )

    @strawberry.field(description="The published articles, page by page.")
    async def articles(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        offset: Offset = None,
        where: Where = None,
        order_by: OrderBy = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Words to look for in titles, topics, providers, excerpts and texts: "
                '`tide mill` finds either word, `"tide mill"` the phrase, `-mill` leaves articles '
                "out. At most 200 characters. The best come first, unless `orderBy` says else."
            ),
        ] = None,
    ) -> ArticleConnection:
        asked = ArticleListArgs(
            first=first,
            after=after,
            last=last,
            before=before,
            offset=offset,
            where=where,
            order_by=order_by,
            search=search,
        )
        connection: ArticleConnection = await article_connection(info, [], asked)
        return connection


async def _node(info: Info, type_name: str, key: str) -> Node | None:
    paths = info.context.paths(info, type_name)
    if type_name == "Article":
        (row,) = await info.context.follow(ARTICLE, paths, [("_id", key)])
        return Article(row=row) if row is not None else None
    if type_name == "Topic":
        row = await info.context.topic(key, paths)
        return Topic(row=row) if row is not None else None
    if type_name == "Author":
        row = await info.context.author(key, paths)
        return Author(row=row) if row is not None else None
    row = await info.context.provider(key, paths)
    return Provider(row=row) if row is not None else None
