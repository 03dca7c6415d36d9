"""The floor: libyaml and PyYAML's safe constructors over the same files, and nothing else.

    python floor.py DIR

Reads, splits and parses the front matter below DIR/_news with a process per core; no validation,
no database. A loader that parses YAML in Python can hardly be faster.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

BATCH = 200


def batches(folder: Path) -> Iterator[list[Path]]:
    """The documents of the corpus, a batch for one process each."""
    paths = list((folder / "_news").rglob("*.md"))
    return (paths[start : start + BATCH] for start in range(0, len(paths), BATCH))


def parse(paths: list[Path]) -> int:
    """How many of these files hold a mapping."""
    found = 0
    for path in paths:
        _, front, _ = path.read_text(encoding="utf-8").split("---\n", 2)
        found += isinstance(yaml.load(front, Loader=yaml.CSafeLoader), dict)
    return found


def main() -> None:
    """Print how many documents were parsed."""
    with multiprocessing.Pool() as pool:
        counts = pool.imap_unordered(parse, batches(Path(sys.argv[1])))
        sys.stdout.write(f"{sum(counts)}\n")


if __name__ == "__main__":
    main()
