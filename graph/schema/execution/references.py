"""Links: how one stored object refers to another, and how those of a level are read at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph.compiler import Reference, Stub
from graph.documents import PROVIDERS, TOPICS, provider_key
from graph.errors import BadUserInput
from graph.schema.execution.context import Context, Info, Paths, projection
from graph.schema.inputs.input_types import text
from graph.schema.relay.global_id import key_of
from graph.store.driver.read_commands import Row
from graph.store.queries import articles, taxonomy
from graph.store.queries.taxonomy import slugify


async def _read_topics(context: Context, names: Sequence[str], paths: Paths) -> dict[str, Row]:
    wanted = projection(paths)
    return await taxonomy.by_keys(context.database, TOPICS, names, wanted)


async def _read_providers(context: Context, keys: Sequence[str], paths: Paths) -> dict[str, Row]:
    wanted = projection(paths)
    return await taxonomy.by_keys(context.database, PROVIDERS, keys, wanted)


async def _read_articles(
    context: Context, urls: Sequence[str], paths: Paths
) -> Mapping[str, Row | None]:
    """The articles at these URLs: read once, be it to show them or to see which are here."""
    default_row = context.articles_by_url.setdefault(paths, {})
    missing = [url for url in urls if url not in default_row] if default_row else urls
    if missing:
        wanted = projection(paths)
        found = await articles.by_web_urls(context.database, missing, wanted, context.visible)
        default_row.update(dict.fromkeys(missing))
        default_row.update(found)
    return default_row


def _asked_article(
    _: object,
    id: str | None = None,  # noqa: A002
    slug: str | None = None,
    web_url: str | None = None,
) -> tuple[str, str]:
    """By what an article is asked for: a stored field and its value."""
    if (id, slug, web_url).count(None) != 2:
        raise BadUserInput("article", "article: give exactly one of id, slug and webUrl")
    if web_url is not None:
        return "webUrl", text("webUrl", web_url)
    return "_id", key_of("id", id, "Article") if id is not None else text("slug", slug or "")


async def _read_asked_articles(
    context: Context, asked: Sequence[tuple[str, str]], paths: Paths
) -> dict[tuple[str, str], Row | None]:
    slugs = [value for field, value in asked if field == "_id"]
    urls = [value for field, value in asked if field == "webUrl" and value]
    found: dict[tuple[str, str], Row | None] = {}
    if slugs:
        wanted = projection(paths)
        rows = await articles.by_slugs(context.database, slugs, wanted, context.visible)
        found.update((("_id", slug), row) for slug, row in rows.items())
    if urls:
        default_row = await _read_articles(context, urls, paths)
        found.update((("webUrl", url), default_row[url]) for url in urls)
    return found


def _provider_key(reference: Mapping[str, Any]) -> str:
    return provider_key(reference.get("domain") or "", reference.get("name") or "")


def _known_provider(reference: Mapping[str, Any]) -> Row:
    name, domain = reference.get("name"), reference.get("domain")
    return {"_id": _provider_key(reference), "name": name, "domain": domain}


TOPICS_OF_ARTICLE: Final = Reference(
    references=lambda row: row.get("topics") or (),
    default_row=lambda name: {"_id": name, "slug": slugify(name)},
    read=_read_topics,
    stub=Stub(frozenset({"_id"}), lambda name: {"_id": name}, key_path="_id"),
    path="topics",
)
PROVIDER_OF_STORY: Final = Reference(
    references=lambda row: row["provider"],
    key=_provider_key,
    default_row=_known_provider,
    read=_read_providers,
    stub=Stub(
        frozenset({"_id", "name", "domain"}),
        _known_provider,
        inline_fields=frozenset({"name", "domain"}),
    ),
    path="provider",
)
ARTICLE_OF_STORY: Final = Reference(
    references=lambda row: row.get("webUrl") or None,
    read=_read_articles,
    path="webUrl",
)


ARTICLE: Final = Reference(
    references=_asked_article,
    read=_read_asked_articles,
)


async def followed(
    info: Info, link: Reference, type_name: str, references: Sequence[Any]
) -> list[Row | None]:
    """The rows that references point at, read only where more than they say is selected."""
    paths = info.context.paths(info, type_name)
    stub = link.stub_for(paths)
    if stub is not None:
        return stub.rows(references)
    return await info.context.follow(link, paths, references)
