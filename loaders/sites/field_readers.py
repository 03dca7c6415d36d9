"""How the value of a field is made of its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from loaders.frontmatter.split import UnquotedScalar
from loaders.sites import shapes
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.term_pages import term_key
from loaders.sites.rules import LISTS, DocumentKind, FieldType, Sources, field_type
from loaders.sites.site_document import Found, SiteDocument
from loaders.sites.terms import Term

_URLS: Final[tuple[FieldType, ...]] = ("picture URLs", "URLs")
_BY_SPACES: Final = frozenset({"tags", "categories"})
"""The keys whose text Jekyll splits at spaces."""

_LIMITS: Final = {"publishDate": ("publishdate",), "expiryDate": ("expirydate", "unpublishdate")}
"""The keys, in small letters, that have no other meaning than to limit publication."""


class FieldReader(NamedTuple):
    """The sources of a field, in their order.

    `keys` are the keys of front matter that it may be made of, `built_in` says that there are other
    sources too. `domain` is that of the site.
    """

    field: str
    type: FieldType
    terms: tuple[Term, ...]
    keys: frozenset[str]
    built_in: bool
    domain: str | None

    def read(self, document: SiteDocument, fields: dict[str, Any]) -> None:
        """Set the field to the first source that is there, and add those that are to be added."""
        made: Any = None
        present = document.present
        for term in self.terms:
            is_missing = term.keys and term.keys[0] not in present
            if is_missing or (made is not None and not term.adds):
                continue
            found = document.find(term, self.type)
            if found is None:
                continue
            if self.type == "text" and _is_by_spaces(document.facts, found):
                found = _split(found)
            value = self._shaped(document, term, found)
            if value is None and self._limits_publication(found):
                value = found.value  # the validation says why it is no date
            if value is None and self.type == "references":
                continue  # other programs have `items` of other kinds
            if value is None:
                document.refuse(found.keys, self.field, self.type)
                continue
            if found.keys and not _loses(self.type, found.value):
                document.consumed[found.keys] = None
            if made is None:
                made = value
                if found.keys != (self.field,):
                    document.origins[(self.field,)] = found.keys
            elif self.type in LISTS:
                self._add(document, made, value, found)
        if made is not None:
            fields[self.field] = made

    def _limits_publication(self, found: Found) -> bool:
        """Whether a value is meant as a limit of publication: unread, it would publish too much."""
        return bool(found.keys) and found.keys[-1].lower() in _LIMITS.get(self.field, ())

    def _add(self, document: SiteDocument, made: list[Any], more: list[Any], found: Found) -> None:
        present = set(map(_identity, made))
        for number, entry in enumerate(more):
            if (identity := _identity(entry)) not in present:
                present.add(identity)
                document.origins[(self.field, len(made))] = (*found.keys, number)
                made.append(entry)

    def _shaped(self, document: SiteDocument, term: Term, found: Found) -> Any:
        value = found.value
        match self.type:
            case "text":
                return shapes.text(value)
            case "moment":
                return shapes.moment(value)
            case "names":
                names = shapes.names(value, _separator(document.facts, found))
                return names and _called(names, _terms(document, found))
            case "pictures":
                return shapes.pictures(value, document.absolute)
            case "picture URLs":
                return shapes.picture_urls(value, document.absolute)
            case "URLs":
                return shapes.picture_urls(value, document.absolute)
            case "references":
                return shapes.references(value, document.absolute)
            case "people":
                people = shapes.people(value, "," if _is_plural(found) else None)
                return people and _called_people(people, _terms(document, found))
            case "provider":
                return shapes.provider(value, self.domain)
            case "truth":
                return _truth(value, term)
            case "stories":
                is_made = term.builtin == "links"
                return value if is_made else document.stories_of(value)
            case "as it is":
                return value


def field_readers(
    kind: DocumentKind, sources: Mapping[str, Sources], facts: SiteFacts
) -> tuple[FieldReader, ...]:
    """The readers of the fields that have these sources."""
    domain = shapes.host(facts.settings.url)
    readers = []
    for field, texts in sources.items():
        terms = tuple(_term(text, facts) for text in texts)
        keys = frozenset(term.keys[0] for term in terms if term.keys)
        built_in = any(term.builtin for term in terms)
        kind_ = field_type(kind, field)
        readers.append(FieldReader(field, kind_, terms, keys, built_in, domain))
    return tuple(readers)


def _term(text: str, facts: SiteFacts) -> Term:
    term = Term.parse(text)
    if not facts.ignores_case or not term.keys:
        return term
    first, *others = term.keys
    return term._replace(keys=(first.lower(), *others))


def _identity(entry: Any) -> str:
    """What tells entries of a list apart: stories by their address, others by all that they say."""
    url = entry.get("webUrl") if isinstance(entry, dict) else None
    return url if isinstance(url, str) else repr(entry)


def _loses(kind: FieldType, value: Any) -> bool:
    """Whether a field of this type shows a part of a value alone, so that the rest stays extra."""
    if kind == "references":
        return not all(map(shapes.is_path_or_url, value))
    if not isinstance(value, list):
        return kind in _URLS and isinstance(value, dict)
    if kind == "text":
        return len(value) > 1
    return kind in ("names", *_URLS) and any(isinstance(entry, dict) for entry in value)


def _terms(document: SiteDocument, found: Found) -> Mapping[str, str]:
    """The names of the terms that a key may hold, by their slugs."""
    return document.facts.terms.get(found.keys[-1], {}) if found.keys else {}


def _called(names: list[Any], terms: Mapping[str, str]) -> list[Any]:
    """Names, of which those of terms become what the pages of these are called."""
    return [name and terms.get(term_key(name), name) for name in names] if terms else names


def _called_people(people: list[Any], terms: Mapping[str, str]) -> list[Any]:
    """The same for people; the slugs of their pages stay beside their names."""
    if not terms:
        return people
    return [
        {**person, "name": terms[key], "slug": key}
        if person and (key := term_key(person["name"])) in terms
        else person
        for person in people
    ]


def _is_plural(found: Found) -> bool:
    """Whether a key is for several people: the comma in `author: Gull, A.` separates none."""
    return bool(found.keys) and found.keys[-1].lower() == "authors"


def _separator(facts: SiteFacts, found: Found) -> str | None:
    return None if _is_by_spaces(facts, found) else ","


def _split(found: Found) -> Found:
    """Text that holds several names as the list of these."""
    value = found.value
    return found._replace(value=value.split()) if isinstance(value, str) else found


def _is_by_spaces(facts: SiteFacts, found: Found) -> bool:
    """Whether text holds several names with spaces between them."""
    return facts.generator == "jekyll" and bool(found.keys) and found.keys[-1] in _BY_SPACES


def _truth(value: Any, term: Term) -> UnquotedScalar | None:
    found = shapes.truth_value(value)
    return None if found is None else UnquotedScalar("true" if found != term.negates else "false")
