"""A site's mapping: from the keys of its documents to the fields of newsgraph."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import UTC, tzinfo
from functools import lru_cache
from itertools import compress
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from pathspec import PathSpec
from pydantic import TypeAdapter

from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import UnquotedScalar
from loaders.records.scalar_values import Finding
from loaders.sites.field_readers import FieldReader, field_readers
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.misspelt import misspelt_keys
from loaders.sites.rules import (
    FIELDS,
    FREE,
    KIND_FIELDS,
    DocumentKind,
    Rule,
    Sources,
    field_type,
)
from loaders.sites.shapes import host
from loaders.sites.site_document import KeyPath, SiteDocument

VERSION: Final = 4
"""Raise it when the same definition maps documents in another way."""

_TAXONOMIES: Final[dict[str, DocumentKind]] = {
    "topic": "topic",
    "organization": "provider",
    "author": "author",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Definition:
    """All that a mapping depends on.

    `prefix` is the loaded folder, relative to the root of the site. Later rules go before earlier
    ones. `strict` is that of `loaders.sites.rules.RuleFile`.
    """

    facts: SiteFacts = field(default_factory=SiteFacts)
    rules: tuple[Rule, ...] = ()
    strict: bool = True
    prefix: str = ""


class Mapped(NamedTuple):
    """A document under the names of newsgraph.

    `extra` is what no field was made of. `origins` leads from the places of values in `fields` to
    those in the file, where the two differ. Places in `remarks` are in the file.
    """

    kind: DocumentKind
    fields: Row
    extra: Row
    origins: dict[Keys, Keys]
    remarks: list[Finding]

    def origin(self, at: Keys) -> Keys:
        """Where the value at this place of `fields` stands in the file."""
        for length in range(len(at), 0, -1):
            if (start := self.origins.get(at[:length])) is not None:
                return (*start, *at[length:])
        return at


class SiteMapping:
    """What `Definition` says, ready to be applied; it can be sent to other processes.

    `timezone` is that of dates without an offset. `fingerprint` changes when documents may be
    mapped in another way.
    """

    def __init__(self, definition: Definition) -> None:
        data = orjson.dumps(asdict(definition), option=orjson.OPT_SORT_KEYS)
        self._data = data
        self.definition = definition
        self.fingerprint = hashlib.sha256(b"%d" % VERSION + data).digest()[:16]
        zone = definition.facts.settings.timezone
        self.timezone: tzinfo = UTC if zone is None else ZoneInfo(zone)
        self._matchers = [_matcher(rule) for rule in definition.rules]
        self._plans: dict[tuple[tuple[bool, ...], DocumentKind | None], _Plan] = {}
        # `kind_of` and `apply` match the same path, one right after the other.
        self._applies = lru_cache(maxsize=16)(self._matching)

    @property
    def packed(self) -> tuple[bytes, bytes]:
        """The fingerprint, and what `mapping_from` takes."""
        return self.fingerprint, self._data

    def __reduce__(self) -> tuple[Callable[[bytes], SiteMapping], tuple[bytes]]:
        return mapping_from, (self._data,)

    def apply(self, path: str, tree: Row, body: str) -> Mapped:
        """The document that this front matter makes; `path` is that below the loaded folder."""
        prefix = self.definition.prefix
        site_path = f"{prefix}/{path}" if prefix else path
        taxonomy = tree.get("taxonomy")
        kind = _TAXONOMIES.get(taxonomy) if isinstance(taxonomy, str) else None
        if kind is not None and self.ignores(path):
            kind = None  # a prune, which knows the path alone, would remove it again
        plan = self._plan(site_path, kind)
        given = {**plan.defaults, **tree} if plan.defaults else tree
        document = SiteDocument(self.definition.facts, site_path, given, body)
        own = plan.own_fields(given)
        fields = dict(own)
        present = document.present
        for reader in plan.readers:
            has_source = reader.built_in or not reader.keys.isdisjoint(present)
            if has_source and reader.field not in fields:
                reader.read(document, fields)
        for key, value in plan.default_fields.items():
            if key not in fields:
                fields[key] = copy(value)
            if key not in tree:
                document.consumed[(key,)] = None
        extra = _rest(document.given, own, document.consumed)
        if kind is not None:
            del extra["taxonomy"]
        remarks = document.remarks()
        remarks += misspelt_keys(tree, plan.known, document.consumed)
        return Mapped(plan.kind, fields, extra, document.origins, remarks)

    def kind_of(self, path: str) -> DocumentKind:
        """The kind of a document, by its place alone; `path` is that below the loaded folder."""
        prefix = self.definition.prefix
        return self._plan(f"{prefix}/{path}" if prefix else path, None).kind

    def ignores(self, path: str) -> bool:
        """Whether the file at this path below the loaded folder is no document."""
        return self.kind_of(path) == "ignore"

    def _plan(self, site_path: str, kind: DocumentKind | None) -> _Plan:
        """The plan for a file; `kind` is what the document itself says that it is."""
        applies = self._applies(site_path)
        plan = self._plans.get((applies, kind))
        if plan is None:
            rules = list(compress(self.definition.rules, applies))
            plan = self._plans[applies, kind] = _compile(self.definition, rules, kind)
        return plan

    def _matching(self, site_path: str) -> tuple[bool, ...]:
        """Which of the rules apply to a file."""
        return tuple(matches is None or matches(site_path) for matches in self._matchers)


@lru_cache(maxsize=64)
def mapping_from(data: bytes) -> SiteMapping:
    """The mapping whose definition this is, compiled once in each process."""
    return SiteMapping(TypeAdapter(Definition).validate_json(data))


class _Plan(NamedTuple):
    """What is done with the files that the same rules apply to."""

    kind: DocumentKind
    strict: bool
    defaults: Row
    default_fields: Row
    readers: Sequence[FieldReader]
    own_names: frozenset[str]
    known: frozenset[str]

    def own_fields(self, given: Row) -> Row:
        """The fields that stand under their own names, in documents written for newsgraph."""
        if not self.strict:
            return {}
        return {key: value for key, value in given.items() if key in self.own_names}


def _compile(definition: Definition, rules: Sequence[Rule], taxonomy: DocumentKind | None) -> _Plan:
    kind: DocumentKind = "article"
    for rule in rules:
        kind = rule.kind or kind
    kind = taxonomy or kind
    sources: dict[str, Sources] = {**KIND_FIELDS[kind]}
    defaults: Row = {}
    for rule in rules:
        defaults |= rule.defaults
        if (rule.kind or "article") == kind:
            sources |= rule.fields
    defaults = {key: _as_written(value) for key, value in defaults.items()}
    names = FIELDS[kind]
    default_fields = {key: value for key, value in defaults.items() if key in names}
    default_fields |= _site_defaults(definition.facts, kind, default_fields)
    readers = field_readers(kind, sources, definition.facts)
    known = names.union(*(reader.keys for reader in readers))
    own_names = frozenset(name for name in names if field_type(kind, name) not in FREE)
    return _Plan(kind, definition.strict, defaults, default_fields, readers, own_names, known)


def _as_written(value: Any) -> Any:
    """A value of a configuration as front matter has it: all but text stands without quotes."""
    if isinstance(value, dict):
        return {key: _as_written(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_as_written(entry) for entry in value]
    if value is None or isinstance(value, str):
        return value
    return UnquotedScalar(orjson.dumps(value).decode())


def _site_defaults(facts: SiteFacts, kind: DocumentKind, defaults: Row) -> Row:
    """What an article has by its site alone: a provider and a language."""
    settings = facts.settings
    domain = host(settings.url)
    found: Row = {}
    if kind != "article":
        return found
    if domain and "provider" not in defaults:
        found["provider"] = {"name": settings.name or domain, "domain": domain}
    if settings.language and "language" not in defaults:
        found["language"] = settings.language
    return found


def _matcher(rule: Rule) -> Callable[[str], bool] | None:
    """Whether a path matches the files of a rule; None where all do."""
    if not rule.files:
        return None
    patterns = [
        (pattern.include, pattern.regex.match)
        for pattern in PathSpec.from_lines("gitignore", rule.files).patterns
        if pattern.include is not None and pattern.regex is not None
    ]

    def matches(path: str) -> bool:  # as PathSpec does, in a quarter of the time
        taken = False
        for include, match in patterns:
            if include != taken and match(path):
                taken = include
        return taken

    return matches


def _rest(given: Row, fields: Row, consumed: dict[KeyPath, None]) -> Row:
    """What is left of a tree without the keys that fields were made of."""
    rest = {
        key: value for key, value in given.items() if key not in fields and (key,) not in consumed
    }
    for keys in consumed:
        if len(keys) > 1 and isinstance(rest.get(keys[0]), dict):
            _remove(rest, keys)
    return rest


def _remove(tree: Row, keys: KeyPath) -> None:
    """Remove a key of an inner mapping, of which a copy takes the place; empty ones go too."""
    inner = dict(tree[keys[0]])
    if len(keys) == 2:
        inner.pop(keys[1], None)
    elif isinstance(inner.get(keys[1]), dict):
        _remove(inner, keys[1:])
    if inner:
        tree[keys[0]] = inner
    else:
        del tree[keys[0]]
