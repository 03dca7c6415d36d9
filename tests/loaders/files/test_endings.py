"""The hints after a load that finds no document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loaders.cli import app
from loaders.files.endings import warn_of_no_documents
from loaders.load.options import LoadOptions
from loaders.report.report import Fault, Report
from tests.loaders.builders import write

pytestmark = pytest.mark.usefixtures("inline")

KNOWN = ".htm, .html, .markdown, .md, .mdx, .qmd, .txt, .yaml, .yml"


def warnings_of(*paths: Path, report: Report | None = None, **options: Any) -> dict[str, str]:
    report = Report() if report is None else report
    warn_of_no_documents(LoadOptions.of(paths, **options), report)
    return {fault.path: fault.reason for fault in report.warnings}


@pytest.mark.parametrize(
    ("names", "seen"),
    [
        ([], "there are no files"),
        ([".git/a.md", ".b.md"], "there are no files"),
        (
            ["a.CSS", "sub/b.css", "c.rst", "Makefile"],
            f"the files have .css (2), no ending (1), .rst (1); documents have {KNOWN}",
        ),
        (
            [f"a.{letter}" for letter in "abcdefg"],
            "the files have .a (1), .b (1), .c (1), .d (1), .e (1) and 2 more; "
            f"documents have {KNOWN}",
        ),
        (["README.md", "a.css"], "the files have .css (1), .md (1)"),
    ],
)
def test_a_folder_without_documents_is_named_with_the_endings_of_its_files(
    tmp_path: Path, names: list[str], seen: str
) -> None:
    for name in names:
        write(tmp_path / name)
    assert warnings_of(tmp_path) == {str(tmp_path): f"no documents found: {seen}"}


def test_globs_that_match_no_file_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md")
    reason = "no documents found that --include and --exclude let through: the files have .md (1)"
    assert warnings_of(tmp_path, exclude=["*.md"]) == {str(tmp_path): reason}
    assert warnings_of(path, exclude=["*.md"]) == {str(path): reason}


def test_every_path_without_documents_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    assert list(warnings_of(Path("a"), tmp_path)) == ["a", str(tmp_path)]
    assert list(warnings_of(Path())) == ["."]


def test_with_a_document_or_a_fault_there_is_no_hint(tmp_path: Path) -> None:
    loaded = Report(kinds={"articles": 0, "topics": 1, "providers": 0, "authors": 0})
    assert warnings_of(tmp_path, report=loaded) == {}
    assert warnings_of(tmp_path, report=Report(rejected=[Fault("a", None, None, None, "x")])) == {}


@pytest.mark.parametrize("command", ["load", "check"])
def test_a_command_that_finds_nothing_says_so_and_succeeds(command: str, tmp_path: Path) -> None:
    write(tmp_path / "README.md", "# About\n")
    env = {"NEWSGRAPH_MONGO_URL": "mongomock://", "NEWSGRAPH_REPORT": "json"}
    done = CliRunner().invoke(app, [command, str(tmp_path)], env=env)
    reasons = {fault["path"]: fault["reason"] for fault in json.loads(done.stdout)["warnings"]}
    assert (done.exit_code, reasons) == (
        0,
        {
            str(tmp_path): "no documents found: the files have .md (1)",
            str(tmp_path / "README.md"): "no front matter: the first line is not `---`",
        },
    )
    done = CliRunner().invoke(app, [command, str(tmp_path), "--strict"], env=env)
    assert done.exit_code == 1


def test_a_site_whose_mapping_ignores_all_files_says_so_too(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "---\ntitle: A\n---\n")
    write(tmp_path / "newsgraph.toml", '[[map]]\nfiles = "*.md"\nkind = "ignore"\n')
    done = CliRunner().invoke(app, ["check", str(tmp_path), "--report", "json"])
    assert [fault["reason"] for fault in json.loads(done.stdout)["warnings"]] == [
        "no documents found: the files have .md (1), .toml (1)"
    ]


@pytest.mark.parametrize("command", ["load", "check"])
def test_a_readme_that_is_named_is_rejected(command: str, tmp_path: Path) -> None:
    path = write(tmp_path / "README.md", "# About\n")
    done = CliRunner().invoke(
        app, [command, str(path)], env={"NEWSGRAPH_MONGO_URL": "mongomock://"}
    )
    assert done.exit_code == 1
    assert "1 document rejected: no front matter" in done.stdout
