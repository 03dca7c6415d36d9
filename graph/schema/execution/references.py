"""References: how stored objects refer to each other, and how they are loaded in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import strawberry
from graphql import get_nullable_type, is_list_type

from graph.compiler import Lookup, Method, Paths, Reference, Stub
from graph.documents import AUTHORS, PROVIDERS, TOPICS, provider_key, slugify
from graph.schema.execution.context import Context, Info, projection, returned_type
from graph.schema.execution.fields.computed_fields import as_objects, make_field, row_of
from graph.schema.execution.fields.stored_fields import READING, requires
from graph.schema.execution.fields.strawberry_internals import resolve_info
from graph.schema.inputs.keys import exactly_one
from graph.schema.relay.global_id import key_of
from graph.store.driver.read_commands import Row
from graph.store.queries import articles, taxonomy


async def _load_topics(context: Context, names: Sequence[str], paths: Paths) -> dict[str, Row]:
    fields = projection(paths)
    rows = await taxonomy.by_keys(context.database, TOPICS, names, fields)
    return {name: rows.get(name) or {"_id": name, "slug": slugify(name)} for name in names}


async def _load_providers(
    context: Context, keys: Sequence[tuple[str, str]], paths: Paths
) -> dict[tuple[str, str], Row]:
    fields = projection(paths)
    ids = {key: provider_key(*key) for key in keys}
    rows = await taxonomy.by_keys(context.database, PROVIDERS, [*ids.values()], fields)
    return {key: rows.get(ids[key]) or {"domain": key[0], "name": key[1]} for key in keys}


async def _load_authors(
    context: Context, keys: Sequence[tuple[str, str]], paths: Paths
) -> dict[tuple[str, str], Row]:
    fields = projection(paths)
    rows = await taxonomy.by_keys(context.database, AUTHORS, [slug for slug, _ in keys], fields)
    return {key: rows.get(key[0]) or {"slug": key[0], "name": key[1]} for key in keys}


async def _load_articles(
    context: Context, urls: Sequence[str], paths: Paths
) -> Mapping[str, Row | None]:
    """Return the articles at these URLs. Each is read once in an operation."""
    rows = context.articles_by_url.setdefault(paths, {})
    missing = [url for url in urls if url not in rows] if rows else urls
    if missing:
        fields = projection(paths)
        read = await articles.by_web_urls(context.database, missing, fields, context.visible)
        rows.update(dict.fromkeys(missing))
        rows.update(read)
    return rows


def article_key(
    _: object,
    id: Annotated[strawberry.ID | None, strawberry.argument(description="Its id.")] = None,  # noqa: A002
    slug: Annotated[
        str | None, strawberry.argument(description="The path of its file, without its extension.")
    ] = None,
    web_url: Annotated[
        str | None,
        strawberry.argument(description="Its URL; the newest article if there are several."),
    ] = None,
) -> tuple[str, str]:
    """Return the stored field that identifies an article, and its value."""
    name, value = exactly_one("article", {"id": id, "slug": slug, "webUrl": web_url})
    if name == "webUrl":
        return name, value
    return "_id", key_of("id", value, "Article") if name == "id" else value


async def _load_articles_by_key(
    context: Context, keys: Sequence[tuple[str, str]], paths: Paths
) -> dict[tuple[str, str], Row | None]:
    slugs = [value for field, value in keys if field == "_id"]
    urls = [value for field, value in keys if field == "webUrl" and value]
    rows: dict[tuple[str, str], Row | None] = {}
    if slugs:
        fields = projection(paths)
        by_slug = await articles.by_slugs(context.database, slugs, fields, context.visible)
        rows.update((("_id", slug), row) for slug, row in by_slug.items())
    if urls:
        by_url = await _load_articles(context, urls, paths)
        rows.update((("webUrl", url), by_url[url]) for url in urls)
    return rows


def _provider_key(reference: Mapping[str, Any]) -> tuple[str, str]:
    return reference.get("domain") or "", reference.get("name") or ""


def _author_key(reference: Mapping[str, Any]) -> tuple[str, str]:
    return reference.get("slug") or "", reference.get("name") or ""


TOPIC: Final = Reference(_load_topics, stub=Stub(frozenset({"_id"}), "_id"))
"""Topics by their names. One that is not stored has a name and a slug all the same."""

PROVIDER: Final = Reference(_load_providers, _provider_key, Stub(frozenset({"name", "domain"})))
"""Providers by domain and name, which is all there is of one that is not stored."""

AUTHOR: Final = Reference(_load_authors, _author_key, Stub(frozenset({"slug"})))
"""Authors by their slugs. One that is not stored has the name that the reference has."""

ARTICLE_BY_URL: Final = Reference(_load_articles)
ARTICLE: Final = Reference(_load_articles_by_key)
"""Articles by what `article_key` returns."""


def lookup(
    references: str | Callable[..., Any],
    reference: Reference,
    *paths: str,
    description: str | None = None,
    graphql_type: Any = None,
) -> Any:
    """Return a field whose value is the object, or the list of objects, that references in the row
    refer to.

    `references` is the path at which they stand; or, as in `computed`, a function of the row that
    finds them. It reads `paths` of the row, which are the path itself if none are named.
    """
    find = _at(references) if isinstance(references, str) else references

    async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
        value = find(row_of(root), **arguments)
        if is_list_type(get_nullable_type(resolve_info(info).return_type)):
            return as_objects(info, await follow(info, reference, value or []))
        rows = await follow(info, reference, [value]) if value else [None]
        return as_objects(info, rows[0])

    def source(convert: Any) -> Lookup:
        return Lookup(reference, Method(find, convert, on_row=True))

    reading: Any = source
    if isinstance(references, str):
        reading, paths = Lookup(reference, references), paths or (references,)
    metadata = {**requires(*paths), READING: reading}
    return make_field(resolve, find, metadata, description, graphql_type)


async def follow(info: Info, reference: Reference, references: Sequence[Any]) -> list[Row | None]:
    """Return the referenced rows. They are loaded only if the stubs lack a selected field."""
    paths = info.context.paths(info, returned_type(info).name)
    stub = reference.stub_for(paths)
    if stub is not None:
        return [stub.row(reference) for reference in references]
    return await info.context.follow(reference, paths, references)


def _at(path: str) -> Callable[[Row], Any]:
    return lambda row: row.get(path)
