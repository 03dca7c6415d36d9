from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.parse import locate, parse, split
from loaders.frontmatter.positions import Keys, storable_key
from loaders.frontmatter.split import Front, FrontMatterError, UnquotedScalar, UnsupportedValue
from tests.builders import Stopwatch


def fault_of(text: str) -> tuple[str, int, int]:
    with pytest.raises(FrontMatterError) as caught:
        parse(split(text))
    return caught.value.message, caught.value.line, caught.value.column


def test_values_without_quotes_are_unquoted_scalars() -> None:
    text = '{"a": 1, "b": -1.50E+2, "c": true, "d": [false, null], "e": "1", "f": {}, "g": NaN}'
    tree = parse(split(text))
    assert tree == {
        "a": "1",
        "b": "-1.50E+2",
        "c": "true",
        "d": ["false", None],
        "e": "1",
        "f": {},
        "g": ".nan",
    }
    types = {key: type(value) for key, value in tree.items()}
    assert types == {**dict.fromkeys("abcg", UnquotedScalar), "d": list, "e": str, "f": dict}
    assert type(tree["d"][0]) is UnquotedScalar


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1', ("not JSON: Expecting ',' delimiter", 1, 8)),
        ('{"a": 1,\n"b": x}', ("not JSON: Expecting value", 2, 6)),
        ("{a: 1}", ("not JSON: Expecting property name enclosed in double quotes", 1, 2)),
        ('{"a": "x\n"}', ("not JSON: Invalid control character at", 1, 9)),
        ('{"a": "x', ("not JSON: Unterminated string starting at", 1, 7)),
        ('{"a": "\\x"}', ("not JSON: Invalid \\escape", 1, 8)),
        ('{"a": 01}', ("not JSON: Expecting ',' delimiter", 1, 8)),
        ("{]}", ("not JSON: Expecting property name enclosed in double quotes", 1, 2)),
        ('{"a": 1} x\nbody', ("text after the end of the JSON object", 1, 10)),
        ('---json\n\n{"a": }\n---\n', ("not JSON: Expecting value", 3, 7)),
        ("---json\n{}\n{}\n---\n", ("text after the end of the JSON object", 3, 1)),
        ('---json\n\n"x"\n---\n', ("the front matter must be an object, found 'x'", 3, 1)),
        (f'{{"a": [{"1," * 200_000}1]}}', ("more than 100,000 values", 1, 200_009)),
        (f'{{"a": [{"1," * 99_998}1]}}', ("more than 100,000 values", 1, 2)),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_invalid_json_is_rejected_with_its_place(text: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(text) == fault


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse(split('{"\\ud83d\\ude00": "\\uD83D\\uDE00"}')) == {"😀": "😀"}


def test_250_levels_are_allowed() -> None:
    assert list(parse(split('{"a": ' + "[" * 249 + "]" * 249 + "}"))) == ["a"]


@pytest.mark.parametrize("depth", [251, 500, 5_000, 100_000])
def test_37_deep_nesting_is_rejected_at_once(depth: int) -> None:
    for text in [
        '{"a": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}",
        '{"a": ' + "[" * depth,
        '{"a": ' * depth,
        "---json\n" + "[" * depth + "\n---\n",
    ]:
        with Stopwatch() as watch:
            assert fault_of(text)[0] == "nested more than 250 levels deep"
        assert watch.seconds < 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1,\n "a": 1}', ("the key 'a' occurs twice: lines 1 and 2", 2, 2)),
        ('{"a": {"b": 1, "\\u0062": 2}}', ("the key 'b' occurs twice: lines 1 and 1", 1, 16)),
        (
            '---json\n{"x": [{}, {"y\\/": {}},\n{"y": 0, "y/": 1,\n"y/": 2}]}\n---\n',
            ("the key 'y/' occurs twice: lines 3 and 4", 4, 1),
        ),
        (
            '{"a": "\\ud83d\\ude00",\n"b": {"c": 1},\n"b": 2}',
            ("the key 'b' occurs twice: lines 2 and 3", 3, 1),
        ),
    ],
)
def test_39_duplicate_keys_are_rejected_and_both_lines_named(
    text: str, fault: tuple[str, int, int]
) -> None:
    assert fault_of(text) == fault


def test_43_integers_of_any_length_are_read() -> None:
    assert parse(split('{"a": ' + "9" * 5000 + "}")) == {"a": "9" * 5000}


def test_44_odd_keys_are_kept_as_text() -> None:
    keys = ["", "$where", "a.b", "_id", "1", "null", "<<", "="]
    assert list(parse(split(json.dumps(dict.fromkeys(keys))))) == keys


def test_44_a_key_with_nul_is_kept_with_an_escape() -> None:
    front = split('{"x": {\n"a\\u0000": 1}}')
    value = UnsupportedValue("1", "a key must not contain a NUL character", r"the key 'a\\0'")
    assert parse(front) == {"x": {r"a\0": value}}
    assert locate(front, [("x", r"a\0")]) == {("x", r"a\0"): (2, 12)}


def test_45_a_lone_surrogate_is_kept_as_an_escape() -> None:
    front = split('{"a": ["\\ud83d"],\n"b\\udfff": [1]}')
    assert parse(front) == {
        "a": [UnsupportedValue(r"\ud83d", "the character U+D83D is not allowed")],
        r"b\udfff": UnsupportedValue(
            ["1"], "the character U+DFFF is not allowed", r"the key 'b\\udfff'"
        ),
    }
    assert locate(front, [(r"b\udfff",)]) == {(r"b\udfff",): (2, 1)}


def test_44_a_key_and_its_escaped_form_are_the_same_key() -> None:
    assert fault_of('{"a\\u0000": 1, "a\\\\0": 2}')[0] == r"the key 'a\\0' occurs twice"


LOCATED = """\
{
  "a": 1, "provider":
    {"name": "x"},
  "list": [ "one",
    {"\\ud83d\\ude00": 2, "three": null, "l": [[], [
      true]]}]
}
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("a",), (2, 8)),
        (("provider",), (2, 11)),
        (("provider", "name"), (3, 14)),
        (("provider", "domain"), (2, 11)),
        (("list", 0), (4, 13)),
        (("list", 1), (5, 5)),
        (("list", 1, "😀"), (5, 22)),
        (("list", 1, "three"), (5, 34)),
        (("list", 1, "l", 1, 0), (6, 7)),
        (("list", 7, "x"), (4, 3)),
        (("nothing",), (1, 1)),
    ],
)
def test_paths_are_located_in_the_text(path: Keys, place: Any) -> None:
    assert locate(split(LOCATED), [path]) == {path: place}


TEXTS = st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, JSON, max_size=3), st.sampled_from([None, 2]), st.booleans())
def test_all_that_python_writes_is_read(tree: Any, indent: int | None, ascii_: bool) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_)
    try:
        found = parse(split(f"{text}\nbody"))
    except FrontMatterError as error:
        if "is not allowed" not in error.message and "twice" not in error.message:
            raise
        return
    assert stored_form(found) == written(tree)


def stored_form(value: Any) -> Any:
    if isinstance(value, UnsupportedValue):
        return stored_form(value.stored)
    if isinstance(value, dict):
        return {key: stored_form(item) for key, item in value.items()}
    return [stored_form(item) for item in value] if isinstance(value, list) else value


def written(value: Any) -> Any:
    if isinstance(value, dict):
        return {storable_key(key): written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [written(item) for item in value]
    return json.dumps(value) if isinstance(value, int) else value


@pytest.mark.parametrize(
    "text",
    ['{"a": "' + '\\"' * 1_000_000, '{"a": [' + "[],\n" * 1_000_000, "{" + ":" * 1_000_000],
    ids=["a string", "lists", "colons"],
)
def test_hostile_text_is_rejected_at_once(text: str) -> None:
    with Stopwatch() as watch:
        fault_of(text)
    assert watch.seconds < 1


def test_an_empty_object_is_a_tree() -> None:
    assert parse(Front("{}", "", 1, "json")) == {}
