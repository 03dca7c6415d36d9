from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter import (
    Front,
    FrontMatterError,
    Plain,
    decode,
    locate,
    parse,
    split,
    whole,
)
from loaders.positions import Keys


def fault_of(front: Front) -> tuple[str, int, int]:
    with pytest.raises(FrontMatterError) as caught:
        parse(front)
    return caught.value.message, caught.value.line, caught.value.column


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("---\na: 1\n---\n", Front("a: 1\n", "", 2)),
        ("---\na: 1\n---", Front("a: 1\n", "", 2)),
        ("--- \t\r\na: 1\r\n---  \r\nbody\r\n", Front("a: 1\r\n", "body\r\n", 2)),
        ("---\na: 1\n---\nb\n---\nc", Front("a: 1\n", "b\n---\nc", 2)),
        ("---\na: '\n  ---\n  '\n---\n", Front("a: '\n  ---\n  '\n", "", 2)),
        ("---\na: |\n  ---\n----\n---\n", Front("a: |\n  ---\n----\n", "", 2)),
        ("---\n---\n", Front("", "", 2)),
    ],
)
def test_split(text: str, front: Front) -> None:
    assert split(text) == front


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no front matter: the first line is not `---`"),
        ("\n---\na: 1\n---\n", "no front matter: the first line is not `---`"),
        ("---a\n---\n", "no front matter: the first line is not `---`"),
        ("---", "the front matter that opens here has no closing `---` line"),
        ("---\na: 1\n ---\n", "the front matter that opens here has no closing `---` line"),
    ],
)
def test_split_needs_two_lines_of_dashes(text: str, message: str) -> None:
    with pytest.raises(FrontMatterError) as caught:
        split(text)
    assert (caught.value.message, caught.value.line) == (message, 1)


def test_decode_drops_the_byte_order_mark() -> None:
    assert decode("\ufeff---\n".encode()) == "---\n"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("---".encode("utf-16"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("---".encode("utf-16-le"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("---".encode("utf-16-be"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("---\né: ".encode() + b"\xe9\n", ("not UTF-8: byte 0xe9", 2, 4)),
    ],
)
def test_decode_wants_utf_8(data: bytes, fault: tuple[str, int, int]) -> None:
    with pytest.raises(FrontMatterError) as caught:
        decode(data)
    assert (caught.value.message, caught.value.line, caught.value.column) == fault


def test_text_stays_as_it_was_written() -> None:
    tree = parse(whole("a: 012\nb: '1'\nc: [yes, ~, 2024-01-01]\nd:\n1: |\n  x\ne: !!str 7\n"))
    assert tree == {
        "a": "012",
        "b": "1",
        "c": ["yes", None, "2024-01-01"],
        "d": None,
        "1": "x\n",
        "e": "7",
    }
    plain = {key: type(value) is Plain for key, value in tree.items()}
    assert plain == {"a": True, "b": False, "c": False, "d": False, "1": False, "e": False}


def test_a_yaml_file_may_open_with_dashes() -> None:
    assert parse(whole("---\na: 1\n")) == {"a": "1"}


def test_aliases_are_expanded() -> None:
    tree = parse(whole("a: &x {b: 1}\nc: [*x, *x]\nd: &y t\ne: *y\n&k f: *k\n"))
    assert tree == {"a": {"b": "1"}, "c": [{"b": "1"}, {"b": "1"}], "d": "t", "e": "t", "f": "f"}


DEEP = "a: " + "[" * 99 + "]" * 99 + "\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_hundred_levels_are_allowed() -> None:
    assert list(parse(whole(DEEP))) == ["a"]


@pytest.mark.parametrize(
    ("yaml", "fault"),
    [
        ("name: DM: x\n", ("mapping values are not allowed in this context", 2, 9)),
        ("a: 1\nb: [\n", ("did not find expected node content", 4, 1)),
        ("a: 'x\n", ("found unexpected end of stream", 3, 1)),
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", ("the key 'c' is there twice: lines 4 and 6", 6, 3)),
        ("a: [x, {b: 1, b: 2}]\n", ("the key 'b' is there twice: lines 2 and 2", 2, 15)),
        ("a: !!int 1\n", ("the tag !!int is not allowed", 2, 4)),
        ("a: !x 1\n", ("the tag !x is not allowed", 2, 4)),
        ("a: ! 1\n", ("the tag ! is not allowed", 2, 4)),
        (
            "a: !!python/object:os.system {}\n",
            ("the tag !!python/object:os.system is not allowed", 2, 4),
        ),
        ("a: &x [*x]\n", ("the alias *x stands inside of what it stands for", 2, 8)),
        ("a: &x 1\nb: &x [*x]\n", ("the alias *x stands inside of what it stands for", 3, 8)),
        ("a: &x {b: &y [*x]}\n", ("the alias *x stands inside of what it stands for", 2, 15)),
        ("a: *x\n", ("the alias *x has no anchor", 2, 4)),
        ("a: &x {b: 1}\n<<: *x\n", ("merge keys (<<) are not supported", 3, 1)),
        ("? [a]\n: 1\n", ("a key must be text", 2, 3)),
        ("? {a: 1}\n: 1\n", ("a key must be text", 2, 3)),
        ("a: &x 1\n*x : 1\n", ("a key must be text", 3, 1)),
        ('"a\\0": 1\n', ("a key must not hold a NUL character", 2, 1)),
        ("", ("the front matter is empty", 2, 1)),
        ("# nothing\n", ("the front matter is empty", 2, 1)),
        ("~\n", ("the front matter is empty", 2, 1)),
        ("text\n", ("the front matter must be `key: value` lines, found text", 2, 1)),
        ("- a\n", ("the front matter must be `key: value` lines, found a list", 2, 1)),
        ("a: 1\n--- x\n", ("more than one YAML document", 3, 1)),
        ("é: 1\né\x00: 1\n", ("the character U+0000 is not allowed", 3, 2)),
        ("a: \x1b[31m\n", ("the character U+001B is not allowed", 2, 4)),
        (f"a: [{DEEP[3:-1]}]\n", ("nested more than 100 levels deep", 2, 103)),
        ("a: " + "[" * 100_000, ("nested more than 100 levels deep", 2, 103)),
        (
            "a: &x " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*x" + "]" * 60 + "\n",
            ("nested more than 100 levels deep", 3, 64),
        ),
        (f"a: [{'b,' * 100_001}]\n", ("more than 100,000 values", 2, 200_001)),
        (BOMB, ("the aliases expand to too much", 6, 8)),
        (
            f"a: &a {'x' * 900_000}\nb: [*a, *a]\n",
            ("the aliases expand to too much", 3, 9),
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_what_is_refused(yaml: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(Front(yaml, "", 2)) == fault


@pytest.mark.parametrize("text", ["[" * 1_000_000, "- " * 1_000_000, "{" * 1_000_000, BOMB * 1])
def test_hostile_text_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    fault_of(whole(text))
    assert time.monotonic() - started < 1


@given(st.text())
def test_any_text_is_a_tree_or_a_fault(text: str) -> None:
    try:
        tree = parse(whole(decode(text.encode())))
    except FrontMatterError as error:
        tree = {"line": error.line, "column": error.column}
    assert all(isinstance(key, str) for key in tree)


LOCATED = """\
a: 1
provider:
  name: x
list:
  - one
  - two: 2
    three:
quoted: "é" # comment
same: &s {b: 1}
other: *s
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("a",), (2, 4)),
        (("provider",), (3, 1)),
        (("provider", "name"), (4, 9)),
        (("provider", "domain"), (3, 1)),
        (("list", 0), (6, 5)),
        (("list", 1), (7, 5)),
        (("list", 1, "two"), (7, 10)),
        (("list", 1, "three"), (8, 5)),
        (("list", 7, "x"), (5, 1)),
        (("quoted",), (9, 9)),
        (("other", "b"), (11, 8)),
        (("nothing",), (2, 1)),
    ],
)
def test_locate(path: Keys, place: Any) -> None:
    assert locate(Front(LOCATED, "", 2), [path]) == {path: place}
