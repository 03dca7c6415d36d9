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
from loaders.sites.mapping.mapping import Definition

_GENERATORS: Final = ("hugo", "zola")
_ENDINGS: Final = (".md", ".markdown", ".html")
_INDEX: Final = "index"


class Bundles:
    """The leaf bundles of a site, for one job of a worker or one prune: each folder is examined
    once, and later changes of it are not noticed.

    Args:
        definition: That of the site's mapping.
        root: The absolute path of the loaded folder.
    """

    def __init__(self, definition: Definition, root: str) -> None:
        facts, self._prefix = definition.facts, definition.prefix
        self._site_root = root.removesuffix(self._prefix).rstrip("/") if self._prefix else root
        contents = (*facts.language_folders.values(), *facts.mounts, facts.content)
        has_bundles = facts.generator in _GENERATORS
        self._contents = tuple(filter(None, contents)) if has_bundles else ()
        codes = ("", *(f".{language}" for language in facts.languages))
        self._names = tuple(f"{_INDEX}{code}{ending}" for code in codes for ending in _ENDINGS)
        self._pages: dict[str, str | None] = {}

    def page_of(self, path: str) -> str | None:
        """Return the path of the page that a document is a resource of; None if it is a page.

        Both paths are relative to the loaded folder.
        """
        if not self._contents:
            return None
        folder, _, name = self._site_path(path).rpartition("/")
        if _is_index(name):  # which is no resource of the bundle that it makes of its folder
            folder = folder.rpartition("/")[0]
        if folder not in self._pages:
            index = next(filter(None, map(self._index_in, self._folders(folder))), None)
            self._pages[folder] = index and self._loaded_path(index)
        return self._pages[folder]

    def _folders(self, folder: str) -> Iterator[str]:
        """Yield a folder and those above it that are below the content folder, the outermost one
        first.
        """
        inside = (name for name in self._contents if f"{folder}/".startswith(f"{name}/"))
        content = next(inside, folder)
        for part in folder.removeprefix(content).split("/")[1:]:
            content = f"{content}/{part}"
            yield content

    def _index_in(self, folder: str) -> str | None:
        indexes = (f"{folder}/{name}" for name in self._names)
        return next((i for i in indexes if os.path.isfile(f"{self._site_root}/{i}")), None)

    def _site_path(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path

    def _loaded_path(self, path: str) -> str:
        return posixpath.relpath(path, self._prefix) if self._prefix else path


def affected_by(definition: Definition, path: str) -> str:
    """Return the path of what a change of a file affects: its folder if it is the index of a page,
    which makes resources of the documents there, or else the file.
    """
    folder, name = posixpath.split(path)
    is_index = definition.facts.generator in _GENERATORS and _is_index(name)
    return folder if is_index and folder else path


def _is_index(name: str) -> bool:
    return stem(name).partition(".")[0] == _INDEX
