from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.parse import (
    Front,
    FrontMatterError,
    UnquotedScalar,
    decode,
    locate,
    parse,
    split,
    whole,
)
from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import UnsupportedValue, under_key


def fault_of(data: str | bytes) -> tuple[str, int, int]:
    with pytest.raises(FrontMatterError) as caught:
        parse(split(decode(data if isinstance(data, bytes) else data.encode())))
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
        ("---yaml\na: 1\n---\nb", Front("a: 1\n", "b", 2)),
        ("--- yaml \r\na: 1\n---\nb", Front("a: 1\n", "b", 2)),
        ("---json\n{}\n---\nb", Front("{}\n", "b", 2, "json")),
        ("---toml\na = 1\n---\nb", Front("a = 1\n", "b", 2, "toml")),
        ("+++\na = 1\n+++\nb\n+++\n", Front("a = 1\n", "b\n+++\n", 2, "toml")),
        ("+++ \r\na = 1\r\n+++ \r\nb", Front("a = 1\r\n", "b", 2, "toml")),
        ("+++\na = 1\n---\n+++", Front("a = 1\n---\n", "", 2, "toml")),
        ("{}", Front("{}", "", 1, "json")),
        ('{"a": "}\\"}"}\r\n---\n{}', Front('{"a": "}\\"}"}\r\n', "---\n{}", 1, "json")),
        ('{\n"a": [{}]\n}\n\nb', Front('{\n"a": [{}]\n}\n', "\nb", 1, "json")),
        ("{} b\nc", Front("{} b\n", "c", 1, "json")),
        ('{"a": 1\nb', Front('{"a": 1\nb', "", 1, "json")),
    ],
)
def test_a_file_is_split_into_front_matter_and_body(text: str, front: Front) -> None:
    assert split(text) == front


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (" \n\n", "the file is empty"),
        (" ---\na: 1\n---\n", "no front matter: the first line is not `---`"),
        ("...\na: 1\n---\n", "no front matter: the first line is not `---`"),
        ("---a\n---\n", "no front matter: the first line is not `---`"),
        (
            "---js\n{title: 1}\n---\n",
            "front matter in JavaScript is not supported: write it in YAML, TOML or JSON",
        ),
        ("+++toml\n+++\n", "no front matter: the first line is not `---`"),
        (" {}", "no front matter: the first line is not `---`"),
        ("---", "the front matter that opens here has no closing `---` line"),
        ("---\na: 1\n ---\n", "the front matter that opens here has no closing `---` line"),
        ("---\na: 1\n+++\n", "the front matter that opens here has no closing `---` line"),
        ("---json\n{}\n", "the front matter that opens here has no closing `---` line"),
        ("+++\na = 1\n---\n", "the front matter that opens here has no closing `+++` line"),
        ("+++\na = 1\n...\n", "the front matter that opens here has no closing `+++` line"),
        ("---toml\na = 1\n...\n", "the front matter that opens here has no closing `---` line"),
        ("---json\n{}\n...\n", "the front matter that opens here has no closing `---` line"),
    ],
)
def test_split_needs_a_fence_at_both_ends(text: str, message: str) -> None:
    assert fault_of(text) == (message, 1, 1)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("---\na: 1\n...\n\n---\n\nText.\n", "\n---\n\nText.\n"),
        ("---\na: 1\n...\n# Heading\n---\nText.\n", "# Heading\n---\nText.\n"),
        ("---\na: 1\n... # the end\n# Heading\n---\n", "# Heading\n---\n"),
        ("---\na: 1\n...\n---\nText.\n", "---\nText.\n"),
        ("---yaml\na: 1\n... \t\r\nText.\n", "Text.\n"),
        ("---\na: 1\n...", ""),
        ("---\na: 1\n---\nx\n...\ny\n", "x\n...\ny\n"),
        ("---\na: 1\n....\n...more\n ...\n---\nText.\n", "Text.\n"),
    ],
)
def test_three_dots_close_yaml_and_what_is_below_them_is_body(text: str, body: str) -> None:
    assert split(text).body == body


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\na: 1\nb: *b\n---\nx\n", 3),
        ("---\na: 1\nb: *b\n...\nx\n", 3),
        ('{"a": 1,\n"b": x}\nx\n', 2),
        ("+++\na = 1\nb = x\n+++\nx\n", 3),
        ("---\na: 1\n", 1),
    ],
)
@pytest.mark.parametrize("blank", ["\n", "\r\n", " \t\n\n\n"])
def test_blank_lines_before_front_matter_count_as_lines(text: str, line: int, blank: str) -> None:
    assert fault_of(blank + text)[1] == blank.count("\n") + line


@pytest.mark.parametrize(
    "text", ["---\na: 1\n---\nx\n", '---json\n{"a": 1}\n---\nx\n', '{"a": 1}\nx\n']
)
@pytest.mark.parametrize("blank", ["\n", "\r\n", " \t\n\n\n"])
def test_blank_lines_before_front_matter_move_its_positions(text: str, blank: str) -> None:
    front, moved = split(text), split(blank + text)
    assert (parse(moved), moved.body) == (parse(front), front.body)
    place, moved_place = locate(front, [("a",)])[("a",)], locate(moved, [("a",)])[("a",)]
    assert moved_place == (place.line + blank.count("\n"), place.column)


LINES = st.sampled_from(["...", "---", "--- ", "... # x", "# x", "", "text", "a: 1", " ---"])


@given(st.lists(LINES, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_no_line_of_a_file_is_lost(lines: list[str], end: str) -> None:
    text = end.join(["---", "title: T", *lines, "---", *lines, ""])
    front = split(text)
    closing = text[: len(text) - len(front.body)].splitlines()[-1]
    assert closing.split("#")[0].strip() in ("---", "...")
    assert text == f"---{end}{front.text}{closing}{end}{front.body}"
    assert not any(line.startswith("...") for line in front.text.splitlines())


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\\"), max_size=9)
PAIR = "\\ud83c\\udf89"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        (f'---\na: "x {PAIR} y"\n---\n', {"a": "x \U0001f389 y"}),
        (f'---\na: "{PAIR.upper().replace("U", "u")}"\n---\n', {"a": "\U0001f389"}),
        (f'---\n"{PAIR}": ["{PAIR}{PAIR}"]\n---\n', {"\U0001f389": ["\U0001f389" * 2]}),
        (f'{{"{PAIR}": ["{PAIR}{PAIR}"]}}\n', {"\U0001f389": ["\U0001f389" * 2]}),
        (f'---\na: "{PAIR}"\nb: {PAIR}\nc: \'{PAIR}\'\n---\n',
         {"a": "\U0001f389", "b": PAIR, "c": PAIR}),
        (f'---\na: "{PAIR}"\nb: |-\n  {PAIR} "{PAIR}"\n---\n',
         {"a": "\U0001f389", "b": f'{PAIR} "{PAIR}"'}),
        (f'---\na: "{PAIR}"\nb: "\\\\ud83d"\n---\n',
         {"a": "\U0001f389", "b": "\\ud83d"}),
        (f'---\na: "{PAIR} \ue000ud83c\ue000udf89"\n---\n',
         {"a": "\U0001f389 \ue000ud83c\ue000udf89"}),
    ],
)  # fmt: skip
def test_a_surrogate_pair_in_double_quotes_is_one_character(
    text: str, tree: dict[str, Any]
) -> None:
    assert parse(split(text)) == tree


@given(st.dictionaries(WORDS, st.lists(WORDS, max_size=3), min_size=1, max_size=4))
def test_json_with_escapes_is_the_same_as_yaml(tree: dict[str, list[str]]) -> None:
    text = json.dumps(tree)  # all but ASCII is escaped, by pairs where need be
    assert parse(split(f"---\n{text}\n---\n")) == parse(split(text)) == tree


@pytest.mark.parametrize(
    ("escape", "stored", "first"),
    [
        ("\\ud83c", "\\ud83c", "D83C"),
        ("\\uDF89", "\\udf89", "DF89"),
        ("\\udf89\\ud83c", "\\udf89\\ud83c", "DF89"),
        ("\\\\ud83c\\udf89", "\\ud83c\\udf89", "DF89"),
        ("\\ud83c\\ud83c\\udf89", "\\ud83c\U0001f389", "D83C"),
    ],
)
def test_45_a_lone_surrogate_is_no_text(escape: str, stored: str, first: str) -> None:
    value = UnsupportedValue(f"\U0001f389{stored}", f"the character U+{first} is not allowed")
    assert parse(split(f'---\na: 1\nb: "{PAIR}{escape}"\n---\n'))["b"] == value


def test_45_a_lone_surrogate_in_a_key_is_escaped() -> None:
    reason = "the character U+D800 is not allowed"
    kept = under_key("\\ud800", UnquotedScalar("1"), reason)
    assert parse(split('---\n"\\ud800": 1\n---\n')) == {"\\ud800": kept}


def test_a_surrogate_pair_does_not_shift_the_places_after_it() -> None:
    front = Front(f'a: ["{PAIR}", {{"{PAIR}": x}}]', "", 2)
    assert locate(front, [("a", 1, "\U0001f389")]) == {("a", 1, "\U0001f389"): (2, 38)}


SAME_IN_ALL_FORMATS = [
    """\
---
title: "1"
count: 0
price: 1.10
when: 2024-01-31
right: true
tags: [a, "b"]
provider: {name: "N"}
images:
  - {url: "u"}
---
body
""",
    """\
+++
title = "1"
count = 0
price = 1.10
when = 2024-01-31
right = true
tags = ['''a''', "b"]
provider.name = "N"
[[images]]
url = "u"
+++
body
""",
    """\
{
  "title": "1", "count": 0, "price": 1.10, "when": "2024-01-31", "right": true,
  "tags": ["a", "b"], "provider": {"name": "N"}, "images": [{"url": "u"}]
}
body
""",
]


@pytest.mark.parametrize("text", SAME_IN_ALL_FORMATS, ids=["yaml", "toml", "json"])
def test_all_formats_make_the_same_tree(text: str) -> None:
    front = split(text)
    tree = parse(front)
    assert tree == {
        "title": "1",
        "count": "0",
        "price": "1.10",
        "when": "2024-01-31",
        "right": "true",
        "tags": ["a", "b"],
        "provider": {"name": "N"},
        "images": [{"url": "u"}],
    }
    unquoted = {key for key, value in tree.items() if type(value) is UnquotedScalar}
    assert unquoted - {"when"} == {"count", "price", "right"}
    assert front.body == "body\n"


@pytest.mark.parametrize("text", SAME_IN_ALL_FORMATS, ids=["yaml", "toml", "json"])
def test_45_a_byte_order_mark_and_crlf_are_accepted(text: str) -> None:
    data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert parse(split(decode(data))) == parse(split(text))
    assert split(decode(data)).body == "body\r\n"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("---\n".encode("utf-16"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("---\n".encode("utf-16-le"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("---\n".encode("utf-16-be"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("{}\n".encode("utf-32"), ("the file is UTF-16 or UTF-32, expected UTF-8", 1, 1)),
        ("---\né: ".encode() + b"\xe9\n", ("not UTF-8: byte 0xe9; save the file as UTF-8", 2, 4)),
        (b"---\na: 1\n---\n\xff", ("not UTF-8: byte 0xff; save the file as UTF-8", 4, 1)),
        (b'{"a":\n"\xed\xa0\x80"}', ("not UTF-8: byte 0xed; save the file as UTF-8", 2, 2)),
        ("---\na: 1\nb: x\u2028c: y\n---\n", ("the character U+2028 is not allowed", 3, 5)),
        ("---\na: 1\nb: 'x\u2029'\n---\n", ("the character U+2029 is not allowed", 3, 6)),
        ("---\nb: 'x\x85'\n---\n", ("the character U+0085 is not allowed", 2, 6)),
        ("---\nb: 'x\x00'\n---\n", ("the character U+0000 is not allowed", 2, 6)),
        ("+++\na = 1\nb = 'x\u2028'\n+++\n", ("the character U+2028 is not allowed", 3, 7)),
        ("+++\na = 1\nb = 'x\x7f'\n+++\n", ("the character U+007F is not allowed", 3, 7)),
        ('{"a": 1,\n"b": "x\u2029"}', ("the character U+2029 is not allowed", 2, 8)),
        ('{"a": 1,\n"b": "x\x00"}', ("the character U+0000 is not allowed", 2, 8)),
        (
            '+++\na = 1\nb = "\\ud800"\n+++\n',
            ("not TOML: Escaped character is not a Unicode scalar value", 3, 12),
        ),
    ],
)
def test_45_other_encodings_and_characters_are_rejected_with_their_place(
    data: str | bytes, fault: tuple[str, int, int]
) -> None:
    assert fault_of(data) == fault


def test_45_the_body_may_hold_any_character() -> None:
    assert split("---\na: 1\n---\nx\u2028y\x00").body == "x\u2028y\x00"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "---\na: 1\n\nbody\n",
            ("the front matter that opens here has no closing `---` line", 1, 1),
        ),
        ("---\n---\n", ("the front matter is empty", 2, 1)),
        ("---\n# nothing\n---\n", ("the front matter is empty", 2, 1)),
        ("+++\n+++\n", ("the front matter is empty", 2, 1)),
        ("---json\n\n---\n", ("the front matter is empty", 2, 1)),
        (
            "---\n- a\n---\n",
            ("the front matter must be `key: value` lines, found a list", 2, 1),
        ),
        ("---json\n[]\n---\n", ("the front matter must be an object, found a list", 2, 1)),
        ("---\na: 1\n--- # two\nb: 1\n---\n", ("more than one YAML document", 3, 1)),
        ("{}{}\n", ("text after the end of the JSON object", 1, 3)),
    ],
)
def test_46_malformed_front_matter_is_rejected(text: str, fault: tuple[str, int, int]) -> None:
    assert fault_of(text) == fault


def test_46_dashes_in_the_body_are_text() -> None:
    front = split("---\na: 1\n---\nx\n---\ny\n")
    assert (parse(front), front.body) == ({"a": "1"}, "x\n---\ny\n")


def test_46_a_yaml_file_is_one_document() -> None:
    assert parse(whole("---\na: 1\n")) == {"a": "1"}
    with pytest.raises(FrontMatterError, match="more than one YAML document"):
        parse(whole("a: 1\n---\nb: 1\n"))


@given(st.text(), st.sampled_from(["---\n", "---json\n", "+++\n", "{"]), st.text(max_size=5))
def test_any_text_is_a_tree_or_a_fault(text: str, opening: str, body: str) -> None:
    closing = {"+++\n": "\n+++\n", "{": "}\n"}.get(opening, "\n---\n")
    data = (opening + text + closing + body).encode()
    lines = data.count(b"\n") + data.count(b"\r") + 1
    try:
        tree = parse(split(decode(data)))
        line = 1
    except FrontMatterError as error:
        tree, line = {}, error.line
    assert all(isinstance(key, str) for key in tree)
    assert 1 <= line <= lines


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
def test_paths_are_located_in_the_text(path: Keys, place: Any) -> None:
    assert locate(Front(LOCATED, "", 2), [path]) == {path: place}


@given(st.text(), st.sampled_from(["yaml", "json", "toml"]))
def test_locate_never_fails(text: str, format_: Any) -> None:
    assert locate(Front(text, "", 2, format_), [()]) == {(): (2, 1)}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("title:Ferry", "a colon without a space"),
        ("title:\xa0Ferry", "a colon and a no-break space"),
        ("title：渡轮", "a full-width colon"),
        ("see https://gull.example", None),
    ],
)
def test_a_colon_that_ends_no_key_is_named(line: str, found: str | None) -> None:
    advice = f"; a key is followed by {found}: write a colon and a space" if found else ""
    reason = f"the front matter must be `key: value` lines, found text{advice}"
    assert fault_of(f"---\n{line}\n---\n") == (reason, 2, 1)
