"""Write a folder of invented documents, shaped like real ones, in constant memory.

    python bench/corpus.py --count 100000 DIR

The same count and seed always give the same files. A folder that already holds them is reused; a
folder with anything else is left alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Final

from dialects import HUGO, SITE, in_hugo
from documents import Document, Documents, taxonomy

VERSION: Final = 1
MARKER: Final = ".corpus.json"
SPAN: Final = 2_000


class CorpusError(Exception):
    """The folder cannot be used for this corpus."""


@dataclass(frozen=True)
class Corpus:
    """The content of the marker file. `size` is in bytes, and 0 until everything is written.

    `dialect` is the generator for which the documents are written, None for newsgraph.
    """

    count: int
    seed: int
    version: int
    taxonomy: int
    size: int = 0
    dialect: str | None = None

    def is_same(self, other: Corpus) -> bool:
        """Whether both have the same files, written or not."""
        return replace(self, size=0) == replace(other, size=0)


def make(count: int, seed: int, folder: Path, dialect: str | None = None) -> Corpus:
    """Return the corpus in `folder`, written if necessary. Raises CorpusError."""
    others = list(SITE) if dialect == HUGO else taxonomy()
    described = 0 if dialect == HUGO else len(others)
    wanted = Corpus(count, seed, VERSION, described, dialect=dialect)
    folder.mkdir(parents=True, exist_ok=True)
    found = _found(folder)
    if found is None and any(folder.iterdir()):
        raise CorpusError(f"{folder} is not empty, and holds no corpus")
    if found is not None and not found.is_same(wanted):
        raise CorpusError(f"{folder} holds another corpus: {found}; wanted: {wanted}")
    if found is not None and found.size:
        return found
    _mark(folder, wanted)  # so that the files of an interrupted run are recognised
    size = sum(_write(folder, document) for document in others) + _write_news(wanted, folder)
    written = replace(wanted, size=size)
    _mark(folder, written)
    return written


def _found(folder: Path) -> Corpus | None:
    try:
        return Corpus(**json.loads((folder / MARKER).read_text()))
    except FileNotFoundError:
        return None


def _mark(folder: Path, corpus: Corpus) -> None:
    draft = folder / f"{MARKER}.new"
    draft.write_text(json.dumps(asdict(corpus)) + "\n")
    draft.replace(folder / MARKER)


def _write_news(corpus: Corpus, folder: Path) -> int:
    write = partial(_write_span, corpus, folder)
    with get_context("spawn").Pool() as pool:
        return sum(_reported(corpus.count, pool.imap_unordered(write, _spans(corpus.count))))


def _spans(count: int) -> Iterator[range]:
    return (range(start, min(start + SPAN, count)) for start in range(0, count, SPAN))


def _write_span(corpus: Corpus, folder: Path, numbers: range) -> int:
    documents = _documents(corpus.count, corpus.seed)
    news = map(documents.document, numbers)
    return sum(_write(folder, each) for each in (map(in_hugo, news) if corpus.dialect else news))


@cache  # once for each process, so that its caches live as long as it
def _documents(count: int, seed: int) -> Documents:
    return Documents(count, seed)


def _write(folder: Path, document: Document) -> int:
    path = f"{folder}/{document.path}"
    try:
        _put(path, document.data)
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        _put(path, document.data)
    return len(document.data)


def _put(path: str, data: bytes) -> None:
    """Do what Path.write_bytes does, faster, because a million files are written."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def _reported(count: int, sizes: Iterator[int]) -> Iterator[int]:
    done = 0
    for size in sizes:
        yield size
        done = min(count, done + SPAN)
        if done == count or done % (25 * SPAN) == 0:
            sys.stderr.write(f"corpus: {done:,} of {count:,} documents\n")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, required=True, help="how many documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialect", choices=[HUGO], help="write them for this generator")
    parser.add_argument("folder", type=Path, metavar="DIR")
    given = parser.parse_args()
    started = monotonic()
    try:
        corpus = make(given.count, given.seed, given.folder, given.dialect)
    except CorpusError as error:
        sys.stderr.write(f"corpus: {error}\n")
        return 1
    sys.stdout.write(
        f"{corpus.count:,} documents and {corpus.taxonomy} taxonomy files, "
        f"{corpus.size / 1e6:,.1f} MB, {corpus.size / corpus.count:,.0f} bytes a document, "
        f"in {monotonic() - started:.1f} s\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
