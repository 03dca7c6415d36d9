"""What an article and a related story have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import strawberry

from graph.schema.execution.context import Info
from graph.schema.execution.references import PROVIDER_OF_STORY
from graph.schema.execution.stored_fields import Inside, requires, stored
from graph.schema.types.provider import Provider, provider_of
from graph.schema.values.image import (
    ExcludePlaceholders,
    FirstImages,
    Image,
    MaxWidth,
    MinWidth,
    image_rows,
    images_of,
    lead_image_row,
)
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination import bounded
from graph.text.excerpts import shorten

MAXIMUM_EXCERPT: Final = 10_000


def excerpt_of(row: Row, max_length: int | None = None) -> str | None:
    """The excerpt of a story, at most so many characters of it."""
    words: str | None = row.get("excerpt")
    if max_length is None:
        return words
    length = bounded("maxLength", max_length, maximum=MAXIMUM_EXCERPT)
    return words and shorten(words, length)


@strawberry.interface(description="What an article and a related story have in common.")
class Story:
    row: strawberry.Private[Row]

    title: str = stored("title", "The headline.", empty="")

    @strawberry.field(
        description="The first words of the story, or a summary.",
        metadata=requires("excerpt", through=Inside(excerpt_of, plain="excerpt")),
    )
    def excerpt(
        self,
        max_length: Annotated[
            int | None,
            strawberry.argument(
                description="At most so many characters, cut between words: 1 to 10000."
            ),
        ] = None,
    ) -> str | None:
        return excerpt_of(self.row, max_length)

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
        metadata=requires("provider.name", "provider.domain", through=PROVIDER_OF_STORY),
    )
    async def provider(self, info: Info) -> Provider:
        return await provider_of(info, self.row["provider"])

    @strawberry.field(
        description="The story's pictures.",
        metadata=requires(
            "images.url",
            "images.width",
            "images.height",
            nested="images",
            through=Inside(image_rows, plain="images"),
        ),
    )
    def images(
        self,
        first: FirstImages = None,
        min_width: MinWidth = None,
        max_width: MaxWidth = None,
        exclude_placeholders: ExcludePlaceholders = False,
    ) -> list[Image]:
        return images_of(self.row, first, min_width, max_width, exclude_placeholders)

    @strawberry.field(
        description="The first picture that is no stand-in for one.",
        metadata=requires(
            "images.url",
            "images.width",
            "images.height",
            nested="images",
            through=Inside(lead_image_row),
        ),
    )
    def lead_image(self) -> Image | None:
        row = lead_image_row(self.row)
        return Image(row=row) if row is not None else None
