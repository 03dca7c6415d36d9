"""Faults and warnings of a file: their places, and files that are no documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.records.convert import ConvertedFile, convert
from loaders.records.file_faults import field_path
from loaders.report.excerpt import excerpt
from loaders.report.report import Fault
from tests.loaders.builders import article, packed, source_file_of, write
from tests.loaders.records.converting import VOLATILE, converted


def test_faults_have_a_line_a_column_and_an_excerpt(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", "---\ntitle: T\r\nprovider:\n  name: N\nheat: hot\n---\n")
    outcome = converted(path, tmp_path)
    assert outcome.document is None
    assert outcome.faults == [
        Fault(
            str(path),
            3,
            1,
            "provider.domain",
            "provider.domain is missing",
            excerpt("provider:", 1),
        ),
        Fault(
            str(path), 5, 7, "heat", "expected a whole number, found 'hot'", excerpt("heat: hot", 7)
        ),
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "reason", "has_excerpt"),
    [
        (b"--- no\n---\n", 1, 1, "no front matter: the first line is not `---`", True),
        (
            b"---\na: b: c\n---\n",
            2,
            5,
            'the value contains `: `; put the value in quotes: a: "b: c"',
            True,
        ),
        (b"---\na: \xff\n---\n", 2, 4, "not UTF-8: byte 0xff; save the file as UTF-8", False),
    ],
)
def test_a_file_that_cannot_be_parsed_is_a_fault_with_its_place(
    tmp_path: Path, content: bytes, line: int, column: int, reason: str, has_excerpt: bool
) -> None:
    path = write(tmp_path / "a.md", content)
    text = excerpt(content.decode().split("\n")[line - 1], column) if has_excerpt else None
    assert converted(path, tmp_path).faults == [Fault(str(path), line, column, None, reason, text)]


NO_FRONT = "no front matter: the first line is not `---`"


def test_a_file_without_front_matter_is_warned_of_unless_it_was_named(tmp_path: Path) -> None:
    path = write(tmp_path / "README.md", "# About\n")
    fault = Fault(str(path), 1, 1, None, NO_FRONT, "# About")
    source_file = source_file_of(path, tmp_path)
    assert convert(source_file, VOLATILE) == ConvertedFile("articles", None, [], [fault])
    named = source_file._replace(is_named=True)
    assert convert(named, VOLATILE) == ConvertedFile("articles", None, [fault], [])


@pytest.mark.parametrize("line", ["{% include head.html %}", "{{< toc >}}", "{::comment}"])
def test_a_template_s_braces_are_no_json(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "README.md", f"\n{line}\n\n# About\n")
    outcome = converted(path, tmp_path)
    assert (outcome.faults, [fault.message for fault in outcome.warnings]) == ([], [NO_FRONT])


@pytest.mark.parametrize("text", ["----\n\nText.\n", "--- A title ---\n\nText.\n", "---x\n"])
def test_a_rule_of_markdown_at_the_top_is_no_front_matter(tmp_path: Path, text: str) -> None:
    outcome = converted(write(tmp_path / "a.md", text), tmp_path)
    assert (outcome.faults, [fault.message for fault in outcome.warnings]) == ([], [NO_FRONT])


@pytest.mark.parametrize("fence", ["----", "--- title ---", "---a", "++++"])
@pytest.mark.parametrize("line", ["title: A", "'title': A", "title = 'A'"])
def test_a_fence_that_is_mistyped_is_a_fault(tmp_path: Path, fence: str, line: str) -> None:
    outcome = converted(write(tmp_path / "a.md", f"{fence}\n{line}\n---\n"), tmp_path)
    assert [fault.message for fault in outcome.faults] == [NO_FRONT]


NO_DOCUMENT = "is not a document: YAML without `provider` or `taxonomy`"


@pytest.mark.parametrize("name", ["_config.yml", "_data/people.yaml", "a.yml.gz"])
@pytest.mark.parametrize(
    "text", ["title: My site\n", "- a\n", "a: b: c\n", "", "a: 1\n---\nb: 2\n"]
)
def test_a_yaml_file_for_something_else_is_warned_of_unless_it_was_named(
    tmp_path: Path, name: str, text: str
) -> None:
    path = write(tmp_path / name, packed(text) if name.endswith(".gz") else text)
    source_file = source_file_of(path, tmp_path)
    fault = Fault(str(path), None, None, None, NO_DOCUMENT)
    assert convert(source_file, VOLATILE) == ConvertedFile("articles", None, [], [fault])
    named = convert(source_file._replace(is_named=True), VOLATILE)
    assert (named.document, named.warnings) == (None, [])
    assert named.faults != []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "title: A\nprovider: {name: N}\n"),
        ("a.yml", "title: b: c\n'provider': {name: N}\n"),
        ("a.yml", "taxonomy: organization\n"),
        ("_data/organizations/a.yml", "title: A\n"),
    ],
)
def test_a_yaml_file_that_is_meant_as_a_document_is_rejected(
    tmp_path: Path, name: str, text: str
) -> None:
    assert converted(write(tmp_path / name, text), tmp_path).faults != []


CONFLICT = "an unresolved merge conflict: resolve it, and remove git's markers"
CHOICE = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> branch\n"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.md", article(CHOICE.format("heat: 1", "heat: 2").rstrip()), 9),
        ("a.md", article(CHOICE.format("heat: 1", "heat: 2").rstrip()).replace("\n", "\r\n"), 9),
        ("a.md", f"\n{article(CHOICE.format('heat: 1', 'heat: 2').rstrip())}", 10),
        ("a.md", article("heat: 1\n=======\nheat: 2"), 10),
        ("a.md", article("heat: 1\n||||||| base\nheat: 2"), 10),
        ("a.md", CHOICE.format(article("heat: 1"), article("heat: 2")), 1),
        ("a.md", article("heat: 1").replace("---\n", CHOICE.format("---", "---"), 1), 1),
        ("a.yml", f"name: A\n{CHOICE.format('parent: B', 'parent: C')}", 2),
        ("a.md", '{"title": "T",\n' + CHOICE.format('"heat": 1', '"heat": 2') + "}\n", 2),
        ("a.md", "+++\n" + CHOICE.format("heat = 1", "heat = 2") + "+++\n", 2),
    ],
)
def test_a_merge_conflict_in_front_matter_is_named_as_such(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    path = write(tmp_path / name, text)
    [fault] = converted(path, tmp_path).faults
    line_excerpt = excerpt(text.split("\n")[line - 1], 1)
    assert fault == Fault(str(path), line, 1, None, CONFLICT, line_excerpt)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (article(body=f"Text.\n{CHOICE.format('one', 'two')}"), 11),
        (article(body="Text.\n=======\ntwo\n>>>>>>> branch\n"), 13),
        (article('excerpt: "one\n<<<<<<< HEAD\ntwo"'), 10),
    ],
)
def test_a_merge_conflict_in_a_document_is_warned_of(tmp_path: Path, text: str, line: int) -> None:
    outcome = converted(write(tmp_path / "a.md", text), tmp_path)
    assert (outcome.document is not None, outcome.faults) == (True, [])
    assert [(fault.line, fault.message) for fault in outcome.warnings] == [(line, CONFLICT)]


@pytest.mark.parametrize(
    "body",
    ["Heading\n=======\n", "> > >>>>>>> x\n", "<<<<<<<\n", " <<<<<<< HEAD\n", "a <<<<<<< b\n"],
)
def test_text_that_only_looks_like_a_conflict_is_accepted(tmp_path: Path, body: str) -> None:
    assert converted(write(tmp_path / "a.md", article(body=body)), tmp_path).warnings == []


def test_a_fault_above_a_conflict_in_the_body_stays_what_it_is(tmp_path: Path) -> None:
    text = article("a: b: c", body=CHOICE.format("one", "two"))
    [fault] = converted(write(tmp_path / "a.md", text), tmp_path).faults
    assert (fault.line, fault.reason) == (
        9,
        'the value contains `: `; put the value in quotes: a: "b: c"',
    )


def test_a_file_that_no_longer_exists_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    reason = "cannot be read: No such file or directory"
    assert converted(path, tmp_path).faults == [Fault(str(path), None, None, None, reason)]


def test_the_faults_of_a_file_are_cut_after_100(tmp_path: Path) -> None:
    text = article(f"images: [{'x,' * 150}]")
    faults = converted(write(tmp_path / "a.md", text), tmp_path).faults
    assert len(faults) == 101
    assert faults[-1].reason == "… and 50 more in this file"


def test_faults_in_a_compressed_file_have_places_in_its_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md.gz", packed(article("heat: hot")))
    [fault] = converted(path, tmp_path).faults
    assert (fault.place, fault.text) == (f"{path}:9:7", excerpt("heat: hot", 7))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("related", 2, "provider", "name"), "related[2].provider.name"),
        (("a.b", ""), "['a.b']['']"),
    ],
)
def test_a_field_path_is_written_with_dots_and_indexes(
    path: tuple[str | int, ...], text: str
) -> None:
    assert field_path(path) == text


# Keys with a fixed meaning, which accept only some values.
