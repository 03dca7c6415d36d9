"""Facets: how many articles in a list have each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, TypeVar, get_args

import strawberry

from graph.schema.execution.context import Info, selected
from graph.schema.execution.references import AUTHOR, PROVIDER, TOPIC, lookup
from graph.schema.relay.connection import size_argument
from graph.schema.types.author import Author
from graph.schema.types.provider import Provider
from graph.schema.types.topic import Topic
from graph.store.driver.read_commands import Row
from graph.store.queries.articles import ArticleQuery
from graph.store.queries.facets import Bucket, Facet, read_facets
from graph.store.queries.pagination.page_args import MAX_PAGE, size_of

T = TypeVar("T")

_FACETS: Final[tuple[Facet, ...]] = get_args(Facet)

DEFAULT_BUCKETS: Final = 10
DEFAULT_MONTHS: Final = 12
Buckets = Annotated[int | None, size_argument(MAX_PAGE)]


@strawberry.type(description="A value, and how many articles in the list have it.")
class FacetBucket:
    value: str = strawberry.field(description="The value, as `where` takes it.")
    count: int = strawberry.field(description="How many articles in the list have it.")


@strawberry.type(description="A topic, and how many articles in the list are filed under it.")
class TopicBucket:
    value: str = strawberry.field(description="The topic's name, as `where` takes it.")
    count: int = strawberry.field(description="How many articles in the list are filed under it.")
    node: Topic = lookup(lambda bucket: bucket.value, TOPIC, description="The topic itself.")


@strawberry.type(description="A provider, and how many articles in the list it published.")
class ProviderBucket:
    value: str = strawberry.field(
        description="The provider's domain and name, as `where` takes them."
    )
    count: int = strawberry.field(description="How many articles in the list it published.")
    node: Provider = lookup(
        lambda bucket: bucket.reference, PROVIDER, description="The provider itself."
    )

    @property
    def reference(self) -> Row:
        domain, _, name = self.value.partition("/")
        return {"domain": domain, "name": name}


@strawberry.type(description="An author, and how many articles in the list they wrote.")
class AuthorBucket:
    value: str = strawberry.field(description="The author's slug, as `where` takes it.")
    count: int = strawberry.field(description="How many articles in the list they wrote.")
    node: Author = lookup(
        lambda bucket: {"slug": bucket.value, "name": bucket.value},
        AUTHOR,
        description="The author itself.",
    )


@strawberry.type(description="Counts over the whole list, not only over the page.")
class Facets:
    topics: list[TopicBucket] = strawberry.field(description="By topic, the largest first.")
    providers: list[ProviderBucket] = strawberry.field(
        description="By provider, the largest first."
    )
    authors: list[AuthorBucket] = strawberry.field(description="By author, the largest first.")
    types: list[FacetBucket] = strawberry.field(description="By type, the largest first.")
    years: list[FacetBucket] = strawberry.field(
        description="By year of publication in UTC, the latest first."
    )
    months: list[FacetBucket] = strawberry.field(
        description="By month of publication in UTC, such as `2025-03`, the latest first."
    )


async def _counted(
    info: Info, query: ArticleQuery, sizes: Mapping[Facet, int]
) -> Mapping[Facet, Sequence[Bucket]]:
    database = info.context.database
    if query.is_all and "$facet" not in database.lacks:
        return await read_facets(database, query, sizes)  # which are stored
    indexed = await info.context.index.indexed_list(query)
    return await (indexed.facets(sizes) if indexed else read_facets(database, query, sizes))


async def facets_of(info: Info, query: ArticleQuery, limits: Mapping[Facet, int | None]) -> Facets:
    """Return the selected facets of a list of articles; a limit of None means the default."""
    sizes = {
        facet: size_of(
            limit, DEFAULT_MONTHS if facet == "months" else DEFAULT_BUCKETS, argument=facet
        )
        for facet, limit in limits.items()
    }
    names = selected(info, "Facets")
    counted = await _counted(info, query, {name: sizes[name] for name in _FACETS if name in names})

    def buckets(kind: Callable[..., T], facet: Facet) -> list[T]:
        return [kind(value=each.value, count=each.count) for each in counted.get(facet, ())]

    return Facets(
        topics=buckets(TopicBucket, "topics"),
        providers=buckets(ProviderBucket, "providers"),
        authors=buckets(AuthorBucket, "authors"),
        types=buckets(FacetBucket, "types"),
        years=buckets(FacetBucket, "years"),
        months=buckets(FacetBucket, "months"),
    )
