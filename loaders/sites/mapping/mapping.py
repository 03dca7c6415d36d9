"""The mapping of a site: from the keys of its documents to the fields of newsgraph."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import copy
from dataclasses import asdict, dataclass, field
from datetime import UTC, tzinfo
from functools import lru_cache
from itertools import compress
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from pydantic import TypeAdapter

from graph.documents import Row
from loaders.frontmatter.positions import Keys
from loaders.records.values.scalar_values import Finding
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.compiled_rules import CompiledRules, compiled
from loaders.sites.mapping.extra import extra_of
from loaders.sites.mapping.site_document import SiteDocument
from loaders.sites.rules.file_patterns import FilePatterns, FolderPatterns
from loaders.sites.rules.rules import DocumentKind, Rule

VERSION: Final = 10
"""Raise it when the same definition maps documents differently."""

FOLDERS: Final = 256
"""The number of folders for which is remembered what the patterns say of them."""

_TAXONOMIES: Final[dict[str, DocumentKind]] = {
    "topic": "topic",
    "organization": "provider",
    "author": "author",
}


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


class MappedDocument(NamedTuple):
    """A document with the field names of newsgraph.

    `extra` contains the values that no field was made from. `origins` maps the paths of values in
    `fields` to their paths in the file, where these differ. Paths in `warnings` are those in the
    file.
    """

    kind: DocumentKind
    fields: Row
    extra: Row
    origins: dict[Keys, Keys]
    warnings: list[Finding]

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
        self._patterns = [FilePatterns(rule.files) for rule in definition.rules]
        self._in_folder = lru_cache(maxsize=FOLDERS)(self._folder_patterns)
        self._compiled: dict[tuple[tuple[bool, ...], DocumentKind | None], CompiledRules] = {}
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

    def apply(self, path: str, tree: Row, body: str) -> MappedDocument:
        """Map front matter to a document; `path` is relative to the loaded folder."""
        prefix = self.definition.prefix
        site_path = f"{prefix}/{path}" if prefix else path
        taxonomy = tree.get("taxonomy")
        kind = _TAXONOMIES.get(taxonomy) if isinstance(taxonomy, str) else None
        if kind is not None and self.ignores(path):
            kind = None  # a prune, which only sees the path, would remove it
        rules = self._rules_of(site_path, kind)
        front_matter = {**rules.defaults, **tree} if rules.defaults else tree
        document = SiteDocument(self.definition.facts, site_path, front_matter, body)
        own, readers, misspelt = rules.key_set(tuple(front_matter))
        fields = {key: front_matter[key] for key in own}
        for reader in readers:
            reader.read(document, fields)
        for key, value in rules.default_fields.items():
            if key not in fields:
                fields[key] = copy(value)
            if key not in tree:
                document.consumed.add(key)
        if isinstance(items := fields.get("items"), list):
            fields["items"] = [self._below_root(item) for item in items]
        extra = extra_of(document, own)
        if kind is not None:
            del extra["taxonomy"]
        warnings = document.warnings()
        warnings += [
            warning
            for key, warning in misspelt.items()
            if key in tree and key not in document.consumed
        ]
        return MappedDocument(rules.kind, fields, extra, document.origins, warnings)

    def _below_root(self, reference: Any) -> Any:
        """Return a generator's path, which begins in the content folder, as a slug in the loaded
        folder.
        """
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
        return self._rules_of(f"{prefix}/{path}" if prefix else path, None).kind

    def ignores(self, path: str) -> bool:
        """Return whether the file at a path, relative to the loaded folder, is not a document."""
        return self.kind_of(path) == "ignore"

    def _rules_of(self, site_path: str, kind: DocumentKind | None) -> CompiledRules:
        """Return the rules for a file; `kind` is the kind that its key `taxonomy` states."""
        applies = self._applies(site_path)
        rules = self._compiled.get((applies, kind))
        if rules is None:
            applying = list(compress(self.definition.rules, applies))
            rules = compiled(applying, kind, self.definition.facts, strict=self.definition.strict)
            self._compiled[applies, kind] = rules
        return rules

    def _matching(self, site_path: str) -> tuple[bool, ...]:
        """Return for each rule of a file's folder whether it applies to the file."""
        folder, _, name = site_path.rpartition("/")
        return tuple(
            rule.matches(site_path, name) if rule.tests else rule.start
            for rule in self._in_folder(folder)
        )

    def _folder_patterns(self, folder: str) -> list[FolderPatterns]:
        return [patterns.in_folder(folder) for patterns in self._patterns]


@lru_cache(maxsize=64)
def mapping_from(data: bytes) -> SiteMapping:
    """Return the mapping of a definition, which is compiled once in each process."""
    return SiteMapping(TypeAdapter(Definition).validate_json(data))
