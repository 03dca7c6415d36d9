"""Documents whose file is gone."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Final

from graph.documents import ARTICLES, TAXONOMY
from graph.errors import UsageError
from graph.store import write
from graph.store.database import Database
from graph.store.retries import retried
from loaders.gone import is_gone
from loaders.places import Place, stem
from loaders.writer import Writer

PAGE: Final = 1000


async def refuse_to_empty(database: Database, places: Sequence[Place]) -> None:
    """Raise UsageError where every document from one of these places has lost its file.

    More often than not the folder is then not mounted, or is the wrong one.
    """
    for place in places:
        stored = gone = 0
        for collection in (ARTICLES, TAXONOMY):
            async for page, lost in _pages(database, collection, place):
                stored += len(page)
                gone += len(lost)
        if stored and gone == stored:
            raise UsageError(
                f"--prune would remove all documents that were loaded from {place.file} "
                f"({stored:,}): if that is meant, give --allow-empty too"
            )


async def prune(writer: Writer, places: Sequence[Place]) -> None:
    """Remove the documents from these places whose file is gone."""
    for collection in (ARTICLES, TAXONOMY):
        for place in places:
            async for _, gone in _pages(writer.database, collection, place):
                if gone:
                    await writer.remove(collection, gone)


async def _pages(
    database: Database, collection: str, place: Place
) -> AsyncIterator[tuple[dict[str, str], list[str]]]:
    """The documents from a place (slug → path), a page at a time, and the slugs of the lost."""
    after = ""
    while True:
        read = partial(write.sources, database, collection, place.root.name, _range(place, after))
        page = await retried(partial(read, PAGE))
        if not page:
            return
        yield page, await asyncio.to_thread(_lost, place, page)
        after = max(page)


def _range(place: Place, after: str) -> dict[str, Any]:
    """The slugs of a place, beyond one of them."""
    slug = unicodedata.normalize("NFC", place.path)
    if not place.is_folder:
        return {"$gt": after, "$eq": stem(slug)}
    if not slug:
        return {"$gt": after}
    return {"$gt": max(after, f"{slug}/"), "$lt": f"{slug}0"}  # "0" is what follows "/"


def _lost(place: Place, page: dict[str, str]) -> list[str]:
    return [slug for slug, path in page.items() if is_gone(place.root.name, path)]
