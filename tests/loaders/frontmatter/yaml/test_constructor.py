from __future__ import annotations

from unittest.mock import ANY

import pytest

from loaders.frontmatter.parse import locate, parse, whole
from loaders.frontmatter.split import Front, FrontMatterError, UnquotedScalar, UnsupportedValue
from tests.builders import Stopwatch


def fault_of(front: Front) -> tuple[str, int, int]:
    with pytest.raises(FrontMatterError) as caught:
        parse(front)
    return caught.value.message, caught.value.line, caught.value.column


def test_text_is_kept_as_it_was_written() -> None:
    tree = parse(whole("a: 012\nb: '1'\nc: [yes, ~, 2024-01-01]\nd:\n1: |\n  x\ne: !!str 7\n"))
    assert tree == {
        "a": "012",
        "b": "1",
        "c": ["yes", None, "2024-01-01"],
        "d": None,
        "1": "x\n",
        "e": "7",
    }
    is_unquoted = {key: type(value) is UnquotedScalar for key, value in tree.items()}
    assert is_unquoted == {"a": True, "b": False, "c": False, "d": False, "1": False, "e": False}


def test_aliases_are_expanded() -> None:
    tree = parse(whole("a: &x {b: 1}\nc: [*x, *x]\nd: &y t\ne: *y\n&k f: *k\n"))
    assert tree == {"a": {"b": "1"}, "c": [{"b": "1"}, {"b": "1"}], "d": "t", "e": "t", "f": "f"}


DEEP = "a: " + "[" * 249 + "]" * 249 + "\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_250_levels_are_allowed() -> None:
    assert list(parse(whole(DEEP))) == ["a"]


@pytest.mark.parametrize(
    ("yaml", "fault"),
    [
        (BOMB, ("the aliases expand to too many values or characters", 6, 8)),
        (
            f"a: &a {'x' * 900_000}\nb: [*a, *a]\n",
            ("the aliases expand to too many values or characters", 3, 9),
        ),
        (
            f"a: &a {{{'k' * 900}: 1}}\nb: [{'*a,' * 2000}]\n",
            ("the aliases expand to too many values or characters", 3, 3332),
        ),
        ("a: &x [*x]\n", ("the alias '*x' is inside of the value that it refers to", 2, 8)),
        (
            "a: &x 1\nb: &x [*x]\n",
            ("the alias '*x' is inside of the value that it refers to", 3, 8),
        ),
        (
            "a: &x {b: &y [*x]}\n",
            ("the alias '*x' is inside of the value that it refers to", 2, 15),
        ),
        ("a: [*x]\n", ("the alias '*x' has no anchor", 2, 5)),
        (
            "a: *x\n",
            ("the alias '*x' has no anchor; put the value in quotes: a: \"*x\"", 2, 4),
        ),
        (
            BOMB.replace("[", "{<<: [").replace("]", "]}"),
            ("the aliases expand to too many values or characters", 6, 13),
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_36_alias_bombs_and_cycles_are_rejected(yaml: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(Front(yaml, "", 2)) == fault


def nested(depth: int) -> list[str]:
    return [
        "a: " + "[" * depth + "]" * depth + "\n",
        "".join("{a: " for _ in range(depth)),
        "a: " + "[" * depth,
        "a:\n" + "- " * depth + "a",
    ]


@pytest.mark.parametrize("depth", [251, 500, 5_000, 100_000])
def test_37_deep_nesting_is_rejected_at_once(depth: int) -> None:
    for text in nested(depth):
        with Stopwatch() as watch:
            assert fault_of(whole(text))[0] == "nested more than 250 levels deep"
        assert watch.seconds < 1


@pytest.mark.parametrize("depth", [251, 500])
def test_37_deep_blocks_are_rejected(depth: int) -> None:
    text = "".join(" " * column + "a:\n" for column in range(depth))
    assert fault_of(whole(text + " " * depth + "a: 1\n")) == (
        "nested more than 250 levels deep",
        251,
        251,
    )


NO_TEXT = "a key must be text"
TEMPLATE = "a value that begins with `{{` must be in quotes"
NO_MERGE = "merge keys (<<) are not supported"


def tag(name: str) -> str:
    return f"the tag '{name}' is not allowed"


@pytest.mark.parametrize(
    ("yaml", "stored", "reason"),
    [
        ("!!int 1", "!!int 1", tag("!!int")),
        ("!!binary aGk=", "!!binary aGk=", tag("!!binary")),
        ("!!binary |\n  aGk=\n  aGk=\nb: 1", "!!binary |\n  aGk=\n  aGk=", tag("!!binary")),
        ("! [é]", "! [é]", tag("!")),
        ("!<tag:x> 1", "!<tag:x> 1", tag("tag:x")),
        ("!!set {x, y}", "!!set {x, y}", tag("!!set")),
        ("!!set\n  ? x\n  ? y\n\nb: 1", "!!set\n  ? x\n  ? y", tag("!!set")),
        ("!!seq [[x], é]", "!!seq [[x], é]", tag("!!seq")),
        ("!x {y: {z: 1}}", "!x {y: {z: 1}}", tag("!x")),
        ("!!python/object:os.system {}", "!!python/object:os.system {}",
         tag("!!python/object:os.system")),
        ("=", "=", "the value '=' must be in quotes"),
        ("{[x]: 1}", "{[x]: 1}", NO_TEXT),
        ("{{x: y}: 1, z: 2}", "{{x: y}: 1, z: 2}", TEMPLATE),
        ("{{ page.title }}", "{{ page.title }}", TEMPLATE),
    ],
)  # fmt: skip
def test_38_values_of_types_that_only_yaml_has_are_kept_as_their_text(
    yaml: str, stored: str, reason: str
) -> None:
    value = UnsupportedValue(stored, reason)
    assert parse(whole(f"é: 1\na: {yaml}\n"))["a"] == value
    assert parse(whole(f"é: 1\r\na: {yaml}\r\n".replace("\n", "\r\n")))["a"].reason == reason
    if "\n" not in yaml:
        assert parse(whole(f"a: [1, {yaml}, 2]"))["a"] == ["1", value, "2"]
        assert parse(whole(f"b: &x {yaml}\na: {{c: *x}}"))["a"] == {"c": value}


@pytest.mark.parametrize("text", ["! 'DM: é'", '! "DM: é"', "! >-\n  DM: é", "!!str 'DM: é'"])
def test_a_value_with_the_tag_of_text_is_text(text: str) -> None:
    assert parse(whole(f"a: {text}\nb: 1\n")) == {"a": "DM: é", "b": "1"}


def test_38_a_tag_of_the_whole_front_matter_is_rejected() -> None:
    assert fault_of(Front("!!set {a: 1}\n", "", 2)) == (tag("!!set"), 2, 1)


@pytest.mark.parametrize(
    ("yaml", "key", "reason"),
    [
        ("? [a, é]\n: 1\n", "[a, é]", NO_TEXT),
        ("? {a: {b: 1}}\n: 1\n", "{a: {b: 1}}", NO_TEXT),
        ("é: &x 1\n*x : 1\n", "*x", NO_TEXT),
        ("!x a: 1\n", "!x a", tag("!x") + " (put the value in quotes if it is text)"),
        ('"a\\0": 1\n', "a\\0", "a key must not contain a NUL character"),
        ("<<: 1\n", "<<", NO_MERGE),
    ],
)
def test_44_keys_that_cannot_be_stored_are_kept_as_their_text(
    yaml: str, key: str, reason: str
) -> None:
    tree = parse(whole(yaml + "b: 2\n"))
    assert tree.pop("é", "1") == "1"
    assert tree == {key: UnsupportedValue("1", reason, f"the key {key!r}"), "b": "2"}
    front = Front(f"{yaml}b: 2\n", "", 1)
    line = yaml.count("\n")  # of the value
    assert locate(front, [(key,), ("b",)]) == {
        (key,): (line, ANY),
        ("b",): (yaml.count("\n") + 1, 4),
    }


def test_36_a_merge_key_is_a_key_with_a_value() -> None:
    tree = parse(whole("a: &x {b: 1}\nc: {<<: [*x, *x]}\n'<<': 1\n"))
    assert tree == {
        "a": {"b": "1"},
        "c": {"<<": UnsupportedValue([{"b": "1"}] * 2, NO_MERGE, "the key '<<'")},
        "<<": "1",
    }


@pytest.mark.parametrize(
    ("yaml", "fault"),
    [
        ("a: 1\na: 1\n", ("the key 'a' occurs twice: lines 2 and 3", 3, 1)),
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", ("the key 'c' occurs twice: lines 4 and 6", 6, 3)),
        ("a: [x, {b: 1, b: 2}]\n", ("the key 'b' occurs twice: lines 2 and 2", 2, 15)),
        ("1: a\n'1': b\n", ("the key '1' occurs twice: lines 2 and 3", 3, 1)),
        (
            f"{'k' * 99}: 1\n{'k' * 99}: 2\n",
            (f"the key '{'k' * 59}…' occurs twice: lines 2 and 3", 3, 1),
        ),
    ],
)
def test_39_duplicate_keys_are_rejected_and_both_lines_named(
    yaml: str, fault: tuple[str, int, int]
) -> None:
    assert fault_of(Front(yaml, "", 2)) == fault


def test_44_odd_keys_are_kept_as_text() -> None:
    text = "1: a\ntrue: b\n~: c\n'': d\n$where: e\na.b: f\n_id: g\n1.5: h\n=: i\n"
    keys = ["1", "true", "~", "", "$where", "a.b", "_id", "1.5", "="]
    tree = parse(whole(text))
    assert tree == dict(zip(keys, "abcdefghi", strict=True))
    assert {type(key) for key in tree} == {str}


@pytest.mark.parametrize(
    ("yaml", "fault"),
    [
        (
            "name: DM: x\n",
            ('the value contains `: `; put the value in quotes: name: "DM: x"', 2, 9),
        ),
        ("a: 1\nb: [\n", ("did not find expected node content", 4, 1)),
        ("a: 'x\n y: z\n", ("found unexpected end of stream", 4, 1)),
        ("~\n", ("the front matter is empty", 2, 1)),
        ("text\n", ("the front matter must be `key: value` lines, found text", 2, 1)),
        ("a: 1\n--- x\n", ("more than one YAML document", 3, 1)),
        ("é: 1\né\x00: 1\n", ("the character U+0000 is not allowed", 3, 2)),
        ("a: \x1b[31m\n", ("the character U+001B is not allowed", 2, 4)),
        ("a: 1\nb: \ud800\n", ("the character U+D800 is not allowed", 3, 4)),
        (f"a: [{DEEP[3:-1]}]\n", ("nested more than 250 levels deep", 2, 253)),
        (
            "a: &x " + "[" * 160 + "]" * 160 + "\nb: " + "[" * 160 + "*x" + "]" * 160 + "\n",
            ("nested more than 250 levels deep", 3, 164),
        ),
        (f"a: [{'b,' * 100_001}]\n", ("more than 100,000 values", 2, 200_001)),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_invalid_yaml_is_rejected_with_its_place(yaml: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(Front(yaml, "", 2)) == fault


CLOSED = "the quotes are not closed, or closed too early"


@pytest.mark.parametrize(
    ("line", "cause", "repaired"),
    [
        ("a: DM: x", "the value contains `: `", 'a: "DM: x"'),
        ('a: say "x": y\\z', "the value contains `: `", "a: 'say \"x\": y\\z'"),
        ("- a: b: c", "the value contains `: `", '- a: "b: c"'),
        ("a: @x y", "the value begins with `@`", 'a: "@x y"'),
        ("- @x", "the value begins with `@`", '- "@x"'),
        ("a: `x` y", "the value begins with a backtick", 'a: "`x` y"'),
        ("a: %x", "the value begins with `%`", 'a: "%x"'),
        ("a: [x] y", "the value begins with `[`", 'a: "[x] y"'),
        ("a: {{ x }} y", "the value begins with `{{`", 'a: "{{ x }} y"'),
        ("a: {% x %}", "the value begins with `{%`", 'a: "{% x %}"'),
        ("a: *x* y", "the value begins with `*`", 'a: "*x* y"'),
        ("a: **x** y", "the value begins with `**`", 'a: "**x** y"'),
        ("a: & x", "the value begins with `&`", 'a: "& x"'),
        ("a: !x, y", "the value begins with `!`", 'a: "!x, y"'),
        ("a: 'it's x'", CLOSED, 'a: "it\'s x"'),
        ('a: "x', CLOSED, 'a: "x"'),
        ('a: "x" and "y"', CLOSED, 'a: \'"x" and "y"\''),
        ('a: "He said "x" to me"', CLOSED, "a: 'He said \"x\" to me'"),
    ],
)
@pytest.mark.parametrize("below", ["", "\n", "\nb: 1\nc: [\n", '\nb: "c"\n'])
def test_a_value_that_needs_quotes_is_shown_with_them(
    line: str, cause: str, repaired: str, below: str
) -> None:
    above = "z:\n" if line.startswith("- ") else "z: 1\n"
    reason, at, _ = fault_of(Front(f"{above}{line}{below}", "", 2))
    assert (reason, at) == (f"{cause}; put the value in quotes: {repaired}", 3)


@pytest.mark.parametrize(
    "yaml",
    [
        "a: [b, c\nd: 1\n",  # a bracket is missing, not quotes
        "a: 1\njunk\nb: 1\n",
        "a: x\n  b: c\n",
        "a: @x\n y: z\n",  # with quotes there is another fault below
        f"a: {'b: ' * 100}c\n",
        f"a: {{b: c}}\nd: {'[' * 3_000}{']' * 3_000}\n",
        f"a: b: c\nd: {'x' * 100_000}\n",
    ],
    ids=lambda value: value[:20],
)
def test_quotes_are_proposed_only_where_they_solve_the_problem(yaml: str) -> None:
    assert "quotes" not in fault_of(Front(yaml, "", 2))[0]


def test_a_tab_in_the_indentation_is_named() -> None:
    reason = "a tab in the indentation; use spaces"
    assert fault_of(Front("a:\n\tb: 1\n", "", 2)) == (reason, 3, 1)
    assert fault_of(Front("a:\n  \tb: 1\n", "", 2)) == (reason, 3, 3)


@pytest.mark.parametrize("text", ["[" * 1_000_000, "- " * 1_000_000, "{" * 1_000_000, BOMB])
def test_hostile_text_is_rejected_at_once(text: str) -> None:
    with Stopwatch() as watch:
        fault_of(whole(text))
    assert watch.seconds < 1
