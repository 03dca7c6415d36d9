"""`newsgraph schema --check`: whether the schema still serves clients of an earlier one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from graph.cli import app
from graph.schema import print_schema

SCHEMA: Final = re.sub('""".*?"""', "", print_schema(), flags=re.DOTALL)
"""The schema without its descriptions."""

Check = Callable[[str | bytes], Result]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check the schema against an earlier one with this text."""

    def run(text: str | bytes) -> Result:
        path = tmp_path / "old.graphql"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return CliRunner().invoke(app, ["schema", "--check", str(path)])

    return run


def test_the_schema_is_compatible_with_itself(check: Check) -> None:
    found = check(print_schema())
    assert (found.exit_code, found.stdout) == (0, "no breaking changes\nno dangerous changes\n")


def test_removals_that_clients_may_use_are_breaking(check: Check) -> None:
    old = SCHEMA.replace(
        "type Corpus {", "type Corpus {\n  size: Int!\n  lastYear(month: Int): Int\n"
    )
    found = check(old)
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "2 breaking changes",
        "  FIELD_REMOVED: Field Corpus.lastYear was removed.",
        "  FIELD_REMOVED: Field Corpus.size was removed.",
        "no dangerous changes",
    ]


def test_additions_are_not_breaking(check: Check) -> None:
    old = SCHEMA.replace("  revision: Int!\n", "", 1)
    assert old != SCHEMA
    found = check(old)
    assert (found.exit_code, found.stdout) == (0, "no breaking changes\nno dangerous changes\n")


def test_a_dangerous_change_is_listed_apart_and_is_no_failure(check: Check) -> None:
    old = SCHEMA.replace("  UNPUBLISHED\n", "", 1)
    assert old != SCHEMA
    found = check(old)
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "no breaking changes",
        "1 dangerous change",
        "  VALUE_ADDED_TO_ENUM: Enum value ChangeKind.UNPUBLISHED was added.",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("type Query {\n  a: \n}", "old.graphql:3: not a schema: Syntax Error"),
        ("type Query { a: Nothing }", "old.graphql: not a schema: Unknown type 'Nothing'"),
        ("", "old.graphql:1: not a schema: Syntax Error"),
        ("{ corpus { revision } }", "not a schema: it has no type `Query`"),
        ("type Query { a(b: Int = " + "[" * 5000 + "]" * 5000 + "): Int }", "nested too deep"),
        (b"\xff", "old.graphql: not UTF-8"),
    ],
)
def test_a_file_without_a_schema_exits_with_2(check: Check, text: str | bytes, reason: str) -> None:
    found = check(text)
    assert found.exit_code == 2
    assert reason in found.stderr
    assert found.stdout == ""


def test_a_file_that_cannot_be_read_exits_with_2(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["schema", "--check", str(tmp_path / "none.graphql")])
    assert found.exit_code == 2
    assert "none.graphql" in found.stderr
