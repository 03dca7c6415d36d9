"""Validate a tree against the fields of its kind of document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    SchemaValidator,
    ValidationError,
    core_schema,
)

from graph.fields.declaration import Shape, StoredField, keys_of
from graph.fields.record_kinds import SHAPES, RecordKind
from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import UnsupportedValue
from loaders.records.values.readers import (
    BOOLEAN,
    DATE_TIME,
    WHOLE_NUMBER,
    ReaderContext,
    warn_of_quotes,
)
from loaders.records.values.scalar_values import (
    Finding,
    described,
    is_reference,
    resolve,
)

# Text needs no reader: pydantic converts every UnquotedScalar to a str.
# Folded YAML (`>`) ends in a line break, which says nothing.
_TEXT: Final = core_schema.str_schema(strip_whitespace=True)
_FILLED: Final = core_schema.str_schema(strip_whitespace=True, pattern=r"\S")
_SCALARS: Final[dict[type, CoreSchema]] = {
    str: core_schema.nullable_schema(_TEXT),
    int: WHOLE_NUMBER,
    bool: BOOLEAN,
    datetime: DATE_TIME,
}


def _validator(shape: Shape) -> SchemaValidator:
    return SchemaValidator(_object(shape, in_list=False))


def _object(shape: Shape, *, in_list: bool) -> CoreSchema:
    """Return the validation of an object. Keys that are not declared are kept.

    Required text must not be blank, except in the objects of a list: a blank entry is no reason to
    reject a document.
    """
    fields = {
        field.key: core_schema.typed_dict_field(
            _value(field, in_list), required=field.declaration.required
        )
        for field in keys_of(shape)
    }
    return core_schema.typed_dict_schema(fields, extra_behavior="allow")


def _value(field: StoredField, in_list: bool) -> CoreSchema:
    is_required = field.declaration.required
    if field.is_list:
        entry = _object(field.type, in_list=True) if field.is_object else _TEXT
        entries = core_schema.list_schema(core_schema.nullable_schema(entry))
        return entries if is_required else core_schema.nullable_schema(entries)
    if field.is_object:
        inner = _object(field.type, in_list=False)
        return inner if is_required else core_schema.nullable_schema(inner)
    if field.type is str and is_required:
        return _TEXT if in_list else _FILLED
    return _SCALARS[field.type]


class CheckedRecord(NamedTuple):
    """The record, including unknown keys; it is of no use if there are faults."""

    record: dict[str, Any]
    faults: list[Finding]
    warnings: list[Finding]


FRONT_MATTER_KEYS: Final[dict[RecordKind, frozenset[str]]] = {
    kind: frozenset(field.key for field in keys_of(shape)) for kind, shape in SHAPES.items()
}
_VALIDATORS: Final = {kind: _validator(shape) for kind, shape in SHAPES.items()}


class _Outline(NamedTuple):
    """What `check` examines again in a mapping: its lists, objects and required text."""

    lists: tuple[str, ...]
    objects: tuple[tuple[str, bool, _Outline], ...]
    """Their keys, and whether there is a list of them."""
    required_text: tuple[str, ...]


def _outline(shape: Shape) -> _Outline:
    fields = keys_of(shape)
    return _Outline(
        tuple(field.key for field in fields if field.is_list),
        tuple(
            (field.key, field.is_list, _outline(field.type)) for field in fields if field.is_object
        ),
        tuple(field.key for field in fields if field.declaration.required and field.type is str),
    )


_OUTLINES: Final = {kind: _outline(shape) for kind, shape in SHAPES.items()}

Mapping = tuple[Keys, dict[str, Any], _Outline]
"""A mapping whose fields are declared, with its path."""


def check(kind: RecordKind, tree: dict[str, Any], timezone: tzinfo = UTC) -> CheckedRecord:
    """Validate a tree against the fields of its kind, and return all its faults.

    `timezone` is that of dates without an offset.
    """
    warnings: list[Finding] = []
    context = ReaderContext(timezone)
    try:
        record = _VALIDATORS[kind].validate_python(tree, context=context)
    except ValidationError as error:
        findings = map(_finding, error.errors(include_url=False))
        return CheckedRecord({}, list(dict.fromkeys(findings)), [])
    mappings = list(_mappings(_OUTLINES[kind], record, ()))
    faults = [
        Finding((*at, "<<"), merge.reason)
        for at, mapping, _ in mappings
        if isinstance(merge := mapping.get("<<"), UnsupportedValue)
    ]
    if faults:
        return CheckedRecord({}, faults, [])
    if context.has_quotes:
        warn_of_quotes(tree, record, (), warnings)
    for at, mapping, outline in mappings:
        if at and isinstance(at[-1], int):
            _warn_of_blanks(at, mapping, outline, warnings)
        nest_reference(mapping)
        for key in outline.lists:
            _tidy(mapping, key, at, warnings)
    # Text of declared fields is str by now; remaining UnquotedScalars belong to unknown keys.
    resolve(record, (), warnings)
    return CheckedRecord(record, [], warnings)


def _mappings(outline: _Outline, record: dict[str, Any], at: Keys) -> Iterator[Mapping]:
    yield at, record, outline
    for key, is_list, inner in outline.objects:
        value = record.get(key)
        if value is None:
            continue
        for number, entry in enumerate(value) if is_list else [(None, value)]:
            if entry is not None:
                path = (*at, key) if number is None else (*at, key, number)
                yield from _mappings(inner, entry, path)


def _warn_of_blanks(
    at: Keys, mapping: dict[str, Any], outline: _Outline, warnings: list[Finding]
) -> None:
    """Warn of blank text that does not reject an article: that of a story or an image."""
    for key in outline.required_text:
        if not mapping[key].strip():
            path = (*at, key)
            warnings.append(Finding(path, f"{_general(path)} is empty"))


def nest_reference(mapping: dict[str, Any]) -> None:
    """Store a `$ref` and `$id` as the text of one key, since drivers would make a DBRef of the
    mapping.
    """
    if is_reference(mapping):
        mapping["$ref"] = {"$ref": mapping["$ref"], "$id": mapping.pop("$id")}


def _tidy(mapping: dict[str, Any], key: str, at: Keys, warnings: list[Finding]) -> None:
    """Drop empty and duplicate entries of a list."""
    entries = mapping.get(key)
    if not entries or (None not in entries and not _has_text_twice(entries)):
        return
    remaining: list[Any] = []
    texts: set[str] = set()
    for number, entry in enumerate(entries):
        if entry is None:
            warnings.append(Finding((*at, key, number), "an empty entry, dropped"))
        elif isinstance(entry, str) and entry in texts:
            reason = f"{described(entry)} is in the list already, dropped"
            warnings.append(Finding((*at, key, number), reason))
        else:
            remaining.append(entry)
            if isinstance(entry, str):
                texts.add(entry)
    mapping[key] = remaining


def _has_text_twice(entries: list[Any]) -> bool:
    return isinstance(entries[0], str) and len(set(entries)) < len(entries)


def _finding(fault: ErrorDetails) -> Finding:
    value = fault["input"]
    if isinstance(value, UnsupportedValue):
        return Finding(fault["loc"], value.reason)
    merge = value.get("<<") if fault["type"] == "missing" else None
    if isinstance(merge, UnsupportedValue):  # it may contain the missing keys
        return Finding((*fault["loc"][:-1], "<<"), merge.reason)
    description = described(value)
    reasons = {
        "missing": f"{_general(fault['loc'])} is missing",
        "string_pattern_mismatch": f"{_general(fault['loc'])} is empty",
        "string_type": f"expected text, found {description}",
        "dict_type": f"expected a mapping of keys to values, found {description}",
        "list_type": f"expected a list, found {description}",
    }
    return Finding(fault["loc"], reasons.get(fault["type"], fault["msg"]))


def _general(path: Keys) -> str:
    """Return the path without list indexes: `related[].provider.name`."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")
