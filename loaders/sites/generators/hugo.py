"""Read the configuration of Hugo. https://gohugo.io/configuration/"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from loaders.sites.generators.configuration import (
    EXTENSIONS,
    ExpectedTypes,
    Tree,
    UnreadableConfiguration,
    list_of,
    read_configuration,
    read_configurations,
    table_of,
    text_of,
    type_warnings,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.pages.hugo_cascades import cascades
from loaders.sites.generators.pages.term_pages import term_names
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import AUTHOR_NAMES, DocumentKind, Rule, SiteSettings

FILES: Final = tuple(f"{name}{ending}" for name in ("hugo", "config") for ending in EXTENSIONS)
FOLDER: Final = "config/_default"

_EXPECTED: Final[ExpectedTypes] = {
    **dict.fromkeys(("title", "baseurl", "timezone", "languagecode", "locale"), str),
    "disablelanguages": list,
    "languages.*.disabled": bool,
    **dict.fromkeys(("builddrafts", "buildfuture", "buildexpired"), bool),
    "contentdir": str,
    "defaultcontentlanguage": str,
    "defaultcontentlanguageinsubdir": bool,
    "languages": dict,
    "languages.*": dict,
    **dict.fromkeys(
        (f"languages.*.{key}" for key in ("title", "baseurl", "languagecode", "contentdir")), str
    ),
    "module.mounts": list,
    "module.mounts.[]": dict,
    "module.mounts.[].source": str,
    "module.mounts.[].target": str,
    "module.mounts.[].lang": str,
    "permalinks": dict,
    "permalinks.*": str | dict,
    "permalinks.page.*": str,
    "taxonomies": dict,
    "taxonomies.*": str,
}
_MAIN: Final = ("hugo", "config")
_RENDERED: Final = ("!headless", "build.render", "build.list", "_build.render", "_build.list")
"""The keys of `published` in the preset, without `draft`."""

_TAXONOMIES: Final = {"tag": "tags", "category": "categories"}


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    tree, warnings = read_configurations(root, FILES, _EXPECTED, ignores_case=True)
    tree = _folded(tree)
    for path in _parts(root):
        name = os.path.splitext(os.path.basename(path))[0].lower()
        key = None if name in _MAIN else name
        part = read_configuration(path)
        warnings += type_warnings(path, part, _EXPECTED, within=key, ignores_case=True)
        _merge(tree, _folded(part if key is None else {key: part}))
    content = (text_of(tree, "contentdir") or "content").strip("/")
    mounts = _mounts(tree)
    future = tree.get("buildfuture") is True
    drafts = tree.get("builddrafts") is True
    expired = tree.get("buildexpired") is True
    return SiteFacts(
        "hugo",
        _settings(tree),
        content,
        permalinks=_permalinks(tree),
        languages=_languages(tree),
        default_language=_default_language(tree),
        language_folders=_language_folders(tree),
        has_pages_without_front_matter=True,
        mounts={folder: target for folder, target, _ in mounts},
        has_ugly_urls=tree.get("uglyurls") is True,
        drafts=drafts,
        future=future,
        expired=expired,
        terms=_term_names(root, content, tree),
        rules=(
            *_outside(root, content, tree),
            *_disabled(tree),
            *_publication(drafts, future, expired),
            *_terms(content, tree),
            *cascades(root, content, tree.get("cascade")),
        ),
        warnings=tuple(warnings),
    )


def _parts(root: str) -> Iterator[str]:
    """Yield the paths of the files in the configuration folder."""
    folder = os.path.join(root, *FOLDER.split("/"))
    try:
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    except OSError as error:
        raise UnreadableConfiguration(folder, f"cannot be read: {error.strerror}") from None
    # The main file comes first: a file for one key takes precedence over it.
    for name in sorted(names, key=lambda name: os.path.splitext(name)[0].lower() not in _MAIN):
        if os.path.splitext(name)[1].lower() in EXTENSIONS:
            yield os.path.join(folder, name)


def _folded(tree: Tree) -> Tree:
    """Return a configuration with its keys in lower case, since Hugo ignores their case."""
    return {
        key.lower(): _folded(value) if isinstance(value, dict) else value
        for key, value in tree.items()
    }


def _merge(tree: Tree, more: Tree) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], value)
        else:
            tree[key] = value


def _settings(tree: Tree) -> SiteSettings:
    language = _default_language(tree)
    languages = table_of(tree, "languages")
    settings = table_of(languages, language)
    is_named = language in languages or "defaultcontentlanguage" in tree
    url = text_of(settings, "baseurl") or text_of(tree, "baseurl")
    code = text_of(tree, "languagecode") or text_of(tree, "locale")
    return SiteSettings(
        text_of(settings, "title") or text_of(tree, "title"),
        url if url and url.startswith(("http://", "https://")) else None,
        text_of(tree, "timezone"),
        text_of(settings, "languagecode") or code or (language if is_named else None),
    )


def _permalinks(tree: Tree) -> dict[str, str]:
    table = table_of(tree, "permalinks")
    patterns = {**table, **table_of(table, "page")}
    return {section: value for section, value in patterns.items() if isinstance(value, str)}


def _languages(tree: Tree) -> dict[str, str]:
    """Return the path prefix of each language, which is a URL if it has a domain of its own."""
    default = _default_language(tree)
    is_below = tree.get("defaultcontentlanguageinsubdir") is True
    tables = table_of(tree, "languages")
    urls = {name: text_of(tables, name, "baseurl") or "" for name in tables}
    if len(set(urls.values())) > 1:  # each has the root of its own domain
        return {
            name: "" if name == default else url.rstrip("/") or f"/{name}"
            for name, url in urls.items()
        }
    prefixes = {name: f"/{name}" for name in tables}
    if default in prefixes and not is_below:
        prefixes[default] = ""
    return prefixes


def _default_language(tree: Tree) -> str:
    return (text_of(tree, "defaultcontentlanguage") or "en").lower()


def _language_folders(tree: Tree) -> dict[str, str]:
    """Return the content folders of the languages that have one."""
    tables = table_of(tree, "languages")
    folders = {name: text_of(tables, name, "contentdir") for name in tables}
    mounted = {name: folder for folder, target, name in _mounts(tree) if name and not target}
    return mounted | {name: folder.strip("/") for name, folder in folders.items() if folder}


def _mounts(tree: Tree) -> list[tuple[str, str, str | None]]:
    """Return the folders that are mounted into the content folder, with their places in it and
    their languages, the inner ones first.
    """
    mounts = []
    for mount in list_of(table_of(tree, "module"), "mounts"):
        source = text_of(mount, "source") if isinstance(mount, dict) else None
        first, _, target = (text_of(mount, "target") or "").strip("/").partition("/")
        if source and first == "content":
            mounts.append((source.strip("./"), target, text_of(mount, "lang")))
    return sorted(mounts, key=lambda mount: -len(mount[0]))


def _outside(root: str, content: str, tree: Tree) -> Iterator[Rule]:
    """Yield rules that ignore files outside of Hugo's content folders, such as themes and
    layouts.
    """
    sources = (source for source, _, _ in _mounts(tree))
    folders = [content, *_language_folders(tree).values(), *sources]
    inside = [f"!/{folder.strip('/')}/" for folder in dict.fromkeys(folders)]
    if os.path.isdir(os.path.join(root, content)) and all(map(is_pattern, inside)):
        yield Rule(("/**", *inside), kind="ignore")
        yield Rule((f"/{content}/_index.*",), kind="ignore")  # the home page


def _disabled(tree: Tree) -> Iterator[Rule]:
    """Yield rules that ignore the documents in languages that are not built."""
    tables = table_of(tree, "languages")
    disabled = {name for name in tables if table_of(tables, name).get("disabled") is True}
    disabled |= {name for name in list_of(tree, "disablelanguages") if isinstance(name, str)}
    folders = _language_folders(tree)
    for name in sorted(disabled):
        files = (f"*.{name}.*", *(f"/{folder}/" for folder in [folders.get(name)] if folder))
        if all(map(is_pattern, files)):
            yield Rule(files, kind="ignore")


def _publication(drafts: bool, future: bool, expired: bool) -> Iterator[Rule]:
    """Yield rules for documents that this configuration publishes, unlike the preset."""
    if drafts:
        yield Rule(fields={"published": _RENDERED})
    if future:
        yield Rule(fields={"publishDate": ()})
    if expired:
        yield Rule(fields={"expiryDate": ()})


def _term_names(root: str, content: str, tree: Tree) -> dict[str, dict[str, str]]:
    """Return the names of the topics that have a page, by taxonomy."""
    names_by_taxonomy: dict[str, dict[str, str]] = {}
    for singular, plural in (table_of(tree, "taxonomies") or _TAXONOMIES).items():
        if not isinstance(plural, str) or _kind(singular, plural) == "author":
            continue
        if names := term_names(os.path.join(root, content, plural)):
            names_by_taxonomy[plural] = names
    return names_by_taxonomy


def _kind(singular: str, plural: str) -> DocumentKind:
    """Return the kind of document that the terms of a taxonomy are."""
    return "author" if AUTHOR_NAMES & {singular, plural} else "topic"


def _terms(content: str, tree: Tree) -> Iterator[Rule]:
    """Yield rules for the taxonomies: topics and authors of articles, and the pages of their
    terms.
    """
    taxonomies: dict[str, Any] = table_of(tree, "taxonomies") or _TAXONOMIES
    topics: list[str] = []
    for singular, plural in taxonomies.items():
        if not isinstance(plural, str):
            continue
        kind = _kind(singular, plural)
        if kind == "topic":
            topics.append(plural)
        elif plural not in ("author", "authors"):
            yield Rule(fields={"authors": ("authors", "author", plural)})
        pages = (f"/{content}/{plural}/*/_index.*", f"/{content}/{plural}/*.md")
        yield Rule(files=pages, kind=kind)
        yield Rule(files=(f"/{content}/{plural}/_index.*",), kind="ignore")  # the list of the terms
    if topics:
        ordered = sorted(
            topics, key=lambda name: name == "categories"
        )  # the most general come last
        added = [f"+{name}" for name in ordered if name != "topics"]
        yield Rule(fields={"topics": ("topics", *added)})
