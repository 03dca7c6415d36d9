"""The kinds of files that are loaded, the shape of each, and the version of these shapes."""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal

from graph.fields.article_document import ArticleDocument
from graph.fields.declaration import Shape, keys_of
from graph.fields.taxonomy_documents import (
    AuthorFileDocument,
    OrganizationFileDocument,
    TopicFileDocument,
)

RecordKind = Literal["article", "topic", "organization", "author"]

SHAPES: Final[dict[RecordKind, Shape]] = {
    "article": ArticleDocument,
    "topic": TopicFileDocument,
    "organization": OrganizationFileDocument,
    "author": AuthorFileDocument,
}


def version_of(shapes: dict[RecordKind, Shape]) -> str:
    """Return a digest of how these shapes are read: it changes if a file may yield another
    document.
    """
    read = [[kind, _as_read(shape)] for kind, shape in sorted(shapes.items())]
    return hashlib.sha256(repr(read).encode()).hexdigest()[:16]


def _as_read(shape: Shape) -> list[Any]:
    return sorted(
        [
            field.key,
            field.name,
            _as_read(field.type) if field.is_object else field.type.__name__,
            field.is_list,
            field.declaration.required,
            field.is_null_if_missing,
        ]
        for field in keys_of(shape)
    )
