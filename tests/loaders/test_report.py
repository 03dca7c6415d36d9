from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from loaders.report import Fault, Report

FAULT = Fault("a.md", 3, 7, "heat", "expected a whole number, found 'hot'")
WARNING = Fault("b.md", 9, 3, "topics[0]", "an empty entry, dropped")


def text_of(report: Report) -> list[str]:
    console = Console(file=StringIO(), width=60)
    report.print_to(console)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_keys_that_scripts_rely_on() -> None:
    report = Report(
        kinds={"articles": 2, "topics": 1, "providers": 0},
        added=1,
        updated=1,
        volatile_only=1,
        rejected=[FAULT],
        revision=4,
        seconds=0.12345,
    )
    assert report.as_json() == {
        "loaded": 3,
        "kinds": {"articles": 2, "topics": 1, "providers": 0},
        "added": 1,
        "updated": 1,
        "unchanged": 0,
        "volatileOnly": 1,
        "removed": 0,
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
def test_exit_codes(report: Report, code: int, strict_code: int) -> None:
    assert (report.exit_code(), report.exit_code(strict=True)) == (code, strict_code)


def test_the_text_groups_faults_by_file() -> None:
    report = Report(
        kinds={"articles": 1, "topics": 0, "providers": 0},
        rejected=[FAULT, Fault("a.md", None, None, None, "x")],
        warnings=[WARNING],
    )
    assert text_of(report) == [
        "rejected: a.md",
        "  a.md:3:7: heat: expected a whole number, found 'hot'",
        "  a.md: x",
        "warnings: 1",
        "  b.md:9:3: topics[0]: an empty entry, dropped",
        " loaded    1  (articles 1  topics 0  providers 0)",
        " rejected  1",
        " warnings  1",
        " seconds   0.00",
    ]


def test_a_load_shows_what_it_did() -> None:
    lines = text_of(Report(added=1, revision=3))
    assert [line.split()[0] for line in lines] == [
        "loaded",
        "added",
        "updated",
        "unchanged",
        "volatile",
        "removed",
        "rejected",
        "warnings",
        "changes",
        "revision",
        "seconds",
    ]


def test_of_many_warnings_the_first_are_listed() -> None:
    lines = text_of(Report(warnings=[WARNING] * 23))
    assert lines.count("  b.md:9:3: topics[0]: an empty entry, dropped") == 20
    assert "  … and 3 more" in lines


def test_names_cannot_steer_the_terminal() -> None:
    report = Report(rejected=[Fault("a\x1b[31m\n.md", None, None, None, "[bold]x")])
    assert text_of(report)[:2] == [
        "rejected: a\ufffd[31m\ufffd.md",
        "  a\ufffd[31m\ufffd.md: [bold]x",
    ]
