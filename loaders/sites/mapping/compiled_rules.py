"""How to map the files to which the same rules apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from graph.documents import Row
from loaders.frontmatter.split import UnquotedScalar
from loaders.records.values.scalar_values import Finding
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.field_readers import FieldReader, FieldRule, field_rules, readers_of
from loaders.sites.mapping.misspelt import misspelt_keys
from loaders.sites.mapping.sources import spelling_of
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

MAX_KEY_SETS: Final = 1_000
"""The number of different sets of keys for which compiled rules remember what to do."""

MAX_KEYS: Final = 100
"""The size above which a set of keys is not remembered."""


class KeySet(NamedTuple):
    """What to do with documents that have the same top-level keys.

    `own` are those keys that are fields of newsgraph, in documents written for newsgraph. `readers`
    are those of the other fields that have a source. `misspelt` has warnings for keys that
    resemble a known one.
    """

    own: tuple[str, ...]
    readers: Sequence[FieldReader]
    misspelt: Mapping[str, Finding]


@dataclass(frozen=True)
class CompiledRules:
    """How to map the files to which the same rules apply.

    `defaults` are the values of keys that a document lacks, `default_fields` those of fields.
    `own_names` are the fields that documents which are written for newsgraph have under their own
    names. `known` are the keys that are not misspelt.
    """

    facts: SiteFacts
    kind: DocumentKind
    defaults: Row
    default_fields: Row
    rules: list[FieldRule]
    own_names: frozenset[str]
    known: frozenset[str]
    _key_sets: dict[tuple[str, ...], KeySet] = field(default_factory=dict)

    def key_set(self, keys: tuple[str, ...]) -> KeySet:
        """Return what to do with documents that have these keys.

        Most documents of a site have the same few sets of keys.
        """
        key_set = self._key_sets.get(keys)
        if key_set is None:
            key_set = self._new_key_set(keys)
            if len(keys) <= MAX_KEYS and len(self._key_sets) < MAX_KEY_SETS:
                self._key_sets[keys] = key_set
        return key_set

    def _new_key_set(self, keys: tuple[str, ...]) -> KeySet:
        folding = self.facts.folding
        own = tuple(key for key in keys if key in self.own_names)
        readers = readers_of(self.rules, self.facts, spelling_of(keys, folding))
        return KeySet(
            own,
            [reader for reader in readers if reader.field not in own],
            misspelt_keys(keys, self.known, folding),
        )


def compiled(
    rules: Sequence[Rule], taxonomy: DocumentKind | None, facts: SiteFacts, *, strict: bool
) -> CompiledRules:
    """Compile the rules that apply to some files, later ones over earlier ones.

    Args:
        rules: The rules.
        taxonomy: The kind that the key `taxonomy` of the files states, if any.
        facts: The facts about their site.
        strict: Whether its documents are written for newsgraph.
    """
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
    default_fields |= _site_defaults(facts, kind, default_fields)
    own_names = frozenset(name for name in names if strict and not is_free(kind, name))
    return CompiledRules(
        facts,
        kind,
        defaults,
        default_fields,
        field_rules(sources, facts.folding),
        own_names,
        names | set(_first_keys(sources)),
    )


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
    values: Row = {}
    if kind != "article":
        return values
    if domain and "provider" not in defaults:
        values["provider"] = {"name": settings.name or domain, "domain": domain}
    if settings.language and "language" not in defaults:
        values["language"] = settings.language
    return values
