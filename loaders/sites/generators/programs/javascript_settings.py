"""Read the name and the address of a site from a configuration in JavaScript, without executing it:
as far as they are text in quotes beside the usual keys.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import FrontMatterError, decode
from loaders.sites.rules.rules import SiteSettings

MAX_CHARACTERS: Final = 200_000
"""A longer file is no configuration that people write."""

ENDINGS: Final = ("js", "ts", "mjs", "mts", "cjs", "cts")

# Each of these takes linear time, because no repetition can match the beginning of another.
_TEXT: Final = r"""(?:"[^"\\\n]*+"|'[^'\\\n]*+'|`[^`\\$]*+`)"""
_TOKEN: Final = re.compile(
    rf"""
      (?P<comment> //[^\n]*+ | /\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z) )
    | (?<![\w$.]) (?P<key> [A-Za-z_$][\w$]*+ ) \s*+ [:=] \s*+ (?P<text> {_TEXT} )
    | (?P<other> {_TEXT} )
    | (?P<open> [{{(\[] )
    | (?P<close> [}})\]] )
    """,
    re.VERBOSE,
)


class SettingsKeys(NamedTuple):
    """The keys of a generator: of the site's name, its URL, the path below that, its language."""

    name: str = "title"
    url: str = "url"
    base: str = ""
    language: str = ""


def programs(*names: str) -> tuple[str, ...]:
    """Return the names of JavaScript files with each of the usual endings."""
    return tuple(f"{name}.{ending}" for name in names for ending in ENDINGS)


def read_settings(root: str, names: Iterable[str], keys: SettingsKeys) -> SiteSettings:
    """Return what the files of these names say of their site; the first one that does counts."""
    texts: dict[str, str] = {}
    for name in names:
        path = os.path.join(root, name)
        if os.path.isfile(path):
            texts = {**_texts(path), **texts}
    url = texts.get(keys.url, "")
    is_url = url.startswith(("http://", "https://"))
    base = texts.get(keys.base, "").strip("/")
    return SiteSettings(
        texts.get(keys.name) or None,
        (f"{url.rstrip('/')}/{base}" if base else url) if is_url else None,
        None,
        texts.get(keys.language) or None,
    )


def _texts(path: str) -> dict[str, str]:
    """Return the texts of a file by their keys; of equal keys, the outermost one's."""
    try:
        source = decode(read(path).data)
    except (UnreadableFile, FrontMatterError):
        return {}  # it is a program of any kind
    texts: dict[str, tuple[int, str]] = {}
    for depth, key, text in _entries(source[:MAX_CHARACTERS]):
        if key not in texts or depth < texts[key][0]:
            texts[key] = depth, text
    return {key: text for key, (_, text) in texts.items()}


def _entries(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield the keys with texts, and how deeply each is nested."""
    depth = 0
    for token in _TOKEN.finditer(source):
        if token["key"]:
            yield depth, token["key"], token["text"][1:-1].strip()
        elif token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
