from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter import FrontMatterError, decode, locate, parse, split


def tree(yaml: str) -> dict[str, Any]:
    return parse(split(f"---\n{yaml}\n---\n"))


def fault(data: str | bytes, **options: bool) -> tuple[str, int, int]:
    raw = data.encode() if isinstance(data, str) else data
    with pytest.raises(FrontMatterError) as caught:
        parse(split(decode(raw), **options))
    return caught.value.reason, caught.value.line, caught.value.column


def test_a_file_is_split_at_its_second_line_of_dashes() -> None:
    front = split("---\ntitle: a --- b\n---\nBody\n---\nmore\n")
    assert (front.yaml, front.body) == ("title: a --- b\n", "Body\n---\nmore\n")


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf---\r\na: 1\r\n---\r\nx\r\n", b"---  \na: 1\n--- \nx\n"]
)
def test_45_a_byte_order_mark_and_crlf_are_accepted(data: bytes) -> None:
    front = split(decode(data))
    assert (parse(front), front.body) == ({"a": "1"}, "x\n")


def test_42_scalars_stay_as_they_are_written() -> None:
    written = tree('a: no\nb: 12:30:45\nc: 0123\nd: 1.10\ne: "null"\nf: 2024-01-01')
    assert written == {
        "a": "no",
        "b": "12:30:45",
        "c": "0123",
        "d": "1.10",
        "e": "null",
        "f": "2024-01-01",
    }


def test_nested_lists_and_mappings() -> None:
    assert tree("a:\n  - b: [1, {c: d}]\n    e: |\n      f\n  - g") == {
        "a": [{"b": ["1", {"c": "d"}], "e": "f\n"}, "g"]
    }


FAULTS: list[tuple[str | bytes, str, int, int]] = [
    ("title: x\n", "no front matter: the first line is not ---", 1, 1),
    ("", "no front matter: the first line is not ---", 1, 1),
    ("---\ntitle: x\n", "the front matter has no end: no second line --- follows", 1, 1),
    ("---\n---\n", "the front matter is empty", 2, 1),
    ("---\n- a\n---\n", "the front matter is not a mapping of keys to values", 2, 1),
    ("---\na: 1\nb:\n  a: 2\n  a: 3\n---\n", "the key 'a' stands twice; first on line 4", 5, 3),
    ("---\nx: !!python/object:os.system a\n---\n",
     "the tag tag:yaml.org,2002:python/object:os.system is not allowed", 2, 4),
    ("---\nx: !!binary aGk=\n---\n", "the tag tag:yaml.org,2002:binary is not allowed", 2, 4),
    ("---\na: &a [*a]\n---\n", "*a names no earlier, complete anchor", 2, 8),
    ("---\na: &a {b: 1}\nc:\n  <<: *a\n---\n",
     "merge keys (<<) are not allowed; write the keys out", 4, 3),
    ("---\n? [a]\n: b\n---\n", "a key must be a text, not a list or a mapping", 2, 3),
    ("---\nname: DM: x\n---\n", "not YAML: mapping values are not allowed in this context", 2, 9),
    ("---\na: \x07\n---\n", "the character U+0007 is not allowed", 2, 4),
    (b"---\na: \xff\n---\n", "byte 0xff is not UTF-8; save the file as UTF-8", 2, 4),
    ("\ufeff---\n".encode("utf-16-le"), "the file is UTF-16; save it as UTF-8", 1, 1),
    ('---\n"a\\0": 1\n---\n', "a key must not contain NUL", 2, 1),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason", "line", "column"), FAULTS)
def test_36_to_46_faults_have_a_reason_and_a_place(
    data: str | bytes, reason: str, line: int, column: int
) -> None:
    assert fault(data) == (reason, line, column)


def test_46_a_yaml_file_holds_one_document() -> None:
    reason, line, _ = fault("a: 1\n---\nb: 2\n", all_yaml=True)
    assert (reason, line) == ("a second YAML document starts here; one is allowed", 2)


@pytest.mark.parametrize("depth", [101, 500, 5_000, 100_000])
def test_37_deep_nesting_is_a_fault_and_no_crash(depth: int) -> None:
    reason, line, _ = fault(f"---\na: {'[' * depth}\n---\n")
    assert (reason, line) == ("nested deeper than 100 levels", 2)


def test_36_an_alias_bomb_is_a_fault() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    reason, _, _ = fault(f"---\nl0: &l0 [x, x]\n{levels}\n---\n")
    assert reason == "more than 50000 values, aliases counted out"


def test_an_alias_stands_for_what_its_anchor_holds() -> None:
    assert tree("a: &x {b: c}\nd: *x\ne: [*x, *x]\nf: &y g\nh: *y") == {
        "a": {"b": "c"},
        "d": {"b": "c"},
        "e": [{"b": "c"}, {"b": "c"}],
        "f": "g",
        "h": "g",
    }


def test_locate_finds_values_and_else_what_should_hold_them() -> None:
    front = split("---\na:\n  - b: 1\n    c: 2\n  - d\n---\n")
    assert locate(front, ("a", 0, "c")) == (4, 8)
    assert locate(front, ("a", 1)) == (5, 5)
    assert locate(front, ("a", 0, "missing")) == (3, 5)
    assert locate(front, ("nothing",)) == (2, 1)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with suppress(FrontMatterError):
        assert isinstance(parse(split(decode(b"---\n" + data + b"\n---\n"))), dict)


VALUES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=5), VALUES, min_size=1))
def test_what_json_writes_is_read_back(value: dict[str, Any]) -> None:
    assert tree(json.dumps(value, ensure_ascii=False)) == value
