"""Validation of mapped documents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Final

from graph.fields.record_kinds import RecordKind
from loaders.frontmatter.split import UnsupportedValue
from loaders.records.records import CheckedRecord, check, nest_reference
from loaders.records.values.scalar_values import Finding, resolve
from loaders.sites.mapping.mapping import MappedDocument

_NO_SITE: Final = (
    "provider is missing: name it, or set the site's name and URL with --site-name and "
    "--site-url, or in newsgraph.toml"
)


def check_mapped(kind: RecordKind, mapped: MappedDocument, timezone: tzinfo = UTC) -> CheckedRecord:
    """Validate a mapped document. Findings have the paths of the values in the file.

    Unquoted scalars in `mapped.extra` are resolved as in YAML's core schema.

    Args:
        kind: The kind of the document.
        mapped: The mapped document.
        timezone: The time zone of dates without an offset.
    """
    checked = check(kind, mapped.fields, timezone)
    faults = list(_in_file_once(mapped, checked.faults))
    if kind == "article" and "provider" not in mapped.fields:
        faults = [
            fault._replace(reason=_NO_SITE) if fault.at == ("provider",) else fault
            for fault in faults
        ]
    if isinstance(merge := mapped.extra.get("<<"), UnsupportedValue):
        faults.append(Finding(("<<",), merge.reason))
    nest_reference(mapped.extra)
    warnings = [*mapped.warnings, *(_in_file(mapped, warning) for warning in checked.warnings)]
    resolve(mapped.extra, (), warnings)
    return CheckedRecord(checked.record, faults, warnings)


def _in_file_once(mapped: MappedDocument, findings: list[Finding]) -> Iterator[Finding]:
    """Yield findings with their places in the file; each reason once for a file's name or body."""
    seen: set[str] = set()
    for finding in findings:
        if not mapped.origin(finding.at):
            if finding.reason in seen:
                continue
            seen.add(finding.reason)
        yield _in_file(mapped, finding)


def _in_file(mapped: MappedDocument, finding: Finding) -> Finding:
    """Return a finding with its path in the file, or else with the name of its field."""
    return finding._replace(at=mapped.origin(finding.at) or finding.at)
