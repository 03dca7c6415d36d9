"""Strawberry as its documentation shows it: types, resolvers, a DataLoader, both caches.

python strawberry_server.py MONGO_URL PORT
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import strawberry
from host import serve
from limit import decoded
from motor.motor_asyncio import AsyncIOMotorClient
from stored_articles import NEWEST, Row, newest_by_url, page_filter, write_cursor
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache


@strawberry.type
class Provider:
    name: str
    domain: str

    @classmethod
    def of(cls, row: Row) -> Provider:
        return cls(name=row["name"], domain=row["domain"])


@strawberry.type
class Topic:
    name: str


@strawberry.type
class Image:
    url: str
    width: int | None
    height: int | None

    @classmethod
    def of(cls, row: Row) -> Image:
        return cls(url=decoded(row["url"]), width=row.get("width"), height=row.get("height"))


async def article_of(root: RelatedStory, info: strawberry.Info) -> Article | None:
    if not root.web_url:
        return None
    found: Article | None = await info.context["by_url"].load(root.web_url)
    return found


@strawberry.type
class RelatedStory:
    title: str
    web_url: str | None
    provider: Provider
    images: list[Image]
    article: Article | None = strawberry.field(resolver=article_of)

    @classmethod
    def of(cls, row: Row) -> RelatedStory:
        return cls(
            title=row["title"],
            web_url=row.get("webUrl"),
            provider=Provider.of(row["provider"]),
            images=[Image.of(image) for image in row.get("images") or ()],
        )


def related_of(root: Article, first: int = 10) -> list[RelatedStory]:
    return [RelatedStory.of(story) for story in (root.row.get("related") or ())[:first]]


@strawberry.type
class Article:
    row: strawberry.Private[Row]
    slug: str
    title: str
    excerpt: str | None
    published_date_time: datetime | None
    web_url: str | None
    type: str | None
    quality: int | None
    heat: int | None
    provider: Provider
    topics: list[Topic]
    images: list[Image]
    related: list[RelatedStory] = strawberry.field(resolver=related_of)

    @classmethod
    def of(cls, row: Row) -> Article:
        return cls(
            row=row,
            slug=row["_id"],
            title=row["title"],
            excerpt=row.get("excerpt"),
            published_date_time=row.get("publishedDateTime"),
            web_url=row.get("webUrl"),
            type=row.get("type"),
            quality=row.get("quality"),
            heat=row.get("heat"),
            provider=Provider.of(row["provider"]),
            topics=[Topic(name=name) for name in row.get("topics") or ()],
            images=[Image.of(image) for image in row.get("images") or ()],
        )


@strawberry.type
class Edge:
    node: Article


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Connection:
    edges: list[Edge]
    page_info: PageInfo


async def article(slug: str, info: strawberry.Info) -> Article | None:
    row = await info.context["articles"].find_one({"_id": slug, "published": True})
    return None if row is None else Article.of(row)


async def articles(info: strawberry.Info, first: int = 20, after: str | None = None) -> Connection:
    found = info.context["articles"].find(page_filter(after)).sort(NEWEST).limit(first + 1)
    rows = await found.to_list(None)
    kept = rows[:first]
    return Connection(
        edges=[Edge(node=Article.of(row)) for row in kept],
        page_info=PageInfo(
            has_next_page=len(rows) > first, end_cursor=write_cursor(kept[-1]) if kept else None
        ),
    )


@strawberry.type
class Query:
    article: Article | None = strawberry.field(resolver=article)
    articles: Connection = strawberry.field(resolver=articles)


class Server(GraphQL[dict[str, Any], None]):
    """Strawberry's ASGI application, with the collection and a loader for each request."""

    def __init__(self, url: str) -> None:
        extensions = [ParserCache, ValidationCache]
        super().__init__(strawberry.Schema(Query, extensions=extensions), graphql_ide=None)
        client: AsyncIOMotorClient[Row] = AsyncIOMotorClient(url, tz_aware=True)
        self._articles = client.get_default_database()["articles"]

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"articles": self._articles, "by_url": DataLoader(load_fn=self._by_url)}

    async def _by_url(self, urls: list[str]) -> list[Article | None]:
        query = {"webUrl": {"$in": urls}, "published": True}
        found = newest_by_url(await self._articles.find(query).to_list(None))
        return [Article.of(found[url]) if url in found else None for url in urls]


async def make() -> Server:
    return Server(sys.argv[1])


if __name__ == "__main__":
    serve(make, int(sys.argv[2]))
