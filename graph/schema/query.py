"""The root of every query."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

import strawberry

from graph.documents import AUTHORS, PROVIDERS, TOPICS
from graph.errors import BadUserInput
from graph.schema.execution.context import Info
from graph.schema.execution.references import ARTICLE, article_key, lookup
from graph.schema.relay.article_page import ArticleSet, article_list
from graph.schema.relay.global_id import TYPES, from_global_id
from graph.schema.relay.node import Node
from graph.schema.taxonomy_query import TaxonomyQueries
from graph.schema.types.article import Article
from graph.schema.types.author import Author
from graph.schema.types.change import ChangeQueries
from graph.schema.types.corpus import CorpusQueries
from graph.schema.types.lists.article_list import ArticleConnection
from graph.schema.types.provider import Provider
from graph.schema.types.suggestions import SuggestionQueries
from graph.schema.types.topic import Topic
from graph.store.queries.pagination.page_args import MAX_PAGE

_TAXONOMY: Final[dict[str, tuple[type[Topic | Provider | Author], str]]] = {
    "Topic": (Topic, TOPICS),
    "Provider": (Provider, PROVIDERS),
    "Author": (Author, AUTHORS),
}


def _articles(
    _: object,
    search: Annotated[
        str | None,
        strawberry.argument(
            description="Words to look for in titles, topics, providers, excerpts and texts. All "
            'must occur: `tide mill`. `tide OR mill` finds either, `"tide mill"` the phrase, '
            "`tid*` words that begin with `tid`; `-mill` excludes a word. `title:mill` looks "
            "only in titles; `excerpt:`, `body:`, `topic:` and `provider:` work in the same way. "
            "At most 200 characters; a blank text means no search. The most relevant articles come "
            "first, unless `orderBy` says otherwise."
        ),
    ] = None,
) -> ArticleSet:
    return ArticleSet(search=search)


@strawberry.type(description="The root of all queries. The API is read-only.")
class Query(TaxonomyQueries, SuggestionQueries, CorpusQueries, ChangeQueries):
    @strawberry.field(description="The object with this id, or null if there is none.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An id of this API.")],  # noqa: A002
    ) -> Node | None:
        return await _node(info, *from_global_id("id", id))

    @strawberry.field(
        description="The objects with these ids, in the same order; null for an object that does "
        "not exist. A malformed id yields null and an error."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Up to 100 ids of this API.")
        ],
    ) -> list[Node | None] | None:
        if len(ids) > MAX_PAGE:
            message = f"ids: {len(ids)} ids, at most {MAX_PAGE}"
            raise BadUserInput("ids", message, maximum=MAX_PAGE)
        rows: list[Any] = await asyncio.gather(*(_node_or_error(info, id_) for id_ in ids))
        return rows

    article = lookup(
        article_key,
        ARTICLE,
        description="One published article, by exactly one of `id`, `slug` and `webUrl`; null if "
        "there is none.",
        graphql_type=Article | None,
    )

    articles = article_list(
        _articles,
        description="The published articles, page by page.",
        graphql_type=ArticleConnection | None,
    )


async def _node_or_error(info: Info, global_id: str) -> Node | BadUserInput | None:
    """Return the object with an id. A malformed id is returned as an error, which is then reported
    for its entry of the list.
    """
    try:
        return await _node(info, *from_global_id("ids", global_id))
    except BadUserInput as error:
        return error


async def _node(info: Info, type_name: str, key: str) -> Node | None:
    if type_name not in TYPES:
        return None
    paths = info.context.paths(info, type_name)
    if type_name == "Article":
        (row,) = await info.context.follow(ARTICLE, paths, [("_id", key)])
        return Article(row=row) if row is not None else None
    kind, collection = _TAXONOMY[type_name]
    row = await info.context.taxonomy_row(collection, key, paths)
    return kind(row=row) if row is not None else None
