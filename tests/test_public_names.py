"""The names that other code may rely on: changed on purpose or not at all."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.parametrize(
    ("package", "names"),
    [
        (
            "graph.compiler",
            [
                "Attribute",
                "CannotCompile",
                "CompiledOperation",
                "Cost",
                "FieldSource",
                "Limits",
                "Lookup",
                "Measures",
                "Memo",
                "Method",
                "Operation",
                "Paths",
                "Reference",
                "Requirements",
                "Schema",
                "Stored",
                "Stub",
                "UnexpectedValue",
                "Variables",
                "collect_fields",
                "conditions_of",
                "count_tokens",
                "measure",
                "needed_paths",
                "variable_values",
                "without_redundant",
            ],
        ),
        ("graph.schema", ["Context", "print_schema", "schema"]),
    ],
)
def test_a_package_exports_exactly_the_listed_names(package: str, names: list[str]) -> None:
    module = importlib.import_module(package)
    assert sorted(module.__all__) == names
    assert all(hasattr(module, name) for name in names)
