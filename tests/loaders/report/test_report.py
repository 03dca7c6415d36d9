from __future__ import annotations

import pytest

from loaders.report import report as module
from loaders.report.report import Fault, Report, printable

FAULT = Fault("a.md", 3, 7, "heat", "expected a whole number, found 'hot'", "heat: hot")
WARNING = Fault("b.md", 9, 3, "topics[0]", "an empty entry, dropped")


def test_the_json_report_has_its_documented_keys() -> None:
    report = Report(
        kinds={"articles": 2, "topics": 1, "providers": 0, "authors": 0},
        added=1,
        updated=1,
        volatile_only=1,
        scheduled=2,
        expired=1,
        rejected=[FAULT],
        revision=4,
        seconds=0.12345,
    )
    assert report.as_json() == {
        "loaded": 3,
        "kinds": {"articles": 2, "topics": 1, "providers": 0, "authors": 0},
        "added": 1,
        "updated": 1,
        "unchanged": 0,
        "volatileOnly": 1,
        "removed": 0,
        "scheduled": 2,
        "expired": 1,
        "rejected": [
            {
                "path": "a.md",
                "line": 3,
                "column": 7,
                "field": "heat",
                "reason": "expected a whole number, found 'hot'",
            }
        ],
        "warnings": [],
        "revision": 4,
        "seconds": 0.123,
    }


@pytest.mark.parametrize(
    ("report", "code", "strict_code"),
    [(Report(), 0, 0), (Report(warnings=[WARNING]), 0, 1), (Report(rejected=[FAULT]), 1, 1)],
)
def test_the_exit_code_follows_rejections_and_strict_warnings(
    report: Report, code: int, strict_code: int
) -> None:
    assert (report.exit_code(), report.exit_code(strict=True)) == (code, strict_code)


def test_a_file_with_several_faults_is_rejected_once() -> None:
    report = Report(rejected=[FAULT, Fault("a.md", None, None, None, "x")])
    assert report.rejected_files == 1


@pytest.mark.parametrize(
    ("fault", "place", "message"),
    [
        (FAULT, "a.md:3:7", "heat: expected a whole number, found 'hot'"),
        (Fault("a.md", 3, None, None, "x"), "a.md:3", "x"),
        (Fault("a.md", None, None, None, "x"), "a.md", "x"),
    ],
)
def test_a_fault_is_printed_as_path_line_column_and_message(
    fault: Fault, place: str, message: str
) -> None:
    assert (fault.place, fault.message) == (place, message)


def test_printable_text_has_no_control_characters() -> None:
    assert printable("é\x1b[31m\n\u202e東\udcff") == "é\ufffd[31m\ufffd\ufffd東\ufffd"


def test_of_very_many_files_the_first_are_listed_and_the_rest_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LISTED", 2)
    report = Report()
    for name in "cbaxyz":
        report.reject([Fault(f"{name}.md", 1, 1, None, "is wrong")])
        report.warn([Fault(f"{name}.md", 1, 1, None, "is odd")])
    report.reject([])
    report.close(1.5)
    rest = Fault("…", None, None, None, "and 4 more")
    assert [fault.path for fault in report.rejected] == ["b.md", "c.md", "…"]
    assert report.rejected[-1] == report.warnings[-1] == rest
    assert (report.rejected_files, report.warning_count, report.seconds) == (6, 6, 1.5)


@pytest.mark.parametrize(
    ("field", "reason", "message"),
    [
        (None, "no front matter", "no front matter"),
        ("heat", "found 'hot'", "heat: found 'hot'"),
        ("provider", "provider is missing", "provider is missing"),
        ("provider", "provider.name is missing", "provider: provider.name is missing"),
        ("related[12].title", "related[].title is empty", "related[12].title is empty"),
    ],
)
def test_a_message_names_its_field_once(field: str | None, reason: str, message: str) -> None:
    assert Fault("a.md", 1, 1, field, reason).message == message
