"""What strangers write where newsgraph expects text, a list of names, of pictures or of people."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from loaders.files.places import stem
from loaders.frontmatter.split import UnquotedScalar
from loaders.records.scalar_values import truth

Absolute = Callable[[str], str]
"""Makes the URL of a picture absolute, as far as the address of its page is known."""

_NAME_KEYS: Final = ("name", "title", "display_name")
_PATH_KEYS: Final = ("path", "slug")
_URL_KEYS: Final = ("url", "src", "path", "image", "file")

# Each of these functions returns None for a value that does not suit.


def text(value: Any) -> str | None:
    """Text, or the first of a list of texts."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value.strip() else None


def moment(value: Any) -> str | None:
    """Text that may be a date: the validation says whether it is one."""
    return value if isinstance(value, str) and any(map(str.isdigit, value)) else None


def names(value: Any, separator: str | None = ",") -> list[Any] | None:
    """A list of names, of mappings that have names, or text that holds several.

    `separator` is what is between those, None for white space.
    """
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(separator)]
        return [part for part in parts if part] or None
    if not isinstance(value, list):
        return None
    return _each(value, _name)


def pictures(value: Any, absolute: Absolute) -> list[Any] | None:
    """A URL, a mapping with a URL, or a list of these, as a list of mappings with `url`."""
    entries = value if isinstance(value, list) else [value]
    return _each(entries, lambda entry: _picture(entry, absolute))


def picture_urls(value: Any, absolute: Absolute) -> list[Any] | None:
    """The same as a list of URLs."""
    found = pictures(value, absolute)
    return found and [entry and entry["url"] for entry in found]


def people(value: Any, separator: str | None = None) -> list[Any] | None:
    """A name, a mapping with a name, or a list of these, as a list of mappings with `name`.

    `separator` is what is between several names in one text; None where a text is one name.
    """
    if isinstance(value, str) and separator is not None:
        value = names(value, separator)
    entries = value if isinstance(value, list) else [value]
    return _each(entries, _person)


def references(value: Any, absolute: Absolute) -> list[str] | None:
    """The slugs and URLs in a list of paths, slugs, URLs and mappings that have one of these.

    Entries that are none of these are left out.
    """
    if not isinstance(value, list):
        return None
    found = (_reference(entry, absolute) for entry in value)
    return list(dict.fromkeys(filter(None, found))) or None


def is_path_or_url(value: Any) -> bool:
    """Whether text is certainly a reference: a word alone may be anything."""
    return isinstance(value, str) and ("/" in value or stem(value) != value)


def provider(value: Any, domain: str | None) -> dict[str, Any] | None:
    """A name, or a mapping with a name, as a mapping with `name` and `domain`."""
    if isinstance(value, str) and value.strip() and domain:
        return {"name": value, "domain": domain}
    if not isinstance(value, dict) or text(value.get("name")) is None:
        return None
    own = value.get("domain") or host(value.get("url")) or domain
    return {**value, "domain": own} if own else None


def truth_value(value: Any) -> bool | None:
    """True or false, in any spelling, in quotes or not."""
    try:
        return truth(UnquotedScalar(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def mappings(value: Any) -> list[Any] | None:
    """A list of mappings."""
    is_list = isinstance(value, list) and bool(value)
    return value if is_list and all(isinstance(entry, dict) for entry in value) else None


def host(url: Any) -> str | None:
    """The host of a URL, or a host that stands alone."""
    return _host(url) if isinstance(url, str) and url.strip() else None


@lru_cache(maxsize=1024)  # that of the site, and those of a document's links, again and again
def _host(url: str) -> str | None:
    try:
        found = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None
    return found.removeprefix("www.") if found else None


def _each(entries: list[Any], read: Callable[[Any], Any]) -> list[Any] | None:
    """The entries as read; empty ones stay, for the validation to complain of."""
    filled = [None if entry == "" else entry for entry in entries]
    found = [None if entry is None else read(entry) for entry in filled]
    suits = found.count(None) == filled.count(None) < len(entries)
    return found if suits else None


def _name(value: Any) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, dict):
        return next((found for key in _NAME_KEYS if (found := text(value.get(key)))), None)
    return None


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
    if isinstance(value, str):
        return {"url": absolute(value)} if value.strip() else None
    if not isinstance(value, dict):
        return None
    for key in _URL_KEYS:
        if isinstance(url := value.get(key), str) and url.strip():
            rest = {name: entry for name, entry in value.items() if name != key}
            return {"url": absolute(url), **rest}
    return None
