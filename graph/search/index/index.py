"""The index on disk, or in memory: one process writes it, all read it.

Each commit holds the articles and, in a document of its own, the corpus and the revision that they
are of. So a reader always sees a whole revision, and a writer that is killed leaves the one before.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import IO, Final, NamedTuple

import orjson
import tantivy

from graph.search.index.columns import KEY, STATE, IndexSchema
from graph.search.index.damage import is_damaged
from graph.search.index.heap import trim_heap
from graph.store.driver.read_commands import Row

WRITER_BYTES: Final = 64_000_000
"""The memory that the engine gathers changes in before it writes them out."""

_VERSION_FILE: Final = "newsgraph.json"
_LOCK_FILE: Final = ".tantivy-writer.lock"
"""The file that the engine locks (flock) while a process writes."""

_WAIT_SECONDS: Final = 2.0
"""How long to wait for a process that is making the index anew."""

_POLL_SECONDS: Final = 0.05


class IndexState(NamedTuple):
    """What an index holds: the articles of a corpus at a revision.

    A database that was restored from a backup and loaded again has the same revisions with other
    articles. Their `id` is another: see `RaisedRevision`.
    """

    corpus: str
    revision: int
    id: str = ""


class IndexSnapshot(NamedTuple):
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
        self._locked: int | None = None
        self._in_use = Lock()
        """A task that is cancelled leaves its thread running, and the writer is of one thread."""
        self.snapshot: IndexSnapshot | None = None
        """What can be read; None until it was built."""
        self.refresh()

    def refresh(self) -> None:
        """Read what was committed last."""
        self._index.reload()
        searcher = self._index.searcher()
        state = _state_of(searcher, self.schema)
        self.snapshot = IndexSnapshot(searcher, state) if state else None

    def lock(self) -> bool:
        """Become the writer, unless another process is. Return whether this process is the writer
        now.

        Raises OSError if the folder was deleted or made anew since this process became the writer.
        """
        with self._in_use:
            if self._writer is not None and self._lock_number() != self._locked:
                raise FileNotFoundError(
                    f"the folder of the search index was deleted: {self.folder}"
                )
            if self._writer is None:
                try:
                    self._writer = self._index.writer(WRITER_BYTES, 1)
                    self._locked = self._lock_number()
                except ValueError as error:
                    if "LockBusy" not in str(error):
                        raise
            return self._writer is not None

    def unlock(self) -> None:
        """Stop being the writer. What was not committed is dropped."""
        with self._in_use:
            writer, self._writer = self._writer, None
            if writer is not None:
                with suppress(ValueError):  # it may be broken: then there is nothing to drop
                    writer.rollback()

    def clear(self) -> None:
        """Delete all articles, from the next commit on."""
        with self._in_use:
            self._locked_writer.delete_all_documents()

    def write(self, rows: Iterable[Row], removed: Iterable[str] = ()) -> None:
        """Replace these articles and delete the `removed` slugs, from the next commit on."""
        with self._in_use:
            writer = self._locked_writer
            for slug in removed:
                writer.delete_documents_by_term(KEY, slug)
            for row in _articles(rows):
                writer.delete_documents_by_term(KEY, row["_id"])
                writer.add_document(self.schema.document(row))

    def add(self, rows: Iterable[Row]) -> None:
        """Add articles that the index does not have, from the next commit on."""
        with self._in_use:
            writer = self._locked_writer
            for row in _articles(rows):
                writer.add_document(self.schema.document(row))

    def commit(self, state: IndexState) -> None:
        """Make all changes readable at once."""
        with self._in_use:
            writer = self._locked_writer
            # Every state document is deleted: the field has no other terms in any commit.
            if self.snapshot is not None:
                writer.delete_documents_by_term(STATE, _encoded(self.snapshot.state))
            writer.add_document(self.schema.state(_encoded(state)))
            writer.commit()
            self.refresh()
        trim_heap()

    def count(self) -> int:
        """Return the number of articles."""
        return self.snapshot.searcher.num_docs - 1 if self.snapshot else 0

    def _lock_number(self) -> int | None:
        """Return the inode of the file that the writer locks; None for an index in memory."""
        return (self.folder / _LOCK_FILE).stat().st_ino if self.folder else None

    @property
    def _locked_writer(self) -> tantivy.IndexWriter:
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
        with (folder / _LOCK_FILE).open("a") as lock:
            until = monotonic() + _WAIT_SECONDS
            while not (is_exclusive := _is_locked(lock)) and not _is_of(
                marker, self.schema.version
            ):
                if monotonic() > until:
                    raise BlockingIOError("another version of newsgraph writes the search index")
                sleep(_POLL_SECONDS)
            # What another process writes was checked when that process opened it.
            if is_exclusive and (not _is_of(marker, self.schema.version) or is_damaged(folder)):
                self._recreate(folder)
            try:
                return tantivy.Index(self.schema.schema, str(folder))
            except ValueError:
                if not is_exclusive:
                    raise
            self._recreate(folder)
            return tantivy.Index(self.schema.schema, str(folder))

    def _recreate(self, folder: Path) -> None:
        _empty(folder)
        (folder / _VERSION_FILE).write_text(self.schema.version)


def _articles(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows that have a slug, as all rows from a load have."""
    return (row for row in rows if isinstance(row["_id"], str))


def _state_of(searcher: tantivy.Searcher, schema: IndexSchema) -> IndexState | None:
    hits = searcher.search(tantivy.Query.regex_query(schema.schema, STATE, "(?s).*"), 1).hits
    if not hits:
        return None
    (state,) = searcher.doc(hits[0][1])[STATE]
    return IndexState(*orjson.loads(state))


def _encoded(state: IndexState) -> str:
    return orjson.dumps(list(state)).decode()


def _is_of(marker: Path, version: str) -> bool:
    """Whether the index beside this file is of a version of newsgraph."""
    try:
        return marker.read_bytes() == version.encode()
    except FileNotFoundError:
        return False


def _is_locked(lock: IO[str]) -> bool:
    """Lock a file as the engine does, until it is closed, unless another process has done so."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != _LOCK_FILE:
            path.unlink()
