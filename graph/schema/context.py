"""What one operation carries: the database, and the batches that its fields share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeVar

import strawberry
from graphql import FieldNode, GraphQLObjectType
from strawberry.dataloader import DataLoader

from graph.compiler import (
    Link,
    Memo,
    Operation,
    collect_fields,
    needed_paths,
    variable_values,
)
from graph.documents import PROVIDERS, TOPICS
from graph.schema.fields import needs_of
from graph.store import articles, taxonomy
from graph.store.articles import EVERYTHING, PUBLISHED
from graph.store.database import Database, Row
from graph.store.pages import Page, Slice
from graph.store.similar import Likeness, Original, read_similar

Paths = frozenset[str]
Found = TypeVar("Found")
Read = Callable[[Sequence[Any], dict[str, int]], Awaitable[dict[Any, Any]]]

UNPUBLISHED: Final = "read:unpublished"
SECURED: Final = "read:secured"


def _look_at(loading: asyncio.Future[Any]) -> None:
    """Spare a read that failed when nobody waited any more asyncio's complaint about it."""
    if not loading.cancelled():
        loading.exception()


@dataclass(slots=True)
class Context:
    """One per operation.

    A batch collects the keys that a level of the answer asks for and reads them in one command;
    the fields of a level that select the same paths share it. `scopes` are what the caller's token
    allows, `video_hosts` the sites whose players may be embedded. `memo` is what is known of the
    operation's text, from this run of it or from one before.
    """

    database: Database
    scopes: frozenset[str] = frozenset()
    video_hosts: frozenset[str] = frozenset()
    memo: Memo = field(default_factory=dict)
    is_alone: bool = False
    """Whether one field reads at a time, so that it need not wait for others to read with."""
    articles_by_url: dict[Paths, dict[str, Row | None]] = field(default_factory=dict)
    _loaders: dict[tuple[Any, Paths], DataLoader[Any, Any]] = field(default_factory=dict)
    _tree: asyncio.Future[dict[str, list[str]]] | None = None

    def again(self) -> Context:
        """A context for the same operation, run anew."""
        return Context(self.database, self.scopes, self.video_hosts)

    @property
    def visible(self) -> Row:
        """Which articles can be reached by slug, by URL and from a related story."""
        return EVERYTHING if UNPUBLISHED in self.scopes else PUBLISHED

    async def follow(self, link: Link, paths: Paths, references: Sequence[Any]) -> list[Row | None]:
        """The rows that references point at; those of one level are read together."""
        keys = link.keys(references)
        once = list(dict.fromkeys(keys))
        if self.is_alone:
            return link.rows(await link.read(self, once, paths) if once else {}, keys, references)

        async def read(keys: Sequence[Any], _: Row) -> dict[Any, Any]:
            return dict(await link.read(self, keys, paths))

        found = await asyncio.gather(*(self._load(link, paths, key, read) for key in once))
        return link.rows(dict(zip(once, found, strict=True)), keys, references)

    async def page(self, part: Slice, paths: Paths) -> Page:
        """A page of articles; those of one level and order are read together."""
        if self.is_alone:
            return await articles.page(self.database, part, projection(paths))
        kind = f"page {part.order_key}"
        page: Page = await self._load(kind, paths, part, self._pages)
        return page

    async def similar(self, original: Original, first: int, paths: Paths) -> list[Likeness]:
        """The articles like this one; those of one level are read together."""

        async def read(originals: Sequence[Any], wanted: Row) -> dict[Any, Any]:
            return await read_similar(self.database, originals, wanted, first)

        found: list[Likeness] = await self._load(f"similar {first}", paths, original, read)
        return found

    async def topic(self, name: str, paths: Paths) -> Row | None:
        row: Row | None = await self._load(TOPICS, paths, name, self._topics)
        return row

    async def topic_children(self, name: str, paths: Paths) -> list[Row]:
        found = await self._load("children", paths, name, self._children)
        return found or []

    async def provider(self, key: str, paths: Paths) -> Row | None:
        row: Row | None = await self._load(PROVIDERS, paths, key, self._providers)
        return row

    async def subtrees(self, names: AbstractSet[str]) -> dict[str, list[str]]:
        """Each of these topics with all below it; the tree is read once."""
        if not names:
            return {}
        if self._tree is None:
            self._tree = asyncio.ensure_future(taxonomy.read_tree(self.database))
            self._tree.add_done_callback(_look_at)
        tree = await asyncio.shield(self._tree)
        return {name: taxonomy.subtree(tree, name) for name in names}

    async def _load(self, kind: Any, paths: Paths, key: Any, read: Read) -> Any:
        if self.is_alone:
            return (await read([key], projection(paths))).get(key)
        loader = self._loaders.get((kind, paths))
        if loader is None:

            async def load(keys: list[Any]) -> list[Any]:
                found = await read(keys, projection(paths))
                return [found.get(key) for key in keys]

            loader = self._loaders[kind, paths] = DataLoader(load_fn=load)
        # graphql-core cancels the siblings of a field that failed: the read is not theirs alone.
        loading = asyncio.ensure_future(loader.load(key))
        loading.add_done_callback(_look_at)
        return await asyncio.shield(loading)

    async def _pages(self, parts: Sequence[Slice], wanted: Row) -> dict[Slice, Page]:
        found = await articles.pages(self.database, parts, wanted)
        return dict(zip(parts, found, strict=True))

    async def _topics(self, names: Sequence[str], wanted: Row) -> dict[str, Row]:
        return await taxonomy.by_keys(self.database, TOPICS, names, wanted)

    async def _providers(self, keys: Sequence[str], wanted: Row) -> dict[str, Row]:
        return await taxonomy.by_keys(self.database, PROVIDERS, keys, wanted)

    async def _children(self, names: Sequence[str], wanted: Row) -> dict[str, Any]:
        return await taxonomy.children(self.database, names, wanted)

    def paths(self, info: Info, type_name: str, nodes: Sequence[FieldNode] | None = None) -> Paths:
        """The stored paths that a field's selections on a type need."""
        parents = info._raw_info.field_nodes if nodes is None else nodes

        def needed() -> Paths:
            operation = _operation(info)
            return needed_paths(operation, _object(operation, type_name), parents)

        return self.remembered(("paths", type_name, *map(id, parents)), needed)

    def remembered(self, key: tuple[Any, ...], find: Callable[[], Found]) -> Found:
        """What `find` gives, which depends on the operation's text alone."""
        if key not in self.memo:
            self.memo[key] = find()
        found: Found = self.memo[key]
        return found


Info = strawberry.Info[Context, None]


@lru_cache(maxsize=1024)
def projection(paths: Paths) -> Row:
    """A projection of these paths and the `_id`, which nobody changes."""
    return {"_id": 1, **dict.fromkeys(sorted(paths), 1)}


def selected(
    info: Info, type_name: str, nodes: Sequence[FieldNode] | None = None
) -> dict[str, list[FieldNode]]:
    """The fields that are selected on a type, by name."""
    parents = info._raw_info.field_nodes if nodes is None else nodes

    def collected() -> dict[str, list[FieldNode]]:
        operation = _operation(info)
        return collect_fields(operation, _object(operation, type_name), parents)

    return info.context.remembered(("selected", type_name, *map(id, parents)), collected)


def _operation(info: Info) -> Operation:
    raw = info._raw_info
    return Operation(raw.schema, raw.fragments, variable_values(raw.variable_values), needs_of)


def _object(operation: Operation, type_name: str) -> GraphQLObjectType:
    found = operation.schema.type_map[type_name]
    assert isinstance(found, GraphQLObjectType)
    return found
