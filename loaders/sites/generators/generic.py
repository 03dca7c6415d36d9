"""Read the configuration of other generators, as far as it is data and says what a site is called.

MkDocs https://www.mkdocs.org/user-guide/configuration/ Quarto https://quarto.org/docs/websites/
Hexo https://hexo.io/docs/configuration Bridgetown https://www.bridgetownrb.com/docs/configuration
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
    url_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.pages.term_pages import term_key
from loaders.sites.generators.programs import python_settings
from loaders.sites.generators.programs.layouts import (
    FoundLayout,
    layout_of,
    outside,
    permalinks_of,
    settings_of,
)
from loaders.sites.rules.rules import Rule, SiteSettings
from loaders.sites.rules.terms import KeyPath


class Configuration(NamedTuple):
    """A configuration file of a generator: its name, and the keys of what newsgraph reads of it.

    `content` is the key of the folder of the documents, `folder` the default of that. `permalinks`
    are patterns for the addresses of pages by the folder below that; the empty one is for all
    others.
    """

    variant: str
    file: str
    name: KeyPath
    url: KeyPath
    language: KeyPath
    timezone: KeyPath = ()
    content: KeyPath = ()
    folder: str = ""
    permalinks: Mapping[str, str] = MappingProxyType({})


HEXO: Final = Configuration(
    "hexo",
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
        "mkdocs",
        "mkdocs.yml",
        ("site_name",),
        ("site_url",),
        ("theme", "language"),
        content=("docs_dir",),
        folder="docs",
        permalinks={"": ":path/", "blog/posts": "blog/:year/:month/:day/:slug/"},
    ),
    Configuration(
        "quarto",
        "_quarto.yml",
        ("website", "title"),
        ("website", "site-url"),
        ("lang",),
        permalinks={"": ":path.html"},
    ),
    Configuration(
        "bridgetown",
        "bridgetown.config.yml",
        ("title",),
        ("url",),
        ("lang",),
        ("timezone",),
        ("source",),
        "src",
    ),
)
FILES: Final = (
    *(configuration.file for configuration in CONFIGURATIONS[1:]),
    python_settings.PELICAN[0],
)
"""The files that identify a generator. Hexo's is that of Jekyll as well."""


def is_hexo(root: str) -> bool:
    """Return whether a folder with a `_config.yml` is a site of Hexo, and not of Jekyll."""
    has_posts = os.path.isdir(os.path.join(root, "source", "_posts"))
    return has_posts and os.path.isfile(os.path.join(root, "package.json"))


def sign_of(root: str) -> str | None:
    """Return the file or folder that identifies the generator of a site, if there is one."""
    names = (name for name in FILES if os.path.exists(os.path.join(root, name)))
    if (name := next(names, None)) is not None:
        return name
    if (found := layout_of(root)) is not None:
        return found.sign
    return python_settings.NIKOLA if python_settings.is_nikola(root) else None


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    facts = _read(root)
    rules = (*facts.rules, *_translations(root))
    return replace(facts, rules=rules, terms=_terms(root))


def _read(root: str) -> SiteFacts:
    for configuration in CONFIGURATIONS if is_hexo(root) else CONFIGURATIONS[1:]:
        if os.path.isfile(os.path.join(root, configuration.file)):
            return _facts(root, configuration)
    if os.path.isfile(os.path.join(root, python_settings.PELICAN[0])):
        return python_settings.read_pelican(root)
    if (found := layout_of(root)) is not None:
        return _facts_of_layout(root, found)
    if python_settings.is_nikola(root):
        return python_settings.read_nikola(root)
    return SiteFacts("generic")


def _facts_of_layout(root: str, found_layout: FoundLayout) -> SiteFacts:
    layout = found_layout.layout
    ignored = (Rule(layout.ignored, kind="ignore"),) if layout.ignored else ()
    return SiteFacts(
        "generic",
        settings_of(root, found_layout),
        variant=layout.variant,
        content=found_layout.content,
        permalinks=permalinks_of(root, layout),
        has_pages_without_front_matter=layout.is_optional,
        rules=(*outside(root, found_layout.content), *ignored),
    )


def _facts(root: str, configuration: Configuration) -> SiteFacts:
    tree, warnings = read_configurations(root, (configuration.file,), _expected(configuration))
    content = text_of(tree, *configuration.content) or configuration.folder
    permalinks = dict(configuration.permalinks)
    if configuration is HEXO and (pattern := text_of(tree, "permalink")) is not None:
        permalinks["_posts"] = pattern
    content = content.strip("./")
    return SiteFacts(
        "generic",
        _settings(tree, configuration),
        content,
        variant=configuration.variant,
        permalinks=permalinks,
        has_pages_without_front_matter=True,
        rules=tuple(outside(root, content)),
        warnings=tuple(warnings),
    )


def _settings(tree: Tree, configuration: Configuration) -> SiteSettings:
    return SiteSettings(
        text_of(tree, *configuration.name),
        url_of(tree, *configuration.url),
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
    labels: dict[str, str] = {}
    for path in filter(os.path.isfile, paths):
        labels |= _labels(path)
    return {"tags": labels} if labels else {}


def _labels(path: str) -> dict[str, str]:
    try:
        tree = read_configuration(path)
    except UnreadableConfiguration:
        return {}  # it may be anything
    labels = {key: text_of(tree, key, "label") for key in tree}
    return {term_key(key): label for key, label in labels.items() if label}
