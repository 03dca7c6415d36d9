"""The stored shape of topics, providers and authors: their files, and what is derived of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

from graph.fields.declaration import Declaration, fields_of
from graph.fields.embedded_documents import ImageDocument, ProviderNames, ProviderReference
from graph.fields.source_document import SourceDocument


class TopicDescription(TypedDict):
    """What a topic takes over from its file."""

    slug: Annotated[
        str,
        Declaration(
            "The name in the form used in URLs.",
            key="_id",
            example="ferries",
            where="By their slug.",
        ),
    ]
    description: Annotated[
        NotRequired[str | None],
        Declaration("The description in its topic file.", example="Boats that carry passengers."),
    ]
    shortname: Annotated[
        NotRequired[str | None],
        Declaration("A shorter name, if the full one is long.", example="Ferries"),
    ]
    parent: Annotated[
        NotRequired[str | None],
        Declaration(
            "The topic above it, or null at the top.",
            example="Transport",
            where="By the name of the topic above: `{exists: false}` for those at the top.",
        ),
    ]
    keywords: Annotated[
        NotRequired[list[str] | None],
        Declaration("Words that point to the topic.", example="[ferry, boat]"),
    ]
    hashtags: Annotated[
        NotRequired[list[str] | None],
        Declaration("Its tags on social media, with their `#`.", example='["#ferries"]'),
    ]
    images: Annotated[
        NotRequired[list[ImageDocument] | None],
        Declaration(
            "Its pictures. A topic file may list only their URLs.",
            example="[https://gull.example/images/topic-ferries.png]",
        ),
    ]


class TopicFileDocument(TopicDescription):
    """A topic file. `slug` is what the file calls its `_id`."""

    _id: str
    kind: Literal["topic"]
    name: Annotated[
        str,
        Declaration("The name by which articles refer to it.", required=True, example="Ferries"),
    ]
    extra: dict[str, Any]
    source: SourceDocument


class OrganizationDescription(TypedDict):
    """What a provider takes over from its domain's organisation file."""

    description: Annotated[
        NotRequired[str | None],
        Declaration(
            "The description in its organisation file.", example="A paper for the islands."
        ),
    ]
    otherNames: Annotated[
        NotRequired[list[str] | None],
        Declaration("The other names in its organisation file.", example="[The Daily Gull]"),
    ]
    images: Annotated[
        NotRequired[list[ImageDocument] | None], Declaration("Its pictures, in various sizes.")
    ]


class OrganizationFileDocument(ProviderNames, OrganizationDescription):
    """An organisation file. `slug` is what the file calls its `_id`."""

    _id: str
    kind: Literal["organization"]
    slug: Annotated[
        str,
        Declaration(
            "The file's own identifier.",
            key="_id",
            example="gull",
            hidden=True,
        ),
    ]
    extra: dict[str, Any]
    source: SourceDocument


class AuthorDescription(TypedDict):
    """What an author takes over from their file."""

    name: Annotated[
        str,
        Declaration(
            "The name.",
            required=True,
            example="Ida Holm",
            where="By their name.",
            folded="foldedName",
        ),
    ]
    description: Annotated[
        NotRequired[str | None],
        Declaration("The description in their author file.", example="Ida covers the harbour."),
    ]
    url: Annotated[
        NotRequired[str | None],
        Declaration("The URL of their page.", example="https://gull.example/staff/ida"),
    ]
    links: Annotated[
        NotRequired[list[str] | None],
        Declaration("The URLs of their other pages.", example="['https://social.example/@ida']"),
    ]
    images: Annotated[
        NotRequired[list[ImageDocument] | None], Declaration("Their pictures, in various sizes.")
    ]
    provider: Annotated[
        NotRequired[ProviderReference | None],
        Declaration(
            "The provider that they write for; that of their newest article if it is missing."
        ),
    ]


class AuthorFileDocument(AuthorDescription):
    """An author file. `slug` is what the file calls its `_id`."""

    _id: str
    kind: Literal["author"]
    slug: Annotated[
        str,
        Declaration(
            "The slug, by which articles may name them; the file's name if it is missing.",
            key="_id",
            example="ida-holm",
        ),
    ]
    extra: dict[str, Any]
    source: SourceDocument


MAX_CO_OCCURRING: Final = 50
"""The maximum number of such topics that a topic stores."""


class CoOccurringTopic(TypedDict):
    """A topic that occurs together with another, and on how many published articles."""

    name: str
    articleCount: int


_Latest = Annotated[
    datetime | None,
    Declaration(
        "The date of the newest article that `articleCount` counts.",
        computed=True,
        where="By the date of the newest one of them.",
    ),
]


class TopicDocument(TopicDescription):
    """A topic, under its name: that is how articles refer to it.

    It exists because a published article or a file uses its name, if only as a parent's.
    `coOccurring` holds the topics that most often occur together with it on published articles, the
    most frequent first, then by name.
    """

    _id: Annotated[
        str,
        Declaration(
            "The name by which articles refer to it.",
            computed=True,
            graphql="name",
            where="By their name.",
            folded="foldedName",
        ),
    ]
    coOccurring: list[CoOccurringTopic]
    articleCount: Annotated[
        int,
        Declaration(
            "How many published articles are filed under it.",
            computed=True,
            where="By how many published articles are filed under them.",
        ),
    ]
    latest: _Latest
    foldedName: str
    changedRevision: int


class ProviderDocument(ProviderNames, OrganizationDescription):
    """A provider, under its domain and name: channels of a video site share their domain."""

    _id: str
    articleCount: Annotated[
        int,
        Declaration(
            "How many published articles it has.",
            computed=True,
            where="By how many published articles they have.",
        ),
    ]
    latest: _Latest
    foldedName: str
    foldedDomain: str
    changedRevision: int


class AuthorDocument(AuthorDescription):
    """An author, under their slug. A published article names them, or a file describes them."""

    _id: str
    slug: Annotated[
        str,
        Declaration(
            "The name in the form used in URLs. It identifies the author.",
            computed=True,
            where="By their slug.",
        ),
    ]
    articleCount: Annotated[
        int,
        Declaration(
            "How many published articles they wrote.",
            computed=True,
            where="By how many published articles they wrote.",
        ),
    ]
    latest: _Latest
    foldedName: str
    changedRevision: int


TOPIC_FILE_KEYS: Final = tuple(field.name for field in fields_of(TopicDescription))
"""What a topic takes over from its file."""

ORGANIZATION_FILE_KEYS: Final = tuple(field.name for field in fields_of(OrganizationDescription))
"""What a provider takes over from its domain's organisation file."""

AUTHOR_FILE_KEYS: Final = tuple(field.name for field in fields_of(AuthorDescription))
"""What an author takes over from their file."""
