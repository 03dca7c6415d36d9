"""The queries for topics, providers and authors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypeVar

import strawberry

from graph.documents import AUTHORS, PROVIDERS, TOPICS, provider_key
from graph.errors import BadUserInput
from graph.fields.folding import folded_key
from graph.schema.execution.context import Info, projection
from graph.schema.inputs.input_types import orders_of, text
from graph.schema.inputs.keys import exactly_one
from graph.schema.inputs.taxonomy_where import (
    AuthorWhereArgument,
    ProviderWhereArgument,
    TaxonomyOrderBy,
    TopicWhereArgument,
    taxonomy_tests,
)
from graph.schema.relay.connection import (
    EMPTY,
    After,
    Before,
    Connection,
    First,
    Last,
    Offset,
    page_request,
)
from graph.schema.relay.global_id import key_of
from graph.schema.types.author import Author
from graph.schema.types.provider import Provider
from graph.schema.types.topic import Topic
from graph.store.driver.read_commands import Row
from graph.store.queries import taxonomy
from graph.store.queries.pagination.keyset import read_page
from graph.store.queries.pagination.page_args import DEFAULT_PAGE

Entry = TypeVar("Entry", Topic, Provider, Author)


def _list(
    node: type[Entry], graphql_type: Any, collection: str, where_type: Any, description: str
) -> Any:
    """Return a field with a paginated list of topics, of providers or of authors."""

    async def resolve(
        root: object,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
        last: Last = None,
        before: Before = None,
        offset: Offset = None,
        where: Any = None,
        order_by: TaxonomyOrderBy = None,
    ) -> Any:
        request = page_request(info, node.__name__, first, after, last, before, offset)
        tests, orders = taxonomy_tests(where), orders_of(order_by)
        database = info.context.database
        page_query = taxonomy.page_query_of(collection, tests, orders, request.args)
        page = EMPTY
        if request.is_page_selected:
            page = await read_page(database, collection, page_query, projection(request.paths))
        count = partial(taxonomy.count, database, collection, tests)
        return Connection(content=[node(row=row) for row in page.rows], page=page, count=count)

    resolve.__annotations__["where"] = where_type
    return strawberry.field(resolver=resolve, description=description, graphql_type=graphql_type)


@strawberry.type
class TaxonomyQueries:
    @strawberry.field(
        description="One topic, by exactly one of `id`, `name`, `slug` and `hashtag`; null if "
        "there is none. If several have the slug or the hashtag, it is the one with the most "
        "articles. Case does not matter in a name or a hashtag, but a topic with exactly this "
        "name takes precedence."
    )
    async def topic(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,  # noqa: A002
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
        arguments = {"id": id, "name": name, "slug": slug, "hashtag": hashtag}
        argument, value = exactly_one("topic", arguments)
        if argument == "hashtag":
            fields = projection(info.context.paths(info, "Topic"))
            row = await taxonomy.by_hashtag(info.context.database, value, fields)
        elif argument == "slug":
            row = await _first(info, TOPICS, "Topic", {"slug": {"$eq": value}})
        elif argument == "id":
            row = await _first(
                info, TOPICS, "Topic", {"_id": {"$eq": key_of("id", value, "Topic")}}
            )
        else:
            folded = {"foldedName": folded_key(value)}
            row = await _by_name(info, TOPICS, "Topic", [{"_id": value}, folded])
        return Topic(row=row) if row is not None else None

    topics = _list(
        Topic, Connection[Topic] | None, TOPICS, TopicWhereArgument, "The topics, page by page."
    )

    @strawberry.field(
        description="One provider, by exactly one of `id` and `domain`; null if there is none. If "
        "several share the domain, it is the one with this `name` or, without a `name`, the one "
        "with the most articles. A provider with exactly this domain and name takes precedence."
    )
    async def provider(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,  # noqa: A002
        domain: Annotated[
            str | None,
            strawberry.argument(description="The domain of its site; case does not matter."),
        ] = None,
        name: Annotated[
            str | None,
            strawberry.argument(
                description="Its name; only with `domain`. Case and accents do not matter."
            ),
        ] = None,
    ) -> Provider | None:
        argument, value = exactly_one("provider", {"id": id, "domain": domain})
        if argument == "id":
            if name is not None:
                raise BadUserInput("name", "name: use it with domain, not with id")
            query = {"_id": {"$eq": key_of("id", value, "Provider")}}
            row = await _first(info, PROVIDERS, "Provider", query)
        else:
            row = await _by_name(info, PROVIDERS, "Provider", _providers(value, name))
        return Provider(row=row) if row is not None else None

    providers = _list(
        Provider,
        Connection[Provider] | None,
        PROVIDERS,
        ProviderWhereArgument,
        "The providers of articles and related stories, and those that an organisation file "
        "describes, page by page.",
    )

    @strawberry.field(
        description="One author, by exactly one of `id`, `slug` and `name`; null if there is "
        "none. If several have the name, it is the one with the most articles, but authors with "
        "exactly this name take precedence."
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
        argument, value = exactly_one("author", {"id": id, "slug": slug, "name": name})
        if argument == "name":
            folded = {"foldedName": folded_key(value)}
            row = await _by_name(info, AUTHORS, "Author", [{"name": value, **folded}, folded])
        else:
            key = key_of("id", value, "Author") if argument == "id" else value
            paths = info.context.paths(info, "Author")
            row = await info.context.taxonomy_row(AUTHORS, key, paths)
        return Author(row=row) if row is not None else None

    authors = _list(
        Author,
        Connection[Author] | None,
        AUTHORS,
        AuthorWhereArgument,
        "The authors of articles, and those that an author file describes, page by page.",
    )


def _providers(domain: str, name: str | None) -> list[Row]:
    """Return the filters of a provider, the strictest first."""
    folded: Row = {"foldedDomain": folded_key(domain)}
    if name is None:
        return [{"domain": domain}, folded]
    any_case = {**folded, "foldedName": folded_key(text("name", name))}
    return [{"_id": provider_key(domain, name)}, {**any_case, "name": name}, any_case]


async def _first(info: Info, collection: str, type_name: str, query: Row) -> Row | None:
    fields = projection(info.context.paths(info, type_name))
    return await taxonomy.first(info.context.database, collection, query, fields)


async def _by_name(
    info: Info, collection: str, type_name: str, queries: Sequence[Row]
) -> Row | None:
    fields = projection(info.context.paths(info, type_name))
    return await taxonomy.by_name(info.context.database, collection, queries, fields)
