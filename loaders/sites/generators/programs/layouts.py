"""The folders and addresses of sites whose configuration is a program: what they are by default.

Docusaurus https://docusaurus.io/docs/create-doc Gatsby https://www.gatsbyjs.com/docs/ Nuxt Content
https://content.nuxt.com VitePress https://vitepress.dev VuePress https://vuepress.vuejs.org
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from glob import glob
from types import MappingProxyType
from typing import Final, NamedTuple

import orjson

from loaders.files.read import UnreadableFile, read
from loaders.sites.generators.programs.javascript_settings import (
    SettingsKeys,
    programs,
    read_settings,
)
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import Rule, SiteSettings

_PLUGIN: Final = "docusaurus-plugin-content-"


class Layout(NamedTuple):
    """The layout of a generator's sites.

    `signs` are the files and folders at the root, or in a folder of it, that identify it. `content`
    is the folder of the documents, unless `holds_content` says that it is the folder in which a
    sign is. `permalinks` are as in `loaders.sites.generators.facts.SiteFacts`, and `ignored` are
    patterns for files that are no pages. `is_optional` says whether Markdown without front matter
    is a page. `programs` are the files, relative to the folder of the content if that holds the
    sign, that say the name and the address of the site under `keys`.
    """

    variant: str
    signs: tuple[str, ...]
    content: str = ""
    holds_content: bool = False
    permalinks: Mapping[str, str] = MappingProxyType({})
    ignored: tuple[str, ...] = ()
    is_optional: bool = False
    programs: tuple[str, ...] = ()
    keys: SettingsKeys = SettingsKeys()


class FoundLayout(NamedTuple):
    """The layout of a site, its content folder, and the sign of it."""

    layout: Layout
    content: str
    sign: str


_HTML: Final = MappingProxyType({"": ":path.html"})
LAYOUTS: Final = (
    Layout(
        "docusaurus",
        programs("docusaurus.config"),
        ignored=("/*.md", "/*.mdx", "_*.md", "_*.mdx", "/src/theme/", "/static/"),
        is_optional=True,
        programs=programs("docusaurus.config"),
        keys=SettingsKeys("title", "url", "baseUrl", "defaultLocale"),
    ),
    Layout(
        "gatsby",
        programs("gatsby-config"),
        permalinks=MappingProxyType({"content/blog": ":path/"}),
        ignored=("/*.md", "/static/"),
        programs=programs("gatsby-config"),
        keys=SettingsKeys("title", "siteUrl", "pathPrefix"),
    ),
    Layout(
        "gridsome",
        programs("gridsome.config"),
        ignored=("/*.md", "/static/"),
        programs=programs("gridsome.config"),
        keys=SettingsKeys("siteName", "siteUrl", "pathPrefix"),
    ),
    Layout(
        "nuxt",
        programs("nuxt.config"),
        "content",
        permalinks=MappingProxyType({"": ":page"}),
        ignored=("_*.md", "-*"),
        is_optional=True,
    ),
    Layout(
        "vitepress",
        (".vitepress", "docs/.vitepress"),
        holds_content=True,
        permalinks=_HTML,
        is_optional=True,
        programs=programs(".vitepress/config"),
        keys=SettingsKeys("title", "hostname", "base", "lang"),
    ),
    Layout(
        "vuepress",
        (".vuepress", "docs/.vuepress"),
        holds_content=True,
        permalinks=_HTML,
        is_optional=True,
        programs=programs(".vuepress/config"),
        keys=SettingsKeys("title", "hostname", "base", "lang"),
    ),
    Layout("obsidian", (".obsidian",), is_optional=True),
    Layout("lektor", ("*.lektorproject",), "content"),
)


PROGRAMS: Final = tuple(
    f"{folder}{name}"
    for layout in LAYOUTS
    for folder in (("", "docs/") if layout.holds_content else ("",))
    for name in layout.programs
)
"""The configurations that are programs, relative to the root of the site."""


def layout_of(root: str) -> FoundLayout | None:
    """Return the layout of the site in this folder; None if there is no sign of one."""
    for layout in LAYOUTS:
        for sign in layout.signs:
            if paths := glob(sign, root_dir=root):
                folder = os.path.dirname(paths[0]) if layout.holds_content else layout.content
                return FoundLayout(layout, folder, paths[0])
    return None


def settings_of(root: str, found_layout: FoundLayout) -> SiteSettings:
    """Return what the configuration of a site says of it in quotes."""
    layout = found_layout.layout
    folder = found_layout.content if layout.holds_content else ""
    return read_settings(os.path.join(root, folder), layout.programs, layout.keys)


def permalinks_of(root: str, layout: Layout) -> dict[str, str]:
    """Return the patterns of the addresses of a site's pages."""
    permalinks = dict(layout.permalinks)
    if layout.variant == "docusaurus":
        permalinks |= _docusaurus(root)
    return permalinks


def outside(root: str, content: str) -> Iterator[Rule]:
    """Yield a rule that ignores the files outside of a content folder, if there is one."""
    if content and os.path.isdir(os.path.join(root, content)) and is_pattern(f"!/{content}/"):
        yield Rule(("/**", f"!/{content}/"), kind="ignore")


def _docusaurus(root: str) -> dict[str, str]:
    """Return the patterns of a site of Docusaurus, with those of its translations and versions."""
    versions = _versions(root)
    current = "docs/next" if versions else "docs"
    permalinks = {"blog": "blog/:post", "docs": f"{current}/:doc", "src/pages": ":doc"}
    starts = {"current": current}
    for number, version in enumerate(versions):
        starts[f"version-{version}"] = f"docs/{version}" if number else "docs"
    permalinks |= {
        f"versioned_docs/{name}": f"{start}/:doc"
        for name, start in starts.items()
        if name != "current"
    }
    for path in sorted(glob("i18n/*/", root_dir=root)):
        folder = path.rstrip(os.sep).replace(os.sep, "/")
        language = folder.rpartition("/")[2]
        permalinks[f"{folder}/{_PLUGIN}blog"] = f"{language}/blog/:post"
        permalinks[f"{folder}/{_PLUGIN}pages"] = f"{language}/:doc"
        for name, start in starts.items():
            permalinks[f"{folder}/{_PLUGIN}docs/{name}"] = f"{language}/{start}/:doc"
    return permalinks


def _versions(root: str) -> list[str]:
    """Return the versions of the documentation, the newest first."""
    try:
        names = orjson.loads(read(os.path.join(root, "versions.json")).data)
    except (UnreadableFile, ValueError):
        return []
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
