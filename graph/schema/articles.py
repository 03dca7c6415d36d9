"""Articles, their related stories, and lists of them."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from graph.schema.connections import EMPTY, After, Connection, First, listing
from graph.schema.context import Info, projection
from graph.schema.fields import reads, stored
from graph.schema.ids import to_global_id
from graph.schema.images import Image, images_of
from graph.schema.inputs import ArticleOrder, ArticleWhere, conditions_of, orders_of
from graph.schema.nodes import Node
from graph.schema.providers import Provider, provider_of
from graph.schema.topics import Topic, topics_of
from graph.store import articles
from graph.store.database import Row
from graph.store.filters import Condition
from graph.store.pages import bounded

FirstImages = Annotated[
    int | None, strawberry.argument(description="At most so many: 1 to 100; all if not given.")
]
MinWidth = Annotated[
    int | None, strawberry.argument(description="Only those at least this wide, in pixels.")
]
Where = Annotated[
    ArticleWhere | None, strawberry.argument(description="Which articles; all if not given.")
]
OrderBy = Annotated[
    list[ArticleOrder] | None,
    strawberry.argument(description="In which order; the newest first if not given."),
]


@strawberry.interface(description="What an article and a related story have in common.")
class Story:
    row: strawberry.Private[Row]

    title: str = stored("title", "The headline.", empty="")
    excerpt: str | None = stored("excerpt", "The first words of the story, or a summary.")
    published_date_time: datetime | None = stored(
        "publishedDateTime", "When the story was published."
    )
    type: str | None = stored(
        "type", "What kind of document it is: `article`, `video`, `course`, …"
    )
    web_url: str | None = stored(
        "webUrl", "The story's page. Not unique, and missing on videos: see `originalUrl`."
    )
    amp_web_url: str | None = stored("ampWebUrl", "The story's AMP page.")
    cdn_amp_web_url: str | None = stored("cdnAmpWebUrl", "The AMP page in a cache.")
    quality: int | None = stored("quality", "The publisher's grade of the text; -1 means none.")

    @strawberry.field(
        description="Who published the story.",
        metadata=reads("provider.name", "provider.domain"),
    )
    async def provider(self, info: Info) -> Provider:
        return await provider_of(info, self.row["provider"])

    @strawberry.field(description="The story's pictures.", metadata=reads(nested="images"))
    def images(self, first: FirstImages = None, min_width: MinWidth = None) -> list[Image]:
        return images_of(self.row.get("images"), first, min_width)


@strawberry.type(
    description="A story that an article points at: a copy of its head, made when the article "
    "was published. The story itself, if this API holds it, is its `article`."
)
class RelatedStory(Story):
    @strawberry.field(
        description="The newest published article with this story's URL, or null if there is "
        "none here.",
        metadata=reads("webUrl"),
    )
    async def article(self, info: Info) -> Article | None:
        url = self.row.get("webUrl")
        if not url:
            return None
        row = await info.context.article_by_web_url(url, info.context.paths(info, "Article"))
        return Article(row=row) if row is not None else None


@strawberry.type(description="Where an article comes from.")
class Source:
    row: strawberry.Private[Row]

    path: str = stored("path", "The file, below the folder that was loaded.")
    hash: str = stored("hash", "SHA-256 of what the file means; it changes when that does.")
    loaded_at: datetime = stored("loadedAt", "When the file was last loaded with a change.")
    revision: int = stored("revision", "The revision of the corpus that brought this version.")


@strawberry.type(description="The encrypted part of an article; what is in it stays closed.")
class Secured:
    row: strawberry.Private[Row]

    @strawberry.field(description="Whether the article has an encrypted part.")
    def present(self) -> bool:
        return bool(self.row.get("secured"))

    @strawberry.field(description="The length of the ciphertext in bytes, 0 where there is none.")
    def bytes(self) -> int:
        ciphertext = (self.row.get("secured") or "").partition(";")[0]
        try:
            return len(base64.b64decode(ciphertext, validate=True))
        except (binascii.Error, ValueError):
            return len(ciphertext.encode())  # not base64: what stands there is all there is


@strawberry.type(description="One document: a news article, a video, a course, …")
class Article(Node, Story):
    @strawberry.field(description="An opaque id, unique over all types.", metadata=reads("_id"))
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id("Article", self.row["_id"]))

    slug: str = stored("_id", "The path of the article's file, without its ending: its identity.")
    category: str | None = stored("category", "The section that the publisher filed it under.")
    original_url: str | None = stored(
        "originalUrl", "Where the story was found; for a video the only URL."
    )
    heat: int | None = stored("heat", "How much the story is talked about; -1 means unknown.")
    published: bool = stored("published", "Whether it is published.")
    body: str | None = stored(
        "body",
        "The text below the front matter, as it was written: Markdown or HTML, unsafe to "
        "show as it is.",
    )
    featured_content: str | None = stored(
        "featuredContent", "Embedded content as HTML, such as a player; unsafe to show as it is."
    )
    extra: JSON = stored("extra", "What else the document says, under its own keys.", empty={})

    @strawberry.field(description="The topics that it is filed under.", metadata=reads("topics"))
    async def topics(self, info: Info) -> list[Topic]:
        return await topics_of(info, self.row.get("topics") or [])

    @strawberry.field(
        description="The stories that it points at, as it describes them.",
        metadata=reads(nested="related"),
    )
    def related(
        self,
        first: Annotated[int, strawberry.argument(description="At most so many: 1 to 100.")] = 10,
    ) -> list[RelatedStory]:
        bounded("first", first)
        return [RelatedStory(row=row) for row in (self.row.get("related") or ())[:first]]

    @strawberry.field(description="How many stories it points at.", metadata=reads("related.title"))
    def related_count(self) -> int:
        return len(self.row.get("related") or ())

    @strawberry.field(
        description="The published articles that point at this one, by its URL.",
        metadata=reads("webUrl"),
    )
    async def related_from(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[Article]:
        url = self.row.get("webUrl")
        condition = Condition("related.webUrl", "in", [url] if url else [])
        return await article_connection(info, [condition], None, None, first, after, None, None)

    @strawberry.field(description="Where it comes from.", metadata=reads(nested="source"))
    def source(self) -> Source:
        return Source(row=self.row["source"])

    @strawberry.field(description="Its encrypted part.", metadata=reads("secured"))
    def secured(self) -> Secured:
        return Secured(row={"secured": self.row.get("secured")})


async def article_connection(
    info: Info,
    conditions: list[Condition],
    where: ArticleWhere | None,
    order_by: list[ArticleOrder] | None,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Connection[Article]:
    """A page of the published articles that meet `conditions` and `where`."""
    asked = listing(info, "Article", first, after, last, before)
    tests = [*conditions, *conditions_of(where)]
    database, wanted = info.context.database, projection(asked.paths)
    page = EMPTY
    if asked.wanted:
        page = await articles.page(database, tests, orders_of(order_by), asked.part, wanted)
    count = partial(articles.count, database, tests)
    return Connection(content=[Article(row=row) for row in page.rows], page=page, count=count)
