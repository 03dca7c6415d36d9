"""Read the configuration of Jekyll. https://jekyllrb.com/docs/configuration/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from loaders.sites.generators.configuration import (
    ExpectedTypes,
    Tree,
    list_of,
    read_configurations,
    table_of,
    text_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import Rule, SiteSettings

FILES: Final = ("_config.yml", "_config.yaml", "_config.toml")

_OPTIONAL: Final = "jekyll-optional-front-matter"
"""The plugin that makes pages of Markdown without front matter."""

_EXPECTED: Final[ExpectedTypes] = {
    **dict.fromkeys(("title", "name", "url", "baseurl", "timezone", "lang", "locale"), str),
    **dict.fromkeys(("future", "show_drafts"), bool),
    "permalink": str,
    "collections_dir": str,
    "collections": dict | list,
    "collections.*": dict,
    "collections.*.permalink": str,
    "collections.*.output": bool,
    "collections.[]": str,
    "defaults": list,
    "defaults.[]": dict,
    "defaults.[].scope": dict,
    "defaults.[].scope.path": str,
    "defaults.[].scope.type": str,
    "defaults.[].values": dict,
    "exclude": list,
    "exclude.[]": str,
}


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    tree, warnings = read_configurations(root, FILES, _EXPECTED)
    drafts = tree.get("show_drafts") is True
    future = tree.get("future") is True
    return SiteFacts(
        "jekyll",
        _settings(tree),
        permalinks=dict(_permalinks(tree)),
        collections=dict(_collections(tree)),
        has_pages_without_front_matter=_OPTIONAL in list_of(tree, "plugins"),
        drafts=drafts,
        future=future,
        unwritten=tuple(_unwritten(tree)),
        rules=(*_publication(drafts, future), *_defaults(tree), *_excluded(tree)),
        warnings=tuple(warnings),
    )


def _settings(tree: Tree) -> SiteSettings:
    url, base = text_of(tree, "url"), text_of(tree, "baseurl")
    if url and base:
        url = f"{url.rstrip('/')}/{base.strip('/')}"
    name = text_of(tree, "title") or text_of(tree, "name")
    language = text_of(tree, "lang") or text_of(tree, "locale")
    return SiteSettings(name, url, text_of(tree, "timezone"), language)


def _publication(drafts: bool, future: bool) -> Iterator[Rule]:
    """Yield rules for documents that this configuration publishes, unlike the preset."""
    if drafts:
        yield Rule(fields={"published": ("published",)})
        yield Rule(files=("_drafts/",), defaults={"published": True})
    if future:
        yield Rule(fields={"publishDate": ("publishDate",)})


def _excluded(tree: Tree) -> Iterator[Rule]:
    """Yield a rule that ignores the files in `exclude`, which is relative to the site's root."""
    names = [name for name in list_of(tree, "exclude") if isinstance(name, str)]
    patterns = [f"/{name.strip(' /')}" for name in names if name.strip(" /")]
    if files := tuple(filter(is_pattern, patterns)):
        yield Rule(files, kind="ignore")


def _collections(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield the names of the collections, with their folders."""
    folder = (text_of(tree, "collections_dir") or "").strip("/")
    start = f"{folder}/" if folder else ""
    collections = tree.get("collections")
    names = list(collections) if isinstance(collections, dict | list) else []
    for name in names:
        if isinstance(name, str) and name != "posts":
            yield name, f"{start}_{name}"


def _unwritten(tree: Tree) -> Iterator[str]:
    """Yield the collections without pages: those without `output: true`."""
    options = table_of(tree, "collections")
    for name, _ in _collections(tree):
        if table_of(options, name).get("output") is not True:
            yield name


def _permalinks(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield the permalink patterns of collections; that of pages has the empty name."""
    style = text_of(tree, "permalink")
    if style is not None:
        yield from (("", style), ("posts", style))
    for name, options in table_of(tree, "collections").items():
        pattern = text_of(options, "permalink") if isinstance(options, dict) else None
        if pattern is not None:
            yield name, pattern


def _defaults(tree: Tree) -> list[Rule]:
    """Return a rule for each scope of `defaults`, the more specific ones last."""
    collections = dict(_collections(tree))
    scopes: list[tuple[int, bool, Rule]] = []
    for entry in list_of(tree, "defaults"):
        scope = table_of(entry, "scope") if isinstance(entry, dict) else {}
        values = table_of(entry, "values") if isinstance(entry, dict) else {}
        path = (text_of(scope, "path") or "").strip("/")
        kind = text_of(scope, "type")
        patterns = tuple(_patterns(path, kind, collections))
        if values and all(map(is_pattern, patterns)):
            scopes.append((len(path), kind is not None, Rule(patterns, defaults=_plain(values))))
    return [rule for _, _, rule in sorted(scopes, key=lambda entry: entry[:2])]


def _patterns(path: str, kind: str | None, collections: dict[str, str]) -> Iterator[str]:
    """Yield .gitignore patterns for the files of a scope, whose path may be that of a file."""
    start = f"/{path}" if path else ""
    if kind is None:
        if path:
            yield start
            yield f"{start}/**"
    elif kind == "pages":
        if path:
            yield start
        yield f"{start}/**"
        yield f"!{start}/**/_*/**"
    elif kind in ("posts", "drafts"):
        if f"_{kind}" in path.split("/"):
            yield start
            yield f"{start}/**"
        else:
            yield f"{start}/**/_{kind}/**"
    else:
        folder = collections.get(kind, f"_{kind}")
        if path == folder or path.startswith(f"{folder}/"):
            yield start
            yield f"{start}/**"
        else:
            yield f"/{folder}/**"


def _plain(values: Tree) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
