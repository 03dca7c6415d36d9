"""The file extensions in a folder without documents, for a helpful message."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Final

from loaders.files.places import EXTENSIONS, Place
from loaders.files.selection import EVERY_FILE
from loaders.load.options import LoadOptions
from loaders.report.report import Fault, Report

FILES: Final = 10_000
"""The number of files of a folder whose extensions are counted."""

_SHOWN: Final = 5


def warn_of_no_documents(plan: LoadOptions, report: Report) -> None:
    """Add a warning for each place of a plan if no document was found in any of them."""
    if report.loaded or report.rejected:
        return
    for place in plan.places:
        reason = "no documents found"
        if plan.selection != EVERY_FILE:
            reason += " that --include and --exclude let through"
        path = place.file.rstrip("/") or "/"
        report.warn([Fault(path, None, None, None, f"{reason}: {_extensions(place)}")])


def _extensions(place: Place) -> str:
    endings = Counter(PurePath(name).suffix.lower() for name in islice(_names(place), FILES))
    if not endings:
        return "there are no files"
    ordered = sorted(endings.items(), key=lambda item: (-item[1], item[0]))
    common = [f"{ending or 'no ending'} ({count:,})" for ending, count in ordered[:_SHOWN]]
    more = f" and {len(endings) - _SHOWN} more" if len(endings) > _SHOWN else ""
    expected = (
        "" if EXTENSIONS & set(endings) else f"; documents have {', '.join(sorted(EXTENSIONS))}"
    )
    return f"the files have {', '.join(common)}{more}{expected}"


def _names(place: Place) -> Iterator[str]:
    """Yield the names of the files of a place, without hidden ones."""
    if not place.is_folder:
        yield place.path
    for _, folders, names in os.walk(place.file):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (name for name in names if not name.startswith("."))
