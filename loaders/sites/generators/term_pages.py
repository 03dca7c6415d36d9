"""The names of terms, such as topics and authors, that have a page of their own.

Articles name a term by the slug of its page, `open-data`; the page knows what it is called.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import FrontMatterError, decode, parse, split

MAX_TERMS: Final = 5_000
"""Of a taxonomy: the names of further ones stay as articles spell them."""

_INDEX: Final = ("_index.md", "_index.markdown")


def term_names(folder: str) -> dict[str, str]:
    """The names of the terms whose pages lie in a folder, by their slugs in lower case."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(entry.name for entry in listing if entry.is_dir())
    except OSError:
        return {}  # a taxonomy without pages
    return dict(
        pair for entry in entries[:MAX_TERMS] for pair in _named(os.path.join(folder, entry))
    )


def term_key(text: str) -> str:
    """The slug under which the name of a term is found."""
    return "-".join(text.lower().split())


def _named(folder: str) -> Iterator[tuple[str, str]]:
    """The slug and the name of the term that a folder stands for, if it has a page."""
    for name in _INDEX:
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        try:
            tree = parse(split(decode(read(path).data)))
        except (UnreadableFile, FrontMatterError):
            continue  # the load says why
        title, slug = tree.get("title"), tree.get("slug")
        if isinstance(title, str) and title.strip():
            yield term_key(os.path.basename(folder)), str(title)
            if isinstance(slug, str) and slug.strip():
                yield term_key(slug), str(title)
