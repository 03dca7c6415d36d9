"""Read the value of a field from its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from loaders.frontmatter.split import UnquotedScalar
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.pages.site_page import is_false
from loaders.sites.mapping.field_values import Conversion, conversion, loses, takes_text
from loaders.sites.mapping.site_document import SiteDocument, is_empty
from loaders.sites.mapping.sources import Folding, Spelling, TermSource
from loaders.sites.rules.rules import LISTS, FieldType, Sources, field_type
from loaders.sites.rules.terms import Term
from loaders.sites.values import shapes

_LIMITS: Final = {"publishDate": ("publishdate",), "expiryDate": ("expirydate", "unpublishdate")}
"""The keys, in lower case, that only ever limit publication."""


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads a field of the documents that have the same keys, from its sources in order of
    precedence.

    `adds` says that some are added (`+`). If `all_count`, none is left out: one that says no
    decides. `text_key` is the key of the first source if a text there is the value of the field.
    """

    field: str
    type: FieldType
    sources: tuple[TermSource, ...]
    adds: bool
    all_count: bool
    convert: Conversion
    text_key: str | None = None

    def read(self, document: SiteDocument, fields: dict[str, Any]) -> None:
        """Set the field to the first source that has a value, and append those that are added
        (`+`).
        """
        if (key := self.text_key) is not None:  # as below, for most values
            text = document.front_matter[key]
            if isinstance(text, str) and text.strip() and not is_false(text):
                fields[self.field] = text
                document.consumed.add(key)
                if key != self.field:
                    document.origins[(self.field,)] = (key,)
                return
        result: Any = None
        for source in self.sources:
            if result is not None and not (source.adds or self.all_count):
                if self.adds:
                    continue
                break
            keys = source.keys
            if len(keys) == 1:  # as `_value_of` does, without the cost of a call
                raw = document.front_matter[keys[0]]
                if not raw or (type(raw) is list and is_empty(raw)):
                    continue
                if type(raw) is UnquotedScalar and self.type != "boolean" and is_false(raw):
                    continue
            elif (raw := self._value_of(document, source)) is None:
                continue
            value = self.convert(document, source, raw)
            if not value:
                if value is None and self._limits_publication(source):
                    value = raw  # validation reports that it is no date
                elif value is None and self.type != "references":
                    document.refuse(keys, self.field, self.type)
                    continue
                else:
                    continue  # no pictures with an address, or `items` of another program
            if result is None and source.beside:
                _describe(document, self.field, value, source)
            if keys and (not loses(self.type, raw, value)):
                document.consume(keys)
            if result is None:
                result = value
                if keys != (self.field,):
                    document.origins[(self.field,)] = keys
            elif self.all_count:
                result = self._stricter(document, result, value, source)
            elif self.type in LISTS:
                self._add(document, result, value, source)
        if result is not None:
            fields[self.field] = result

    def _value_of(self, document: SiteDocument, source: TermSource) -> Any:
        """Return the value of a source, unless it is missing or empty. Only a boolean may be
        false.
        """
        if source.builtin is not None:
            return document.built_in(source.builtin, self.type)
        value = document.at(source.keys)
        return None if self.type != "boolean" and is_false(value) else value

    def _stricter(self, document: SiteDocument, result: Any, value: Any, source: TermSource) -> Any:
        """Return the one of two values that does not publish: better hidden than exposed."""
        if result == "false" or value == "true":
            return result
        document.origins[(self.field,)] = source.keys
        return value

    def _limits_publication(self, source: TermSource) -> bool:
        """Return whether a value limits publication: ignoring it would publish too much."""
        return bool(source.keys) and source.keys[-1].lower() in _LIMITS.get(self.field, ())

    def _add(
        self, document: SiteDocument, entries: list[Any], more: list[Any], source: TermSource
    ) -> None:
        present = set(map(_identity, entries))
        for number, entry in enumerate(more):
            if (identity := _identity(entry)) not in present:
                present.add(identity)
                document.origins[(self.field, len(entries))] = (*source.keys, number)
                entries.append(entry)


class FieldRule(NamedTuple):
    """The terms of a field, in order of precedence. Their top-level keys are in the form in which
    keys are compared.
    """

    field: str
    type: FieldType
    terms: tuple[Term, ...]

    def reader(self, facts: SiteFacts, spelling: Spelling) -> FieldReader | None:
        """Return the reader for documents with these keys; None if they have no source."""
        sources = tuple(
            TermSource.of(term, self.type, spelling, facts.folding)
            for term in self.terms
            if not term.keys or term.keys[0] in spelling
        )
        if not sources:
            return None
        convert = conversion(self.type, facts.generator)
        adds = any(term.adds for term in self.terms)
        keys = sources[0].keys
        return FieldReader(
            self.field,
            self.type,
            sources,
            adds=adds,
            all_count=self.field == "published",
            convert=convert,
            text_key=keys[0] if len(keys) == 1 and not adds and takes_text(convert) else None,
        )


def field_rules(sources: Mapping[str, Sources], folding: Folding) -> list[FieldRule]:
    """Return the rules of the fields with these sources."""
    return [
        FieldRule(field, field_type(field), tuple(_term(text, folding) for text in texts))
        for field, texts in sources.items()
    ]


def readers_of(rules: list[FieldRule], facts: SiteFacts, spelling: Spelling) -> list[FieldReader]:
    """Return the readers of the fields that have a source in documents with these keys."""
    readers = (rule.reader(facts, spelling) for rule in rules)
    return [reader for reader in readers if reader is not None]


def _term(text: str, folding: Folding) -> Term:
    term = Term.parse(text)
    if folding is None or not term.keys:
        return term
    first, *others = term.keys
    return term._replace(keys=(folding(first), *others))


def _describe(document: SiteDocument, field: str, pictures: list[Any], source: TermSource) -> None:
    """Give a picture the words that stand beside its key, such as `image_alt`."""
    if len(pictures) != 1 or pictures[0] is None:
        return
    for word, keys in source.beside:
        if word not in pictures[0] and (words := shapes.text(document.at(keys))) is not None:
            pictures[0][word] = words
            document.consume(keys)
            document.origins[field, 0, word] = keys


def _identity(entry: Any) -> str:
    """Return what identifies an entry of a list: the URL of a story, or else the whole entry."""
    url = entry.get("webUrl") if isinstance(entry, dict) else None
    return url if isinstance(url, str) else repr(entry)
