from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graph.fields.record_kinds import RecordKind
from loaders.frontmatter.parse import parse, split, whole
from loaders.frontmatter.positions import Keys
from loaders.records.records import CheckedRecord, check
from loaders.records.values.scalar_values import Finding, described

TOO_LONG = "'0x1ffffffffffffffff' does not fit into 64 bits"
GOOD = "title: T\nprovider: {name: N, domain: d.example}\n"


def checked(text: str, kind: RecordKind = "article") -> CheckedRecord:
    return check(kind, parse(whole(text)))


def record_of(text: str, kind: RecordKind = "article") -> dict[str, Any]:
    outcome = checked(text, kind)
    assert outcome.faults == []
    return outcome.record


def faults_of(text: str, kind: RecordKind = "article") -> list[tuple[Any, str]]:
    return [tuple(finding) for finding in checked(text, kind).faults]  # type: ignore[misc]


def test_fields_are_read_as_values_of_their_types() -> None:
    text = """\
title: 2024
category: true
excerpt: ''
publishedDateTime: 2025-03-01
quality: -1
heat:
published: no
provider: {name: 3, domain: d.example, rank: 3, other: '3'}
images: [{url: u, width: 10, isCached: true, weight: 1.5}]
price: 10
"""
    assert record_of(text) == {
        "title": "2024",
        "category": "true",
        "excerpt": "",
        "publishedDateTime": datetime(2025, 3, 1, tzinfo=UTC),
        "quality": -1,
        "heat": None,
        "published": False,
        "provider": {"name": "3", "domain": "d.example", "rank": 3, "other": "3"},
        "images": [{"url": "u", "width": 10, "isCached": True, "weight": 1.5}],
        "price": 10,
    }


def test_text_is_plain_str() -> None:
    record = record_of(GOOD + "topics: [a]\n")
    found = [record["title"], record["provider"]["name"], record["topics"][0]]
    assert {type(text) for text in found} == {str}


def test_null_and_missing_fields_are_distinguished() -> None:
    record = record_of(GOOD + "images:\nexcerpt: ~\n")
    assert {key: record[key] for key in record if key not in ("title", "provider")} == {
        "images": None,
        "excerpt": None,
    }


def test_every_fault_of_a_document_is_found() -> None:
    text = """\
title:
quality: 'high'
publishedDateTime: 2024-13-45
provider: {name: N}
topics: AI
images: [{width: wide}, x]
related:
  - title: [a]
    provider: nobody
  -
  - title: R
    provider: {name: R, domain: ~}
size: .inf
"""
    assert faults_of(text) == [
        (("title",), "expected text, found nothing"),
        (
            ("publishedDateTime",),
            "'2024-13-45' is not a date: month must be in 1..12",
        ),
        (("quality",), "expected a whole number, found 'high'"),
        (("provider", "domain"), "provider.domain is missing"),
        (("images", 0, "url"), "images[].url is missing"),
        (("images", 0, "width"), "expected a whole number, found 'wide'"),
        (("images", 1), "expected a mapping of keys to values, found 'x'"),
        (("topics",), "expected a list, found 'AI'"),
        (("related", 0, "title"), "expected text, found a list"),
        (("related", 0, "provider"), "expected a mapping of keys to values, found 'nobody'"),
        (("related", 2, "provider", "domain"), "expected text, found nothing"),
    ]


DATED = [
    "---\n{good}publishedDateTime: {value}\n---\n",
    '---\n{good}publishedDateTime: "{value}"\n---\n',
    '+++\ntitle = "T"\npublishedDateTime = "{value}"\n'
    'provider = {{name = "N", domain = "d.example"}}\n+++\n',
    '{{"title": "T", "publishedDateTime": "{value}", '
    '"provider": {{"name": "N", "domain": "d.example"}}}}\n',
]


@pytest.mark.parametrize("form", DATED, ids=["yaml", "yaml in quotes", "toml", "json"])
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2024-13-45", "'2024-13-45' is not a date: month must be in 1..12"),
        ("25:61:00", "expected a date such as 2024-01-31T08:30:00Z, found '25:61:00'"),
        ("0000-01-01", "'0000-01-01' is not a date: year 0 is out of range"),
        (
            "2024-01-01T00:00:00+99:99",
            "'2024-01-01T00:00:00+99:99' is not a date: "
            "the offset from UTC must be less than 24 hours",
        ),
    ],
)
def test_40_impossible_dates_are_rejected(form: str, value: str, reason: str) -> None:
    tree = parse(split(form.format(good=GOOD, value=value)))
    assert check("article", tree).faults == [Finding(("publishedDateTime",), reason)]


@pytest.mark.parametrize(
    ("front", "day", "hour"),
    [
        ("---\nat: 2024-01-31\n---\n", 31, 0),
        ("---\nat: 2024-01-31 08:30:00\n---\n", 31, 8),
        ("---\nat: 2024-01-31T03:30:00+05:30\n---\n", 30, 22),
        ("+++\nat = 2024-01-31\n+++\n", 31, 0),
        ("+++\nat = 2024-01-31 08:30:00\n+++\n", 31, 8),
        ("+++\nat = 2024-01-31T03:30:00.5+05:30\n+++\n", 30, 22),
        ('{"at": "2024-01-31"}', 31, 0),
        ('{"at": "2024-01-31T08:30:00"}', 31, 8),
        ('{"at": "2024-01-31T03:30:00+05:30"}', 30, 22),
    ],
)
def test_41_dates_without_time_or_offset_are_utc(front: str, day: int, hour: int) -> None:
    provider = {"name": "N", "domain": "d.example"}
    tree = {"title": "T", "provider": provider, "publishedDateTime": parse(split(front))["at"]}
    read = check("article", tree).record["publishedDateTime"]
    assert (read.month, read.day, read.hour, read.tzinfo) == (1, day, hour, UTC)


@pytest.mark.parametrize("value", ["no", "12:30:45", "0123", "1.10", "1e3", "0x1F", "2024-01-01"])
def test_42_unquoted_text_in_yaml_is_kept_as_written(value: str) -> None:
    assert record_of(GOOD + f"category: {value}\n")["category"] == value


@pytest.mark.parametrize(
    ("front", "value"),
    [
        ('{"a": 1.10}', "1.10"),
        ('{"a": 1E3}', "1E3"),
        ('{"a": false}', "false"),
        ("+++\na = 1.10\n+++", "1.10"),
        ("+++\na = 12:30:45\n+++", "12:30:45"),
        ("+++\na = false\n+++", "false"),
    ],
)
def test_42_unquoted_text_in_json_and_toml_is_kept_as_written(front: str, value: str) -> None:
    provider = {"name": "N", "domain": "d.example"}
    tree = {"title": parse(split(front))["a"], "provider": provider}
    assert check("article", tree).record["title"] == value


@pytest.mark.parametrize(
    ("front", "text", "reason"),
    [
        ("---\nsize: .nan\n---\n", ".nan", ".nan is not a finite number"),
        ("---\nsize: .inf\n---\n", ".inf", ".inf is not a finite number"),
        ("---\nsize: 123e4567\n---\n", "123e4567", "'123e4567' is not a finite number"),
        ("---\nsize: 0x1ffffffffffffffff\n---\n", "0x1ffffffffffffffff", TOO_LONG),
        (f"---\nsize: {2**64}\n---\n", str(2**64), f"'{2**64}' does not fit into 64 bits"),
        ('{"size": NaN}', ".nan", ".nan is not a finite number"),
        ('{"size": -Infinity}', "-.inf", "-.inf is not a finite number"),
        ('{"size": 1e999}', "1e999", "'1e999' is not a finite number"),
        (f'{{"size": {2**64}}}', str(2**64), f"'{2**64}' does not fit into 64 bits"),
        ("+++\nsize = nan\n+++\n", ".nan", ".nan is not a finite number"),
        ("+++\nsize = +inf\n+++\n", "+.inf", "+.inf is not a finite number"),
        (f"+++\nsize = {2**64}\n+++\n", str(2**64), f"'{2**64}' does not fit into 64 bits"),
        (
            "---\nsize: {$ref: x, $id: 1}\n---\n",
            '{"$ref":"x","$id":1}',
            "a mapping must not contain both $ref and $id",
        ),
    ],
)
def test_43_an_unknown_value_that_cannot_be_stored_is_kept_as_text(
    front: str, text: str, reason: str
) -> None:
    provider = {"name": "N", "domain": "d.example"}
    tree = {"title": "T", "provider": provider, **parse(split(front))}
    record, faults, warnings = check("article", tree)
    assert (record["size"], type(record["size"]), faults) == (text, str, [])
    assert warnings == [Finding(("size",), f"{reason}: kept as text")]


def test_43_a_nested_value_that_cannot_be_stored_is_kept_as_text() -> None:
    text = GOOD + "a: [{b: 99999999999999999999}]\nimages: [{url: u, c: .inf}]\n"
    record, faults, warnings = checked(text)
    assert (record["a"], faults) == ([{"b": "99999999999999999999"}], [])
    assert record["images"] == [{"url": "u", "c": ".inf"}]
    assert [finding.at for finding in warnings] == [("images", 0, "c"), ("a", 0, "b")]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (GOOD + "$ref: x\n$id: 1\n", ()),
        ("title: T\nprovider: {name: N, domain: d, $ref: x, $id: 1}\n", ("provider",)),
        (GOOD + "images: [{url: u, $ref: x, $id: 1}]\n", ("images", 0)),
        (
            GOOD + "related: [{title: R, provider: {name: N, domain: d}, $ref: x, $id: 1}]\n",
            ("related", 0),
        ),
    ],
)
def test_44_an_object_that_drivers_read_as_a_reference_is_text_within_fields_too(
    text: str, at: Keys
) -> None:
    record, faults, warnings = checked(text)
    mapping: Any = record
    for key in at:
        mapping = mapping[key]
    assert ("$id" in mapping, mapping["$ref"], faults) == (False, '{"$ref":"x","$id":1}', [])
    reason = "a mapping must not contain both $ref and $id: kept as text"
    assert warnings == [Finding((*at, "$ref"), reason)]


YAML_ONLY = [
    ("!x y", "the tag '!x' is not allowed (put the value in quotes if it is text)", "!x y"),
    ("!!binary aGk=", "the tag '!!binary' is not allowed", "!!binary aGk="),
    ("!!set {x, y}", "the tag '!!set' is not allowed", "!!set {x, y}"),
    ("=", "the value '=' must be in quotes", "="),
    ("{{ x }}", "a value that begins with `{{` must be in quotes", "{{ x }}"),
    ("{[x]: 1}", "a key must be text", "{[x]: 1}"),
]


@pytest.mark.parametrize(("value", "reason", "text"), YAML_ONLY)
def test_38_a_value_of_a_type_that_only_yaml_has_is_text_under_an_unknown_key(
    value: str, reason: str, text: str
) -> None:
    record, faults, warnings = checked(
        GOOD + f"a: {value}\nb: [{value}]\nimages: [{{url: u, c: {value}}}]\n"
    )
    assert (record["a"], record["b"], record["images"][0]["c"]) == (text, [text], text)
    assert faults == []
    assert warnings == [
        Finding(at, f"{reason}: kept as text") for at in (("images", 0, "c"), ("a",), ("b", 0))
    ]


@pytest.mark.parametrize(("value", "reason", "_"), YAML_ONLY)
@pytest.mark.parametrize("field", ["title", "provider", "topics", "heat", "publishedDateTime"])
def test_38_a_value_of_a_type_that_only_yaml_has_is_a_fault_in_a_field(
    field: str, value: str, reason: str, _: str
) -> None:
    good = {"title": "T", "provider": "{name: N, domain: d}"}
    text = "".join(f"{key}: {item}\n" for key, item in {**good, field: value}.items())
    found = dict(checked(text).faults)
    assert reason in found[(field,)] or described(value) in found[(field,)]


def test_36_a_merge_under_an_unknown_key_is_kept_as_a_key() -> None:
    record, faults, warnings = checked(GOOD + "a: &a {b: 1}\nc: {<<: *a, d: 2}\n")
    assert (record["c"], faults) == ({"<<": {"b": 1}, "d": 2}, [])
    reason = "merge keys (<<) are not supported: kept as the key '<<'"
    assert warnings == [Finding(("c", "<<"), reason)]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a: &a {title: T}\n<<: *a\nprovider: {name: N, domain: d}\n", ()),
        (GOOD + "a: &a {category: c}\n<<: *a\n", ()),
        ("title: T\na: &a {domain: d}\nprovider: {<<: *a, name: N}\n", ("provider",)),
        (GOOD + "a: &a {url: u}\nimages: [{<<: *a}]\n", ("images", 0)),
    ],
)
def test_36_a_merge_among_fields_is_a_fault(text: str, at: Keys) -> None:
    assert faults_of(text) == [((*at, "<<"), "merge keys (<<) are not supported")]


def test_44_a_key_that_cannot_be_stored_is_kept_as_text_with_a_warning() -> None:
    record, faults, warnings = checked(GOOD + '? [a, b]\n: 1\n"c\\0": {d: 2}\n')
    assert (record["[a, b]"], record["c\\0"], faults) == (1, {"d": 2}, [])
    assert warnings == [
        Finding(("[a, b]",), "a key must be text: kept as the key '[a, b]'"),
        Finding(("c\\0",), "a key must not contain a NUL character: kept as the key 'c\\\\0'"),
    ]


@pytest.mark.parametrize("depth", [99, 100, 249])
def test_37_a_value_nested_too_deep_for_the_database_is_text(depth: int) -> None:
    record, faults, warnings = checked(GOOD + f"a: {'[' * depth}{']' * depth}\n")
    assert faults == []
    levels, value = 0, record["a"]
    while value and isinstance(value, list):
        levels, value = levels + 1, value[0]
    if depth == 99:
        assert (levels, value, warnings) == (98, [], [])
    else:
        assert (levels, value) == (99, "[" * (depth - 99) + "]" * (depth - 99))
        reason = "nested more than 100 levels deep: kept as text"
        assert [(len(finding.at), finding.reason) for finding in warnings] == [(100, reason)]


def test_text_that_looks_like_a_number_out_of_range_is_text() -> None:
    assert record_of("title: .nan\nprovider: {name: 1e999, domain: d}\n")["title"] == ".nan"
    assert faults_of("title: .nan\nprovider: {name: 1e999}\n") == [
        (("provider", "domain"), "provider.domain is missing")
    ]


def test_numbers_and_truth_values_in_quotes_are_taken_with_a_warning() -> None:
    text = GOOD + (
        "heat: '12'\nremoved: \"yes\"\nprice: '3'\ncategory: '4'\n"
        "images: [{url: '5', width: 6}, {url: u, width: '7', isCached: 'false', other: '8'}]\n"
    )
    record, faults, warnings = checked(text)
    assert (record["heat"], record["removed"], record["price"], faults) == (12, True, "3", [])
    assert record["images"] == [
        {"url": "5", "width": 6},
        {"url": "u", "width": 7, "isCached": False, "other": "8"},
    ]
    assert warnings == [
        Finding(("heat",), "'12' is in quotes, taken as a number"),
        Finding(("removed",), "'yes' is in quotes, taken as true"),
        Finding(("images", 1, "width"), "'7' is in quotes, taken as a number"),
        Finding(("images", 1, "isCached"), "'false' is in quotes, taken as false"),
    ]


def test_a_time_zone_is_that_of_dates_without_an_offset() -> None:
    tree = parse(whole(GOOD + "publishedDateTime: 2020-01-01 10:00\n"))
    record = check("article", tree, ZoneInfo("Pacific/Auckland")).record
    assert record["publishedDateTime"] == datetime(2019, 12, 31, 21, tzinfo=UTC)


BLANK = ["''", '" "', '"\\t\\n"', '"\\_\\u3000"']


@pytest.mark.parametrize("blank", BLANK)
def test_required_text_must_not_be_blank(blank: str) -> None:
    text = f"title: {blank}\nprovider: {{name: {blank}, domain: {blank}}}\n"
    assert faults_of(text) == [
        (("title",), "title is empty"),
        (("provider", "name"), "provider.name is empty"),
        (("provider", "domain"), "provider.domain is empty"),
    ]
    story = f"related: [{{title: R, provider: {{name: {blank}, domain: d}}}}]\n"
    assert faults_of(GOOD + story) == [
        (("related", 0, "provider", "name"), "related[].provider.name is empty")
    ]
    assert faults_of(f"name: {blank}\n", "topic") == [(("name",), "name is empty")]
    assert faults_of(f"name: N\ndomain: {blank}\n", "organization") == [
        (("domain",), "domain is empty")
    ]


def test_blank_text_of_a_story_or_a_picture_is_warned_of() -> None:
    text = GOOD + (
        "excerpt: ''\nimages: [{url: ''}]\n"
        "related:\n  -\n  - {title: ' ', webUrl: '', provider: {name: N, domain: d}}\n"
    )
    record, faults, warnings = checked(text)
    assert (faults, record["related"][0]["title"], record["images"]) == ([], "", [{"url": ""}])
    assert warnings[-1] == Finding(("related", 1, "title"), "related[].title is empty")
    assert Finding(("images", 0, "url"), "images[].url is empty") in warnings


def test_names_that_are_in_a_list_twice_are_dropped_with_a_warning() -> None:
    record, faults, warnings = checked(GOOD + "topics: [AI, ~, B, AI, ai, B]\nkeywords: [x, x]\n")
    assert (record["topics"], record["keywords"], faults) == (["AI", "B", "ai"], ["x", "x"], [])
    assert warnings == [
        Finding(("topics", 1), "an empty entry, dropped"),
        Finding(("topics", 3), "'AI' is in the list already, dropped"),
        Finding(("topics", 5), "'B' is in the list already, dropped"),
    ]
    topic = record_of("name: N\nkeywords: [a, a]\nhashtags: [b, c, b]\n", "topic")
    assert (topic["keywords"], topic["hashtags"]) == (["a"], ["b", "c"])
    names = record_of("name: N\ndomain: d\notherNames: [a, a]\n", "organization")["otherNames"]
    assert names == ["a"]


@pytest.mark.parametrize("kind", ["topic", "organization"])
@pytest.mark.parametrize("value", ["x", "[x]", "[~, {a: ~}]", "{images: [~]}"])
def test_names_of_another_kinds_fields_are_unknown_keys(kind: RecordKind, value: str) -> None:
    text = f"name: N\ndomain: d.example\nrelated: {value}\nprovider: {value}\n"
    assert checked(text, kind)[1:] == ([], [])


def test_empty_entries_are_dropped_with_a_warning() -> None:
    text = GOOD + (
        "topics: [~, A, null]\nunknown: [~]\n"
        "related:\n  -\n  - {title: R, provider: {name: N, domain: d}, images: [~]}\n"
    )
    record, faults, warnings = checked(text)
    assert faults == []
    assert (record["topics"], record["unknown"]) == (["A"], [None])
    assert record["related"] == [
        {"title": "R", "provider": {"name": "N", "domain": "d"}, "images": []}
    ]
    assert [finding.at for finding in warnings] == [
        ("topics", 0),
        ("topics", 2),
        ("related", 0),
        ("related", 1, "images", 0),
    ]


def test_fields_of_taxonomy_files_are_checked() -> None:
    topic = "_id: 12\nname: AI\nkeywords: [a, ~]\nimages: [{url: /a.svg}]\nservices: {n: 1}\n"
    assert record_of(topic, "topic") == {
        "_id": "12",
        "name": "AI",
        "keywords": ["a"],
        "images": [{"url": "/a.svg"}],
        "services": {"n": 1},
    }
    assert faults_of("keywords: []\n", "topic") == [(("name",), "name is missing")]
    assert faults_of("name: N\nimages: [/a.svg]\n", "organization") == [
        (("domain",), "domain is missing"),
        (("images", 0), "expected a mapping of keys to values, found '/a.svg'"),
    ]


def test_a_finding_equals_a_tuple_of_its_parts() -> None:
    assert Finding(("a",), "x") == (("a",), "x")


@pytest.mark.parametrize(
    "title", [">\n  Ferry\n  sails\n", '" Ferry sails\t"', "|\n  Ferry sails\n\n"]
)
def test_text_has_no_white_space_at_its_ends(title: str) -> None:
    record, faults, warnings = checked(f"{GOOD}category: {title}\ntopics: [' a', a]\n")
    assert (record["category"], record["topics"]) == ("Ferry sails", ["a"])
    assert (faults, [warning.at for warning in warnings]) == ([], [("topics", 1)])
