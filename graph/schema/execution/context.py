"""The context of one operation: the database, and the batches that its fields share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Final, TypeVar

import strawberry
from graphql import FieldNode, GraphQLObjectType, get_named_type

from graph.compiler import (
    Memo,
    Operation,
    Paths,
    Reference,
    collect_fields,
    needed_paths,
    variable_values,
)
from graph.schema.execution.batch_loader import BatchLoader, BatchRead
from graph.schema.execution.fields.stored_fields import requirements_of
from graph.schema.execution.fields.strawberry_internals import python_type, resolve_info
from graph.search.index_reader import IndexReader
from graph.store.background_task import retrieve_exception
from graph.store.driver.read_commands import Reader, Row
from graph.store.queries import articles, taxonomy
from graph.store.queries.article_feed import FeedPosition
from graph.store.queries.articles import EVERYTHING, PUBLISHED
from graph.store.queries.pagination.keyset import Page, PageQuery
from graph.store.queries.similar import Original, ScoredArticle, read_similar

T = TypeVar("T")

UNPUBLISHED: Final = "read:unpublished"
SECURED: Final = "read:secured"


@dataclass(slots=True)
class FeedReading:
    """How far a subscription has been read.

    `position` is where to continue; `since` takes precedence over the argument of that name.
    `positions` are those after each of the events, and `has_next` says that more are known to
    follow.
    """

    position: FeedPosition | None = None
    since: str | None = None
    positions: Sequence[FeedPosition] = ()
    has_next: bool = False


@dataclass(slots=True)
class Context:
    """The context of one operation.

    A batch collects the keys that the fields of one level need and reads them in one command; the
    fields of a level that select the same paths share it. `scopes` are those of the caller's token,
    `video_hosts` the sites whose players may be embedded. `index` reads the search index. `memo`
    caches what depends on the operation's text only, for all its executions. `reading` is for
    subscriptions, which read one page in each execution.
    """

    database: Reader
    scopes: frozenset[str] = frozenset()
    video_hosts: frozenset[str] = frozenset()
    index: IndexReader = field(default_factory=IndexReader)
    memo: Memo = field(default_factory=dict)
    reading: FeedReading = field(default_factory=FeedReading)
    articles_by_url: dict[Paths, dict[str, Row | None]] = field(default_factory=dict)
    _loaders: dict[tuple[Any, Paths], BatchLoader] = field(default_factory=dict)
    _tree: asyncio.Future[dict[str, list[str]]] | None = None
    _is_alone: bool = False

    def again(self) -> Context:
        """Return a new context for executing the same operation again."""
        return Context(self.database, self.scopes, self.video_hosts, self.index)

    @property
    def visible(self) -> Row:
        """The filter for articles that are read by slug, by URL or from a related story."""
        return EVERYTHING if UNPUBLISHED in self.scopes else PUBLISHED

    async def follow(
        self, reference: Reference, paths: Paths, references: Sequence[Any], *, alone: bool = False
    ) -> list[Row | None]:
        """Return the rows that references refer to; those of one level are read together.

        `alone` says that no other field can read at the same time.
        """

        async def read(keys: Sequence[Any], _: Row) -> Mapping[Any, Any]:
            return await reference.load(self, keys, paths)

        keys = reference.keys(references)
        loader = self._loader(reference.load, paths)
        rows = await loader.load(list(dict.fromkeys(keys)), read, alone=alone)
        return list(map(rows.get, keys))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """In this context, one field of one object is resolved: its read waits for no others."""
        self._is_alone = True
        try:
            yield
        finally:
            self._is_alone = False

    async def page(self, query: PageQuery, paths: Paths) -> Page:
        """Return a page of articles; those of one level and order are read together."""
        loader = self._loader(f"page {query.order_key}", paths)
        page: Page = (await loader.load([query], self._pages, alone=self._is_alone))[query]
        return page

    async def similar(self, original: Original, first: int, paths: Paths) -> list[ScoredArticle]:
        """Return the articles that are similar to this one; those of one level are read
        together.
        """

        async def read(originals: Sequence[Any], fields: Row) -> dict[Any, Any]:
            return await read_similar(self.database, originals, fields, first)

        rows: list[ScoredArticle] = await self._load(f"similar {first}", paths, original, read)
        return rows

    async def taxonomy_row(self, collection: str, key: str, paths: Paths) -> Row | None:
        """Return the stored topic, provider or author with this `_id`; those of one level are read
        together.
        """
        read = partial(taxonomy.by_keys, self.database, collection)
        row: Row | None = await self._load(collection, paths, key, read)
        return row

    async def topic_children(self, name: str, paths: Paths) -> list[Row]:
        rows = await self._load("children", paths, name, self._children)
        return rows or []

    async def collections(self, references: tuple[str, ...], paths: Paths) -> list[Row]:
        """Return the published articles that list any of these slugs and URLs, the newest first."""
        rows = await self._load("collections", paths, references, self._collections)
        return rows or []

    async def subtrees(self, names: AbstractSet[str]) -> dict[str, list[str]]:
        """Return each of these topics with all topics below it; the tree is read once."""
        if not names:
            return {}
        if self._tree is None:
            self._tree = asyncio.ensure_future(taxonomy.read_tree(self.database))
            self._tree.add_done_callback(retrieve_exception)
        tree = await asyncio.shield(self._tree)
        return {name: taxonomy.subtree(tree, name) for name in names}

    async def _load(self, kind: Any, paths: Paths, key: Any, read: BatchRead) -> Any:
        return (await self._loader(kind, paths).load([key], read))[key]

    def _loader(self, kind: Any, paths: Paths) -> BatchLoader:
        loader = self._loaders.get((kind, paths))
        if loader is None:
            loader = self._loaders[kind, paths] = BatchLoader(projection(paths))
        return loader

    async def _pages(self, queries: Sequence[PageQuery], fields: Row) -> dict[PageQuery, Page]:
        pages = await articles.pages(self.database, queries, fields)
        return dict(zip(queries, pages, strict=True))

    async def _collections(
        self, keys: Sequence[tuple[str, ...]], fields: Row
    ) -> dict[tuple[str, ...], list[Row]]:
        references = [*dict.fromkeys(chain(*keys))]
        rows = await articles.collections(self.database, references, fields)
        return {key: [row for row in rows if not set(key).isdisjoint(row["items"])] for key in keys}

    async def _children(self, names: Sequence[str], fields: Row) -> dict[str, Any]:
        return await taxonomy.children(self.database, names, fields)

    def paths(self, info: Info, type_name: str, nodes: Sequence[FieldNode] | None = None) -> Paths:
        """Return the stored paths that a field's selections on a type need."""
        parents = resolve_info(info).field_nodes if nodes is None else nodes

        def needed() -> Paths:
            operation = _operation(info)
            return needed_paths(operation, _object(operation, type_name), parents)

        return self.memoized(("paths", type_name, *map(id, parents)), needed)

    def memoized(self, key: tuple[Any, ...], find: Callable[[], T]) -> T:
        """Return the result of `find`, which depends on the operation's text only and is cached
        with it.
        """
        if key not in self.memo:
            self.memo[key] = find()
        value: T = self.memo[key]
        return value


Info = strawberry.Info[Context, None]


@lru_cache(maxsize=1024)
def projection(paths: Paths) -> Row:
    """Return a projection of these paths and `_id`. It is cached and must not be changed."""
    return {"_id": 1, **dict.fromkeys(sorted(paths), 1)}


def selected(
    info: Info, type_name: str, nodes: Sequence[FieldNode] | None = None
) -> dict[str, list[FieldNode]]:
    """Return the fields that are selected on a type, by name."""
    parents = resolve_info(info).field_nodes if nodes is None else nodes

    def collected() -> dict[str, list[FieldNode]]:
        operation = _operation(info)
        return collect_fields(operation, _object(operation, type_name), parents)

    return info.context.memoized(("selected", type_name, *map(id, parents)), collected)


def returned_class(info: Info) -> type[Any]:
    """Return the class of the objects that a field returns, without importing its module."""
    return python_type(returned_type(info))


def returned_type(info: Info) -> GraphQLObjectType:
    """Return the type of the objects that a field returns."""
    type_ = get_named_type(resolve_info(info).return_type)
    assert isinstance(type_, GraphQLObjectType)
    return type_


def _operation(info: Info) -> Operation:
    raw = resolve_info(info)
    return Operation(
        raw.schema, raw.fragments, variable_values(raw.variable_values), requirements_of
    )


def _object(operation: Operation, type_name: str) -> GraphQLObjectType:
    type_ = operation.schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return type_
