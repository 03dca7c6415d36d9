"""Read the value of a field from its sources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

from graph.documents import author_slug
from loaders.frontmatter.split import UnquotedScalar
from loaders.records.scalar_values import whole_number
from loaders.sites.generators.facts import Person, SiteFacts
from loaders.sites.generators.site_page import is_false
from loaders.sites.mapping.names import flat, is_by_spaces, names_of, unlinked
from loaders.sites.mapping.site_document import Found, KeyPath, SiteDocument
from loaders.sites.rules.rules import LISTS, DocumentKind, FieldType, Sources, field_type
from loaders.sites.rules.terms import Term
from loaders.sites.values import bodies, shapes, truths

Shape = Callable[[SiteDocument, Term, Found], Any]
"""Converts the value that a source has found; returns None for one that does not suit."""

_TEXTS: Final[tuple[FieldType, ...]] = ("text", "markup")
_BESIDE: Final = {"alt": ("_alt", "Alt", "-alt"), "title": ("_caption", "Caption", "-caption")}
"""The endings that make of a picture's key those of its alternative text and its caption."""

_LIMITS: Final = {"publishDate": ("publishdate",), "expiryDate": ("expirydate", "unpublishdate")}
"""The keys, in lower case, that only ever limit publication."""


class FieldReader(NamedTuple):
    """The sources of a field, in order of precedence.

    `adds` says that some are added (`+`). If `all_count`, none is left out: one that says no
    decides. `shape` converts the values.
    """

    field: str
    type: FieldType
    terms: tuple[Term, ...]
    adds: bool
    all_count: bool
    shape: Shape

    def read(self, document: SiteDocument, fields: dict[str, Any]) -> None:
        """Set the field to the first source that has a value, and append those that are added
        (`+`).
        """
        made: Any = None
        present = document.present
        for term in self.terms:
            if made is not None and not (term.adds or self.all_count):
                if self.adds:
                    continue
                break
            if len(term.keys) == 1:  # as `find` does, without its cost
                found = present.get(term.keys[0])
                if found is None or (is_false(found.value) and self.type != "truth"):
                    continue
            elif (found := document.find(term, self.type)) is None:
                continue
            value = self.shape(document, term, found)
            if not value:
                if value is None and self._limits_publication(found):
                    value = found.value  # validation reports that it is no date
                elif value is None and self.type != "references":
                    document.refuse(found.keys, self.field, self.type)
                    continue
                else:
                    continue  # no pictures with an address, or `items` of another program
            if made is None and self.type == "pictures" and found.keys:
                _describe(document, self.field, value, found.keys)
            if found.keys and not _loses(self.type, found.value, value):
                document.consumed[found.keys] = None
            if made is None:
                made = value
                if found.keys != (self.field,):
                    document.origins[(self.field,)] = found.keys
            elif self.all_count:
                made = self._stricter(document, made, value, found)
            elif self.type in LISTS:
                self._add(document, made, value, found)
        if made is not None:
            fields[self.field] = made

    def limited(self, keys: Collection[str]) -> FieldReader | None:
        """Return the reader for documents with these top-level keys; None if it has no source."""
        terms = tuple(term for term in self.terms if not term.keys or term.keys[0] in keys)
        return self._replace(terms=terms) if terms else None

    def _stricter(self, document: SiteDocument, made: Any, value: Any, found: Found) -> Any:
        """Return the one of two values that does not publish: better hidden than exposed."""
        if made == "false" or value == "true":
            return made
        document.origins[(self.field,)] = found.keys
        return value

    def _limits_publication(self, found: Found) -> bool:
        """Return whether a value limits publication: ignoring it would publish too much."""
        return bool(found.keys) and found.keys[-1].lower() in _LIMITS.get(self.field, ())

    def _add(self, document: SiteDocument, made: list[Any], more: list[Any], found: Found) -> None:
        present = set(map(_identity, made))
        for number, entry in enumerate(more):
            if (identity := _identity(entry)) not in present:
                present.add(identity)
                document.origins[(self.field, len(made))] = (*found.keys, number)
                made.append(entry)


def _text(document: SiteDocument, term: Term, found: Found) -> Any:
    value = _split(found.value) if is_by_spaces(document.facts, found) else found.value
    return shapes.text(flat(document, value))


def _markup(document: SiteDocument, term: Term, found: Found) -> Any:
    text = shapes.text(found.value)
    return bodies.without_markup(text) if text and found.keys else text


def _moment(document: SiteDocument, term: Term, found: Found) -> Any:
    value = unlinked(document, found)
    return shapes.moment(value, document.facts.settings.language)


def _pictures(document: SiteDocument, term: Term, found: Found) -> Any:
    pictures = shapes.pictures(found.value, document.picture_url)
    return pictures and [each for each in pictures if each is None or each["url"]]


def _url(document: SiteDocument, term: Term, found: Found) -> Any:
    url = shapes.text(found.value)
    if url and "{{" in url:
        return None  # a template
    if url and found.keys[-1:] == ("permalink",) and "://" not in url:
        url = f"/{url.lstrip('/')}"  # relative to the site
    return document.absolute(url) if url and url.startswith("/") else url


def _people(document: SiteDocument, term: Term, found: Found) -> Any:
    people = shapes.people(unlinked(document, found), "," if _is_plural(found) else None)
    return people and _described(people, document.facts.people)


def _provider(document: SiteDocument, term: Term, found: Found) -> Any:
    return shapes.provider(found.value, shapes.host(document.facts.settings.url))


def _stories(document: SiteDocument, term: Term, found: Found) -> Any:
    return found.value if term.builtin == "links" else document.stories_of(found.value)


def _number(document: SiteDocument, term: Term, found: Found) -> Any:
    try:
        whole_number(found.value)
    except ValueError:  # in a site of another program, it means something else
        return found.value if document.facts.generator != "generic" else None
    return found.value


_SHAPES: Final[dict[FieldType, Shape]] = {
    "text": _text,
    "markup": _markup,
    "moment": _moment,
    "names": lambda document, _, found: names_of(document, found),
    "pictures": _pictures,
    "URL": _url,
    "URLs": lambda document, _, found: shapes.urls(found.value, document.absolute),
    "references": lambda document, _, found: shapes.references(found.value, document.absolute),
    "people": _people,
    "provider": _provider,
    "truth": lambda document, term, found: _truth(found.value, term),
    "stories": _stories,
    "as it is": _number,
}


def field_readers(
    kind: DocumentKind, sources: Mapping[str, Sources], facts: SiteFacts
) -> tuple[FieldReader, ...]:
    """Return the readers of the fields with these sources."""
    readers = []
    for field, texts in sources.items():
        terms = tuple(_term(text, facts) for text in texts)
        adds = any(term.adds for term in terms)
        kind_ = field_type(kind, field)
        all_count = field == "published"
        shape = _SHAPES[kind_]
        readers.append(FieldReader(field, kind_, terms, adds, all_count, shape))
    return tuple(readers)


def _term(text: str, facts: SiteFacts) -> Term:
    term = Term.parse(text)
    if facts.folding is None or not term.keys:
        return term
    first, *others = term.keys
    return term._replace(keys=(facts.folding(first), *others))


def _describe(document: SiteDocument, field: str, pictures: list[Any], keys: KeyPath) -> None:
    """Give a picture the words that stand beside its key, such as `image_alt`."""
    if len(pictures) != 1 or pictures[0] is None:
        return
    for word, endings in _BESIDE.items():
        for ending in endings if word not in pictures[0] else ():
            beside = document.at((*keys[:-1], f"{keys[-1]}{ending}"))
            words = None if beside is None else shapes.text(beside.value)
            if beside is not None and words is not None:
                pictures[0][word] = words
                document.consumed[beside.keys] = None
                document.origins[field, 0, word] = beside.keys
                break


def _identity(entry: Any) -> str:
    """Return what identifies an entry of a list: the URL of a story, or else the whole entry."""
    url = entry.get("webUrl") if isinstance(entry, dict) else None
    return url if isinstance(url, str) else repr(entry)


def _loses(kind: FieldType, value: Any, made: Any) -> bool:
    """Return whether a field of this type, made from a value, shows only a part of it.

    The value then stays in `extra`.
    """
    if isinstance(value, str):
        return kind == "markup" and made != value
    if kind == "markup" and made != shapes.text(value):
        return True
    if kind == "pictures":
        return len(made) < (len(value) if isinstance(value, list) else 1)
    if kind == "references":
        return not all(map(shapes.is_path_or_url, value))
    if not isinstance(value, list):
        return kind == "URLs" and isinstance(value, dict)
    if kind in (*_TEXTS, "URL"):
        return len(value) > 1
    if kind == "names" and len(made) < len(value):
        return True
    return kind in ("names", "URLs") and any(isinstance(entry, dict) for entry in value)


def _described(people: list[Any], known: Mapping[str, Person]) -> list[Any]:
    """People, of which those that the site describes get the names and slugs that it gives."""
    return [person and _as_described(person, known) for person in people] if known else people


def _as_described(person: Person, known: Mapping[str, Person]) -> Person:
    found = None if person.get("slug") else known.get(author_slug(person["name"]))
    return person if found is None else {**found, **person, **_identity_of(found)}


def _identity_of(person: Person) -> Person:
    return {"name": person["name"], "slug": person["slug"]}


def _is_plural(found: Found) -> bool:
    """Return whether a key is for several people: a comma separates none in `author: Gull, A.`."""
    return bool(found.keys) and found.keys[-1].lower() == "authors"


def _split(value: Any) -> Any:
    """Split text that contains several names."""
    return value.split() if isinstance(value, str) else value


def _truth(value: Any, term: Term) -> UnquotedScalar | None:
    if term.keys[-1:] == ("tags",):  # one of Nikola's may be `draft`
        hides = False in map(truths.status_value, shapes.names(value) or ())
        return UnquotedScalar("false") if hides else None
    found = truths.truth_value(value)
    if found is None and not term.negates:
        found = truths.status_value(value)
    return None if found is None else UnquotedScalar("true" if found != term.negates else "false")
