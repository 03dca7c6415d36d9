"""Images, as documents and organisation files hold them."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from graph.schema.fields import reads, stored
from graph.store.database import Row
from graph.store.pages import bounded


@strawberry.type(description="A picture: where it is, and what its document says of it.")
class Image:
    row: strawberry.Private[Row]

    url: str = stored("url", "Where the picture is, as the document writes it.")
    width: int | None = stored("width", "The width in pixels that the document claims.")
    height: int | None = stored("height", "The height in pixels that the document claims.")
    is_cached: bool | None = stored("isCached", "Whether the publisher keeps a copy of its own.")
    title: str | None = stored("title", "The caption.")
    attribution: str | None = stored("attribution", "Whom to credit.")

    @strawberry.field(
        description="Width divided by height; null where either is unknown or zero.",
        metadata=reads("width", "height"),
    )
    def aspect_ratio(self) -> float | None:
        width, height = self.row.get("width"), self.row.get("height")
        return width / height if width and height else None


def images_of(
    rows: Iterable[Row] | None, first: int | None = None, min_width: int | None = None
) -> list[Image]:
    """The images among `rows` that are wide enough, at most `first` of them."""
    if first is not None:
        bounded("first", first)
    if min_width is not None:
        bounded("minWidth", min_width, maximum=100_000, minimum=0)
    wide = [row for row in rows or () if (row.get("width") or 0) >= (min_width or 0)]
    return [Image(row=row) for row in wide[:first]]
