"""The mapping of a site: from the keys of its documents to the fields of newsgraph."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.extra import without_consumed
from loaders.sites.mapping.field_readers import FieldReader, field_readers
from loaders.sites.mapping.misspelt import misspelt_keys
from loaders.sites.mapping.site_document import SiteDocument
from loaders.sites.rules.rules import (
    FIELDS,
    KIND_FIELDS,
    DocumentKind,
    Rule,
    Sources,
    is_free,
)
from loaders.sites.rules.terms import Term
from loaders.sites.values.shapes import host

VERSION: Final = 9
"""Raise it when the same definition maps documents differently."""

MAX_KEY_SETS: Final = 1_000
"""The number of different sets of keys for which the readers are remembered."""

_TAXONOMIES: Final[dict[str, DocumentKind]] = {
    "topic": "topic",
    "organization": "provider",
    "author": "author",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Definition:
    """All that a mapping depends on.

    `prefix` is the loaded folder, relative to the root of the site. Later rules take precedence.
    `strict` is explained in `loaders.sites.rules.rules.RuleFile`.
    """

    facts: SiteFacts = field(default_factory=SiteFacts)
    rules: tuple[Rule, ...] = ()
    strict: bool = True
    prefix: str = ""


class Mapped(NamedTuple):
    """A document with the field names of newsgraph.

    `extra` contains the values that no field was made from. `origins` maps the paths of values in
    `fields` to their paths in the file, where these differ. Paths in `remarks` are those in the
    file.
    """

    kind: DocumentKind
    fields: Row
    extra: Row
    origins: dict[Keys, Keys]
    remarks: list[Finding]

    def origin(self, at: Keys) -> Keys:
        """Return the path in the file of the value at a path in `fields`."""
        for length in range(len(at), 0, -1):
            if (start := self.origins.get(at[:length])) is not None:
                return (*start, *at[length:])
        return at


class SiteMapping:
    """A compiled `Definition`, which can be sent to other processes.

    `timezone` is that of dates without an offset. `fingerprint` changes when documents may be
    mapped differently.
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
        """The fingerprint, and the argument of `mapping_from`."""
        return self.fingerprint, self._data

    def __reduce__(self) -> tuple[Callable[[bytes], SiteMapping], tuple[bytes]]:
        return mapping_from, (self._data,)

    @property
    def takes_bare(self) -> bool:
        """Whether front matter may have no delimiters, as in Pelican."""
        return self.definition.facts.generator == "generic"

    def apply(self, path: str, tree: Row, body: str) -> Mapped:
        """Map front matter to a document; `path` is relative to the loaded folder."""
        prefix = self.definition.prefix
        site_path = f"{prefix}/{path}" if prefix else path
        taxonomy = tree.get("taxonomy")
        kind = _TAXONOMIES.get(taxonomy) if isinstance(taxonomy, str) else None
        if kind is not None and self.ignores(path):
            kind = None  # a prune, which only sees the path, would remove it
        plan = self._plan(site_path, kind)
        front_matter = {**plan.defaults, **tree} if plan.defaults else tree
        document = SiteDocument(self.definition.facts, site_path, front_matter, body)
        own = plan.own_fields(front_matter)
        fields = dict(own)
        present = document.present
        for reader in plan.readers_for(tuple(present)):
            if reader.field not in fields:
                reader.read(document, fields)
        for key, value in plan.default_fields.items():
            if key not in fields:
                fields[key] = copy(value)
            if key not in tree:
                document.consumed[(key,)] = None
        if isinstance(items := fields.get("items"), list):
            fields["items"] = [self._below_root(item) for item in items]
        extra = without_consumed(document.front_matter, own, document.consumed)
        if kind is not None:
            del extra["taxonomy"]
        remarks = document.remarks()
        unknown = (key for key in tree if (key,) not in document.consumed)
        remarks += misspelt_keys(unknown, plan.known, self.definition.facts.folding)
        return Mapped(plan.kind, fields, extra, document.origins, remarks)

    def _below_root(self, reference: Any) -> Any:
        """The slug below the loaded folder that a generator means, which starts at its content."""
        content = self.definition.facts.content
        is_read = self.definition.facts.generator in ("hugo", "zola") and content
        if not is_read or not isinstance(reference, str) or "://" in reference:
            return reference
        path = reference if reference.startswith(f"{content}/") else f"{content}/{reference}"
        prefix = self.definition.prefix
        return path.removeprefix(f"{prefix}/") if prefix else path

    def kind_of(self, path: str) -> DocumentKind:
        """Return the kind of a document by its path only, which is relative to the loaded
        folder.
        """
        prefix = self.definition.prefix
        return self._plan(f"{prefix}/{path}" if prefix else path, None).kind

    def ignores(self, path: str) -> bool:
        """Return whether the file at a path, relative to the loaded folder, is not a document."""
        return self.kind_of(path) == "ignore"

    def _plan(self, site_path: str, kind: DocumentKind | None) -> _Plan:
        """Return the plan for a file; `kind` is the kind that its key `taxonomy` states."""
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
    """Return the mapping of a definition, which is compiled once in each process."""
    return SiteMapping(TypeAdapter(Definition).validate_json(data))


class _Plan(NamedTuple):
    """How to map the files to which the same rules apply."""

    kind: DocumentKind
    strict: bool
    defaults: Row
    default_fields: Row
    readers: Sequence[FieldReader]
    own_names: frozenset[str]
    known: frozenset[str]
    limited: dict[tuple[str, ...], Sequence[FieldReader]]

    def readers_for(self, keys: tuple[str, ...]) -> Sequence[FieldReader]:
        """Return the readers that have a source in a document with these keys.

        Most documents of a site have the same few sets of keys.
        """
        found = self.limited.get(keys)
        if found is None:
            readers = [reader.limited(keys) for reader in self.readers]
            found = [reader for reader in readers if reader is not None]
            if len(self.limited) < MAX_KEY_SETS:
                self.limited[keys] = found
        return found

    def own_fields(self, front_matter: Row) -> Row:
        """Return the fields under their newsgraph names, in documents written for newsgraph."""
        if not self.strict:
            return {}
        return {key: value for key, value in front_matter.items() if key in self.own_names}


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
    known = names | set(_first_keys(sources))
    own_names = frozenset(name for name in names if not is_free(kind, name))
    return _Plan(kind, definition.strict, defaults, default_fields, readers, own_names, known, {})


def _first_keys(sources: Mapping[str, Sources]) -> Iterator[str]:
    """Yield the top-level keys of sources, as rules spell them."""
    for texts in sources.values():
        for text in texts:
            yield from Term.parse(text).keys[:1]


def _as_written(value: Any) -> Any:
    """Return a value of a configuration in the form of front matter: only text is quoted."""
    if isinstance(value, dict):
        return {key: _as_written(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_as_written(entry) for entry in value]
    if value is None or isinstance(value, str):
        return value
    return UnquotedScalar(orjson.dumps(value).decode())


def _site_defaults(facts: SiteFacts, kind: DocumentKind, defaults: Row) -> Row:
    """Return the defaults of an article from its site: a provider and a language."""
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
    """Return a function that matches the files of a rule; None if the rule applies to all."""
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
