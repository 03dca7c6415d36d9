"""Leaf bundles: folders that are one page, in which other documents are resources of that page.

Hugo https://gohugo.io/content-management/page-bundles/ Zola
https://www.getzola.org/documentation/content/overview/
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from typing import Final

from loaders.files.places import stem
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.mapping import Definition

_GENERATORS: Final = ("hugo", "zola")
_ENDINGS: Final = (".md", ".markdown", ".html")
_INDEX: Final = "index"
_INDEXES: Final = tuple(f"{_INDEX}{ending}" for ending in _ENDINGS)


def bundle_of(definition: Definition, root: str, path: str) -> str | None:
    """Return the path of the page that a document is a resource of; None if it is a page.

    Args:
        definition: That of the site's mapping.
        root: The absolute path of the loaded folder.
        path: The path of the document, relative to that folder. So is the result.
    """
    facts, prefix = definition.facts, definition.prefix
    if facts.generator not in _GENERATORS:
        return None
    site_root = root.removesuffix(prefix).rstrip("/") if prefix else root
    site_path = posixpath.join(prefix, path)
    for folder in _folders(facts, site_path):
        for name in _index_names(facts):
            index = f"{folder}/{name}"
            if index != site_path and os.path.isfile(f"{site_root}/{index}"):
                return posixpath.relpath(index, prefix) if prefix else index
    return None


def affected_by(definition: Definition, path: str) -> str:
    """Return the path of what a change of a file affects: its folder if it is the index of a page,
    which makes resources of the documents there, or else the file.
    """
    folder, name = posixpath.split(path)
    is_index = definition.facts.generator in _GENERATORS and _is_index(name)
    return folder if is_index and folder else path


def _is_index(name: str) -> bool:
    return stem(name).partition(".")[0] == _INDEX


def _index_names(facts: SiteFacts) -> Iterator[str]:
    yield from _INDEXES
    for language in facts.languages:
        yield from (f"{_INDEX}.{language}{ending}" for ending in _ENDINGS)


def _folders(facts: SiteFacts, path: str) -> Iterator[str]:
    """Yield the folders of a document below the content folder, the outermost one first. That of an
    index is not a bundle that the index is a resource of.
    """
    contents = (*facts.language_folders.values(), *facts.mounts, facts.content)
    content = next((name for name in contents if name and path.startswith(f"{name}/")), None)
    if content is None:
        return
    folder = content
    *parts, name = path.removeprefix(f"{content}/").split("/")
    for part in parts[:-1] if _is_index(name) else parts:
        folder = f"{folder}/{part}"
        yield folder
