from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.parse import decode, split, whole
from loaders.frontmatter.split import Front, FrontMatterError, UnquotedScalar
from loaders.frontmatter.yaml.constructor import parse_events
from loaders.frontmatter.yaml.lines import read
from tests.thorough import examples

SEEDS = sorted(path for path in Path("seeds").rglob("*") if path.suffix in {".md", ".yml", ".yaml"})


def typed(tree: Any) -> Any:
    """A tree with the types of its texts, which `==` does not see."""
    if type(tree) is dict:
        return dict, [(type(key), key, typed(value)) for key, value in tree.items()]
    if type(tree) is list:
        return [typed(value) for value in tree]
    return (type(tree), tree)


def assert_read_as_libyaml_does(text: str) -> None:
    tree = read(text)
    if tree is not None:
        assert typed(tree) == typed(parse_events(Front(text, "", 1)))


REGULAR = """\
title: "The \\"last\\" word: a \\\\ # story"
excerpt: 'it''s'
when: 2024-01-01T10:00:00Z
url: https://a.example/#x

empty:
null: ~
list:
- a: 1
  b:
  - -1
  - "é"
  c:
    d: (x) [y], {z} & "w"
other:
  - a: 1.10

    list:
      - x
  - b:
  # a comment
  - null
nothing: []
none: {}
# the end
"""


def test_regular_yaml_is_read_without_libyaml() -> None:
    tree: Any = {
        "title": 'The "last" word: a \\ # story',
        "excerpt": "it's",
        "when": UnquotedScalar("2024-01-01T10:00:00Z"),
        "url": UnquotedScalar("https://a.example/#x"),
        "empty": None,
        "null": None,
        "list": [
            {
                "a": UnquotedScalar("1"),
                "b": [UnquotedScalar("-1"), "é"],
                "c": {"d": UnquotedScalar('(x) [y], {z} & "w"')},
            }
        ],
        "other": [{"a": UnquotedScalar("1.10"), "list": [UnquotedScalar("x")]}, {"b": None}, None],
        "nothing": [],
        "none": {},
    }
    assert typed(read(REGULAR)) == typed(tree)
    assert typed(read(REGULAR.replace("\n", "\r\n"))) == typed(tree)
    assert_read_as_libyaml_does(REGULAR)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a",
        "- a",
        " a: 1",
        "a: 1\na: 2",
        "a: b: c",
        "a: b #c",
        "a: b:",
        "a: b\n  c",
        "a: b\n  c: d",
        "a: 'b'\n  c: d",
        "a:\n  b",
        "a:\n    b: 1\n  c: 2",
        "a: 1\n- b",
        "a:\n- b\n - c",
        "a:\n- b\n  - c",
        "a:\n- b: 1\n   c: 2",
        "a:\n-\tb",
        "a:\n- - b",
        "a:\n-  b",
        "a:\tb",
        "a: b\tc",
        "a: b\rc: d",
        "a: b ",
        "a: &x b",
        "a: *x",
        "a: !x b",
        "a: [b]",
        "a: [ ]",
        "a: [] b",
        "a: []\n  b: 1",
        "a: {b: c}",
        "a: |\n  b",
        "a: >\n  b",
        "a: =",
        "a: ~b",
        "a: ---",
        "a: ? b",
        "a: @b",
        "a: %b",
        "a: `b`",
        'a: "b\\nc"',
        'a: "b',
        'a: "b" c',
        "a: 'b''",
        "a: 1\n---\nb: 2",
        "a: 1\n...",
        "%YAML 1.1",
        "? a",
        "<<: a",
        '"a": b',
        "a.b: c",
        "1: a",
        "a: b\x85c",
        "a: b\u2028c",
        "a: b\x00c",
        "a: b\ud800c",
        "\ufeffa: b",
        "a" * 102 + ": b",
        "a:\n" * 40_000,
        "".join("  " * depth + "a:\n" for depth in range(260)),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_irregular_yaml_is_left_to_libyaml(text: str) -> None:
    assert read(text) is None


KEYS = st.sampled_from(["a", "b", "publishedDateTime", "_id", "null", "true", "no", "x-y", "e1"])
PLAINS = st.sampled_from(
    ["x", "a b", "1", "-1.5", "2024-01-01 10:00", "12:30:45", "null", "~", "a:b", "a#b", "(x)", "é"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"]), max_size=8)
VALUES = st.one_of(
    PLAINS,
    TEXTS.map(lambda text: '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))),
    TEXTS.map(lambda text: "'{}'".format(text.replace("'", "''"))),
)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.none() | VALUES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=12,
    ),
    min_size=1,
    max_size=4,
)


def written(tree: Any, column: int, step: int) -> list[str]:
    """The lines of a tree in block style; empty collections are nothing at all."""
    if isinstance(tree, dict):
        lines = []
        for key, value in tree.items():
            if isinstance(value, dict | list) and value:
                inner = column + (step if isinstance(value, list) else 2)
                lines += [" " * column + f"{key}:", *written(value, inner, step)]
            else:
                lines.append(" " * column + f"{key}: {value or ''}".rstrip(" "))
        return lines
    lines = []
    for entry in tree:
        if isinstance(entry, dict) and entry:
            first, *others = written(entry, column + 2, step)
            lines += [" " * column + "- " + first[column + 2 :], *others]
        else:  # a list in a list is not regular
            lines.append(
                " " * column + f"- {'' if isinstance(entry, dict | list) else entry or ''}"
            )
    return lines


@given(TREES, st.sampled_from([0, 2, 3]))
def test_regular_yaml_is_read_as_libyaml_reads_it(tree: Any, step: int) -> None:
    text = "\n".join(written(tree, 0, step))
    assert typed(read(text)) == typed(parse_events(Front(text, "", 1)))


ODD = [
    *("", "", "x", "x ", "x:", "x: y", "x #y", "x# y", "x:y", "x\ty", "\xa0x", "x\xa0", "=", "<<"),
    *("-", "--", "---", "...", ".", "+", "$", "-1", "- x", "?", "? x", "# x", "%x", "@x", "`x"),
    *(
        "&a x",
        "*a",
        "!x y",
        "[x]",
        "[",
        "[]",
        "{}",
        "{x: y}",
        "|",
        ">",
        '"x',
        "'x",
        '"x" #y',
        "''",
        "'''",
    ),
    *('"\\n"', "\u2028", "\ufeff", "x\u200b", "\U0001f600", "\x85", "\x07", "\ufffe"),
]
LINES = st.tuples(
    st.sampled_from(["", "", "", "  ", "  ", "    ", " ", "\t"]),
    st.sampled_from(["", "", "", "", "- ", "- ", "- ", "-", "- - ", "-  ", "? ", ": "]),
    st.sampled_from([*"abcdefgh", "a b", '"a"', "a ", "<<", ""]),
    st.sampled_from([":", ": ", ": ", ": ", ":  ", ""]),
    VALUES | VALUES | st.sampled_from(["", *ODD]),
    st.sampled_from(["\n"] * 8 + ["\n\n", "\r\n", "\r", " \n", ""]),
).map("".join)


@examples(60)
@given(st.sampled_from(["", "x:\n", "x: 1\n", "x:\n  - y: 1\n"]), st.lists(LINES, max_size=4))
def test_nearly_regular_yaml_is_read_as_libyaml_reads_it_or_not_at_all(
    start: str, lines: list[str]
) -> None:
    assert_read_as_libyaml_does(start + "".join(lines))


FORMS = ["{}:", "{}:", "{}: 1", "- {}:", "- {}: 2", "- x", "- ", "{}: []", "# c"]


@examples(60)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(FORMS)), max_size=6))
def test_columns_are_those_of_libyaml(lines: list[tuple[int, str]]) -> None:
    written = zip("abcdef", lines, strict=False)
    text = "\n".join(" " * column + form.format(key) for key, (column, form) in written)
    assert_read_as_libyaml_does("top:\n" + text)


@examples(60)
@given(TREES, st.data())
def test_yaml_with_a_random_edit_is_read_as_libyaml_reads_it_or_not_at_all(
    tree: Any, data: st.DataObject
) -> None:
    text = "\n".join(written(tree, 0, 2))
    place = data.draw(st.integers(0, len(text)))
    slip = data.draw(st.sampled_from([*" \n\t\r:-#'\"\\&*![]{}|>?,=<%@`a1~.", "\u2028", "\ufeff"]))
    removed = data.draw(st.integers(0, 2))
    assert_read_as_libyaml_does(text[:place] + slip + text[place + removed :])


def test_the_seeds_are_read_as_libyaml_reads_them_and_most_are_regular() -> None:
    regular = 0
    for path in SEEDS:
        text = decode(path.read_bytes())
        try:
            front = whole(text) if path.suffix in {".yml", ".yaml"} else split(text)
        except FrontMatterError:
            continue
        if front.format == "yaml":
            assert_read_as_libyaml_does(front.text)
            regular += read(front.text) is not None
    assert regular > 0.9 * len(SEEDS)
