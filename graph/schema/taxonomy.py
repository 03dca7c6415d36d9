"""The queries for topics and providers."""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeVar

import strawberry

from graph.documents import PROVIDERS, TOPICS, provider_key
from graph.errors import BadUserInput
from graph.schema.connections import EMPTY, After, Before, Connection, First, Last, listing
from graph.schema.context import Info, projection
from graph.schema.inputs import TaxonomyOrder, orders_of, text
from graph.schema.providers import Provider
from graph.schema.topics import Topic
from graph.store import taxonomy
from graph.store.database import Row

Entry = TypeVar("Entry", Topic, Provider)

TaxonomyOrderBy = Annotated[
    list[TaxonomyOrder] | None,
    strawberry.argument(description="In which order; the one with most articles first."),
]


@strawberry.type
class TaxonomyQueries:
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
