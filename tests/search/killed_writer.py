"""A program that commits one revision after another; `index/test_faults.py` kills it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from graph.search.index.index import IndexState, SearchIndex
from tests.builders import article
from tests.search.indexes import SCHEMA

ARTICLES: Final = 40


def written(revision: int) -> list[int]:
    """The numbers of the articles that a revision writes."""
    return [number for number in range(ARTICLES) if (number * 7 + revision) % 5 == 0]


def removed(revision: int) -> list[int]:
    """The numbers of the articles that a revision removes."""
    return [number for number in range(ARTICLES) if (number + revision * 3) % 11 == 1]


def expected(revision: int) -> dict[str, str]:
    """The slugs and titles of all articles at a revision."""
    titles: dict[int, str] = {}
    for each in range(1, revision + 1):
        for number in removed(each):
            titles.pop(number, None)
        titles |= dict.fromkeys(written(each), f"lantern r{each}")
    return {f"a/{number}": title for number, title in titles.items()}


def main(folder: Path) -> None:
    """Commit until killed."""
    index = SearchIndex(SCHEMA, folder)
    assert index.lock()
    revision = index.snapshot.state.revision if index.snapshot else 0
    while True:
        sys.stdout.write(f"{revision}\n")
        sys.stdout.flush()
        revision += 1
        rows = [article(f"a/{n}", title=f"lantern r{revision}") for n in written(revision)]
        index.write(rows, [f"a/{n}" for n in removed(revision)])
        index.commit(IndexState("corpus", revision))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
