"""The faults of a file: findings and errors with their lines, columns and excerpts."""

from __future__ import annotations

from typing import Final

from loaders.files.places import SourceFile
from loaders.frontmatter.parse import Front, FrontMatterError, locate
from loaders.frontmatter.positions import Keys
from loaders.records.values.scalar_values import Finding
from loaders.report.excerpt import excerpt
from loaders.report.report import Fault

FAULTS_PER_FILE: Final = 100


def located(
    source_file: SourceFile, text: str, front: Front, findings: list[Finding]
) -> list[Fault]:
    """Return the faults for findings in front matter, in the order of the file.

    Of more than FAULTS_PER_FILE findings, the others are only counted.
    """
    if not findings:
        return []
    first = findings[:FAULTS_PER_FILE]
    positions = locate(front, [finding.at for finding in first])
    path = source_file.file
    faults = [
        Fault(path, *positions[at], field_path(at), reason, _line(text, *positions[at]))
        for at, reason in sorted(first, key=lambda finding: positions[finding.at])
    ]
    faults = list(dict.fromkeys(faults))  # two fields may be made from one value
    if len(findings) > len(first):
        faults.append(
            whole_file(source_file, f"… and {len(findings) - len(first):,} more in this file")
        )
    return faults


def front_matter_fault(source_file: SourceFile, text: str, error: FrontMatterError) -> Fault:
    """Return the fault for front matter that cannot be read."""
    line = _line(text, error.line, error.column)
    return Fault(source_file.file, error.line, error.column, None, error.message, line)


def whole_file(source_file: SourceFile, reason: str) -> Fault:
    """Return a fault that has no position within the file."""
    return Fault(source_file.file, None, None, None, reason)


def _line(text: str, line: int, column: int) -> str | None:
    lines = text.split("\n", line)
    return excerpt(lines[line - 1], column) if len(lines) >= line else None


def field_path(keys: Keys) -> str:
    """Return a path as people write it: `related[2].provider.name`."""
    text = ""
    for key in keys:
        if isinstance(key, int) or not key or "." in key or "[" in key:
            text += f"[{key!r}]"
        else:
            text += f".{key}" if text else key
    return text
