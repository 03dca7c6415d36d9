"""Read the settings of generators whose configuration is a Python module, without executing it:
those that are assigned literals.

Pelican https://docs.getpelican.com/en/stable/settings.html Nikola
https://getnikola.com/handbook.html
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import FrontMatterError, decode
from loaders.sites.generators.configuration import MAX_BYTES, text_of, url_of
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.programs.layouts import outside
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import Rule, SiteSettings

PELICAN: Final = ("pelicanconf.py", "publishconf.py")
"""The settings, and those that replace them when the site is published."""

NIKOLA: Final = "conf.py"
_OF_NIKOLA: Final = "BLOG_TITLE"
_FIELD: Final = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_DIRECTIVES: Final = {"Y": ":year", "m": ":month", "d": ":day", "b": ":short_month", "B": ":month"}
_NO_CATEGORIES: Final = frozenset({"pages", "images", "extra", "static"})


def is_nikola(root: str) -> bool:
    """Return whether a folder is a site of Nikola; documentation of Sphinx has a `conf.py`, too."""
    return _OF_NIKOLA in _settings(os.path.join(root, NIKOLA))


def read_nikola(root: str) -> SiteFacts:
    """Return the facts of a site of Nikola."""
    settings = _settings(os.path.join(root, NIKOLA))
    named = SiteSettings(
        text_of(settings, "BLOG_TITLE"),
        url_of(settings, "SITE_URL"),
        text_of(settings, "TIMEZONE"),
        text_of(settings, "DEFAULT_LANG"),
    )
    is_pretty = settings.get("PRETTY_URLS") is not False
    ending = "/" if is_pretty else ".html"
    permalinks = {name: f"{name}/:slug{ending}" for name in ("posts", "pages")}
    return SiteFacts(
        "generic",
        named,
        permalinks=permalinks,
        variant="nikola",
        rules=(Rule(fields={"published": ("published", "status", "!draft", "tags")}),),
    )


def read_pelican(root: str) -> SiteFacts:
    """Return the facts of a site of Pelican."""
    settings: dict[str, Any] = {}
    for name in PELICAN:
        settings |= _settings(os.path.join(root, name))
    content = (text_of(settings, "PATH") or "content").strip("./")
    named = SiteSettings(
        text_of(settings, "SITENAME"),
        url_of(settings, "SITEURL"),
        text_of(settings, "TIMEZONE"),
        text_of(settings, "DEFAULT_LANG"),
    )
    article = text_of(settings, "ARTICLE_URL") or "{slug}.html"
    page = text_of(settings, "PAGE_URL") or "pages/{slug}.html"
    uses_folders = settings.get("USE_FOLDER_AS_CATEGORY") is not False
    return SiteFacts(
        "generic",
        named,
        content,
        permalinks={"": _pattern(article), "pages": _pattern(page)},
        variant="pelican",
        rules=(*outside(root, content), *(_categories(root, content) if uses_folders else ())),
    )


def _categories(root: str, content: str) -> Iterator[Rule]:
    """Yield the category that the documents of each folder have, unless they name another."""
    with suppress(OSError), os.scandir(os.path.join(root, content)) as entries:
        for name in sorted(entry.name for entry in entries if entry.is_dir()):
            pattern = f"/{content}/{name}/**"
            if name not in _NO_CATEGORIES and name[0] != "." and is_pattern(pattern):
                yield Rule((pattern,), defaults={"category": name})


def _pattern(setting: str) -> str:
    """Return a pattern of Pelican as one of permalinks: `{date:%Y}/{slug}/` is `:year/:slug/`."""
    return _FIELD.sub(_placeholder, setting)


def _placeholder(match: re.Match[str]) -> str:
    name, form = match.groups()
    if name != "date" or not form:
        return f":{name}"
    return re.sub(r"%-?(\w)", lambda sign: _DIRECTIVES.get(sign[1], ":unknown"), form)


def _settings(path: str) -> dict[str, Any]:
    """Return the names to which a module assigns literals; none if it cannot be read."""
    try:
        text = decode(read(path).data)
        module = ast.parse(text) if len(text) <= MAX_BYTES else ast.Module([], [])
    except (UnreadableFile, FrontMatterError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}  # it is a program of any kind
    values: dict[str, Any] = {}
    for statement in module.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            with suppress(ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                values[statement.targets[0].id] = ast.literal_eval(statement.value)
    return values
