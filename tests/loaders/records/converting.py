"""Conversion of single files, with a volatile field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loaders.records.convert import ConvertedFile, convert
from tests.loaders.builders import source_file_of, write

VOLATILE = frozenset({"secured"})


def converted(path: Path, root: Path) -> ConvertedFile:
    return convert(source_file_of(path, root), VOLATILE)


def document_of(tmp_path: Path, text: str, name: str = "_news/a.md") -> dict[str, Any]:
    outcome = converted(write(tmp_path / name, text), tmp_path)
    assert outcome.faults == []
    assert outcome.document is not None
    return outcome.document
