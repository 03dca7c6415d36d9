"""What a load changes: the document that a file makes beside the one that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from graph.store.driver.database import Write
from graph.store.driver.encoding import decode, encode
from graph.store.load.write import Version
from loaders.files.places import FoundFile
from loaders.report.report import Verdict
from loaders.workers.jobs import Parsed


@dataclass(frozen=True)
class DocumentChange:
    """A file's document beside what is stored of it.

    `strays` are versions in another collection than the one where the document belongs now.
    """

    found: FoundFile
    parsed: Parsed
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
        """All that is stored under the file's slug."""
        return [*self.strays, self.stored] if self.stored else self.strays

    @property
    def is_in_meaning(self) -> bool:
        return self.verdict in ("added", "updated")

    @property
    def unpublishes(self) -> bool:
        """Whether a published article becomes one that is not."""
        was = self.stored is not None and self.stored.is_published
        return was and self.is_in_meaning and not self.parsed.facts.get("published")

    @property
    def write(self) -> Write:
        """What to store; a document that did not change in meaning keeps its revision."""
        data = self.parsed.data
        assert data is not None
        if self.stored is not None and not self.is_in_meaning:
            document = decode(data)
            document["source"]["revision"] = self.stored.revision
            data = encode(document)
        return Write(self.parsed.id, data, new=self.stored is None)
