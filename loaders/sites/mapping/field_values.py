"""Convert the value of a source to the type of its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from graph.documents import author_slug
from loaders.frontmatter.split import UnquotedScalar
from loaders.records.values.scalar_values import whole_number
from loaders.sites.generators.facts import Person
from loaders.sites.mapping.names import generic_names, is_by_spaces, jekyll_names, names_of
from loaders.sites.mapping.site_document import SiteDocument
from loaders.sites.mapping.sources import TermSource
from loaders.sites.rules.rules import FieldType
from loaders.sites.values import bodies, booleans, shapes

Conversion = Callable[[SiteDocument, TermSource, Any], Any]
"""Converts the value of a source; returns None for one that does not suit."""

_MARKUP: Final[tuple[FieldType, ...]] = ("markup", "title")
_TEXTS: Final[tuple[FieldType, ...]] = ("text", *_MARKUP)
_BOOLEANS: Final = UnquotedScalar("false"), UnquotedScalar("true")


def conversion(type_: FieldType, generator: str) -> Conversion:
    """Return the conversion to a type in documents of this generator."""
    return _OF_GENERATORS.get((generator, type_)) or _CONVERSIONS[type_]


def takes_text(convert: Conversion) -> bool:
    """Return whether a conversion leaves text as it is, unless it is blank."""
    return convert in (_text, _as_it_is)


def loses(type_: FieldType, value: Any, converted: Any) -> bool:
    """Return whether a field of this type, made from a value, shows only a part of it.

    The value then stays in `extra`.
    """
    if isinstance(value, str):
        return type_ in _MARKUP and converted != value
    if type_ in _MARKUP and converted != shapes.text(value):
        return True
    if type_ == "pictures":
        return len(converted) < (len(value) if isinstance(value, list) else 1)
    if type_ == "references":
        return not all(map(shapes.is_path_or_url, value))
    if not isinstance(value, list):
        return type_ == "URLs" and isinstance(value, dict)
    if type_ in (*_TEXTS, "URL"):
        return len(value) > 1
    if type_ == "names" and len(converted) < len(value):
        return True
    return type_ in ("names", "URLs") and dict in map(type, value)


def _text(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return shapes.text(value)


def _jekyll_text(document: SiteDocument, source: TermSource, value: Any) -> Any:
    is_split = isinstance(value, str) and is_by_spaces(source)
    return shapes.text(value.split() if is_split else value)


def _generic_text(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return shapes.text(shapes.flat(value))


def _markup(document: SiteDocument, source: TermSource, value: Any) -> Any:
    text = shapes.text(value)
    return bodies.without_markup(text) if text and source.keys else text


def _title(document: SiteDocument, source: TermSource, value: Any) -> Any:
    text = shapes.text(value)
    return bodies.without_html(text) if text and source.keys else text


def _generic_title(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return _title(document, source, shapes.flat(value))


def _date_time(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return shapes.date_time(value, document.facts.settings.language)


def _pictures(document: SiteDocument, source: TermSource, value: Any) -> Any:
    pictures = shapes.pictures(value, document.picture_url)
    return pictures and [picture for picture in pictures if picture is None or picture["url"]]


def _url(document: SiteDocument, source: TermSource, value: Any) -> Any:
    url = shapes.text(value)
    if url and "{{" in url:
        return None  # a template
    if url and source.keys[-1:] == ("permalink",) and "://" not in url:
        url = f"/{url.lstrip('/')}"  # relative to the site
    return document.absolute(url) if url and url.startswith("/") else url


def _urls(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return shapes.urls(value, document.absolute)


def _references(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return shapes.references(value, document.absolute)


def _generic_date_time(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return _date_time(document, source, shapes.unlinked(value))


def _generic_people(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return _people(document, source, shapes.unlinked(value))


def _people(document: SiteDocument, source: TermSource, value: Any) -> Any:
    people = shapes.people(value, "," if _is_plural(source) else None)
    return people and _described(people, document.facts.people)


def _is_plural(source: TermSource) -> bool:
    """Return whether a key is for several people: a comma separates none in `author: Gull, A.`."""
    return bool(source.keys) and source.keys[-1].lower() == "authors"


def _described(people: list[Any], by_slug: Mapping[str, Person]) -> list[Any]:
    """Give those of these people that the site describes the names and slugs that it states."""
    return [person and _as_described(person, by_slug) for person in people] if by_slug else people


def _as_described(person: Person, by_slug: Mapping[str, Person]) -> Person:
    described = None if person.get("slug") else by_slug.get(author_slug(person["name"]))
    return person if described is None else {**described, **person, **_identity_of(described)}


def _identity_of(person: Person) -> Person:
    return {"name": person["name"], "slug": person["slug"]}


def _provider(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return shapes.provider(value, document.facts.domain)


def _boolean(document: SiteDocument, source: TermSource, value: Any) -> Any:
    if source.keys[-1:] == ("tags",):  # one of Nikola's may be `draft`
        hides = False in map(booleans.status_value, shapes.names(value) or ())
        return _BOOLEANS[False] if hides else None
    boolean = booleans.boolean_value(value)
    if boolean is None and source.negates and source.keys[-1:] == ("password",):
        return _BOOLEANS[False]  # a page that its site shows only to those who know the password
    if boolean is None and not source.negates:
        boolean = booleans.status_value(value)
    return None if boolean is None else _BOOLEANS[boolean != source.negates]


def _stories(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return value if source.builtin == "links" else document.stories_of(value)


def _as_it_is(document: SiteDocument, source: TermSource, value: Any) -> Any:
    return value


def _generic_number(document: SiteDocument, source: TermSource, value: Any) -> Any:
    try:
        whole_number(value)
    except ValueError:  # in a site of another program, it means something else
        return None
    return value


_CONVERSIONS: Final[dict[FieldType, Conversion]] = {
    "text": _text,
    "markup": _markup,
    "title": _title,
    "datetime": _date_time,
    "names": names_of,
    "pictures": _pictures,
    "URL": _url,
    "URLs": _urls,
    "references": _references,
    "people": _people,
    "provider": _provider,
    "boolean": _boolean,
    "stories": _stories,
    "as it is": _as_it_is,
}
_OF_GENERATORS: Final[dict[tuple[str, FieldType], Conversion]] = {
    ("jekyll", "text"): _jekyll_text,
    ("jekyll", "names"): jekyll_names,
    ("generic", "text"): _generic_text,
    ("generic", "title"): _generic_title,
    ("generic", "names"): generic_names,
    ("generic", "datetime"): _generic_date_time,
    ("generic", "people"): _generic_people,
    ("generic", "as it is"): _generic_number,
}
