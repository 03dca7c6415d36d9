"""The fields that articles and related stories share."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from graph.fields.article_document import StoryDocument
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import declared_fields
from graph.schema.execution.references import PROVIDER, lookup
from graph.schema.types.provider import Provider
from graph.schema.values.image import SELECTION_PATHS, Image, images_field, lead_image_of, srcset_of
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination.page_args import bounded
from graph.text.excerpts import shorten

MAX_EXCERPT: Final = 10_000


def excerpt_of(
    row: Row,
    max_length: Annotated[
        int | None,
        strawberry.argument(
            description="The maximum length in characters: 1 to 10000. The text is cut between "
            "words."
        ),
    ] = None,
) -> str | None:
    """Return the excerpt of a story, of at most `max_length` characters."""
    words: str | None = row.get("excerpt")
    if max_length is None:
        return words
    length = bounded("maxLength", max_length, maximum=MAX_EXCERPT)
    return words and shorten(words, length)


@strawberry.interface(description="What an article and a related story have in common.")
@declared_fields(StoryDocument)
class Story:
    row: strawberry.Private[Row]

    excerpt: str | None = computed(excerpt_of, "excerpt", path="excerpt")
    provider: Provider = lookup("provider", PROVIDER, "provider.name", "provider.domain")
    images: list[Image] = images_field()
    lead_image: Image | None = computed(
        lead_image_of,
        *SELECTION_PATHS,
        nested="images",
        description="The first picture that is not a placeholder.",
    )
    srcset: str | None = computed(
        srcset_of,
        *SELECTION_PATHS,
        description="The lead image in all its sizes, as the value of the attribute `srcset` of "
        "an HTML image: the pictures whose URLs differ from its URL in width and height only. "
        "Null if no width is known.",
    )
