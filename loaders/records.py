"""What a document must look like: the known fields of each kind, held against a tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NamedTuple, NotRequired

from pydantic import ConfigDict, PlainValidator, TypeAdapter, ValidationError, with_config
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict  # pydantic takes none of typing's before Python 3.12

from loaders.positions import Keys
from loaders.scalars import Finding, moment, resolve, shown, truth, whole_number

RecordKind = Literal["article", "topic", "organization"]

_OPEN = ConfigDict(extra="allow")


def _reading(read: Callable[[object], object]) -> PlainValidator:
    def validate(value: object) -> object:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise PydanticCustomError("scalar", "{reason}", {"reason": str(error)}) from None

    return PlainValidator(validate)


# Text needs no reader: pydantic makes a str of every Plain.
Whole = Annotated[int | None, _reading(whole_number)]
Truth = Annotated[bool | None, _reading(truth)]
Moment = Annotated[datetime | None, _reading(moment)]


@with_config(_OPEN)
class ImageRecord(TypedDict):
    url: str
    width: NotRequired[Whole]
    height: NotRequired[Whole]
    isCached: NotRequired[Truth]
    title: NotRequired[str | None]
    attribution: NotRequired[str | None]


@with_config(_OPEN)
class ProviderRecord(TypedDict):
    name: str
    domain: str
    images: NotRequired[list[ImageRecord | None] | None]


@with_config(_OPEN)
class RelatedRecord(TypedDict):
    title: str
    excerpt: NotRequired[str | None]
    publishedDateTime: NotRequired[Moment]
    webUrl: NotRequired[str | None]
    ampWebUrl: NotRequired[str | None]
    cdnAmpWebUrl: NotRequired[str | None]
    type: NotRequired[str | None]
    provider: ProviderRecord
    quality: NotRequired[Whole]
    images: NotRequired[list[ImageRecord | None] | None]


@with_config(_OPEN)
class ArticleRecord(TypedDict):
    """The front matter of an article."""

    category: NotRequired[str | None]
    title: str
    excerpt: NotRequired[str | None]
    publishedDateTime: NotRequired[Moment]
    webUrl: NotRequired[str | None]
    originalUrl: NotRequired[str | None]
    ampWebUrl: NotRequired[str | None]
    cdnAmpWebUrl: NotRequired[str | None]
    type: NotRequired[str | None]
    quality: NotRequired[Whole]
    heat: NotRequired[Whole]
    published: NotRequired[Truth]
    removed: NotRequired[Truth]
    featuredContent: NotRequired[str | None]
    provider: ProviderRecord
    topics: NotRequired[list[str | None] | None]
    images: NotRequired[list[ImageRecord | None] | None]
    related: NotRequired[list[RelatedRecord | None] | None]
    secured: NotRequired[str | None]


@with_config(_OPEN)
class TopicRecord(TypedDict):
    """A topic file."""

    _id: NotRequired[str | None]
    name: str
    shortname: NotRequired[str | None]
    parent: NotRequired[str | None]
    keywords: NotRequired[list[str | None] | None]
    hashtags: NotRequired[list[str | None] | None]
    images: NotRequired[list[str | None] | None]


@with_config(_OPEN)
class OrganizationRecord(TypedDict):
    """An organisation file."""

    _id: NotRequired[str | None]
    name: str
    domain: str
    description: NotRequired[str | None]
    otherNames: NotRequired[list[str | None] | None]
    images: NotRequired[list[ImageRecord | None] | None]


class Checked(NamedTuple):
    """The record, unknown keys among its own; it is of no use where there are faults."""

    record: dict[str, Any]
    faults: list[Finding]
    warnings: list[Finding]


_ADAPTERS: Final[dict[RecordKind, TypeAdapter[Any]]] = {
    "article": TypeAdapter(ArticleRecord),
    "topic": TypeAdapter(TopicRecord),
    "organization": TypeAdapter(OrganizationRecord),
}
KNOWN: Final[dict[RecordKind, frozenset[str]]] = {
    "article": frozenset(ArticleRecord.__annotations__),
    "topic": frozenset(TopicRecord.__annotations__),
    "organization": frozenset(OrganizationRecord.__annotations__),
}
_NESTED = frozenset(ImageRecord.__annotations__) | frozenset(RelatedRecord.__annotations__)
_LISTS: Final = ("topics", "images", "related", "keywords", "hashtags", "otherNames")


def check(kind: RecordKind, tree: dict[str, Any]) -> Checked:
    """Hold a tree against the fields of its kind: every fault of it, not the first alone."""
    warnings: list[Finding] = []
    unresolved: list[Finding] = []
    try:
        record = _ADAPTERS[kind].validate_python(tree)
    except ValidationError as error:
        faults = [_finding(fault) for fault in error.errors(include_url=False)]
        # The record's unknown keys were not reached: look for their faults in the tree.
        resolve(tree, (), unresolved)
        known = KNOWN[kind] | _NESTED | {"name", "domain"}
        faults += [finding for finding in unresolved if _name(finding.at) not in known]
        return Checked({}, faults, warnings)
    _drop_nulls(record, warnings)
    # All known text is str by now: what is still Plain stands under a key that nobody knows.
    resolve(record, (), unresolved)
    return Checked(record, unresolved, warnings)


def _name(path: Keys) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _drop_nulls(record: dict[str, Any], warnings: list[Finding]) -> None:
    for key in _LISTS:
        _drop_nulls_of(record, key, (), warnings)
    _drop_nulls_of(record.get("provider"), "images", ("provider",), warnings)
    for number, story in enumerate(record.get("related") or ()):
        _drop_nulls_of(story, "images", ("related", number), warnings)
        provider = story["provider"]
        _drop_nulls_of(provider, "images", ("related", number, "provider"), warnings)


def _drop_nulls_of(
    record: dict[str, Any] | None, key: str, at: Keys, warnings: list[Finding]
) -> None:
    entries = record.get(key) if record else None
    if record and isinstance(entries, list) and None in entries:
        empty = [number for number, entry in enumerate(entries) if entry is None]
        warnings += [Finding((*at, key, number), "an empty entry, dropped") for number in empty]
        record[key] = [entry for entry in entries if entry is not None]


def _finding(fault: ErrorDetails) -> Finding:
    found = shown(fault["input"])
    reasons = {
        "missing": "is missing",
        "string_type": f"expected text, found {found}",
        "dict_type": f"expected a mapping of keys to values, found {found}",
        "list_type": f"expected a list, found {found}",
    }
    return Finding(fault["loc"], reasons.get(fault["type"], fault["msg"]))
