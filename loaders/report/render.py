"""Render a report as text for people, or as annotations for GitHub."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rich.console import Console
from rich.text import Text

from loaders.report.excerpt import caret
from loaders.report.report import Fault, Report, printable

FEW: Final = 20
"""The largest group of faults that is listed completely; of a larger one, only the first is."""

WARNINGS_SHOWN: Final = 10
"""The maximum for each group."""

WARNING_LINES: Final = 20
"""The maximum for all groups together."""

_ADVICE: Final = "put the value in quotes: "

# The parts in which faults of one kind differ. A character such as ',' is from libyaml's message.
_VARYING = re.compile(
    r"""
      (?P<mark> '[-,:>\]}]' )
    | (?<!\w) '(?: [^'\\] | \\. )*'
    | (?<!\w) "(?: [^"\\] | \\. )*"
    | (?<= \bline[ ] ) \d+
    | (?<= \blines[ ] ) \d+
    | (?<= \d[ ]and[ ] ) \d+
    | (?<= …[ ]and[ ] ) [\d,]+
    | (?<= \bbyte[ ] ) 0x[0-9a-f]+
    | (?<= \bcharacter[ ] ) U\+[0-9A-F]+
    | (?<= \bput[ ]the[ ]value[ ]in[ ]quotes:[ ] ) .*
    | (?<= \bthe[ ]same[ ]slug[ ]as[ ] ) .*
    """,
    re.VERBOSE | re.DOTALL,
)


class _Group(NamedTuple):
    """Faults of one kind, by their places. `field` is None if the group is not limited to one
    field.
    """

    field: str | None
    reason: str
    faults: list[Fault]

    @property
    def heading(self) -> str:
        if self.field is None or self.reason.startswith(f"{self.field} "):
            return self.reason
        return f"{self.field}: {self.reason}"

    @property
    def documents(self) -> int:
        return len({fault.path for fault in self.faults})


def render_text(report: Report, console: Console) -> None:
    """Write the report for people: rejections with their reasons, then warnings, then counts."""
    lines = [
        *_rejections(_grouped(report.rejected, by_field=True)),
        *_few_warnings(_grouped(report.warnings, by_field=False)),
        *_summary(report),
    ]
    _print(lines, console)


def render_counts(report: Report, console: Console) -> None:
    """Write only the counts of the report."""
    _print(_summary(report), console)


def _print(lines: Iterable[Text], console: Console) -> None:
    for line in lines:
        # Places are not wrapped, since editors open them.
        console.print(line, soft_wrap=True)


def render_github(report: Report) -> str:
    """Return the report as workflow commands of GitHub Actions, with a last line of counts.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    lines = [_command("error", fault) for fault in report.rejected]
    lines += [_command("warning", fault) for fault in report.warnings]
    documents = _counted(report.loaded + report.rejected_files, "document")
    warnings = _counted(len(report.warnings), "warning")
    lines.append(f"newsgraph: {documents}, {report.rejected_files:,} rejected, {warnings}")
    return "".join(f"{line}\n" for line in lines)


def _grouped(faults: Iterable[Fault], *, by_field: bool) -> list[_Group]:
    """Return the groups, those with the most documents first."""
    kinds: dict[tuple[str | None, str], list[Fault]] = {}
    for fault in faults:
        field = fault.general_field if by_field else None
        kinds.setdefault((field, _kind(fault.reason)), []).append(fault)
    groups = [_group(field, kind, members) for (field, kind), members in kinds.items()]
    return sorted(groups, key=lambda group: (-group.documents, group.heading))


def _kind(reason: str) -> str:
    return _VARYING.sub(lambda match: match["mark"] or "…", reason)


def _group(field: str | None, kind: str, faults: list[Fault]) -> _Group:
    reasons = {fault.reason for fault in faults}
    reason = kind if len(reasons) > 1 else reasons.pop()
    return _Group(field, reason, sorted(faults, key=_by_place))


def _by_place(fault: Fault) -> tuple[str, int, int]:
    return fault.path, fault.line or 0, fault.column or 0


def _rejections(groups: list[_Group]) -> Iterator[Text]:
    for group in groups:
        title = _title(f"{_counted(group.documents, 'document')} rejected: ", group, "red")
        number = FEW if len(group.faults) <= FEW else 1
        yield from _lines(title, group, number, "bold red")


def _few_warnings(groups: list[_Group]) -> list[Text]:
    """Shorten the groups equally to WARNING_LINES, so that each is represented."""
    for number in range(WARNINGS_SHOWN, 0, -1):
        lines = _warnings(groups, number)
        if len(lines) <= WARNING_LINES:
            return lines
    titles = [
        _warning_title(group).append(f", first {printable(group.faults[0].place)}", "dim")
        for group in groups
    ]
    shown_titles = titles[: WARNING_LINES - 2]
    more = [_more(len(titles) - len(shown_titles))] if len(titles) > len(shown_titles) else []
    return [*shown_titles, *more, Text()]


def _warnings(groups: list[_Group], number: int) -> list[Text]:
    return [
        line
        for group in groups
        for line in _lines(_warning_title(group), group, number, "bold yellow")
    ]


def _warning_title(group: _Group) -> Text:
    return _title(f"warning in {_counted(group.documents, 'document')}: ", group, "yellow")


def _title(count: str, group: _Group, style: str) -> Text:
    return Text.assemble((count, style), (printable(group.heading), "bold"))


def _lines(title: Text, group: _Group, number: int, style: str) -> Iterator[Text]:
    """Yield the lines of a group, and an empty line."""
    yield title
    for fault in group.faults[:number]:
        yield _place(fault)
        yield from _detail(fault, group.reason, style)
    if len(group.faults) > number:
        yield _more(len(group.faults) - number)
    yield Text()


def _place(fault: Fault) -> Text:
    place = Text.assemble("  ", (printable(fault.place), "dim"))
    if fault.field:
        place.append(": ", "dim").append(printable(fault.field), "cyan")
    return place


def _detail(fault: Fault, shared: str, style: str) -> Iterator[Text]:
    """Yield the excerpt and the suggested correction, or the reason if the heading does not
    contain it.

    `shared` is the reason in the heading. The mark in front keeps CI systems from interpreting a
    line of a document as a command.
    """
    bar = ("    | ", "dim")
    if fault.text and fault.text.strip():
        yield Text.assemble(bar, printable(fault.text))
        if fault.column:
            yield Text.assemble(bar, " " * caret(fault.text, fault.column), ("^", style))
        _, advised, repaired = fault.reason.partition(_ADVICE)
        if advised and fault.reason != shared:
            yield Text.assemble(("    + ", "dim"), printable(repaired))
    elif fault.reason != shared:
        yield Text.assemble(bar, printable(fault.reason))


def _more(count: int) -> Text:
    return Text(f"  … and {count:,} more", "dim")


def _summary(report: Report) -> list[Text]:
    rows = list(_rows(report))
    width = max(len(name) for name, _, _ in rows)
    return [
        Text.assemble((f"{name:<{width}}  ", style or "dim"), (value, style))
        for name, value, style in rows
    ]


def _rows(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield names, values and styles."""
    kinds = "  ".join(f"{name} {count:,}" for name, count in report.kinds.items())
    yield report.verb, f"{report.loaded:,}  ({kinds})", ""
    yield from _write_counts(report)
    yield from _windows(report)
    rejected, warnings = report.rejected_files, report.warning_count
    yield "rejected", f"{rejected:,}", "bold red" if rejected else ""
    yield "warnings", f"{warnings:,}", "yellow" if warnings else ""
    if report.revision is not None:
        yield "changes", f"{report.added + report.updated + report.removed:,}", ""
        yield "revision", f"{report.revision:,}", ""
    yield "seconds", _time(report), ""


def _write_counts(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the counts of what a load did; a check has none."""
    counts = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "volatile only": report.volatile_only,
        "removed": report.removed,
    }
    if report.revision is not None or any(counts.values()):
        yield from ((name, f"{count:,}", "") for name, count in counts.items())


def _windows(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the counts of articles outside of their publication window, if any."""
    if report.scheduled:
        yield "scheduled", f"{report.scheduled:,}", ""
    if report.expired:
        yield "expired", f"{report.expired:,}", ""


def _time(report: Report) -> str:
    seconds = f"{report.seconds:,.2f}"
    if report.seconds > 0 and report.loaded > 0:
        return f"{seconds}  ({report.loaded / report.seconds:,.0f} documents per second)"
    return seconds


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _command(name: str, fault: Fault) -> str:
    properties = {
        "file": _relative_to_checkout(fault.path),
        "line": fault.line,
        "col": fault.column,
        "title": "newsgraph",
    }
    options = ",".join(
        f"{key}={_property(str(value))}" for key, value in properties.items() if value
    )
    return f"::{name} {options}::{_data(fault.message)}"


def _relative_to_checkout(path: str) -> str:
    """Return a path relative to the checkout, as annotations need it; one outside of it is
    unchanged.
    """
    relative = os.path.relpath(path)
    return path if relative.startswith(f"{os.pardir}{os.sep}") else relative


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)
