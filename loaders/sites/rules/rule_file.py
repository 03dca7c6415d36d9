"""Parse the rules in newsgraph.toml and in presets, which have the same format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from pathspec import PathSpec
from pathspec.patterns.gitignore import GitIgnorePatternError
from pydantic import ValidationError

from graph.errors import UsageError
from graph.locales import is_time_zone, language_tag
from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import Front, FrontMatterError, decode, locate, parse
from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import UnquotedScalar
from loaders.records.values.scalar_values import resolve
from loaders.sites.rules.rules import (
    FIELDS,
    KINDS,
    LISTS,
    DocumentKind,
    FieldType,
    ReaderSettings,
    Rule,
    RuleFile,
    SiteSettings,
    Sources,
    field_type,
)
from loaders.sites.rules.terms import InvalidTerm, Term, nearest

NAME: Final = "newsgraph.toml"

_TOP: Final = ["preset", "strict", "site", "reader", "map"]
_SITE: Final = ["name", "url", "timezone", "language"]
_READER: Final = {
    "name": "public_name",
    "language": "public_language",
    "timezone": "public_time_zone",
    "date-format": "public_date_format",
    "time-format": "public_time_format",
    "base-url": "public_url",
}
"""The keys of the `[reader]` table, and the settings of the server that take the same values."""
_RULE: Final = ["files", "kind", "defaults"]


class _Invalid(Exception):
    """An invalid value in the file, or an invalid `key` of it: its path and the reason."""

    def __init__(self, at: Keys, reason: str, key: str | None = None) -> None:
        super().__init__(reason)
        self.at = at
        self.key = key


def read_rule_file(path: str, presets: tuple[str, ...]) -> RuleFile | None:
    """Return the rules of a file, or None if there is no file; `presets` are the valid names.

    Raises UsageError, with the line and column of an invalid value.
    """
    if not os.path.lexists(path):
        return None
    try:
        text = decode(read(path).data)
    except UnreadableFile as error:
        raise UsageError(f"{path}: {error}") from None
    except FrontMatterError as error:
        raise UsageError(f"{path}:{error.line}:{error.column}: {error.message}") from None
    return parse_rules(text, path, presets)


def parse_rules(text: str, path: str, presets: tuple[str, ...]) -> RuleFile:
    """Parse the text of a file; `path` is for messages. Raises UsageError."""
    front = Front(text, "", 1, "toml")
    if all(not line or line.startswith("#") for line in map(str.strip, text.split("\n"))):
        return RuleFile()
    try:
        return _rule_file(parse(front), presets)
    except FrontMatterError as error:
        raise UsageError(f"{path}:{error.line}:{error.column}: {error.message}") from None
    except _Invalid as error:
        line, column = locate(front, [error.at])[error.at]
        if error.key is not None:
            column = max(text.split("\n")[line - 1].find(error.key) + 1, 1)
        raise UsageError(f"{path}:{line}:{column}: {error}") from None


def _rule_file(tree: dict[str, Any], presets: tuple[str, ...]) -> RuleFile:
    _check_keys(tree, _TOP, ())
    preset = _text(tree, "preset", ())
    if preset is not None and preset not in presets:
        raise _Invalid(("preset",), f"unknown preset {preset!r}{nearest(preset, presets)}")
    blocks = tree.get("map", [])
    if not isinstance(blocks, list):
        raise _Invalid(("map",), "expected blocks that begin with [[map]]")
    return RuleFile(
        preset,
        _boolean(tree, "strict"),
        _site(_table(tree, "site", ())),
        tuple(_rule(block, ("map", number)) for number, block in enumerate(blocks)),
        _reader(_table(tree, "reader", ())),
    )


def _site(table: dict[str, Any]) -> SiteSettings:
    _check_keys(table, _SITE, ("site",))
    settings = SiteSettings(**{key: _text(table, key, ("site",)) for key in _SITE})
    if settings.url is not None and not settings.url.startswith(("http://", "https://")):
        raise _Invalid(("site", "url"), "expected a URL that begins with http:// or https://")
    if settings.timezone is not None and not is_time_zone(settings.timezone):
        reason = f"{settings.timezone!r} is not a time zone: expected one such as Europe/Paris"
        raise _Invalid(("site", "timezone"), reason)
    if settings.language is not None and language_tag(settings.language) is None:
        reason = f"{settings.language!r} is not a language tag: expected one such as en or pt-BR"
        raise _Invalid(("site", "language"), reason)
    return settings


def _reader(table: dict[str, Any]) -> ReaderSettings:
    _check_keys(table, list(_READER), ("reader",))
    values = {key: _text(table, key, ("reader",)) for key in _READER}
    return ReaderSettings(
        **{key.replace("-", "_"): _as_setting(key, value) for key, value in values.items()}
    )


def _as_setting(key: str, value: str | None) -> str | None:
    """Return a value of the `[reader]` table as the server's setting has it."""
    # Workers read presets, which have no such table, and start sooner without the settings.
    from graph.config.sections.publishing import PublishingSettings

    name = _READER[key]
    try:
        valid: str | None = getattr(PublishingSettings.model_validate({name: value}), name)
    except ValidationError as error:
        raise _Invalid(("reader", key), f"{value!r}: {error.errors()[0]['msg']}") from None
    return valid


def _rule(block: Any, at: Keys) -> Rule:
    if not isinstance(block, dict):
        raise _Invalid(at, "expected blocks that begin with [[map]]")
    kind = _kind(block, at)
    document_kind: DocumentKind = kind or "article"
    _check_keys(block, [*_RULE, *FIELDS[document_kind]], at)
    return Rule(
        tuple(_patterns(block, at)),
        kind,
        _defaults(block, at),
        {
            key: _sources(block[key], field_type(key), (*at, key))
            for key in block
            if key not in _RULE
        },
    )


def _defaults(block: dict[str, Any], at: Keys) -> dict[str, Any]:
    defaults = _table(block, "defaults", at)
    resolve(defaults, (), [])
    return defaults


def _kind(block: dict[str, Any], at: Keys) -> DocumentKind | None:
    kind = _text(block, "kind", at)
    for valid_kind in KINDS:
        if kind == valid_kind:
            return valid_kind
    if kind is None:
        return None
    raise _Invalid((*at, "kind"), f"unknown kind {kind!r}{nearest(kind, KINDS)}")


def _patterns(block: dict[str, Any], at: Keys) -> Iterator[str]:
    for place, pattern in _texts(block.get("files", []), (*at, "files")):
        if not is_pattern(pattern):
            raise _Invalid(place, f"{pattern!r} is not a pattern in the syntax of .gitignore")
        yield pattern


def is_pattern(text: str) -> bool:
    """Return whether a text is a valid pattern of .gitignore."""
    try:
        PathSpec.from_lines("gitignore", [text])
    except GitIgnorePatternError:
        return False
    return True


def _sources(value: Any, kind: FieldType, at: Keys) -> Sources:
    terms = list(_texts(value, at))
    for place, text in terms:
        try:
            term = Term.parse(text)
        except InvalidTerm as error:
            raise _Invalid(place, str(error)) from None
        if term.adds and kind not in LISTS:
            raise _Invalid(place, f"{text!r}: `+` is only for fields that are lists")
        if term.negates and kind != "boolean":
            raise _Invalid(place, f"{text!r}: `!` is only for fields that are true or false")
    return tuple(text for _, text in terms)


def _texts(value: Any, at: Keys) -> Iterator[tuple[Keys, str]]:
    """Yield the entries of a list of texts, or a single text, each with its path."""
    entries = value if isinstance(value, list) else [value]
    for number, entry in enumerate(entries):
        place = (*at, number) if isinstance(value, list) else at
        if not _is_text(entry):
            raise _Invalid(place, "expected text in quotes, or a list of such texts")
        yield place, entry


def _check_keys(table: dict[str, Any], valid_keys: list[str], at: Keys) -> None:
    for key in table:
        if key not in valid_keys:
            raise _Invalid((*at, key), f"unknown key {key!r}{nearest(key, valid_keys)}", key)


def _table(parent: dict[str, Any], key: str, at: Keys) -> dict[str, Any]:
    table = parent.get(key, {})
    if not isinstance(table, dict):
        raise _Invalid((*at, key), "expected a table")
    return table


def _text(table: dict[str, Any], key: str, at: Keys) -> str | None:
    value = table.get(key)
    if value is not None and (not _is_text(value) or not value.strip()):
        raise _Invalid((*at, key), "expected text in quotes")
    return value


def _boolean(table: dict[str, Any], key: str) -> bool:
    value = table.get(key, UnquotedScalar("false"))
    if not isinstance(value, UnquotedScalar) or value not in ("true", "false"):
        raise _Invalid((key,), "expected true or false")
    return value == "true"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, UnquotedScalar)
