"""The messages between the main process and its workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from graph.documents import ARTICLES, TAXONOMY, Kind
from loaders.files.places import Root, SourceFile
from loaders.report.report import Fault, Window

PackedMapping = tuple[bytes, bytes]
"""The fingerprint of a mapping, and the argument of
`loaders.sites.mapping.mapping.mapping_from`.
"""

NO_MAPPING: Final[PackedMapping] = (b"", b"")

MEMORY_BYTES: Final = 2 << 30
"""The limit on the address space of each worker; the largest file needs a tenth of it."""


class LoadStamp(NamedTuple):
    """The parts of a document's source that depend on the load.

    `facts` says whether results include the facts from which topics and providers are derived.
    """

    loaded_at: datetime
    revision: int
    facts: bool = True


PackedFingerprint = tuple[bytes, int | None, int | None]
"""The hash of the file that a stored document was made from, with its size and modification time if
the load is a quick one.

It is a plain tuple, since hundreds of thousands are sent.
"""


class Job(NamedTuple):
    """Files to read, each with its fingerprint if it was loaded before.

    `load_stamp` is None if documents are only checked. With `careful`, each result is sent before
    the next file is opened, to find the file that ends the worker. `mappings` are those of the
    sites, by the names of their roots. `now` is the time of the load; None for the current time.
    """

    files: list[tuple[SourceFile, PackedFingerprint | None]]
    load_stamp: LoadStamp | None
    volatile: frozenset[str]
    careful: bool = False
    mappings: Mapping[str, PackedMapping] = MappingProxyType({})
    now: datetime | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle named tuples as plain tuples, at a tenth of the cost."""
        files = [(*file, fingerprint) for file, fingerprint in self.files]
        mappings = dict(self.mappings)
        return _job, (files, self.load_stamp, self.volatile, self.careful, mappings, self.now)


def _job(files: list[tuple[Root, str, str, bool, PackedFingerprint | None]], *rest: Any) -> Job:
    pairs = [
        (SourceFile(root, path, slug, named), fingerprint)
        for root, path, slug, named, fingerprint in files
    ]
    return Job(pairs, *rest)


class ParsedFile(NamedTuple):
    """A file's document as BSON, or the faults for which it is rejected.

    `window` says whether an article is not published yet, or no longer.
    """

    kind: Kind
    id: str
    data: bytes | None
    hash: str
    volatile_hash: str
    facts: dict[str, Any]
    faults: list[Fault]
    warnings: list[Fault]
    window: Window | None = None

    @property
    def collection(self) -> str:
        return ARTICLES if self.kind == "articles" else TAXONOMY


def rejection(source_file: SourceFile, reason: str) -> ParsedFile:
    """Return the result for a file that is rejected as a whole."""
    fault = Fault(source_file.file, None, None, None, reason)
    return ParsedFile("articles", source_file.slug, None, "", "", {}, [fault], [])


FileResult = ParsedFile | None
"""None means that the file still yields the stored document."""


class Vanished(NamedTuple):
    """A file that was deleted after it was listed. It is not reported."""

    path: str


WorkerResult = FileResult | Vanished
"""What a worker sends for a file."""
