"""The root of every query."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, TypeVar

import strawberry

from graph.documents import PROVIDERS, TOPICS, provider_key
from graph.errors import BadUserInput
from graph.schema.articles import Article, OrderBy, Where, article_connection
from graph.schema.connections import (
    EMPTY,
    After,
    Before,
    Connection,
    First,
    Last,
    listing,
)
from graph.schema.context import Info, projection
from graph.schema.ids import from_global_id, key_of
from graph.schema.inputs import TaxonomyOrder, orders_of, text
from graph.schema.nodes import Node
from graph.schema.providers import Provider
from graph.schema.topics import Topic
from graph.store import taxonomy
from graph.store.database import Row
from graph.store.pages import MAXIMUM_PAGE
from graph.store.revision import read_corpus

Entry = TypeVar("Entry", Topic, Provider)

TaxonomyOrderBy = Annotated[
    list[TaxonomyOrder] | None,
    strawberry.argument(description="In which order; the one with most articles first."),
]


@strawberry.type(description="The corpus as a whole.")
class Corpus:
    revision: int = strawberry.field(
        description="It rises by one with each load that changes something: as long as it stays, "
        "every answer stays."
    )
    article_count: int = strawberry.field(description="How many published articles there are.")


@strawberry.type(description="Everything that can be asked for. The API is read-only.")
class Query:
    @strawberry.field(description="The object with this id, or null if there is none.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An id of this API.")],  # noqa: A002
    ) -> Node | None:
        return await _node(info, *from_global_id("id", id))

    @strawberry.field(
        description="The objects with these ids, in their order; null where there is none."
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

    @strawberry.field(
        description="One published article, by exactly one of its id, its slug and its URL."
    )
    async def article(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,  # noqa: A002
        slug: Annotated[
            str | None, strawberry.argument(description="The path of its file, without ending.")
        ] = None,
        web_url: Annotated[
            str | None,
            strawberry.argument(description="Its URL; of several articles the newest."),
        ] = None,
    ) -> Article | None:
        if sum(argument is not None for argument in (id, slug, web_url)) != 1:
            raise BadUserInput("article", "article: give exactly one of id, slug and webUrl")
        paths = info.context.paths(info, "Article")
        if web_url is not None:
            url = text("webUrl", web_url)
            row = await info.context.article_by_web_url(url, paths) if url else None
        else:
            key = key_of("id", id, "Article") if id is not None else text("slug", slug or "")
            row = await info.context.article_by_slug(key, paths)
        return Article(row=row) if row is not None else None

    @strawberry.field(description="The published articles, page by page.")
    async def articles(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Where = None,
        order_by: OrderBy = None,
    ) -> Connection[Article]:
        return await article_connection(info, [], where, order_by, first, after, last, before)

    @strawberry.field(description="One topic, by its name or its slug; null if there is none.")
    async def topic(
        self,
        info: Info,
        name: Annotated[str | None, strawberry.argument(description="Its name.")] = None,
        slug: Annotated[str | None, strawberry.argument(description="Its slug.")] = None,
    ) -> Topic | None:
        if (name is None) == (slug is None):
            raise BadUserInput("topic", "topic: give exactly one of name and slug")
        key, value = ("_id", name) if name is not None else ("slug", slug)
        query = {key: {"$eq": text("name" if slug is None else "slug", value or "")}}
        row = await _first(info, TOPICS, "Topic", query)
        return Topic(row=row) if row is not None else None

    @strawberry.field(description="The topics, page by page.")
    async def topics(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Topic]:
        return await _connection(info, Topic, TOPICS, order_by, first, after, last, before)

    @strawberry.field(
        description="One provider, by its domain, and by its name where several share the "
        "domain: else the one with most articles."
    )
    async def provider(
        self,
        info: Info,
        domain: Annotated[str, strawberry.argument(description="The domain of its site.")],
        name: Annotated[str | None, strawberry.argument(description="Its name.")] = None,
    ) -> Provider | None:
        query: Row = {"domain": {"$eq": text("domain", domain)}}
        if name is not None:
            query = {"_id": {"$eq": provider_key(domain, text("name", name))}}
        row = await _first(info, PROVIDERS, "Provider", query)
        return Provider(row=row) if row is not None else None

    @strawberry.field(
        description="The providers of articles and related stories, and those that an "
        "organisation file describes, page by page."
    )
    async def providers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Provider]:
        return await _connection(info, Provider, PROVIDERS, order_by, first, after, last, before)

    @strawberry.field(description="The corpus as a whole.")
    async def corpus(self, info: Info) -> Corpus:
        state = await read_corpus(info.context.database)
        return Corpus(revision=state["revision"], article_count=state["articleCount"])


async def _node(info: Info, type_name: str, key: str) -> Node | None:
    paths = info.context.paths(info, type_name)
    if type_name == "Article":
        row = await info.context.article_by_slug(key, paths)
        return Article(row=row) if row is not None else None
    if type_name == "Topic":
        row = await info.context.topic(key, paths)
        return Topic(row=row) if row is not None else None
    row = await info.context.provider(key, paths)
    return Provider(row=row) if row is not None else None


async def _first(info: Info, collection: str, type_name: str, query: Row) -> Row | None:
    wanted = projection(info.context.paths(info, type_name))
    return await taxonomy.first(info.context.database, collection, query, wanted)


async def _connection(
    info: Info,
    node: type[Entry],
    collection: str,
    order_by: list[TaxonomyOrder] | None,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Connection[Entry]:
    asked = listing(info, node.__name__, first, after, last, before)
    database, wanted = info.context.database, projection(asked.paths)
    page = EMPTY
    if asked.wanted:
        orders = orders_of(order_by)
        page = await taxonomy.page(database, collection, [], orders, asked.part, wanted)
    count = partial(database.count, collection, {})
    return Connection(content=[node(row=row) for row in page.rows], page=page, count=count)
