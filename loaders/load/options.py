"""The options of a load or a check."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self, cast

from graph.documents import SourceSite
from graph.errors import UsageError
from loaders.files.places import Place, Root, places
from loaders.files.selection import EVERY_FILE, FileSelection, IsIgnored, ignore_nothing
from loaders.report.report import Fault
from loaders.sites.bundles import affected_by
from loaders.sites.rules.rules import ReaderSettings, SiteSettings
from loaders.sites.site import Site, read_site
from loaders.workers.jobs import PackedMapping

RESCAN_SECONDS: Final = 300


@dataclass(frozen=True)
class LoadOptions:
    """Which files to load, and how.

    `jobs` is the number of processes that parse. `quick` treats files whose size and modification
    time have not changed as unchanged. `prune` removes the documents of the loaded roots whose
    files are gone, but all documents of a root only with `allow_empty`. `take_over` replaces
    documents that belong to other roots. `sites` are the sites of the roots; they were read with
    `preset` and `site`.
    """

    places: Sequence[Place]
    selection: FileSelection = EVERY_FILE
    jobs: int = 1
    quick: bool = False
    dry_run: bool = False
    prune: bool = False
    allow_empty: bool = False
    take_over: bool = False
    rescan: float = RESCAN_SECONDS
    poll: bool = False
    sites: Mapping[Root, Site] = field(default_factory=dict)
    preset: str | None = None
    site: SiteSettings | None = None

    @classmethod
    def of(
        cls,
        paths: Sequence[Path],
        *,
        root: Path | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        jobs: int | None = None,
        quick: bool = False,
        dry_run: bool = False,
        prune: bool = False,
        allow_empty: bool = False,
        take_over: bool = False,
        rescan: float = RESCAN_SECONDS,
        poll: bool = False,
        preset: str | None = None,
        site: SiteSettings | None = None,
        source: str | None = None,
    ) -> Self:
        """Return the options for the arguments of the command; the default of `jobs` is one for
        each core.

        Raises UsageError, which names the invalid path, glob or preset, or the position in a
        newsgraph.toml.
        """
        to_load = places(paths, root)
        sites = {
            root: read_site(root.folder or ".", site, preset)
            for root in dict.fromkeys(place.root for place in to_load)
        }
        roots = {
            site: site._replace(source=source or "", has_bundles=sites[site].has_bundles)
            for site in sites
        }
        if source is not None:
            _require_one_source(source, len(roots))
        return cls(
            [place._replace(root=roots[place.root]) for place in to_load],
            FileSelection.of(include, exclude),
            jobs=jobs or cores(),
            quick=quick,
            dry_run=dry_run,
            prune=prune,
            allow_empty=allow_empty,
            take_over=take_over,
            rescan=rescan,
            poll=poll,
            sites={roots[folder]: sites[folder] for folder in sites},
            preset=preset,
            site=site,
        )

    def reread(self) -> Self:
        """Return the same options, with the current configuration of the sites.

        Raises UsageError, also if a site now has another generator, and so other slugs.
        """
        sites = {root: read_site(root.folder or ".", self.site, self.preset) for root in self.sites}
        for root, site in sites.items():
            if site.has_bundles != root.has_bundles:
                place = root.folder or "."
                raise UsageError(f"{place}: is a site of {site.generator} now: restart the load")
        return replace(self, sites=sites)

    def ignores(self, place: Place) -> IsIgnored:
        """Return a function that says whether the file at a path below the root of a place is no
        document of its site.
        """
        site = self.sites.get(place.root)
        return ignore_nothing if site is None else site.ignores(place.root.name)

    def affected_by(self, place: Place, paths: Iterable[str]) -> list[str]:
        """Return the paths of what changes of files at these paths affect in a place, in order: the
        files, or their whole folders. All are relative to the root of the place.
        """
        site = self.sites.get(place.root)
        names = set()
        for path in filter(place.holds, paths):
            affected = path if site is None else affected_by(site.mapping.definition, path)
            names.add(affected if place.holds(affected) else path)
        return sorted(names)

    @property
    def roots(self) -> list[Root]:
        return list(dict.fromkeys(place.root for place in self.places))

    @property
    def mappings(self) -> dict[str, PackedMapping]:
        """The mappings of the sites, by the names of their roots."""
        return {root.name: site.mapping.packed for root, site in self.sites.items()}

    @property
    def source_sites(self) -> list[SourceSite]:
        """What the sites say for readers, as it is stored."""
        return [_source_site(root.identity, site.reader) for root, site in self.sites.items()]

    @property
    def warnings(self) -> list[Fault]:
        """Warnings about unusable parts of the sites' configuration."""
        return [warning for site in self.sites.values() for warning in site.warnings]


def _source_site(source: str, reader: ReaderSettings) -> SourceSite:
    values = {
        "root": source,
        "name": reader.name,
        "language": reader.language,
        "timeZone": reader.timezone,
        "dateFormat": reader.date_format,
        "timeFormat": reader.time_format,
        "url": reader.base_url,
    }
    return cast("SourceSite", {key: value for key, value in values.items() if value})


def _require_one_source(source: str, roots: int) -> None:
    if not source.strip() or source != source.strip() or os.path.isabs(source):
        raise UsageError(f"--source {source!r}: a name must not be empty or begin with a slash")
    if roots > 1:
        raise UsageError(
            f"--source {source}: the paths have {roots} roots, but a source has only one: load "
            "them one after the other, or name the folder above them with --root"
        )


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
