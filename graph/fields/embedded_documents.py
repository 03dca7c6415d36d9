"""The stored shapes that documents embed: pictures, providers and authors."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from graph.fields.declaration import Declaration


class ImageDocument(TypedDict):
    """A picture; width and height in pixels, as the file claims them."""

    url: Annotated[
        str,
        Declaration(
            "The URL of the picture, as written in the document, with HTML entities decoded.",
            required=True,
            example="https://gull.example/images/ferry-640.jpg",
        ),
    ]
    width: Annotated[
        NotRequired[int | None],
        Declaration("The width in pixels, according to the document.", example="640"),
    ]
    height: Annotated[
        NotRequired[int | None],
        Declaration("The height in pixels, according to the document.", example="360"),
    ]
    isCached: Annotated[
        NotRequired[bool | None],
        Declaration("Whether the publisher stores its own copy.", example="true"),
    ]
    title: Annotated[NotRequired[str | None], Declaration("The caption.", example="The new ferry")]
    attribution: Annotated[
        NotRequired[str | None],
        Declaration("The person or organisation to credit.", example="Ida Holm"),
    ]
    alt: Annotated[
        NotRequired[str | None],
        Declaration(
            "What it shows, in words: the alternative text.",
            example="A white ferry without a funnel",
        ),
    ]


class ProviderNames(TypedDict):
    """What identifies a provider: channels of a video site share their domain."""

    name: Annotated[
        str,
        Declaration(
            "The name, as in its articles.",
            required=True,
            example="The Gull",
            where="By their name.",
            folded="foldedName",
            weight=5,
        ),
    ]
    domain: Annotated[
        str,
        Declaration(
            "The domain of its site.",
            required=True,
            example="gull.example",
            where="By the domain of their site.",
            indexed=True,
        ),
    ]


class ProviderReference(ProviderNames):
    """The provider as a document names it."""

    images: Annotated[
        NotRequired[list[ImageDocument] | None],
        Declaration("Its pictures, in various sizes."),
    ]


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
        Declaration("The URL of their page.", example="https://gull.example/staff/ida"),
    ]
