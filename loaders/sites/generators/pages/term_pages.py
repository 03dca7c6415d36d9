"""The names of terms, such as topics and authors, that have a page.

Articles name a term by the slug of its page, `open-data`; the page has its proper name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import FrontMatterError, decode, parse, split

MAX_TERMS: Final = 5_000
"""The maximum for a taxonomy; further terms are shown as articles spell them."""

_INDEX: Final = ("_index.md", "_index.markdown")


def term_names(folder: str) -> dict[str, str]:
    """Return the names of the terms whose pages are in a folder, by their slugs in lower case."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(entry.name for entry in listing if entry.is_dir())
    except OSError:
        return {}  # a taxonomy without pages
    return dict(
        pair for entry in entries[:MAX_TERMS] for pair in _named(os.path.join(folder, entry))
    )


def term_key(text: str) -> str:
    """Return the slug by which the name of a term is found."""
    return "-".join(text.lower().split())


def _named(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the slug and the name of the term that a folder represents, if it has a page."""
    for name in _INDEX:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        try:
            tree = parse(split(decode(read(path).data)))
        except (UnreadableFile, FrontMatterError):
            continue  # the load reports it
        title, slug = tree.get("title"), tree.get("slug")
        if isinstance(title, str) and title.strip():
            yield term_key(os.path.basename(folder)), str(title)
            if isinstance(slug, str) and slug.strip():
                yield term_key(slug), str(title)
