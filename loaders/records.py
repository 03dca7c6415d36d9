"""Records: front matter checked against what newsgraph stores.

The stored shape itself (`graph.documents`) is the model: pydantic reads its TypedDicts, and the
types below say how a scalar of the front matter becomes a text, a number, a truth value or a date.
Keys that the shape does not name pass through. All faults of a document are found at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from loaders.frontmatter import Path
from loaders.scalars import is_null, to_integer, to_moment, to_truth, unkept

Kind = Literal["article", "topic", "organization"]
INTEGER_32: Final = (-(2**31), 2**31 - 1)
"""The integers that GraphQL's Int can carry."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a place in the front matter."""

    path: Path
    reason: str


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    return repr(text if len(text) <= 40 else text[:37] + "…")


def _wrong(expected: str, value: Any) -> PydanticCustomError:
    return PydanticCustomError(
        "newsgraph",
        "expected {expected}, found {found}",
        {"expected": expected, "found": _shown(value)},
    )


def _text(value: Any) -> str:
    if is_null(value):
        raise PydanticCustomError("newsgraph", "expected a text, found nothing")
    if not isinstance(value, str):
        raise _wrong("a text", value)
    return str(value)


def _integer(value: Any) -> int:
    number = to_integer(value)
    if number is None:
        raise _wrong("a whole number", value)
    if not INTEGER_32[0] <= number <= INTEGER_32[1]:
        raise _wrong("a whole number of 32 bits", value)
    return number


def _truth(value: Any) -> bool:
    truth = to_truth(value)
    if truth is None:
        raise _wrong("true or false", value)
    return truth


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise _wrong("a date", value)
    try:
        return to_moment(value)
    except ValueError as error:
        reason = "{found} is no date: {reason}"
        context = {"found": _shown(value), "reason": str(error)}
        raise PydanticCustomError("newsgraph", reason, context) from None


def _mapping(value: Any) -> Any:
    if not isinstance(value, dict):
        raise _wrong("a mapping", value)
    return value


def _list(value: Any) -> Any:
    if not isinstance(value, list):
        raise _wrong("a list", value)
    return value


def _or_null(convert: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: None if is_null(value) else convert(value))


Text = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, _or_null(_text)]
OptionalInteger = Annotated[int | None, _or_null(_integer)]
OptionalTruth = Annotated[bool | None, _or_null(_truth)]
OptionalMoment = Annotated[datetime | None, _or_null(_moment)]
Texts = Annotated[list[OptionalText] | None, _or_null(_list)]


class _Open(TypedDict):
    """A mapping whose further keys are kept."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]


class ImageRecord(_Open):
    url: Text
    width: NotRequired[OptionalInteger]
    height: NotRequired[OptionalInteger]
    isCached: NotRequired[OptionalTruth]
    title: NotRequired[OptionalText]
    attribution: NotRequired[OptionalText]


Images = Annotated[list[Annotated[ImageRecord | None, _or_null(_mapping)]] | None, _or_null(_list)]


class ProviderRecord(_Open):
    name: Text
    domain: Text
    images: NotRequired[Images]


Provider = Annotated[ProviderRecord, BeforeValidator(_mapping)]


class StoryRecord(_Open):
    title: Text
    excerpt: NotRequired[OptionalText]
    publishedDateTime: NotRequired[OptionalMoment]
    webUrl: NotRequired[OptionalText]
    ampWebUrl: NotRequired[OptionalText]
    cdnAmpWebUrl: NotRequired[OptionalText]
    type: NotRequired[OptionalText]
    provider: Provider
    quality: NotRequired[OptionalInteger]
    images: NotRequired[Images]


class ArticleRecord(StoryRecord):
    category: NotRequired[OptionalText]
    originalUrl: NotRequired[OptionalText]
    heat: NotRequired[OptionalInteger]
    published: NotRequired[OptionalTruth]
    removed: NotRequired[OptionalTruth]
    featuredContent: NotRequired[OptionalText]
    topics: NotRequired[Texts]
    related: NotRequired[
        Annotated[list[Annotated[StoryRecord | None, _or_null(_mapping)]] | None, _or_null(_list)]
    ]
    secured: NotRequired[OptionalText]


class TopicRecord(_Open):
    _id: NotRequired[OptionalText]
    name: Text
    shortname: NotRequired[OptionalText]
    parent: NotRequired[OptionalText]
    keywords: NotRequired[Texts]
    hashtags: NotRequired[Texts]
    images: NotRequired[Texts]


class OrganizationRecord(_Open):
    _id: NotRequired[OptionalText]
    name: Text
    domain: Text
    description: NotRequired[OptionalText]
    otherNames: NotRequired[Texts]
    images: NotRequired[Images]


_ADAPTERS: Final[dict[Kind, TypeAdapter[Any]]] = {
    "article": TypeAdapter(ArticleRecord),
    "topic": TypeAdapter(TopicRecord),
    "organization": TypeAdapter(OrganizationRecord),
}
KEYS: Final[dict[Kind, frozenset[str]]] = {
    "article": frozenset(ArticleRecord.__annotations__) | frozenset(StoryRecord.__annotations__),
    "topic": frozenset(TopicRecord.__annotations__),
    "organization": frozenset(OrganizationRecord.__annotations__),
}
"""The top-level keys that have a place of their own in the stored document."""


def validate(kind: Kind, tree: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The record that the front matter is, and every fault in it; with a fault it is empty."""
    faults: list[Fault] = []
    record: dict[str, Any] = {}
    try:
        record = _ADAPTERS[kind].validate_python(tree)
    except ValidationError as error:
        faults = [Fault(_in_tree(tree, e["loc"]), _reason(e)) for e in error.errors()]
    faults += [Fault(path, reason) for path, reason in unkept(_unnamed(kind, tree))]
    return ({} if faults else record), faults


def _unnamed(kind: Kind, tree: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if key not in KEYS[kind]}


def _reason(error: Any) -> str:
    return "is missing" if error["type"] == "missing" else str(error["msg"])


def _in_tree(tree: Any, location: tuple[str | int, ...]) -> Path:
    """A pydantic location, ended where the front matter itself ends."""
    value = tree
    for depth, part in enumerate(location, 1):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return location[:depth]
    return location


def without_nulls(record: dict[str, Any]) -> Iterator[Path]:
    """Drop the null entries of a record's lists, in place; yields where they stood."""
    for key, value in record.items():
        if isinstance(value, dict):
            yield from ((key, *path) for path in without_nulls(value))
        elif type(value) is list:
            yield from ((key, *path) for path in _without_nulls(value))


def _without_nulls(items: list[Any]) -> Iterator[Path]:
    for index, item in enumerate(items):
        if item is None:
            yield (index,)
        elif isinstance(item, dict):
            yield from ((index, *path) for path in without_nulls(item))
    items[:] = [item for item in items if item is not None]
