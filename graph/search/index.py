"""The index on disk, or in memory: one process writes it, all read it.

Each commit holds the articles and, in a document of its own, the corpus and the revision that they
are of. So a reader always sees a whole revision, and a writer that is killed leaves the one before.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

import orjson
import tantivy

from graph.search.columns import KEY, STATE, IndexSchema
from graph.store.driver.read_commands import Row

WRITER_BYTES: Final = 64_000_000
"""The memory that the engine gathers changes in before it writes them out."""

_VERSION_FILE: Final = "newsgraph.json"


class IndexState(NamedTuple):
    """What an index holds: the articles of a corpus at a revision."""

    corpus: str
    revision: int


class Snapshot(NamedTuple):
    """One state of the index, which stays as it is while it is read."""

    searcher: tantivy.Searcher
    state: IndexState


class SearchIndex:
    """An index in a folder, or in memory without one.

    The folder is made if it is missing. What is in it is deleted if another version of newsgraph
    wrote it, or if it is damaged. Methods block, and raise OSError or ValueError for what the
    system refuses.
    """

    def __init__(self, schema: IndexSchema, folder: Path | None) -> None:
        self.schema = schema
        self.folder = folder
        self._index = self._open()
        self._writer: tantivy.IndexWriter | None = None
        self.snapshot: Snapshot | None = None
        """What can be read; None until it was built."""
        self.refresh()

    @property
    def is_writer(self) -> bool:
        """Whether this process writes the index."""
        return self._writer is not None

    def refresh(self) -> None:
        """Read what was committed last."""
        self._index.reload()
        searcher = self._index.searcher()
        state = _state_of(searcher, self.schema)
        self.snapshot = Snapshot(searcher, state) if state else None

    def lock(self) -> bool:
        """Become the writer, unless another process is. Return whether this one is now."""
        if self._writer is None:
            try:
                self._writer = self._index.writer(WRITER_BYTES, 1)
            except ValueError as error:
                if "LockBusy" not in str(error):
                    raise
        return self._writer is not None

    def unlock(self) -> None:
        """Stop being the writer. What was not committed is dropped."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(ValueError):  # it may be broken: then there is nothing to drop
                writer.rollback()

    def clear(self) -> None:
        """Delete all articles, from the next commit on."""
        self._held.delete_all_documents()

    def write(self, rows: Iterable[Row], removed: Iterable[str] = ()) -> None:
        """Replace these articles and delete the `removed` slugs, from the next commit on."""
        writer = self._held
        for slug in removed:
            writer.delete_documents_by_term(KEY, slug)
        for row in rows:
            writer.delete_documents_by_term(KEY, row["_id"])
            writer.add_document(self.schema.document(row))

    def add(self, rows: Iterable[Row]) -> None:
        """Add articles that the index does not have, from the next commit on."""
        writer = self._held
        for row in rows:
            writer.add_document(self.schema.document(row))

    def commit(self, state: IndexState) -> None:
        """Make all changes readable at once."""
        writer = self._held
        # Every state document is deleted: the field has no other terms in any commit.
        if self.snapshot is not None:
            writer.delete_documents_by_term(STATE, _encoded(self.snapshot.state))
        writer.add_document(self.schema.state(_encoded(state)))
        writer.commit()
        self.refresh()

    def count(self) -> int:
        """How many articles it holds."""
        return self.snapshot.searcher.num_docs - 1 if self.snapshot else 0

    @property
    def _held(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise RuntimeError("this process is not the writer of the search index")
        return self._writer

    def _open(self) -> tantivy.Index:
        if self.folder is None:
            index = tantivy.Index(self.schema.schema)
        else:
            index = self._open_folder(self.folder)
        self.schema.register(index)
        index.config_reader("Manual")
        return index

    def _open_folder(self, folder: Path) -> tantivy.Index:
        marker = folder / _VERSION_FILE
        folder.mkdir(parents=True, exist_ok=True)
        if not marker.exists() or marker.read_text() != self.schema.version:
            _empty(folder)
            marker.write_text(self.schema.version)
        try:
            return tantivy.Index(self.schema.schema, str(folder))
        except (ValueError, OSError):
            _empty(folder)
            marker.write_text(self.schema.version)
            return tantivy.Index(self.schema.schema, str(folder))


def _state_of(searcher: tantivy.Searcher, schema: IndexSchema) -> IndexState | None:
    found = searcher.search(tantivy.Query.regex_query(schema.schema, STATE, "(?s).*"), 1).hits
    if not found:
        return None
    (state,) = searcher.doc(found[0][1])[STATE]
    return IndexState(*orjson.loads(state))


def _encoded(state: IndexState) -> str:
    return orjson.dumps(list(state)).decode()


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
