from __future__ import annotations

import pytest
from rich.cells import cell_len

from loaders.report.excerpt import caret, excerpt

LETTERS = "abcdefghijklmnopqrstuvwxyz" * 10


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("heat: hot\r\n", 7, "heat: hot"),
        ("\theat:\thot\n", 8, " heat: hot"),
        ("heat: \x1b[31mhot\u202e", 7, "heat: \ufffd[31mhot\ufffd"),
        ("", 1, ""),
        ("\n", None, ""),
        ("…", 5, "…"),
        ("x" * 72, 72, "x" * 72),
        ("x" * 72, 73, "x" * 72),
        (LETTERS, None, f"{LETTERS[:71]}…"),
        (LETTERS, 1, f"{LETTERS[:71]}…"),
        (LETTERS, 71, f"{LETTERS[:71]}…"),
        (LETTERS, 72, f"…{LETTERS[48:118]}…"),
        (LETTERS, 250, f"…{LETTERS[226:]}"),
        (LETTERS, 999, f"…{LETTERS[237:]}"),
        ("東" * 36, 36, "東" * 36),
        ("東" * 40, 35, f"{'東' * 35}…"),
        ("東" * 40, 36, f"…{'東' * 28}"),
    ],
)
def test_a_line_is_cut_so_that_the_column_stays_visible(
    line: str, column: int | None, expected: str
) -> None:
    assert excerpt(line, column) == expected


def test_the_width_can_be_chosen() -> None:
    assert excerpt(LETTERS, 60, 40) == f"…{LETTERS[36:74]}…"


@pytest.mark.parametrize("line", [LETTERS, f"…{LETTERS}", LETTERS[:60], f"…{LETTERS[:60]}"])
def test_the_caret_finds_the_letter_of_its_column_again(line: str) -> None:
    columns = range(1, len(line) + 1)
    found = [(text := excerpt(line, column))[caret(text, column)] for column in columns]
    assert "".join(found) == line


def test_the_caret_counts_the_cells_of_wide_letters() -> None:
    assert caret(excerpt("東京: x", 5), 5) == 6
    text = excerpt("東京" * 40 + "x", 81)
    assert (cell_len(text), caret(text, 81), text[-1]) == (48, 47, "x")


def test_the_caret_of_a_column_past_the_end_stands_after_the_text() -> None:
    assert caret(excerpt("ab", 9), 9) == 2


def test_an_excerpt_of_a_huge_line_is_small() -> None:
    assert excerpt("\u0301" * 1_000_000, 900_000) == "…" + "\u0301" * 70 + "…"
