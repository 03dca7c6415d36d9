"""What an article and a related story have in common."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.fields.article_document import StoryDocument
from graph.schema.execution.context import Info
from graph.schema.execution.references import PROVIDER_OF_STORY
from graph.schema.execution.stored_fields import Inside, declared_fields, requires
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
@declared_fields(StoryDocument)
class Story:
    row: strawberry.Private[Row]

    @strawberry.field(
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

    @strawberry.field(
        metadata=requires("provider.name", "provider.domain", through=PROVIDER_OF_STORY),
    )
    async def provider(self, info: Info) -> Provider:
        return await provider_of(info, self.row["provider"])

    @strawberry.field(
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
