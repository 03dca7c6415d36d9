"""What a document must look like: the known fields of each kind, held against a tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any, Final, Literal, NamedTuple, NotRequired

from pydantic import (
    ConfigDict,
    TypeAdapter,
    ValidationError,
    with_config,
)
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict  # pydantic takes none of typing's before Python 3.12

from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import UnsupportedValue
from loaders.records.readers import Filled, Moment, ReaderContext, Truth, Whole, warn_of_quotes
from loaders.records.scalar_values import (
    Finding,
    is_reference,
    resolve,
    shown,
)

RecordKind = Literal["article", "topic", "organization"]

_OPEN = ConfigDict(extra="allow")


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
    name: Filled
    domain: Filled
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
    title: Filled
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
    name: Filled
    shortname: NotRequired[str | None]
    parent: NotRequired[str | None]
    keywords: NotRequired[list[str | None] | None]
    hashtags: NotRequired[list[str | None] | None]
    images: NotRequired[list[str | None] | None]


@with_config(_OPEN)
class OrganizationRecord(TypedDict):
    """An organisation file."""

    _id: NotRequired[str | None]
    name: Filled
    domain: Filled
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
_LISTS: Final[dict[RecordKind, tuple[str, ...]]] = {
    "article": ("topics", "images", "related"),
    "topic": ("keywords", "hashtags", "images"),
    "organization": ("otherNames", "images"),
}

Mapping = tuple[Keys, dict[str, Any]]
"""A mapping that has fields of its own, with its path."""


def check(kind: RecordKind, tree: dict[str, Any], timezone: tzinfo = UTC) -> Checked:
    """Hold a tree against the fields of its kind: every fault of it, not the first alone.

    `timezone` is that of dates without an offset.
    """
    warnings: list[Finding] = []
    context = ReaderContext(timezone)
    try:
        record = _ADAPTERS[kind].validate_python(tree, context=context)
    except ValidationError as error:
        found = map(_finding, error.errors(include_url=False))
        return Checked({}, list(dict.fromkeys(found)), [])
    mappings = list(_mappings(kind, record))
    faults = [
        Finding((*at, "<<"), merge.reason)
        for at, mapping in mappings
        if isinstance(merge := mapping.get("<<"), UnsupportedValue)
    ]
    if faults:
        return Checked({}, faults, [])
    if context.has_quotes:
        warn_of_quotes(tree, record, (), warnings)
    for at, mapping in mappings:
        _warn_of_blanks(at, mapping, warnings)
        _take_apart(mapping)
        for key in _LISTS[kind] if at == () else ("images",):
            _tidy(mapping, key, at, warnings)
    # All known text is str by now: an UnquotedScalar that is left stands under an unknown key.
    resolve(record, (), warnings)
    return Checked(record, [], warnings)


def _mappings(kind: RecordKind, record: dict[str, Any]) -> Iterator[Mapping]:
    yield (), record
    if kind == "topic":
        return
    yield from _entries(record, "images", ())
    if kind == "organization":
        return
    yield from _provider(record, ())
    for at, story in _entries(record, "related", ()):
        yield at, story
        yield from _entries(story, "images", at)
        yield from _provider(story, at)


def _provider(record: dict[str, Any], at: Keys) -> Iterator[Mapping]:
    provider = record["provider"]
    yield (*at, "provider"), provider
    yield from _entries(provider, "images", (*at, "provider"))


def _entries(record: dict[str, Any], key: str, at: Keys) -> Iterator[Mapping]:
    for number, entry in enumerate(record.get(key) or ()):
        if entry is not None:
            yield (*at, key, number), entry


def _warn_of_blanks(at: Keys, mapping: dict[str, Any], warnings: list[Finding]) -> None:
    """Warn of blank text that is no reason to lose an article: that of a story or a picture."""
    if not at or at[-1] == "provider":
        return
    key = "title" if at[-2] == "related" else "url"
    if not mapping[key].strip():
        path = (*at, key)
        warnings.append(Finding(path, f"{_general(path)} is empty"))


def _take_apart(mapping: dict[str, Any]) -> None:
    """Keep two unknown keys as the text of one where drivers would make a DBRef of the mapping."""
    if is_reference(mapping):
        mapping["$ref"] = {"$ref": mapping["$ref"], "$id": mapping.pop("$id")}


def _tidy(mapping: dict[str, Any], key: str, at: Keys, warnings: list[Finding]) -> None:
    """Drop entries of a list that are empty or, if they are text, there already."""
    entries = mapping.get(key)
    if not entries or (None not in entries and not _has_text_twice(entries)):
        return
    kept: list[Any] = []
    texts: set[str] = set()
    for number, entry in enumerate(entries):
        if entry is None:
            warnings.append(Finding((*at, key, number), "an empty entry, dropped"))
        elif isinstance(entry, str) and entry in texts:
            reason = f"{shown(entry)} is in the list already, dropped"
            warnings.append(Finding((*at, key, number), reason))
        else:
            kept.append(entry)
            if isinstance(entry, str):
                texts.add(entry)
    mapping[key] = kept


def _has_text_twice(entries: list[Any]) -> bool:
    return isinstance(entries[0], str) and len(set(entries)) < len(entries)


def _finding(fault: ErrorDetails) -> Finding:
    value = fault["input"]
    if isinstance(value, UnsupportedValue):
        return Finding(fault["loc"], value.reason)
    merge = value.get("<<") if fault["type"] == "missing" else None
    if isinstance(merge, UnsupportedValue):  # it may have brought what is missing
        return Finding((*fault["loc"][:-1], "<<"), merge.reason)
    found = shown(value)
    reasons = {
        "missing": f"{_general(fault['loc'])} is missing",
        "string_pattern_mismatch": f"{_general(fault['loc'])} is empty",
        "string_type": f"expected text, found {found}",
        "dict_type": f"expected a mapping of keys to values, found {found}",
        "list_type": f"expected a list, found {found}",
    }
    return Finding(fault["loc"], reasons.get(fault["type"], fault["msg"]))


def _general(path: Keys) -> str:
    """A path that is the same for all entries of a list: `related[].provider.name`."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")
