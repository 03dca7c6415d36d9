"""What a load or a check is asked to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from loaders.files.places import Place, Root, places
from loaders.files.selection import EVERY_FILE, FileSelection

RESCAN_SECONDS: Final = 300


@dataclass(frozen=True)
class LoadOptions:
    """Which files to load, and how.

    `jobs` is how many processes parse. `quick` takes files of the size and time of the last load
    for unchanged. `prune` removes the documents of the loaded roots whose file is gone, though not
    all of them unless `allow_empty` says so too. `take_over` replaces documents that belong to
    other roots.
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
    ) -> Self:
        """The plan for these arguments of the command; `jobs` is one a core unless it is given.

        Raises UsageError, which names the path or the glob that is of no use.
        """
        return cls(
            places(paths, root),
            FileSelection.of(include, exclude),
            jobs=jobs or cores(),
            quick=quick,
            dry_run=dry_run,
            prune=prune,
            allow_empty=allow_empty,
            take_over=take_over,
            rescan=rescan,
            poll=poll,
        )

    @property
    def roots(self) -> list[Root]:
        return list(dict.fromkeys(place.root for place in self.places))


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
