"""The results of the code for a fixed set of documents, and their version numbers.

A load repeats the work that was done under another version. So a number must be raised whenever the
same input gives another result; a test compares results and numbers with the recorded ones.

`pytest --record-versions` writes recorded_versions.json, unless a number must be raised first.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

RECORDED: Final = Path(__file__).with_suffix(".json")
COMMAND: Final = ".venv/bin/python -m pytest tests/test_recorded_versions.py --record-versions"


class Record(NamedTuple):
    """A version, and the result of each case by its name; see `case`."""

    version: str
    cases: dict[str, str]


def case(given: Any, result: Any) -> str:
    """The digests of the input and of the result of a case."""
    return f"{digest(given)} {digest(result)}"


def digest(value: Any) -> str:
    """A short digest of nested values."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]


def changed(recorded: Record, current: Record) -> list[str]:
    """The cases that have another result under the same version, though their input is the same."""
    if recorded.version != current.version:
        return []
    return [
        name
        for name, made in recorded.cases.items()
        if (now := current.cases.get(name, made)) != made and now.split()[0] == made.split()[0]
    ]


def read(name: str) -> Record:
    """The record of a version; an empty one if there is none."""
    return Record(*_read().get(name, ["", {}]))


def write(name: str, record: Record) -> None:
    """Replace the record of a version."""
    records = {**_read(), name: list(record)}
    RECORDED.write_text(json.dumps(records, indent=1, sort_keys=True) + "\n")


def _read() -> dict[str, list[Any]]:
    records: dict[str, list[Any]] = json.loads(RECORDED.read_text())
    return records
