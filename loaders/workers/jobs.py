"""What goes to a worker process and what comes back: the words of the two sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from graph.documents import ARTICLES, TAXONOMY, Kind
from loaders.files.places import FoundFile, Root
from loaders.report.report import Fault, Window

PackedMapping = tuple[bytes, bytes]
"""The fingerprint of a mapping, and what `loaders.sites.mapping.mapping_from` takes."""

NO_MAPPING: Final[PackedMapping] = (b"", b"")

MEMORY_BYTES: Final = 2 << 30
"""Of address space for each worker: the largest file that is allowed needs a tenth of it."""


class LoadStamp(NamedTuple):
    """The parts of a document's source that only the load knows.

    `facts` says that it wants to know what topics and providers are derived from.
    """

    loaded_at: datetime
    revision: int
    facts: bool = True


KnownFingerprint = tuple[bytes, int | None, int | None]
"""The hash of the file that a stored document was made of; size and time, if those are trusted.

A plain tuple, as all that travels by the hundred thousand.
"""


class Job(NamedTuple):
    """Files to read, each with what is known of it, if it was loaded before.

    `stamping` is None where documents are only checked. `careful` has each result sent before the
    next file is touched: then it is known which file ends the worker. `mappings` are those of the
    sites, by the names of their roots. `now` is the time of the load, None for the current one.
    """

    files: list[tuple[FoundFile, KnownFingerprint | None]]
    stamping: LoadStamp | None
    volatile: frozenset[str]
    careful: bool = False
    mappings: Mapping[str, PackedMapping] = MappingProxyType({})
    now: datetime | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Plain tuples travel at a tenth of the cost of named ones."""
        files = [(*found, known) for found, known in self.files]
        mappings = dict(self.mappings)
        return _job, (files, self.stamping, self.volatile, self.careful, mappings, self.now)


def _job(files: list[tuple[Root, str, str, bool, KnownFingerprint | None]], *rest: Any) -> Job:
    pairs = [
        (FoundFile(root, path, slug, named), known) for root, path, slug, named, known in files
    ]
    return Job(pairs, *rest)


class Parsed(NamedTuple):
    """A file's document as BSON, or the faults for which it is rejected.

    `window` says whether an article is not published yet, or not any more.
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


def refused(found: FoundFile, reason: str) -> Parsed:
    """The result for a file of which no more is known than the reason."""
    fault = Fault(found.file, None, None, None, reason)
    return Parsed("articles", found.slug, None, "", "", {}, [fault], [])


Result = Parsed | None
"""None stands for a file that still yields the stored document."""


class Vanished(NamedTuple):
    """Stands for a file that was deleted after it was listed: there is nothing to say of it."""

    path: str


Outcome = Result | Vanished
"""What a worker sends for a file."""
