"""Links: how one stored object refers to another, and how those of a level are read at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph.compiler import Link
from graph.documents import PROVIDERS, TOPICS, provider_key
from graph.schema.context import Context, Info, Paths, projection
from graph.store import articles, taxonomy
from graph.store.database import Row
from graph.store.taxonomy import slugify


async def _read_topics(context: Context, names: Sequence[str], paths: Paths) -> dict[str, Row]:
    wanted = projection(paths, context.database)
    return await taxonomy.by_keys(context.database, TOPICS, names, wanted)


async def _read_providers(context: Context, keys: Sequence[str], paths: Paths) -> dict[str, Row]:
    wanted = projection(paths, context.database)
    return await taxonomy.by_keys(context.database, PROVIDERS, keys, wanted)


async def _read_articles(
    context: Context, urls: Sequence[str], paths: Paths
) -> Mapping[str, Row | None]:
    """The articles at these URLs: read once, be it to show them or to see which are here."""
    known = context.articles_by_url.setdefault(paths, {})
    missing = [url for url in urls if url not in known]
    if missing:
        wanted = projection(paths, context.database)
        found = await articles.by_web_urls(context.database, missing, wanted, context.visible)
        known.update((url, found.get(url)) for url in missing)
    return known


def _provider_key(reference: Mapping[str, Any]) -> str:
    return provider_key(reference["domain"], reference["name"])


def _known_provider(reference: Mapping[str, Any]) -> Row:
    name, domain = reference["name"], reference["domain"]
    return {"_id": provider_key(domain, name), "name": name, "domain": domain}


TOPICS_OF_ARTICLE: Final = Link(
    references=lambda row: row.get("topics") or (),
    key=lambda name: name,
    known=lambda name: {"_id": name, "slug": slugify(name)},
    read=_read_topics,
    bare=frozenset({"_id"}),
)
PROVIDER_OF_STORY: Final = Link(
    references=lambda row: row["provider"],
    key=_provider_key,
    known=_known_provider,
    read=_read_providers,
    bare=frozenset({"_id", "name", "domain"}),
    own=frozenset({"name", "domain"}),
)
ARTICLE_OF_STORY: Final = Link(
    references=lambda row: row.get("webUrl") or None,
    key=lambda url: url,
    known=lambda url: None,
    read=_read_articles,
)


async def followed(
    info: Info, link: Link, type_name: str, references: Sequence[Any]
) -> list[Row | None]:
    """The rows that references point at, read only where more than they say is selected."""
    paths = info.context.paths(info, type_name)
    if link.bare is not None and paths <= link.bare:
        return [link.known(reference) for reference in references]  # type: ignore[misc]
    return await info.context.follow(link, paths, references)
