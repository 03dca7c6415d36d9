from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from loaders.report.excerpt import excerpt
from loaders.report.render import render_github, render_text
from loaders.report.report import Fault, Report

NO_NUMBER = "expected a whole number, found"
EMPTY = "an empty entry, dropped"
CHECKED = [
    "loaded    0  (articles 0  topics 0  providers 0  authors 0)",
    "rejected  0",
    "warnings  0",
    "seconds   0.00",
]


def fault(path: str, line: int, text: str, at: str, field: str | None, reason: str) -> Fault:
    column = text.index(at) + 1
    return Fault(path, line, column, field, reason, excerpt(text, column))


def bare(path: str, reason: str) -> Fault:
    return Fault(path, None, None, None, reason)


def text_of(report: Report, *, width: int = 60, color: bool = False) -> str:
    file = StringIO()
    if color:
        console = Console(file=file, force_terminal=True, color_system="standard", no_color=False)
    else:
        console = Console(file=file, width=width, force_terminal=False)
    render_text(report, console)
    return file.getvalue()


def lines_of(report: Report) -> list[str]:
    return text_of(report).splitlines()


def headings_of(*faults: Fault) -> list[str]:
    return [line for line in lines_of(Report(rejected=list(faults))) if " rejected: " in line]


def test_faults_are_grouped_by_reason_with_what_varies_left_out() -> None:
    hot = fault("b.md", 3, "heat: hot", "hot", "heat", "expected a whole number, found 'hot'")
    odd = fault("a.md", 9, 'heat: "it\'s"', '"', "heat", 'expected a whole number, found "it\'s"')
    bad = fault("b.md", 2, "title: a: b", ": b", None, "mapping values are not allowed here")
    assert lines_of(Report(rejected=[bad, hot, odd])) == [
        "2 documents rejected: heat: expected a whole number, found …",
        "  a.md:9:7: heat",
        '    | heat: "it\'s"',
        "    |       ^",
        "  b.md:3:7: heat",
        "    | heat: hot",
        "    |       ^",
        "",
        "1 document rejected: mapping values are not allowed here",
        "  b.md:2:9",
        "    | title: a: b",
        "    |         ^",
        "",
        "loaded    0  (articles 0  topics 0  providers 0  authors 0)",
        "rejected  2",
        "warnings  0",
        "seconds   0.00",
    ]


@pytest.mark.parametrize(
    ("one", "other", "heading"),
    [
        ("found 'a'", "found 'a'", "found 'a'"),
        ("found 'a'", "found 'it\\'s \"b\"'", "found …"),
        ("'a' is 'b'", "\"it's\" is 'c'", "… is …"),
        ("'a' twice: lines 4 and 6", "'b' twice: lines 1 and 23", "… twice: lines … and …"),
        ("see line 4", "see line 12", "see line …"),
        ("not UTF-8: byte 0xe9", "not UTF-8: byte 0xfc", "not UTF-8: byte …"),
        ("the character U+0007 is not", "the character U+1F600 is not", "the character … is not"),
        ("… and 1,200 more in this file", "… and 3 more in this file", "… and … more in this file"),
        ("has the same slug as b.md: b", "has the same slug as \n.md: a", "has the same slug as …"),
    ],
)
def test_faults_that_differ_only_in_a_value_are_one_group(
    one: str, other: str, heading: str
) -> None:
    assert headings_of(bare("a.md", one), bare("b.md", other)) == [
        f"2 documents rejected: {heading}"
    ]


def test_the_tokens_that_yaml_expects_distinguish_groups() -> None:
    reasons = ["did not find expected ',' or ']'", "did not find expected ',' or '}'"]
    assert headings_of(*(bare("a.md", reason) for reason in reasons)) == [
        f"1 document rejected: {reason}" for reason in reasons
    ]


def test_the_groups_of_most_documents_come_first_and_a_document_counts_once() -> None:
    faults = [bare("a.md", "b")] * 3 + [bare("a.md", "a")] + [bare("b.md", "z"), bare("c.md", "z")]
    assert headings_of(*faults) == [
        "2 documents rejected: z",
        "1 document rejected: a",
        "1 document rejected: b",
    ]


def test_within_a_group_faults_stand_in_the_order_of_their_places() -> None:
    places = [("b", 1, 1), ("a", 10, 1), ("a", 9, 12), ("a", 9, 2), ("a", None, None)]
    faults = [Fault(path, line, column, None, "x") for path, line, column in places]
    assert lines_of(Report(rejected=faults))[1:6] == [
        "  a",
        "  a:9:2",
        "  a:9:12",
        "  a:10:1",
        "  b:1:1",
    ]


def test_of_a_large_group_the_first_are_listed() -> None:
    report = Report(rejected=[bare(f"{number:04}.md", "x") for number in range(1244)])
    assert lines_of(report)[:4] == [
        "1,244 documents rejected: x",
        "  0000.md",
        "  … and 1,243 more",
        "",
    ]


def test_of_a_small_group_all_are_listed() -> None:
    report = Report(rejected=[bare(f"{number:04}.md", "x") for number in range(20)])
    assert lines_of(report)[1:22] == [*(f"  {number:04}.md" for number in range(20)), ""]


def test_rejections_are_grouped_by_field_and_a_large_group_shows_its_first() -> None:
    pairs = [("a.md", "width"), ("b.md", "height"), *((f"c{n:03}.md", "heat") for n in range(214))]
    faults = [fault(path, 3, "x: hot", "hot", field, f"{NO_NUMBER} 'hot'") for path, field in pairs]
    assert lines_of(Report(rejected=faults))[:6] == [
        f"214 documents rejected: heat: {NO_NUMBER} 'hot'",
        "  c000.md:3:4: heat",
        "    | x: hot",
        "    |    ^",
        "  … and 213 more",
        "",
    ]
    assert headings_of(*faults)[1:] == [
        f"1 document rejected: {field}: {NO_NUMBER} 'hot'" for field in ("height", "width")
    ]


def test_a_corrected_line_is_shown_in_the_heading_or_below_each_place() -> None:
    reason = "the value contains `: `; put the value in quotes: "
    faults = [
        fault(f"{text}.md", 2, f"title: {text}: y", ": y", None, f'{reason}title: "{text}: y"')
        for text in "ab"
    ]
    assert lines_of(Report(rejected=faults))[:5] == [
        f"2 documents rejected: {reason}…",
        "  a.md:2:9",
        "    | title: a: y",
        "    |         ^",
        '    + title: "a: y"',
    ]
    assert lines_of(Report(rejected=faults[:1]))[:4] == [
        f'1 document rejected: {reason}title: "a: y"',
        "  a.md:2:9",
        "    | title: a: y",
        "    |         ^",
    ]


def test_without_a_text_to_show_the_whole_reason_is_shown() -> None:
    faults = [bare("a.md", "found 'x'"), Fault("b.md", 1, 1, None, "found 'y'", " ")]
    assert lines_of(Report(rejected=faults))[:5] == [
        "2 documents rejected: found …",
        "  a.md",
        "    | found 'x'",
        "  b.md:1:1",
        "    | found 'y'",
    ]


def test_a_text_without_a_column_has_no_caret() -> None:
    report = Report(rejected=[Fault("a.md", 1, None, None, "x", "text")])
    assert lines_of(report)[1:4] == ["  a.md:1", "    | text", ""]


def test_warnings_are_grouped_too() -> None:
    empty = fault("b.md", 9, "topics: [AI, ]", " ]", "topics[1]", EMPTY)
    assert lines_of(Report(warnings=[empty]))[:5] == [
        "warning in 1 document: an empty entry, dropped",
        "  b.md:9:13: topics[1]",
        "    | topics: [AI, ]",
        "    |             ^",
        "",
    ]


def test_warnings_take_20_lines_at_most_and_each_kind_is_seen() -> None:
    warnings = [bare(f"{number:02}.md", kind) for kind in "abc" for number in range(30)]
    lines = lines_of(Report(warnings=warnings))[: -len(CHECKED)]
    assert lines == [
        line
        for kind in "abc"
        for line in (
            f"warning in 30 documents: {kind}",
            "  00.md",
            "  01.md",
            "  02.md",
            "  … and 27 more",
            "",
        )
    ]


def test_of_many_kinds_of_warnings_counts_and_first_places_are_listed() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    lines = lines_of(Report(warnings=[bare("a.md", letter) for letter in letters[:18]]))
    assert lines[: -len(CHECKED)] == [
        *(f"warning in 1 document: {letter}, first a.md" for letter in letters[:18]),
        "",
    ]
    many = lines_of(Report(warnings=[bare("a.md", letter) for letter in letters]))
    assert many[: -len(CHECKED)] == [*lines[:18], "  … and 8 more", ""]


def test_a_check_shows_what_it_counted() -> None:
    assert lines_of(Report()) == CHECKED


def test_a_load_shows_what_it_did() -> None:
    report = Report(
        kinds={"articles": 12_000, "topics": 2, "providers": 1, "authors": 0},
        added=4,
        updated=1_500,
        unchanged=10_499,
        volatile_only=6,
        removed=1,
        scheduled=3,
        expired=2,
        revision=1_001,
        seconds=2.5,
    )
    assert lines_of(report) == [
        "loaded         12,003  (articles 12,000  topics 2  providers 1  authors 0)",
        "added          4",
        "updated        1,500",
        "unchanged      10,499",
        "volatile only  6",
        "removed        1",
        "scheduled      3",
        "expired        2",
        "rejected       0",
        "warnings       0",
        "changes        1,505",
        "revision       1,001",
        "seconds        2.50  (4,801 documents per second)",
    ]


@pytest.mark.parametrize("report", [Report(revision=1), Report(removed=1), Report(volatile_only=1)])
def test_every_count_of_a_load_or_dry_run_is_shown(report: Report) -> None:
    assert "unchanged      0" in lines_of(report)


def test_places_are_not_wrapped() -> None:
    path = f"{'news/' * 40}a.md"
    text = text_of(Report(rejected=[Fault(path, 3, 7, "heat", "x " * 60)]), width=30)
    assert f"  {path}:3:7: heat\n" in text


def test_escape_sequences_in_names_and_texts_are_not_printed() -> None:
    report = Report(rejected=[Fault("a\x1b[31m\n.md", 1, 1, "[b]", "[red]\x07", "[bold]\x1b")])
    assert lines_of(report)[:4] == [
        "1 document rejected: [b]: [red]\ufffd",
        "  a\ufffd[31m\ufffd.md:1:1: [b]",
        "    | [bold]\ufffd",
        "    | ^",
    ]


def test_a_terminal_has_colours() -> None:
    text = text_of(Report(rejected=[Fault("a.md", 3, 7, "heat", "x")]), color=True)
    assert text.splitlines()[:2] == [
        "\x1b[31m1 document rejected: \x1b[0m\x1b[1mheat: x\x1b[0m",
        "  \x1b[2ma.md:3:7\x1b[0m\x1b[2m: \x1b[0m\x1b[36mheat\x1b[0m",
    ]
    assert "\x1b[1;31mrejected  \x1b[0m\x1b[1;31m1\x1b[0m\n" in text


def test_github_gets_a_command_for_each_fault_and_a_summary() -> None:
    report = Report(
        kinds={"articles": 8, "topics": 1, "providers": 0, "authors": 0},
        rejected=[
            Fault("a.md", 3, 7, "heat", "found 'hot'", "heat: hot"),
            Fault("a.md", 4, None, "title", "title is missing"),
            bare("b.md", "cannot be read"),
            bare("c.md", "cannot be read"),
        ],
        warnings=[Fault("d.md", 9, 3, "topics[0]", "an empty entry, dropped")],
    )
    assert render_github(report).splitlines() == [
        "::error file=a.md,line=3,col=7,title=newsgraph::heat: found 'hot'",
        "::error file=a.md,line=4,title=newsgraph::title is missing",
        "::error file=b.md,title=newsgraph::cannot be read",
        "::error file=c.md,title=newsgraph::cannot be read",
        "::warning file=d.md,line=9,col=3,title=newsgraph::topics[0]: an empty entry, dropped",
        "newsgraph: 12 documents, 3 rejected, 1 warning",
    ]


def test_github_gets_every_fault() -> None:
    report = Report(
        kinds={"articles": 1, "topics": 0, "providers": 0, "authors": 0}, warnings=[bare("a", "x")]
    )
    report.warnings *= 1_200
    *commands, summary = render_github(report).splitlines()
    assert commands == ["::warning file=a,title=newsgraph::x"] * 1_200
    assert summary == "newsgraph: 1 document, 0 rejected, 1,200 warnings"


def test_special_characters_of_github_commands_are_escaped() -> None:
    report = Report(rejected=[bare("50%,a:b\r\n\x1b.md", "50%, a: b\r\n::error::\x1b")])
    assert render_github(report).splitlines()[0] == (
        "::error file=50%25%2Ca%3Ab%0D%0A\ufffd.md,title=newsgraph"
        "::50%25, a: b%0D%0A::error::\ufffd"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("news/a.md", "news/a.md"),
        ("./news/../a.md", "a.md"),
        ("{here}/news/a.md", "news/a.md"),
        ("{here}/..a.md", "..a.md"),
        ("{here}/../a.md", "{here}/../a.md"),
        ("../a.md", "../a.md"),
        ("/elsewhere/a.md", "/elsewhere/a.md"),
    ],
)
def test_paths_below_the_current_folder_are_relative_to_it(
    path: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = str(Path.cwd())
    command, _ = render_github(Report(rejected=[bare(path.format(here=here), "x")])).splitlines()
    assert command == f"::error file={expected.format(here=here)},title=newsgraph::x"


def test_the_documentation_shows_a_report_as_it_is() -> None:
    document = (Path(__file__).parents[3] / "docs" / "loading.md").read_text()
    hot = fault("_news/ferry.md", 3, "heat: hot", "hot", "heat", f"{NO_NUMBER} 'hot'")
    high = fault("_news/gull.md", 12, "heat: high", "high", "heat", f"{NO_NUMBER} 'high'")
    report = Report(
        kinds={"articles": 3_100, "topics": 12, "providers": 8, "authors": 4},
        rejected=[hot, high],
        warnings=[fault("_news/storm.md", 7, "topics: [AI, ]", " ]", "topics[1]", EMPTY)],
        seconds=0.71,
    )
    assert f"```text\n{text_of(report)}```\n" in document


def test_missing_keys_are_grouped_by_key() -> None:
    report = Report(
        rejected=[
            *(Fault(f"{n}.md", 2, 1, "provider", "provider is missing") for n in range(3)),
            Fault("a.md", 2, 1, "title", "title is missing"),
            *(Fault("b.md", 2, 1, f"images[{n}].url", "images[].url is missing") for n in range(2)),
        ]
    )
    titles = [line for line in text_of(report).splitlines() if "rejected: " in line]
    assert titles == [
        "3 documents rejected: provider is missing",
        "1 document rejected: images[].url is missing",
        "1 document rejected: title is missing",
    ]
