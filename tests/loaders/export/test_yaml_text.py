"""Exported YAML is read as the same values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.export.yaml_text import yaml_text
from loaders.frontmatter.parse import parse, split
from loaders.records.values.scalar_values import Finding, resolve

TRICKY = [
    "", " ", "no", "true", "True", "~", "null", "0123", "0o17", "0x1F", "1e5", "1_000", "12:30:45",
    "2025-03-01", "2025-03-01T08:30:00Z", ".inf", "-", "---", "...", "a: b", "a #b", "#a", "!Hola",
    "&a", "*a", "<<", "=", "{", "[", "'", '"', "\\ud83c", "a\n---\nb", "a\n...\nb", "a\n\n  b",
    "\ta\tb", "a \nb", "🎉", "a\x00b", "\x07", "\x85", "\u2028", "\r\n", "\ufeff", "\ufffe", "é",
    "x" * 300 + " " + "y" * 300,
]  # fmt: skip
TEXTS = st.sampled_from(TRICKY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = TEXTS.filter(lambda text: "\0" not in text and text != "<<")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def read(text: str) -> Any:
    """The values that the loader reads from this front matter, under unknown keys."""
    tree = parse(split(f"---\n{text}---\nBody"))
    findings: list[Finding] = []
    resolve(tree, (), findings)
    assert findings == []
    return tree


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_text_is_read_as_it_was(text: str) -> None:
    assert read(yaml_text({"a": text, "b": [text], "c": {"d": text}})) == {
        "a": text,
        "b": [text],
        "c": {"d": text},
    }


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_any_values_are_read_as_they_were(values: dict[str, Any]) -> None:
    found = read(yaml_text(values))
    assert found == values
    assert repr(found) == repr(values)  # as 1 == 1.0 == True


def test_dates_have_milliseconds_where_they_need_them() -> None:
    dates = {
        "a": datetime(2025, 3, 1, 8, 30, tzinfo=UTC),
        "b": datetime(2025, 3, 1, 8, 30, 0, 500_000, tzinfo=UTC),
    }
    assert yaml_text(dates) == "a: 2025-03-01T08:30:00Z\nb: 2025-03-01T08:30:00.500Z\n"


def test_paragraphs_are_readable() -> None:
    assert yaml_text({"a": "One: two\n\nThree"}) == "a: |-\n  One: two\n\n  Three\n"
