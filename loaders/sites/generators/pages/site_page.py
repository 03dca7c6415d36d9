"""A document as a page of its site, with the properties that its path implies."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from loaders.files.places import stem
from loaders.frontmatter.split import UnquotedScalar
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.values import bodies

_DATED: Final = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:-(.+))?")
_DATED_FREELY: Final = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:[-_ ]+(.+))?")
_FREELY_DATED: Final = frozenset({"hugo", "zola", "generic"})
"""Generators in which a space or `_` may follow the date at the beginning of a name."""

_DATED_FOLDERS: Final = re.compile(r"(?:\A|/)(\d{4})[-/](\d{2})[-/](\d{2})[-/]")
_NUMBERED: Final = re.compile(r"\d+\s*[-_.]+\s*(?!\d+[-_.])([^-_.\s].*)", re.DOTALL)
_NUMBERING: Final = frozenset({"docusaurus", "nuxt"})
"""Generators in which a number before a name only orders the pages."""

_DATE: Final = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[Tt ]+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?[ ]*(?:(Z)|([-+]\d{2}):?(\d{2}))?)?.*",
    re.DOTALL,
)
_ENDINGS: Final = (".html", ".htm")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


@dataclass(frozen=True)
class SitePage:
    """A document of a site: its path relative to the root of the site, its front matter and its
    body.
    """

    facts: SiteFacts
    path: str
    front: dict[str, Any]
    body: str = ""

    @property
    def inner_path(self) -> str:
        """The path below the content folder, without its extension and its language."""
        return self._place[0]

    @property
    def language(self) -> str | None:
        """The language in the name or the folder, as the site's configuration names it."""
        return self._place[1]

    @cached_property
    def _place(self) -> tuple[str, str | None]:
        path, language = self._below_content()
        folder, slash, name = path.rpartition("/")
        base = stem(name)
        if base == name and name.lower().endswith(_ENDINGS):
            base = os.path.splitext(name)[0]
        name_part, _, code = base.rpartition(".")
        code = code.lower() if self.facts.generator == "hugo" else code
        if name_part and code in self.facts.languages:
            base, language = name_part, code
        return f"{folder}{slash}{base}", language

    def _below_content(self) -> tuple[str, str | None]:
        """Return the path below the content folder, and the language if that has its own folder."""
        for language, folder in self.facts.language_folders.items():
            if self.path.startswith(f"{folder}/"):
                return self.path.removeprefix(f"{folder}/"), language
        for folder, target in self.facts.mounts.items():
            if self.path.startswith(f"{folder}/"):
                return posixpath.join(target, self.path.removeprefix(f"{folder}/")), None
        content = self.facts.content
        return self.path.removeprefix(f"{content}/") if content else self.path, None

    @property
    def is_bundle(self) -> bool:
        """Whether the page has its own folder, which also holds its images."""
        return self.inner_path.rpartition("/")[2] in ("index", "_index")

    @cached_property
    def name(self) -> str:
        """The name without its extension; that of the folder if the page has its own."""
        folder, _, name = self.inner_path.rpartition("/")
        return folder.rpartition("/")[2] if self.is_bundle and folder else name

    @cached_property
    def slug(self) -> str:
        """The name without a date at its beginning."""
        return self.undated(self.name)

    def undated(self, name: str) -> str:
        """Return a name without the date at its beginning."""
        match = self._dated(name)
        return match[2] if match and match[2] else name

    def _dated(self, name: str) -> re.Match[str] | None:
        is_free = self.facts.generator in _FREELY_DATED
        return (_DATED_FREELY if is_free else _DATED).fullmatch(name)

    @cached_property
    def named_date(self) -> str | None:
        """The date at the beginning of the name; of sites of unknown generators, also the one that
        the folders make (`2024/05/01/`).
        """
        match = self._dated(self.name)
        if match is None and self.facts.generator == "generic":
            folders = _DATED_FOLDERS.search(self.path)
            return "-".join(folders.groups()) if folders else None
        return match[1] if match else None

    @cached_property
    def named_title(self) -> str:
        """The name as a title: `ferry-sails` becomes `Ferry sails`."""
        if _DATED.fullmatch(self.slug):
            return self.slug
        if self.inner_path == "index" and self.facts.settings.name:
            return self.facts.settings.name
        is_numbered = self.facts.variant in _NUMBERING
        words = (
            (unnumbered(self.slug) if is_numbered else self.slug)
            .replace("-", " ")
            .replace("_", " ")
            .strip()
        )
        return words[:1].upper() + words[1:]

    @cached_property
    def heading(self) -> str | None:
        """The first heading of the body."""
        return bodies.first_heading(self.body)

    @cached_property
    def date(self) -> date | None:
        """The day of publication in the time zone of the site."""
        value = self._value("date")
        if isinstance(value, dict):  # as in the blog of MkDocs
            value = value.get("created")
        value = value if isinstance(value, str) else self.named_date
        return _day(value, self.facts.settings.timezone) if value else None

    def text(self, key: str) -> str | None:
        """Return the text of a key, unless it is blank; `false` means none."""
        value = self._value(key)
        return value.strip() or None if isinstance(value, str) and not is_false(value) else None

    def _value(self, key: str) -> Any:
        """Return the value of a key, however it is spelt."""
        folding = self.facts.folding
        if folding is None:
            return self.front.get(key)
        return self.front.get(_spelling(tuple(self.front), folding).get(folding(key), key))

    def absolute(self, permalink: str | None, url: str) -> str:
        """Make a link in this page absolute, as far as addresses are known.

        A link without a slash at its beginning is relative to the page if the page is a folder or
        the link begins with a dot; or else to the site. Where the address of the page is unknown,
        and its generator is too, the link is relative to the folder of the page's file.
        """
        site = self.facts.settings.url
        if site is None or _ABSOLUTE.match(url):
            return url
        url = url.strip().replace(" ", "%20")
        if url.startswith("/"):
            return with_base(site, url)
        is_relative = self.is_bundle or url.startswith(".")
        if not is_relative:
            return with_base(site, f"/{url}")
        if permalink:
            is_folder = self.is_bundle and "." not in permalink.rpartition("/")[2]
            base = f"{permalink.rstrip('/')}/" if is_folder else permalink
            return urljoin(with_base(site, base), url)
        return self._beside(site, url) if self.facts.generator in ("generic", "plain") else url

    def _beside(self, site: str, url: str) -> str:
        """Return the address of a file whose place relative to this page's own file is known, as if
        the folders of the site were published as they are.
        """
        folder = self.inner_path.rpartition("/")[0]
        return urljoin(with_base(site, f"/{folder}/" if folder else "/"), url)

    def file_of(self, link: str) -> str | None:
        """Return the path of the file that a link means in Astro; None if it is a URL.

        Links that begin with `@` or `~` lead to a folder that only the site's configuration names.
        """
        link = link.strip()
        if _ABSOLUTE.match(link) or link.startswith("/"):
            return None
        if link.startswith("src/") or link[0] in "@~":
            return link
        is_relative = self.is_bundle or link.startswith(".")
        folder = os.path.dirname(self.path)
        return os.path.normpath(os.path.join(folder, link)) if is_relative else None


@lru_cache(maxsize=256)
def _spelling(keys: tuple[str, ...], folding: Callable[[str], str]) -> dict[str, str]:
    """Return the spelling of keys by the form in which they are compared; see `SiteFacts.folding`.

    Most documents of a site have the same few sets of keys.
    """
    return {folding(key): key for key in keys}


def is_false(value: object) -> bool:
    """Return whether a value is an unquoted `false`, which in front matter means that there is
    none.
    """
    return isinstance(value, UnquotedScalar) and value in ("false", "False", "FALSE")


def unnumbered(name: str) -> str:
    """Return a name without the number at its beginning that only orders pages: `01-intro` is
    `intro`, but a date stays.
    """
    match = _NUMBERED.fullmatch(name)
    return match[1] if match else name


def with_base(site: str, path: str) -> str:
    """Return the URL of an absolute path of a site, whose own address may have a path.

    A URL stays as it is.
    """
    if _ABSOLUTE.match(path) and not path.startswith("//"):  # a language with its own domain
        return path
    root, base = _root_and_base(site)
    if base and (path == base or path.startswith(f"{base}/")):
        path = path.removeprefix(base)
    return root + path


@lru_cache(maxsize=64)
def _root_and_base(site: str) -> tuple[str, str]:
    """Return the URL of a site and its path, both without a slash at the end."""
    return site.rstrip("/"), urlsplit(site).path.rstrip("/")


def _day(text: str, timezone: str | None) -> date | None:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, time, utc, hours, minutes = match.groups()
    try:
        if time is None or timezone is None or not (utc or hours):
            return date(int(year), int(month), int(day))
        offset = "+00:00" if utc else f"{hours}:{minutes}"
        time = time if time[1:2] != ":" else f"0{time}"
        date_time = datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{time}{offset}")
        return date_time.astimezone(ZoneInfo(timezone)).date()
    except (ValueError, OverflowError):
        return None
