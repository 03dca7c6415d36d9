"""Convert the forms in which sites write text, names, images and people to those of newsgraph."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from loaders.files.places import stem
from loaders.frontmatter.split import UnquotedScalar
from loaders.sites.values.booleans import boolean_value

Absolute = Callable[[str], str]
"""Makes the URL of an image absolute, as far as the address of its page is known."""

_NAME_KEYS: Final = ("name", "title", "display_name")
_PATH_KEYS: Final = ("path", "slug")
_URL_KEYS: Final = ("url", "src", "path", "image", "file", "feature")

_COMMAS: Final = re.compile("[,，、،]")

_DATES_OF_FILES: Final = frozenset(
    {
        "last-modified",
        "last modified",
        "created",
        "git last modified",
        "git created",
        "today",
        "now",
    }
)
"""What Quarto and Eleventy replace by a date that is not in the document."""

_YEAR_LAST: Final = re.compile(
    r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})((?![0-9]).*)", re.DOTALL
)
_WIKI_LINK: Final = re.compile(r"!?\[\[([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")
_WHOLE_LINK: Final = re.compile(r"\[\[(?P<page>[^\[\]|]+)(?:\|(?P<words>[^\[\]|]*))?\]\]")
_PELICAN: Final = re.compile(r"\{(?:static|attach|filename)\}")
_USUAL_URL: Final = re.compile(r"https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?:/|\Z)")

# Each of these functions returns None for a value of another form.


def unlinked(value: Any) -> Any:
    """Return a value without the brackets of links as in Obsidian: `[[Ada]]` is `Ada`, and
    `[[people/ada|Ada]]` is `Ada`, too.
    """
    if isinstance(value, list):
        return [unlinked(entry) for entry in value]
    if not isinstance(value, str) or "[[" not in value:
        return value
    return _WHOLE_LINK.sub(lambda link: link["words"] or link["page"].rpartition("/")[2], value)


def text(value: Any) -> str | None:
    """Return text, or the first text of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value.strip() else None


def date_time(value: Any, language: str | None = None) -> str | None:
    """Return text that may be a date: validation decides whether it is one. Words such as
    `last-modified`, which generators replace by the date of the file, are none.

    A date with the year last is written with the year first if it can be read in one way only:
    `31.12.2024`, `5/28/2024`, and `1/2/2024` in a language in which the day comes first.
    """
    if isinstance(value, str) and value.strip().lower() in _DATES_OF_FILES:
        return ""
    if not isinstance(value, str) or not (value[:1].isdigit() or any(map(str.isdigit, value))):
        return None
    match = _YEAR_LAST.fullmatch(value)
    return value if match is None else _year_first(match, language) or value


def _year_first(match: re.Match[str], language: str | None) -> str | None:
    one, mark, other, year, time = match.groups()
    orders = {(one, other), (other, one)}
    if mark == "." or (language and not language.lower().startswith("en")):
        orders = {(one, other)}
    days = {day for order in orders if (day := _day(year, *order)) is not None}
    return f"{days.pop()}{time}" if len(days) == 1 else None


def _day(year: str, day: str, month: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def names(value: Any, separator: str | None = ",") -> list[Any] | None:
    """Return a list of names, from mappings with names, or from text with several.

    `separator` is a comma, for which there may be semicolons or the commas of other scripts, or
    None for white space.
    """
    if isinstance(value, str):
        # In Pelican, semicolons take precedence over commas, which may be part of names.
        by_commas = separator == "," and ";" not in value
        parts = _COMMAS.split(value) if by_commas else value.split(separator and ";")
        parts = [part.strip() for part in parts]
        return [part for part in parts if part] or None
    if not isinstance(value, list):
        return None
    return _converted(value, _name)


def flat(value: Any) -> Any:
    """Return a value, of a list with the entries of the lists in it, such as Hexo's categories."""
    if not isinstance(value, list) or not any(isinstance(entry, list) for entry in value):
        return value
    inner = (entry if isinstance(entry, list) else [entry] for entry in value)
    return list(dict.fromkeys(name for entry in inner for name in entry if isinstance(name, str)))


def pictures(value: Any, absolute: Absolute) -> list[Any] | None:
    """Return mappings with `url`, from a URL, a mapping with a URL, or a list of these."""
    entries = value if isinstance(value, list) else [value]
    return _converted(entries, lambda entry: _picture(entry, absolute))


def urls(value: Any, absolute: Absolute) -> list[Any] | None:
    """Return URLs, from a URL, a mapping with a URL, or a list of these."""
    entries = pictures(value, absolute)
    return entries and [entry and entry["url"] for entry in entries]


def people(value: Any, separator: str | None = None) -> list[Any] | None:
    """Return mappings with `name`, from a name, a mapping with a name, or a list of these.

    `separator` is the text between several names; None if a text is one name.
    """
    if isinstance(value, str) and separator is not None:
        value = names(value, separator)
    entries = value if isinstance(value, list) else [value]
    return _converted(entries, _person)


def references(value: Any, absolute: Absolute) -> list[str] | None:
    """Return the slugs and URLs in a list of paths, slugs, URLs and mappings with one of these.

    Other entries are left out.
    """
    if not isinstance(value, list):
        return None
    texts = (_reference(entry, absolute) for entry in value)
    return list(dict.fromkeys(filter(None, texts))) or None


def is_path_or_url(value: Any) -> bool:
    """Return whether text is certainly a reference: a single word may be anything."""
    return isinstance(value, str) and ("/" in value or stem(value) != value)


def provider(value: Any, domain: str | None) -> dict[str, Any] | None:
    """Return a mapping with `name` and `domain`, from a name or a mapping with a name."""
    if isinstance(value, str) and value.strip() and domain:
        return {"name": value, "domain": domain}
    if not isinstance(value, dict) or text(value.get("name")) is None:
        return None
    if value.get("domain"):
        return value
    domain = host(value.get("url")) or domain
    return {**value, "domain": domain} if domain else None


def mappings(value: Any) -> list[Any] | None:
    """Return a list of mappings."""
    is_list = isinstance(value, list) and bool(value)
    return value if is_list and all(isinstance(entry, dict) for entry in value) else None


def host(url: Any) -> str | None:
    """Return the host of a URL, or a host without a URL."""
    if not isinstance(url, str) or not url.strip():
        return None
    usual = _USUAL_URL.match(url)
    if usual is not None:  # as `urlsplit` does, in a quarter of the time
        return usual[1].lower().removeprefix("www.")
    try:
        hostname = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None
    return hostname.removeprefix("www.") if hostname else None


def _converted(entries: list[Any], read: Callable[[Any], Any]) -> list[Any] | None:
    """Return the converted entries; empty ones are kept, for validation to report."""
    converted: list[Any] = []
    for entry in entries:
        if entry is None or entry == "":
            converted.append(None)
        elif (value := read(entry)) is not None:
            converted.append(value)
        else:
            return None
    return converted if converted.count(None) < len(converted) else None


def _name(value: Any) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, dict):
        names = (_full_name(value.get(key)) for key in _NAME_KEYS)
        return next(filter(None, names), None)
    return None


def _full_name(value: Any) -> str | None:
    """Return a name, also one in parts, as in Quarto."""
    if not isinstance(value, dict):
        return text(value)
    parts = (text(value.get(part)) for part in ("literal", "given", "family"))
    return " ".join(filter(None, parts)) or None


def _person(value: Any) -> dict[str, Any] | None:
    name = _name(value)
    if name is None:
        return None
    return {**value, "name": name} if isinstance(value, dict) else {"name": name}


def _reference(value: Any, absolute: Absolute) -> str | None:
    if isinstance(value, dict):
        for key in ("webUrl", "url"):
            if (url := text(value.get(key))) is not None:
                return absolute(url)
        return next((_reference(value[key], absolute) for key in _PATH_KEYS if key in value), None)
    if not isinstance(value, str) or not value.strip():
        return None
    if "://" in value:
        return str(value)
    return unicodedata.normalize("NFC", stem(value.removeprefix("./").strip("/"))) or None


def _picture(value: Any, absolute: Absolute) -> dict[str, Any] | None:
    if isinstance(value, UnquotedScalar) and (value.isdigit() or boolean_value(value) is not None):
        return None  # a number or a boolean, such as `image: true`
    if isinstance(value, str):
        return {"url": absolute(_target(value))} if value.strip() else None
    if not isinstance(value, dict):
        return None
    for key in _URL_KEYS:
        if isinstance(inner := value.get(key), dict):  # as in VitePress's `hero`
            return _picture(inner, absolute)
        if isinstance(url := value.get(key), str) and url.strip():
            url = _target(url)
            rest = value.copy()
            del rest[key]
            if "caption" in rest and "title" not in rest and text(rest["caption"]) is not None:
                rest["title"] = rest.pop("caption")
            return {"url": absolute(url), **rest}
    return None


def _target(link: str) -> str:
    """Return the path of a link that may be written as in Obsidian (`[[a.jpg]]`) or Pelican
    (`{static}/a.jpg`).
    """
    if link[0] not in "![{":
        return link
    wiki = _WIKI_LINK.fullmatch(link.strip())
    return wiki[1].strip() if wiki else _PELICAN.sub("", link)
