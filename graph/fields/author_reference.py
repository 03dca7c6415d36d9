"""An author, as articles name them."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from graph.fields.declaration import Declaration


class AuthorReference(TypedDict):
    """An author as an article names them. Loaders always write `slug`: it identifies the author."""

    name: Annotated[
        str,
        Declaration("The name, or the slug of an author file.", required=True, example="Ida Holm"),
    ]
    slug: Annotated[
        NotRequired[str | None],
        Declaration("The slug, where it is not made of the name.", example="ida-holm"),
    ]
    url: Annotated[
        NotRequired[str | None],
        Declaration("Their page.", example="https://gull.example/staff/ida"),
    ]
