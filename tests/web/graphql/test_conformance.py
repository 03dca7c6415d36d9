"""The table in docs/http.md of the requirements of the GraphQL over HTTP specification."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from graphql import specified_rules

from graph.schema.execution.prepared_operations import VALIDATION_RULES

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "http.md").read_text()
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.partition("## Conformance\n")[2].splitlines()
    if re.match(r"\| (?!Section )", line)
]
TESTS: Final = sorted({row[-1].strip("`") for row in ROWS})


def test_each_requirement_has_a_level_and_a_test() -> None:
    assert len(ROWS) > 30
    for section, requirement, level, test in ROWS:
        assert section
        assert requirement.endswith(".")
        assert set(level.split(", ")) <= {"MUST", "SHOULD"}
        assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", test)


def test_all_validation_rules_of_graphql_are_applied() -> None:
    applied = VALIDATION_RULES
    missing = [rule for rule in specified_rules if not any(issubclass(a, rule) for a in applied)]
    assert missing == []


@pytest.mark.parametrize("test", TESTS)
def test_each_test_of_the_table_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
