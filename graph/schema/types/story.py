"""What an article and a related story have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import strawberry

from graph.schema.execution.computed_fields import computed
from graph.schema.execution.references import PROVIDER, lookup
from graph.schema.execution.stored_fields import stored
from graph.schema.types.provider import Provider
from graph.schema.values.image import Image, images_of, lead_image_of
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination import bounded
from graph.text.excerpts import shorten

MAXIMUM_EXCERPT: Final = 10_000


_TESTED: Final = ("images.url", "images.width", "images.height")
"""The stored paths by which images are chosen."""


def excerpt_of(
    row: Row,
    max_length: Annotated[
        int | None,
        strawberry.argument(
            description="At most so many characters, cut between words: 1 to 10000."
        ),
    ] = None,
) -> str | None:
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

    excerpt: str | None = computed(
        excerpt_of,
        "excerpt",
        path="excerpt",
        description="The first words of the story, or a summary.",
    )
    provider: Provider = lookup(
        "provider",
        PROVIDER,
        "provider.name",
        "provider.domain",
        description="Who published the story.",
    )
    images: list[Image] = computed(
        images_of,
        *_TESTED,
        nested="images",
        path="images",
        description="The story's pictures.",
    )
    lead_image: Image | None = computed(
        lead_image_of,
        *_TESTED,
        nested="images",
        description="The first picture that is no stand-in for one.",
    )
