"""The queries for topics, providers and authors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, TypeVar

import strawberry

from graph.documents import AUTHORS, PROVIDERS, TOPICS, provider_key
from graph.errors import BadUserInput
from graph.fields.folding import folded_key
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
    Offset,
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
        " the most articles. Case does not matter in a name or a hashtag; a topic of exactly this "
        "name comes first."
    )
    async def topic(
        self,
        info: Info,
        name: Annotated[
            str | None, strawberry.argument(description="Its name; case and accents do not matter.")
        ] = None,
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
        elif argument == "name":
            folded = {"foldedName": folded_key(value)}
            row = await _by_name(info, TOPICS, "Topic", [{"_id": value}, folded])
        else:
            row = await _first(info, TOPICS, "Topic", {"slug": {"$eq": value}})
        return Topic(row=row) if row is not None else None

    @strawberry.field(description="The topics, page by page.")
    async def topics(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        offset: Offset = None,
        where: WhichTopics = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Topic]:
        asked = listing(info, "Topic", first, after, last, before, offset)
        tests = taxonomy_tests(where)
        return await _connection(info, Topic, TOPICS, tests, orders_of(order_by), asked)

    @strawberry.field(
        description="One provider, by its domain, and by its name if several share the domain. "
        "Without a name, the one with the most articles. A provider of exactly this domain and "
        "name comes first."
    )
    async def provider(
        self,
        info: Info,
        domain: Annotated[
            str, strawberry.argument(description="The domain of its site; case does not matter.")
        ],
        name: Annotated[
            str | None,
            strawberry.argument(description="Its name; case and accents do not matter."),
        ] = None,
    ) -> Provider | None:
        exact: Row = {"domain": text("domain", domain)}
        folded: Row = {"foldedDomain": folded_key(domain)}
        queries = [exact, folded]
        if name is not None:
            exact = {"_id": provider_key(domain, text("name", name))}
            any_case = {**folded, "foldedName": folded_key(name)}
            queries = [exact, {**any_case, "name": name}, any_case]
        row = await _by_name(info, PROVIDERS, "Provider", queries)
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
        offset: Offset = None,
        where: WhichProviders = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Provider]:
        asked = listing(info, "Provider", first, after, last, before, offset)
        tests = taxonomy_tests(where)
        return await _connection(info, Provider, PROVIDERS, tests, orders_of(order_by), asked)

    @strawberry.field(
        description="One author, by exactly one of their id, their slug and their name; null if "
        "there is none. Of several with the name, the one with most articles; those of exactly "
        "this name come first."
    )
    async def author(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Their id.")] = None,  # noqa: A002
        slug: Annotated[str | None, strawberry.argument(description="Their slug.")] = None,
        name: Annotated[
            str | None,
            strawberry.argument(description="Their name; case and accents do not matter."),
        ] = None,
    ) -> Author | None:
        if (id, slug, name).count(None) != 2:
            raise BadUserInput("author", "author: give exactly one of id, slug and name")
        if name is not None:
            folded = {"foldedName": folded_key(text("name", name))}
            row = await _by_name(info, AUTHORS, "Author", [{"name": name, **folded}, folded])
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
        offset: Offset = None,
        where: WhichAuthors = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Connection[Author]:
        asked = listing(info, "Author", first, after, last, before, offset)
        tests = taxonomy_tests(where)
        return await _connection(info, Author, AUTHORS, tests, orders_of(order_by), asked)


async def _first(info: Info, collection: str, type_name: str, query: Row) -> Row | None:
    wanted = projection(info.context.paths(info, type_name))
    return await taxonomy.first(info.context.database, collection, query, wanted)


async def _by_name(
    info: Info, collection: str, type_name: str, queries: Sequence[Row]
) -> Row | None:
    wanted = projection(info.context.paths(info, type_name))
    return await taxonomy.by_name(info.context.database, collection, queries, wanted)


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
