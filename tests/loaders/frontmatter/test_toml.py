from __future__ import annotations

from typing import Any

import pytest

from loaders.frontmatter.parse import locate, parse, split
from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import FrontMatterError, UnquotedScalar, UnsupportedValue
from tests.builders import Stopwatch


def fenced(toml: str) -> str:
    return f"+++\n{toml}\n+++\nbody\n"


LONG = "9" * 5_000


def fault_of(toml: str) -> tuple[str, int, int]:
    with pytest.raises(FrontMatterError) as caught:
        parse(split(fenced(toml)))
    return caught.value.message, caught.value.line, caught.value.column


@pytest.mark.parametrize(
    ("toml", "value"),
    [
        ("12", UnquotedScalar("12")),
        ("-1_000", UnquotedScalar("-1000")),
        ("0x1F", UnquotedScalar("31")),
        ("0x" + "f" * 20_000, UnquotedScalar("0x" + "f" * 20_000)),
        ("1.10", UnquotedScalar("1.10")),
        ("1_000.5e-3", UnquotedScalar("1000.5e-3")),
        ("nan", UnquotedScalar(".nan")),
        ("-nan", UnquotedScalar(".nan")),
        ("-inf", UnquotedScalar("-.inf")),
        ("+inf", UnquotedScalar("+.inf")),
        ("true", UnquotedScalar("true")),
        ("2024-01-31", UnquotedScalar("2024-01-31")),
        ("08:30:00", UnquotedScalar("08:30:00")),
        ("2024-01-31 08:30:00.5", UnquotedScalar("2024-01-31T08:30:00.500000")),
        ("2024-01-31T08:30:00Z", UnquotedScalar("2024-01-31T08:30:00+00:00")),
        ("2024-01-31T08:30:00-05:30", UnquotedScalar("2024-01-31T08:30:00-05:30")),
        ('"12"', "12"),
        ("'''\n12'''", "12"),
    ],
    ids=lambda value: value[:30],
)
def test_values_without_quotes_are_unquoted_scalars(toml: str, value: str) -> None:
    tree = parse(split(fenced(f"a = {toml}\nb = [{{c = {toml}}}]")))
    assert tree == {"a": value, "b": [{"c": value}]}
    assert type(tree["a"]) is type(tree["b"][0]["c"]) is type(value)


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("a = 1\nb = x", ("not TOML: Invalid value", 3, 5)),
        ("a: 1", ("not TOML: Expected '=' after a key in a key/value pair", 2, 2)),
        ("a = 1\n\nb = '''", ("not TOML: Expected \"'''\"", 5, 1)),
        ("a = 2024-02-30", ("not TOML: Invalid date or datetime", 2, 5)),
        (
            f"a = 1\n[{LONG}]\nb = {LONG[0]}\nc = [\n[{LONG}]]",
            ("a number does not fit into 64 bits", 3, 2),
        ),
        (f"a = [{'1,' * 300_000}]", ("more than 100,000 values", 2, 600_004)),
        (f"a = [{'1,' * 100_000}]", ("more than 100,000 values", 2, 1)),
        ("a.b = '1.2.3'\n" * 3, ("the key 'b' occurs twice: lines 2 and 3", 3, 14)),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_invalid_toml_is_rejected_with_its_place(toml: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(toml) == fault


def test_integers_of_thousands_of_digits_are_text() -> None:
    toml = f"a = {LONG} # {LONG}\nb = [-{LONG}, {LONG}\n]\nc = {{x = {LONG}}}\n'{LONG}' = '{LONG}'"
    assert parse(split(fenced(toml))) == {
        "a": UnquotedScalar(LONG),
        "b": [UnquotedScalar(f"-{LONG}"), UnquotedScalar(LONG)],
        "c": {"x": UnquotedScalar(LONG)},
        LONG: LONG,
    }


def test_250_levels_are_allowed() -> None:
    assert list(parse(split(fenced("a = " + "[" * 249 + "]" * 249)))) == ["a"]
    assert list(parse(split(fenced(".".join("a" * 250) + " = 1")))) == ["a"]


def nested(depth: int) -> list[str]:
    return [
        "a = " + "[" * depth + "]" * depth,
        "a = " + "[" * depth,
        "a = " + "{a = " * depth,
        ".".join("a" * (depth + 1)) + " = 1",
        "[" + '."a" . '.join("a" * depth) + "]",
        "[" + ".".join("a" * 60) + "]\n" + ".".join("a" * (depth - 59)) + " = 1",
        "a = " + "{a.b = " * depth + "1" + "}" * depth,
    ]


@pytest.mark.parametrize("depth", [251, 500, 5_000, 100_000])
def test_37_deep_nesting_is_rejected_at_once(depth: int) -> None:
    for toml in nested(depth):
        with Stopwatch() as watch:
            assert fault_of(toml)[0] == "nested more than 250 levels deep"
        assert watch.seconds < 1


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("a = 1\n'a' = 2", ("the key 'a' occurs twice: lines 2 and 3", 3, 8)),
        ("[a]\nb = 1\n[a]", ("the key 'a' occurs twice: lines 2 and 4", 4, 3)),
        ("a = {b = 1, b = 2}", ("not TOML: Duplicate inline table key 'b'", 2, 18)),
    ],
)
def test_39_duplicate_keys_are_rejected(toml: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(toml) == fault


def test_44_odd_keys_are_kept_as_text() -> None:
    keys = ["", "$where", "a.b", "_id", "1", "null", "<<", "="]
    assert list(parse(split(fenced("\n".join(f"{key!r} = 0" for key in keys))))) == keys


def test_44_a_key_with_nul_is_kept_with_an_escape() -> None:
    front = split(fenced('[x]\n"a\\u0000" = 1'))
    value = UnsupportedValue("1", "a key must not contain a NUL character", r"the key 'a\\0'")
    assert parse(front) == {"x": {r"a\0": value}}
    assert locate(front, [("x", r"a\0")]) == {("x", r"a\0"): (3, 13)}


LOCATED = """\
a = 1 # b = 2
title = '''
b = 3
''' # "
list = [
  [1],
  "two",
]
provider.name = "x"
"quoted \\u00e9".'key' = 2024-01-01

[table]
deep = {b = 1}
[[related]]
title = "1"
[[related]]
title = "2"
[[related.images]]
url = 'u'
[related.provider]
  name = "n"
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("a",), (2, 5)),
        (("title",), (3, 9)),
        (("b",), (2, 1)),
        (("list",), (6, 1)),
        (("list", 0), (6, 1)),
        (("provider",), (10, 1)),
        (("provider", "name"), (10, 17)),
        (("quoted é", "key"), (11, 25)),
        (("table",), (13, 2)),
        (("table", "deep", "b"), (14, 1)),
        (("related",), (15, 3)),
        (("related", 0), (15, 3)),
        (("related", 0, "title"), (16, 9)),
        (("related", 1, "title"), (18, 9)),
        (("related", 1, "images", 0, "url"), (20, 7)),
        (("related", 1, "provider", "name"), (22, 10)),
        (("nothing",), (2, 1)),
    ],
)
def test_paths_are_located_in_the_text(path: Keys, place: Any) -> None:
    assert locate(split(fenced(LOCATED)), [path]) == {path: place}


@pytest.mark.parametrize(
    "toml",
    [
        'a = "' + '\\"' * 500_000,
        'a = """' + '""x' * 300_000,
        "a = " + '"x' * 1_000_000,
        "\n".join(".".join("a" * 50) + f".k{number} = 1" for number in range(5_000)),
        "[" + ".".join("a" * 98) + "]\n" + "\n".join(f"k{n} = 1" for n in range(90_000)),
        "\n".join(f"[a{number}{'.a' * 98}]" for number in range(1_000)),
    ],
    ids=["escapes", "quotes", "strings", "dotted keys", "one long table", "long tables"],
)
def test_hostile_text_is_rejected_at_once(toml: str) -> None:
    with Stopwatch() as watch:
        fault_of(toml)
    assert watch.seconds < 1
