"""Find documents whose file is gone, or is no longer a document."""

from __future__ import annotations

import asyncio
import os
import stat
import unicodedata
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from graph.documents import ARTICLES, TAXONOMY
from graph.errors import UsageError
from graph.store.driver.calls.retry import retried
from graph.store.driver.database import Database
from graph.store.load.stored_versions import read_sources
from loaders.files.deleted_files import NOT_FOUND_ERRORS
from loaders.files.discover import discover
from loaders.files.places import Place, SourceFile, has_extension
from loaders.files.selection import IsIgnored, ignore_nothing
from loaders.load.writer import DocumentWriter

PAGE: Final = 1000


async def refuse_to_empty(database: Database, places: Sequence[Place]) -> None:
    """Raise UsageError if a prune would remove all documents of a place because it has no files.

    Most often, such a folder is not mounted or is the wrong one.
    """
    for place in places:
        if await asyncio.to_thread(holds_documents, place):
            continue
        missing = 0
        for collection in (ARTICLES, TAXONOMY):
            async for slugs in _missing_documents(database, collection, place, [place]):
                missing += len(slugs)
        if missing:
            raise UsageError(
                f"{place.file} contains no documents, and --prune would remove all that were "
                f"loaded from there ({missing:,}). Is the disk mounted, and is the path right? To "
                "remove these documents, add --allow-empty"
            )


def holds_documents(place: Place) -> bool:
    """Return whether a place has at least one file that could be loaded."""
    if not place.is_folder:
        return os.path.lexists(place.absolute)
    return any(isinstance(entry, SourceFile) for entry in discover([place]))


async def prune(
    writer: DocumentWriter,
    place: Place,
    within: Sequence[Place] | None = None,
    *,
    is_ignored: IsIgnored = ignore_nothing,
) -> None:
    """Remove the documents of a place whose file is gone or ignored, or has another slug now.

    `within` limits this to parts of the place. It stops if the folder of the place itself
    disappears.
    """
    for collection in (ARTICLES, TAXONOMY):
        async for slugs in _missing_documents(
            writer.database, collection, place, [place] if within is None else within, is_ignored
        ):
            await writer.remove(collection, slugs)


async def _missing_documents(
    database: Database,
    collection: str,
    place: Place,
    within: Sequence[Place],
    is_ignored: IsIgnored = ignore_nothing,
) -> AsyncIterator[list[str]]:
    """Yield the slugs of the documents whose file is gone, at most PAGE at a time."""
    root, identity = place.root.identity, place.identity
    for slugs in _slug_filters(within):
        after = ""
        while True:
            page_filter = {**slugs, "$gt": max(after, slugs.get("$gt", ""))}
            page = await retried(
                partial(read_sources, database, collection, root, page_filter, PAGE)
            )
            if not page:
                break
            missing = await asyncio.to_thread(_missing, place, page, is_ignored)
            if identity is None or place.identity != identity:
                return
            if missing:
                yield missing
            after = max(page)


def _slug_filters(places: Sequence[Place]) -> Iterator[dict[str, Any]]:
    """Yield filters for the slugs of places: one for each folder, one for each PAGE files."""
    for place in places:
        if place.is_folder:
            slug = unicodedata.normalize("NFC", place.path)
            if place.root.has_bundles and slug:
                yield {"$in": [slug]}
            yield {"$gt": f"{slug}/", "$lt": f"{slug}0"} if slug else {}  # "0" follows "/"
    files = (place for place in places if not place.is_folder)
    while batch := list(islice(files, PAGE)):
        yield {"$in": [place.root.slug_of(place.path) for place in batch]}


def _missing(place: Place, page: dict[str, str], is_ignored: IsIgnored) -> list[str]:
    """Return the slugs of those documents (slug → path) that a load would not store now.

    A file exists if a load would find it: at its path or beside it with the same slug, with no
    links to folders on the way from the place.
    """
    by_folder: dict[str, set[str]] = {}
    folders = _Folders(place)
    missing = []
    for slug, path in page.items():
        folder = os.path.dirname(path)
        is_other = is_ignored(path) or slug != place.root.slug_of(path)
        if is_other or folders.exists(folder) is False:
            missing.append(slug)
        elif _is_file(os.path.join(place.root.name, path)) is False:
            by_folder.setdefault(folder, set()).add(slug)
    for folder, slugs in by_folder.items():
        missing += _without_namesake(place, folder, slugs)
    return missing


class _Folders:
    """The folders of a place that can still be reached without following a link."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._exists: dict[str, bool | None] = {}

    def exists(self, folder: str) -> bool | None:
        """Return whether it exists; None if that cannot be determined."""
        if folder not in self._exists:
            self._exists[folder] = self._look(folder)
        return self._exists[folder]

    def _look(self, folder: str) -> bool | None:
        if not folder.startswith(self._place.path):
            return True  # the folder of a file that the command names
        below = folder[len(self._place.path) :].strip("/")
        way = self._place.absolute
        for part in below.split("/") if below else ():
            way = os.path.join(way, part)
            try:
                if not stat.S_ISDIR(os.lstat(way).st_mode):
                    return False
            except OSError as error:
                return False if error.errno in NOT_FOUND_ERRORS else None
        return True


def _is_file(path: str) -> bool | None:
    """Return whether something other than a folder is at a path; None if that cannot be
    determined.
    """
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError as error:
        return False if error.errno in NOT_FOUND_ERRORS else None


def _without_namesake(place: Place, folder: str, slugs: set[str]) -> set[str]:
    """Return the slugs that no other file of their folder has now."""
    try:
        with os.scandir(os.path.join(place.root.name, folder)) as listing:
            present = {
                place.root.slug_of(os.path.join(folder, entry.name))
                for entry in listing
                if has_extension(entry.name) and not entry.is_dir(follow_symlinks=False)
            }
    except OSError as error:
        return slugs if error.errno in NOT_FOUND_ERRORS else set()
    return slugs - present
