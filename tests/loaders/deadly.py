"""A worker to which some files are deadly, each in the way that its name says.

python -m tests.loaders.deadly
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from threading import Event
from typing import Final

from loaders.files.places import SourceFile
from loaders.files.read import File
from loaders.records.convert import ConvertedFile, convert
from loaders.sites.bundles import Bundles
from loaders.sites.mapping.mapping import SiteMapping
from loaders.workers import parser, worker
from loaders.workers.jobs import MEMORY_BYTES

COMMAND: Final = (sys.executable, "-m", "tests.loaders.deadly")


def deadly(
    source_file: SourceFile,
    volatile: frozenset[str],
    file: File | None = None,
    mapping: SiteMapping | None = None,
    now: datetime | None = None,
    bundles: Bundles | None = None,
) -> ConvertedFile:
    name = os.path.basename(source_file.path)  # noqa: PTH119
    if "segv" in name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "hang" in name:
        Event().wait()
    if "exit" in name:
        os._exit(3)
    if "oom" in name:
        bytearray(2 * MEMORY_BYTES)
    if "bug" in name:
        raise ValueError("a mistake")
    if "noise" in name:
        os.write(1, b"noise")
        os.write(2, b"noise")
    return convert(source_file, volatile, file, mapping, now, bundles)


def main() -> None:
    parser.convert = deadly  # type: ignore[attr-defined]  # imported there, not exported
    worker.main()


if __name__ == "__main__":
    main()
