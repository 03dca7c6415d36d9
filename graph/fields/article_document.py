"""The stored shape of an article: its front matter, with what newsgraph adds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, NotRequired, TypedDict

from graph.fields.declaration import Declaration, Presence, fields_of, paths_of, weights_of
from graph.fields.embedded_documents import AuthorReference, ImageDocument, ProviderReference
from graph.fields.source_document import SourceDocument


class StoryDocument(TypedDict):
    """What an article and a related story have in common."""

    title: Annotated[
        str,
        Declaration(
            "The headline.",
            required=True,
            example="A new ferry for the islands",
            where="By their headline.",
            folded="foldedTitle",
            order="The headline, without regard to case and accents.",
            weight=10,
        ),
    ]
    excerpt: Annotated[
        NotRequired[str | None],
        Declaration(
            "The first words of the story, or a summary.",
            example="The first electric ferry has made its maiden voyage.",
            weight=3,
        ),
    ]
    publishedDateTime: Annotated[
        NotRequired[datetime | None],
        Declaration(
            "When the story was published.",
            example="2025-03-01T08:30:00Z",
            where="By their date.",
            order="When the article was published.",
        ),
    ]
    type: Annotated[
        NotRequired[str | None],
        Declaration(
            "What kind of document it is: `article`, `video`, `course`, …",
            example="article",
            where="By their type, such as `article` or `video`.",
            indexed=True,
        ),
    ]
    webUrl: Annotated[
        NotRequired[str | None],
        Declaration(
            "The story's page. Not unique, and missing on videos: see `originalUrl`.",
            example="https://gull.example/ferry",
            null_if_missing=True,  # related stories refer to articles by it
        ),
    ]
    ampWebUrl: Annotated[
        NotRequired[str | None],
        Declaration("The story's AMP page.", example="https://gull.example/amp/ferry"),
    ]
    cdnAmpWebUrl: Annotated[
        NotRequired[str | None],
        Declaration(
            "The AMP page in a cache.", example="https://cdn.example/c/s/gull.example/amp/ferry"
        ),
    ]
    quality: Annotated[
        NotRequired[int | None],
        Declaration(
            "The publisher's grade of the text; -1 means that it has none.",
            example="70",
            where="By the publisher's grade of the text.",
            order="The publisher's grade of the text.",
        ),
    ]
    provider: Annotated[
        ProviderReference,
        Declaration("Who published the story.", required=True, where="By their provider."),
    ]
    images: Annotated[
        NotRequired[list[ImageDocument] | None],
        Declaration(
            "The story's pictures.",
            presence=Presence("hasImage", "Whether they have a picture."),
        ),
    ]


class ArticleDocument(StoryDocument):
    """One article.

    Loaders always write `published`: missing in the file means true, and `draft: true` means false.
    So does a time of the load that is before `publishDate`, or not before `expiryDate`.
    What is in `ALWAYS_STORED` is null where the file does not have it, except `updatedDateTime`:
    a load stores its time there, and `source.hasUpdatedDateTime` is false. `foldedTitle` is the
    folded form of the title, `urlKey` that of `webUrl`, which related stories have as well.
    `bodyIsHtml` is true if the body is HTML, and missing if it is Markdown.
    """

    _id: Annotated[
        str,
        Declaration(
            "The path of the article's file, without its extension. It identifies the article.",
            computed=True,
            graphql="slug",
            where='By their path, such as `{startsWith: "_news/2025"}`.',
        ),
    ]
    category: Annotated[
        NotRequired[str | None],
        Declaration(
            "The section that the publisher filed it under.",
            example="news",
            where="By the section that the publisher filed them under.",
        ),
    ]
    updatedDateTime: Annotated[
        NotRequired[datetime | None],
        Declaration(
            "When the story was last updated. If the document does not say, when a load last "
            "found it changed.",
            example="2025-03-02T10:00:00Z",
            where="By when they were last updated.",
            order="When the article was last updated.",
        ),
    ]
    language: Annotated[
        NotRequired[str | None],
        Declaration(
            "The language of the text, as the document writes it: `en`, `pt-BR`, …",
            example="en",
            where="By their language, as their documents write it.",
        ),
    ]
    originalUrl: Annotated[
        NotRequired[str | None],
        Declaration(
            "Where the story was found; for a video the only URL.",
            example="https://reelhouse.example/watch/ferry",
        ),
    ]
    heat: Annotated[
        NotRequired[int | None],
        Declaration(
            "How much the story is discussed; -1 means unknown.",
            example="12",
            where="By how much the story is discussed.",
            order="How much the story is discussed.",
        ),
    ]
    published: Annotated[
        bool,
        Declaration(
            "Whether it is published.",
            example="true",
            where="Whether they are published. Anything but true needs a token with the "
            "scope read:unpublished.",
        ),
    ]
    publishDate: Annotated[
        NotRequired[datetime | None],
        Declaration(
            "When it is published. Until then it is stored, but hidden.",
            example="2025-03-01T08:30:00Z",
        ),
    ]
    expiryDate: Annotated[
        NotRequired[datetime | None],
        Declaration("When it is unpublished.", example="2035-03-01T08:30:00Z"),
    ]
    removed: Annotated[
        NotRequired[bool | None],
        Declaration("Whether the publisher took it down.", example="false", hidden=True),
    ]
    featuredContent: Annotated[
        NotRequired[str | None],
        Declaration(
            "Embedded content, such as a player; null if there is none.",
            example='<iframe src="https://player.vimeo.com/video/1"></iframe>',
        ),
    ]
    topics: Annotated[
        NotRequired[list[str] | None],
        Declaration(
            "The topics that it is filed under.",
            example="[Ferries, Islands]",
            where='By their topics, such as `{any: ["AI"]}`.',
            indexed=True,
            weight=5,
        ),
    ]
    authors: Annotated[
        NotRequired[list[AuthorReference] | None],
        Declaration(
            "Who wrote it.",
            where='By who wrote them, such as `{any: ["Ida Holm"]}`.',
        ),
    ]
    items: Annotated[
        NotRequired[list[str] | None],
        Declaration(
            "The documents that it collects, such as the lessons of a course: paths, slugs or "
            "URLs.",
            example="[_learning/knots.md, /_learning/tides, 'https://gull.example/ferry']",
        ),
    ]
    related: Annotated[
        NotRequired[list[StoryDocument] | None],
        Declaration(
            "The related stories, as the article describes them.",
            presence=Presence("hasRelated", "Whether they have related stories."),
        ),
    ]
    secured: Annotated[
        NotRequired[str | None],
        Declaration("Its encrypted part.", example="q83vEjRWeJA=;EjRWeJq83vA=", volatile=True),
    ]
    body: Annotated[
        str | None,
        Declaration(
            "The text below the front matter; null if there is none.",
            computed=True,
            presence=Presence("hasBody", "Whether they have a body."),
            weight=1,
        ),
    ]
    extra: Annotated[
        dict[str, Any],
        Declaration("The keys of the document that have no field of their own.", computed=True),
    ]
    foldedTitle: str
    urlKey: str | None
    bodyIsHtml: NotRequired[bool]
    source: SourceDocument


ALWAYS_STORED: Final = tuple(
    field.name for field in fields_of(ArticleDocument) if field.is_null_if_missing
)
"""What lists of articles are ordered or filtered by, and files may lack: stored as null then.

Where MongoDB merges the branches of an `$or`, it takes a missing field of a document and the null
of an index for different values, and an order by both repeats documents and loses others.
"""

VOLATILE: Final = frozenset(
    field.name for field in fields_of(ArticleDocument) if field.declaration.volatile
)
"""Fields whose change alone is no change in meaning, unless `NEWSGRAPH_VOLATILE` says otherwise."""

SEARCH_WEIGHTS: Final = weights_of(ArticleDocument)
"""The stored paths that are searched, and the weight of each."""

INDEXED_PATHS: Final = tuple(
    path for path, field in paths_of(ArticleDocument) if field.declaration.indexed
)
"""The stored paths that have an index for the lists that are filtered by them."""
