from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from loaders.frontmatter import Plain
from loaders.scalars import resolve, to_moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-14T09:30:00Z", datetime(2025, 3, 14, 9, 30, tzinfo=UTC)),
        ("2025-03-14", datetime(2025, 3, 14, tzinfo=UTC)),
        ("2025-03-14T09:30:00", datetime(2025, 3, 14, 9, 30, tzinfo=UTC)),
        ("2025-03-14 09:30:00 +05:30", datetime(2025, 3, 14, 4, 0, tzinfo=UTC)),
        ("2025-03-14T09:30:00.123456-0100", datetime(2025, 3, 14, 10, 30, 0, 123000, tzinfo=UTC)),
        ("2025-3-4t9:30z", datetime(2025, 3, 4, 9, 30, tzinfo=UTC)),
    ],
)
def test_41_moments_become_utc(text: str, expected: datetime) -> None:
    assert to_moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2024-13-45",
        "2024-01-01T25:61:00Z",
        "0000-01-01",
        "2024-01-01T00:00:00+99:99",
        "0001-01-01T00:00:00+05:00",
        "yesterday",
        "20240101",
        "",
    ],
)
def test_40_impossible_moments_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        to_moment(text)


def test_unknown_keys_follow_the_core_schema() -> None:
    plain = {
        "a": Plain("12"),
        "b": Plain("0x1F"),
        "c": Plain("1.5e3"),
        "d": Plain("True"),
        "e": Plain("yes"),
        "f": Plain("~"),
        "g": "12",
        "h": [Plain(""), Plain("2024-01-01")],
    }
    expected: dict[str, Any] = {
        "a": 12,
        "b": 31,
        "c": 1500.0,
        "d": True,
        "e": "yes",
        "f": None,
        "g": "12",
        "h": [None, "2024-01-01"],
    }
    assert resolve(plain) == expected


@pytest.mark.parametrize("text", [".nan", "-.inf", str(2**64), "9" * 5000, "1e999"])
def test_43_numbers_that_cannot_be_kept_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quote it if it is a text"):
        resolve(Plain(text))
