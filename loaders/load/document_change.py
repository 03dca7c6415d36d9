"""A change of a load: the new document of a file beside the stored one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from graph.store.driver.bulk_writes import Write
from graph.store.driver.encoding import decode, encode
from graph.store.load.stored_versions import Version
from loaders.files.places import SourceFile
from loaders.report.report import Verdict
from loaders.workers.jobs import ParsedFile


@dataclass(frozen=True)
class DocumentChange:
    """The new document of a file, and the stored versions of it.

    `strays` are versions in another collection than the one to which the document belongs now.
    """

    source_file: SourceFile
    parsed: ParsedFile
    stored: Version | None
    strays: Sequence[Version]

    @cached_property
    def verdict(self) -> Verdict:
        stored, parsed = self.stored, self.parsed
        if self.strays:
            return "updated"
        if stored is None:
            return "added"
        if stored.hash != parsed.hash:
            return "updated"
        return "unchanged" if stored.volatile_hash == parsed.volatile_hash else "volatile_only"

    @property
    def versions(self) -> Sequence[Version]:
        """All stored versions with the file's slug."""
        return [*self.strays, self.stored] if self.stored else self.strays

    @property
    def changes_content(self) -> bool:
        return self.verdict in ("added", "updated")

    @property
    def unpublishes(self) -> bool:
        """Whether a published article becomes unpublished."""
        was = self.stored is not None and self.stored.is_published
        return was and self.changes_content and not self.parsed.facts.get("published")

    @property
    def write(self) -> Write:
        """The document to store. If only volatile fields changed, it keeps its revision, and the
        time at which a load last found it changed.
        """
        data = self.parsed.data
        assert data is not None
        if self.stored is not None and not self.changes_content:
            document = decode(data)
            source = document["source"]
            source["revision"] = self.stored.revision
            if source.get("hasUpdatedDateTime") is False and self.stored.updated is not None:
                document["updatedDateTime"] = self.stored.updated
            data = encode(document)
        return Write(self.parsed.id, data, new=self.stored is None)
