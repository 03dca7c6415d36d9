"""The queries for topics, providers and authors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, TypeVar

import strawberry

from graph.documents import AUTHORS, PROVIDERS, TOPICS, provider_key
from graph.errors import BadUserInput
from graph.schema.execution.context import Info, projection
from graph.schema.inputs.input_types import orders_of, text
from graph.schema.inputs.taxonomy_where import (
    TaxonomyOrderBy,
    WhichAuthors,
    WhichProviders,
    WhichTopics,
    taxonomy_tests,
)
from graph.schema.relay.connection import (
    EMPTY,
    After,
    Before,
    Connection,
    First,
    Last,
    Listing,
    listing,
)
from graph.schema.relay.global_id import key_of
from graph.schema.types.author import Author
from graph.schema.types.provider import Provider
from graph.schema.types.topic import Topic
from graph.store.driver.read_commands import Row
from graph.store.queries import taxonomy
from graph.store.queries.filters import Order, Test

Entry = TypeVar("Entry", Topic, Provider, Author)


@strawberry.type
class TaxonomyQueries:
    @strawberry.field(
        description="One topic, by exactly one of its name, its slug and one of its hashtags; "
        "null if there is none. If several have the slug or the hashtag, the one with"
        " the most articles."
    )
    async def topic(
        self,
        info: Info,
        name: Annotated[str | None, strawberry.argument(description="Its name.")] = None,
        slug: Annotated[str | None, strawberry.argument(description="Its slug.")] = None,
        hashtag: Annotated[
            str | None,
            strawberry.argument(
                description="One of its hashtags, with or without `#`; case does not matter."
            ),
        ] = None,
    ) -> Topic | None:
        given = [
            (argument, text(argument, value))
            for argument, value in (("name", name), ("slug", slug), ("hashtag", hashtag))
            if value is not None
        ]
        if len(given) != 1:
            raise BadUserInput("topic", "topic: give exactly one of name, slug and hashtag")
        ((argument, value),) = given
        if argument == "hashtag":
            wanted = projection(info.context.paths(info, "Topic"))
            row = await taxonomy.by_hashtag(info.context.database, value, wanted)
        else:
            key = "_id" if argument == "name" else argument
            row = await _first(info, TOPICS, "Topic", {key: {"$eq": value}})
        return Topic(row=row) if row is not None else None

    @strawberry.field(description="The topics, page by page.")
    async def topics(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: WhichTopics = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Topic]:
        asked = listing(info, "Topic", first, after, last, before)
        tests = taxonomy_tests(where)
        return await _connection(info, Topic, TOPICS, tests, orders_of(order_by), asked)

    @strawberry.field(
        description="One provider, by its domain, and by its name if several share the domain. "
        "Without a name, the one with the most articles."
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
        where: WhichProviders = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Provider]:
        asked = listing(info, "Provider", first, after, last, before)
        tests = taxonomy_tests(where)
        return await _connection(info, Provider, PROVIDERS, tests, orders_of(order_by), asked)

    @strawberry.field(
        description="One author, by exactly one of their id, their slug and their name; null if "
        "there is none. Of several with the name, the one with most articles."
    )
    async def author(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Their id.")] = None,  # noqa: A002
        slug: Annotated[str | None, strawberry.argument(description="Their slug.")] = None,
        name: Annotated[str | None, strawberry.argument(description="Their name.")] = None,
    ) -> Author | None:
        if (id, slug, name).count(None) != 2:
            raise BadUserInput("author", "author: give exactly one of id, slug and name")
        if name is not None:
            row = await _first(info, AUTHORS, "Author", {"name": {"$eq": text("name", name)}})
        else:
            key = key_of("id", id, "Author") if id is not None else text("slug", slug or "")
            row = await info.context.author(key, info.context.paths(info, "Author"))
        return Author(row=row) if row is not None else None

    @strawberry.field(
        description="The authors of articles, and those that an author file describes, page by "
        "page."
    )
    async def authors(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: WhichAuthors = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Author]:
        asked = listing(info, "Author", first, after, last, before)
        tests = taxonomy_tests(where)
        return await _connection(info, Author, AUTHORS, tests, orders_of(order_by), asked)


async def _first(info: Info, collection: str, type_name: str, query: Row) -> Row | None:
    wanted = projection(info.context.paths(info, type_name))
    return await taxonomy.first(info.context.database, collection, query, wanted)


async def _connection(
    info: Info,
    node: type[Entry],
    collection: str,
    tests: Sequence[Test],
    orders: Sequence[Order],
    asked: Listing,
) -> Connection[Entry]:
    database, wanted = info.context.database, projection(asked.paths)
    page = EMPTY
    if asked.wanted:
        page = await taxonomy.page(database, collection, tests, orders, asked.part, wanted)
    count = partial(taxonomy.count, database, collection, tests)
    return Connection(content=[node(row=row) for row in page.rows], page=page, count=count)
