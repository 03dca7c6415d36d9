"""Read the configuration of other generators, as far as it is data and says what a site is called.

MkDocs https://www.mkdocs.org/user-guide/configuration/ Quarto https://quarto.org/docs/websites/
Hexo https://hexo.io/docs/configuration Bridgetown https://www.bridgetownrb.com/docs/configuration
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from glob import glob
from types import MappingProxyType
from typing import Final, NamedTuple

from loaders.sites.generators.configuration import (
    EXTENSIONS,
    ExpectedTypes,
    Tree,
    UnreadableConfiguration,
    folders_below,
    read_configuration,
    read_configurations,
    text_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.term_pages import term_key
from loaders.sites.rules.rules import Rule, SiteSettings

KeyPath = tuple[str, ...]


class Configuration(NamedTuple):
    """A configuration file: its name, and the keys of what newsgraph reads of it.

    `content` is the key of the folder of the documents, `folder` the default of that. `permalinks`
    are patterns for the addresses of pages by the folder below that; the empty one is for all
    others.
    """

    file: str
    name: KeyPath
    url: KeyPath
    language: KeyPath
    timezone: KeyPath = ()
    content: KeyPath = ()
    folder: str = ""
    permalinks: Mapping[str, str] = MappingProxyType({})


HEXO: Final = Configuration(
    "_config.yml",
    ("title",),
    ("url",),
    ("language",),
    ("timezone",),
    ("source_dir",),
    "source",
    {"": ":path.html", "_posts": ":year/:month/:day/:title/"},
)
CONFIGURATIONS: Final = (
    HEXO,
    Configuration(
        "mkdocs.yml",
        ("site_name",),
        ("site_url",),
        ("theme", "language"),
        content=("docs_dir",),
        folder="docs",
        permalinks={"": ":path/", "blog/posts": "blog/:year/:month/:day/:slug/"},
    ),
    Configuration(
        "_quarto.yml",
        ("website", "title"),
        ("website", "site-url"),
        ("lang",),
        permalinks={"": ":path.html"},
    ),
    Configuration(
        "bridgetown.config.yml",
        ("title",),
        ("url",),
        ("lang",),
        ("timezone",),
        ("source",),
        "src",
    ),
)
PROGRAMS: Final = tuple(
    f"{name}.{ending}"
    for name in ("docusaurus.config", "gatsby-config", "gridsome.config", "nuxt.config")
    for ending in ("js", "ts", "mjs", "cjs", "mts")
)
"""Configurations that are programs, which are not run."""

FOLDERS: Final = (".vitepress", "docs/.vitepress", ".vuepress", "docs/.vuepress", ".obsidian")
FILES: Final = (*(each.file for each in CONFIGURATIONS[1:]), *PROGRAMS, "pelicanconf.py", *FOLDERS)
"""The files and folders that identify a generator. Hexo's is that of Jekyll as well."""


def is_hexo(root: str) -> bool:
    """Return whether a folder with a `_config.yml` is a site of Hexo, and not of Jekyll."""
    has_posts = os.path.isdir(os.path.join(root, "source", "_posts"))
    return has_posts and os.path.isfile(os.path.join(root, "package.json"))


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    for each in CONFIGURATIONS if is_hexo(root) else CONFIGURATIONS[1:]:
        if os.path.isfile(os.path.join(root, each.file)):
            return _facts(root, each)
    content, permalinks = _layout(root)
    return SiteFacts(
        "generic",
        content=content,
        permalinks=permalinks,
        rules=tuple(_translations(root)),
        terms=_terms(root),
    )


def _layout(root: str) -> tuple[str, dict[str, str]]:
    """Return the folder of the documents, and the addresses of pages, of a site whose configuration
    is a program.
    """
    if glob("docusaurus.config.*", root_dir=root):
        return "", {"blog": "blog/:slug"}
    folders = (folder for folder in FOLDERS[:4] if os.path.isdir(os.path.join(root, folder)))
    if (folder := next(folders, None)) is not None:
        return os.path.dirname(folder), {"": ":path.html"}
    return "", {}


def _facts(root: str, configuration: Configuration) -> SiteFacts:
    tree, warnings = read_configurations(root, (configuration.file,), _expected(configuration))
    content = text_of(tree, *configuration.content) or configuration.folder
    permalinks = dict(configuration.permalinks)
    if configuration is HEXO and (pattern := text_of(tree, "permalink")) is not None:
        permalinks["_posts"] = pattern
    return SiteFacts(
        "generic",
        _settings(tree, configuration),
        content.strip("./"),
        permalinks=permalinks,
        rules=tuple(_translations(root)),
        terms=_terms(root),
        warnings=tuple(warnings),
    )


def _settings(tree: Tree, configuration: Configuration) -> SiteSettings:
    url = text_of(tree, *configuration.url)
    is_url = url is not None and url.startswith(("http://", "https://"))
    return SiteSettings(
        text_of(tree, *configuration.name),
        url if is_url else None,
        text_of(tree, *configuration.timezone),
        text_of(tree, *configuration.language),
    )


def _expected(configuration: Configuration) -> ExpectedTypes:
    """Return the types of the values that are read. A language may also be a list of several."""
    keys = (configuration.name, configuration.url, configuration.timezone, configuration.content)
    return {".".join(path): str for path in keys if path}


def _translations(root: str) -> Iterator[Rule]:
    """Yield the language of the documents in each folder of translations, as in Docusaurus."""
    for path in sorted(glob("i18n/*/", root_dir=root)):
        folder = path.rstrip(os.sep).replace(os.sep, "/")
        yield Rule((f"/{folder}/",), defaults={"language": folder.rpartition("/")[2]})


def _terms(root: str) -> dict[str, dict[str, str]]:
    """Return the labels of tags, as Docusaurus describes them (`blog/tags.yml`)."""
    paths = (
        os.path.join(root, folder, f"tags{ending}")
        for folder in folders_below(root, 2)
        for ending in EXTENSIONS
    )
    found: dict[str, str] = {}
    for path in filter(os.path.isfile, paths):
        found |= _labels(path)
    return {"tags": found} if found else {}


def _labels(path: str) -> dict[str, str]:
    try:
        tree = read_configuration(path)
    except UnreadableConfiguration:
        return {}  # it may be anything
    labels = {key: text_of(tree, key, "label") for key in tree}
    return {term_key(key): label for key, label in labels.items() if label}
