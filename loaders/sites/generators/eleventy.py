"""Read the data of Eleventy that is in JSON. https://www.11ty.dev/docs/data/"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from loaders.sites.generators.configuration import (
    Tree,
    UnreadableConfiguration,
    folders_below,
    read_configuration,
    text_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.programs.javascript_settings import (
    SettingsKeys,
    programs,
    read_settings,
)
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import Rule, SiteSettings

FILES: Final = tuple(
    f"{folder}_data/{name}.json"
    for folder in ("", "src/", "content/")
    for name in ("metadata", "site")
)
"""The usual files with data about the site."""

PROGRAMS: Final = programs(
    *(
        f"{folder}_data/{name}"
        for folder in ("", "src/", "content/")
        for name in ("metadata", "site")
    )
)
"""The same as programs."""

_CONTENT: Final = ("src", "content", "site")
_DEPTH: Final = 4
_COLLECTIONS: Final = ("all", "nav", "post", "posts")
"""Tags that starter projects give to pages for their collections, and never show."""

_NO_FIELDS: Final = frozenset({"layout", "tags", "eleventyComputed", "eleventyNavigation"})
"""What directory data says of templates. Its tags are those of collections, not of the subject."""


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. What cannot be read is not used."""
    folders = (name for name in _CONTENT if os.path.isdir(os.path.join(root, name)))
    rules = _directory_data(root)
    return SiteFacts(
        "eleventy",
        _settings(root),
        next(folders, ""),
        has_pages_without_front_matter=True,
        collection_tags=_COLLECTIONS,
        rules=tuple(rules),
    )


def data_files(root: str) -> list[str]:
    """Return the paths of the files with data about folders, such as `posts/posts.json`, of outer
    folders first.
    """
    paths = (
        f"{folder}/{folder.rpartition('/')[2]}{ending}"
        for folder in folders_below(root, _DEPTH)
        for ending in (".json", ".11tydata.json")
    )
    return [path for path in paths if os.path.isfile(os.path.join(root, path))]


def _directory_data(root: str) -> Iterator[Rule]:
    """Yield the defaults of the documents of a folder, those of inner folders last."""
    for path in data_files(root):
        folder = os.path.dirname(path)
        values = {key: value for key, value in _tree(root, path).items() if key not in _NO_FIELDS}
        defaults: dict[str, Any] = {
            key: value for key, value in values.items() if value is not None
        }
        if defaults and is_pattern(folder):
            yield Rule((f"/{folder}/**",), defaults=defaults)


def _settings(root: str) -> SiteSettings:
    for name in FILES:
        tree = _tree(root, name)
        url = text_of(tree, "url") or text_of(tree, "baseUrl")
        if url is not None and url.startswith(("http://", "https://")):
            title = text_of(tree, "title") or text_of(tree, "name")
            return SiteSettings(
                title, url, None, text_of(tree, "language") or text_of(tree, "lang")
            )
    return read_settings(root, PROGRAMS, SettingsKeys("title", "url", "", "language"))


def _tree(root: str, name: str) -> Tree:
    path = os.path.join(root, name)
    try:
        return read_configuration(path) if os.path.isfile(path) else {}
    except UnreadableConfiguration:
        return {}  # it may be data of any kind
