"""Parse files to the results that a worker sends, whatever the files contain."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from graph.documents import Row
from graph.store.driver.encoding import CannotEncode, encode
from graph.store.load.affected_keys import facts_of
from loaders.files.places import Root, SourceFile
from loaders.files.read import File
from loaders.records.convert import ConvertedFile, convert
from loaders.sites.bundles import Bundles
from loaders.sites.mapping.mapping import SiteMapping, mapping_from
from loaders.workers.jobs import MEMORY_BYTES, NO_MAPPING, Job, ParsedFile, rejection


class _Site(NamedTuple):
    mapping: SiteMapping | None
    bundles: Bundles | None


class Parser:
    """Parses the files of a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._sites: dict[Root, _Site] = {}

    def parse(self, source_file: SourceFile, file: File) -> ParsedFile:
        """Return the file's document, or the faults for which it is rejected."""
        job = self._job
        try:
            mapping, bundles = self._site(source_file.root)
            outcome = convert(source_file, job.volatile, file, mapping, job.now, bundles)
            return _encoded(job, source_file, outcome)
        except CannotEncode as error:
            return rejection(source_file, str(error))
        except MemoryError:
            return rejection(source_file, f"needs more than {MEMORY_BYTES >> 30} GiB of memory")
        except Exception as error:  # a bug must not affect other files
            name = type(error).__name__
            return rejection(
                source_file, f"newsgraph failed to read it ({name}): please report the file"
            )

    def _site(self, root: Root) -> _Site:
        site = self._sites.get(root)
        if site is None:
            fingerprint, data = self._job.mappings.get(root.name, NO_MAPPING)
            mapping = mapping_from(data) if fingerprint else None
            bundles = None if mapping is None else Bundles(mapping.definition, root.name)
            site = self._sites[root] = _Site(mapping, bundles)
        return site


def _encoded(job: Job, source_file: SourceFile, outcome: ConvertedFile) -> ParsedFile:
    document = outcome.document
    if document is None:
        return ParsedFile(
            outcome.kind, source_file.slug, None, "", "", {}, outcome.faults, outcome.warnings
        )
    source = document["source"]
    wants_facts = job.load_stamp is not None and job.load_stamp.facts
    if job.load_stamp is not None:
        source["loadedAt"] = job.load_stamp.loaded_at
        source["revision"] = job.load_stamp.revision
        if outcome.kind == "articles":
            _date(document, job.load_stamp.loaded_at)
    return ParsedFile(
        outcome.kind,
        document["_id"],
        encode(document),
        source["hash"],
        source["volatileHash"],
        facts_of(document) if wants_facts else {},
        outcome.faults,
        outcome.warnings,
        outcome.window,
    )


def _date(article: Row, loaded_at: datetime) -> None:
    """Let an article that does not say when it was updated have the time of the load.

    The writer keeps the stored time if the article did not change in meaning.
    """
    updated = article.get("updatedDateTime")
    article["source"]["hasUpdatedDateTime"] = updated is not None
    article["updatedDateTime"] = loaded_at if updated is None else updated
