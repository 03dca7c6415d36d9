"""How a stored field is declared, and what follows from its declaration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

Shape = type
"""A TypedDict whose annotations carry declarations."""


def snake_case(name: str) -> str:
    """Convert a name from camel case to snake case: `hasImage` to `has_image`."""
    return re.sub(r"(?=[A-Z])", "_", name).lower()


class Presence(NamedTuple):
    """A filter by whether a field has a value: its name in GraphQL, and its description."""

    name: str
    description: str

    @property
    def attribute(self) -> str:
        """Its name in Python."""
        return snake_case(self.name)


@dataclass(frozen=True, slots=True)
class Declaration:
    """The declaration of a stored field, the metadata of its annotation in a TypedDict.

    The annotated type decides how the loader reads the value, and which type and which filter the
    field has in GraphQL.

    Args:
        description: one sentence, for GraphQL and for docs/front-matter.md.
        required: the front matter must have it. Text must not be blank then.
        example: a value as it is written in YAML.
        key: its key in the front matter, where that is not the stored name.
        computed: newsgraph computes it; it is no key of the front matter.
        graphql: its name in GraphQL, where that is not the stored name.
        hidden: it has no field in GraphQL.
        where: the description of its filter in `where`; empty for no filter.
        folded: the stored field that holds the folded form of it, by which lists are ordered and
            filtered; see `graph.fields.folding`.
        order: the description of its value of `orderBy`, which has an index; empty for none.
        presence: the filter by whether it has a value.
        indexed: lists of articles that are filtered by it have an index.
        weight: its weight in search; 0 means that it is not searched.
        volatile: its change alone is, by default, no new revision.
        null_if_missing: it is stored as null where the front matter lacks it. Fields that lists
            are filtered or ordered by always are.
    """

    description: str
    _: KW_ONLY
    required: bool = False
    example: str = ""
    key: str = ""
    computed: bool = False
    graphql: str = ""
    hidden: bool = False
    where: str = ""
    folded: str = ""
    order: str = ""
    presence: Presence | None = None
    indexed: bool = False
    weight: int = 0
    volatile: bool = False
    null_if_missing: bool = False


class StoredField(NamedTuple):
    """A field of a shape: its stored name, its type and its declaration.

    `type` is str, int, bool, datetime, dict or, for an object, its shape; for a list it is that of
    the entries.
    """

    name: str
    type: type[Any]
    is_list: bool
    is_nullable: bool
    declaration: Declaration

    @property
    def key(self) -> str:
        """Its key in the front matter."""
        return self.declaration.key or self.name

    @property
    def graphql(self) -> str:
        """Its name in GraphQL."""
        return self.declaration.graphql or self.name

    @property
    def attribute(self) -> str:
        """Its name in Python: `published_date_time` for `publishedDateTime`."""
        return snake_case(self.graphql)

    @property
    def compared(self) -> str:
        """The stored name by which lists are ordered and filtered."""
        return self.declaration.folded or self.name

    @property
    def is_object(self) -> bool:
        """Whether it is an object with declared fields, or a list of such."""
        return is_typeddict(self.type)

    @property
    def is_null_if_missing(self) -> bool:
        """Whether an article stores null where its front matter lacks the field."""
        facts = self.declaration
        is_listed_by = bool(facts.where or facts.order or facts.presence or facts.indexed)
        return self.is_nullable and (is_listed_by or facts.null_if_missing)


@cache
def fields_of(shape: Shape) -> tuple[StoredField, ...]:
    """Return the declared fields of a shape, in order, `_id` first."""
    hints = get_type_hints(shape, include_extras=True)
    fields = [
        _stored_field(name, hint, declaration)
        for name, hint in hints.items()
        for declaration in getattr(hint, "__metadata__", ())
        if isinstance(declaration, Declaration)
    ]
    return tuple(sorted(fields, key=lambda field: field.name != "_id"))


def keys_of(shape: Shape) -> tuple[StoredField, ...]:
    """Return the fields of a shape that are keys of the front matter."""
    return tuple(field for field in fields_of(shape) if not field.declaration.computed)


def paths_of(shape: Shape, prefix: str = "") -> Iterator[tuple[str, StoredField]]:
    """Yield the paths of a shape's fields and of those of its objects, without lists of objects."""
    for field in fields_of(shape):
        yield f"{prefix}{field.name}", field
        if field.is_object and not field.is_list:
            yield from paths_of(field.type, f"{prefix}{field.name}.")


def weights_of(shape: Shape) -> dict[str, int]:
    """Return the searched paths and their weights: the heaviest first, then the least nested."""
    weights = {path: field.declaration.weight for path, field in paths_of(shape)}
    searched = sorted(filter(weights.get, weights), key=lambda path: (-weights[path], "." in path))
    return {path: weights[path] for path in searched}


def _stored_field(name: str, hint: Any, declaration: Declaration) -> StoredField:
    inner = hint.__origin__
    if get_origin(inner) is NotRequired:
        (inner,) = get_args(inner)
    options = get_args(inner) if NoneType in get_args(inner) else (inner,)
    (value,) = (option for option in options if option is not NoneType)
    origin = get_origin(value)
    kind = get_args(value)[0] if origin is list else origin or value
    return StoredField(name, kind, origin is list, len(options) > 1, declaration)
