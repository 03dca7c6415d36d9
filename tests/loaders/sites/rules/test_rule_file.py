"""newsgraph.toml: its contents, and the errors in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import UsageError
from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.rule_file import parse_rules, read_rule_file
from loaders.sites.rules.rules import ReaderSettings, Rule, RuleFile, SiteSettings

WHOLE = """\
preset = "hugo"
[site]
name = "The Gull"
url = "https://gull.example"
timezone = "Pacific/Auckland"
language = "en"
[reader]
name = "The Gull Online"
language = "en-NZ"
timezone = "Europe/Lisbon"
date-format = "d MMMM y"
time-format = "HH:mm"
base-url = "https://news.example/"
[[map]]
files = "content/posts/**"
defaults = { category = "news", published = false, quality = 3 }
title = ["title", ":heading"]
excerpt = "summary"
topics = ["tags", "+categories"]
published = ["published", "!draft"]
[[map]]
files = ["content/authors/**", "!content/authors/_index.md"]
kind = "author"
name = ["name", "title"]
"""


def test_every_part_of_a_rule_file_is_read() -> None:
    settings = SiteSettings("The Gull", "https://gull.example", "Pacific/Auckland", "en")
    posts = Rule(
        ("content/posts/**",),
        None,
        {"category": "news", "published": False, "quality": 3},
        {
            "title": ("title", ":heading"),
            "excerpt": ("summary",),
            "topics": ("tags", "+categories"),
            "published": ("published", "!draft"),
        },
    )
    authors = Rule(
        ("content/authors/**", "!content/authors/_index.md"),
        "author",
        {},
        {"name": ("name", "title")},
    )
    reader = ReaderSettings(
        "The Gull Online", "en-NZ", "Europe/Lisbon", "d MMMM y", "HH:mm", "https://news.example"
    )
    assert parse_rules(WHOLE, "x", PRESETS) == RuleFile(
        "hugo", False, settings, (posts, authors), reader
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prest = 1", "1:1: unknown key 'prest': did you mean 'preset'?"),
        ('preset = "hugoo"', "1:10: unknown preset 'hugoo': did you mean 'hugo'?"),
        (
            'preset = "xyz"',
            "1:10: unknown preset 'xyz': expected one of astro, decap, eleventy, generic, hugo, "
            "jekyll, plain, smartable, zola",
        ),
        ("preset = 1", "1:10: expected text in quotes"),
        ('strict = "true"', "1:10: expected true or false"),
        ("site = 1", "1:8: expected a table"),
        ('[site]\nnmae = "x"', "2:1: unknown key 'nmae': did you mean 'name'?"),
        ('site = { nmae = "x" }', "1:10: unknown key 'nmae': did you mean 'name'?"),
        (
            '[[map]]\ntitle = "name, title"',
            """2:9: 'name, title' is not a source: write a list such as ["a", "b"]""",
        ),
        ('[[map]]\ntitle = "!"', "2:9: '!' is not a source: a key must follow"),
        ('[[map]]\ntopics = ["a", "+"]', "2:1: '+' is not a source: a key must follow"),
        ('[site]\nname = " "', "2:8: expected text in quotes"),
        (
            '[site]\nurl = "gull.example"',
            "2:7: expected a URL that begins with http:// or https://",
        ),
        (
            '[site]\ntimezone = "Mars/Base"',
            "2:12: 'Mars/Base' is not a time zone: expected one such as Europe/Paris",
        ),
        ("reader = 1", "1:10: expected a table"),
        ('[reader]\ntime-zone = "UTC"', "2:1: unknown key 'time-zone': did you mean 'timezone'?"),
        ('[reader]\nname = ""', "2:8: expected text in quotes"),
        ('[reader]\nlanguage = "English!"', "2:12: 'English!': not a language such as en or pt-BR"),
        (
            '[site]\nlanguage = "English"',
            "2:12: 'English' is not a language tag: expected one such as en or pt-BR",
        ),
        ('[reader]\ntimezone = "Mars/Base"', "2:12: 'Mars/Base': not a time zone of the IANA"),
        ('[reader]\ndate-format = "DD.MM."', "2:15: 'DD.MM.': not a date format such as d MMMM y"),
        ('[reader]\nbase-url = "gull.example"', "2:12: 'gull.example': not a URL such as https:"),
        ("map = 1", "1:7: expected blocks that begin with [[map]]"),
        ('[[map]]\nkind = "artikle"', "2:8: unknown kind 'artikle': did you mean 'article'?"),
        ('[[map]]\n\ntitel = "x"', "3:1: unknown key 'titel': did you mean 'title'?"),
        ('[[map]]\ntitle = ["a", ":headin"]', "2:1: ':headin' is not a source: did you mean "
         "':heading'?"),
        ('[[map]]\ntitle = ["a", "b..c"]', "2:1: 'b..c' is not a source: a part of the key is "
         "empty"),
        ("[[map]]\ntitle = [1]", "2:1: expected text in quotes, or a list of such texts"),
        (
            '[[map]]\ntitle = ["a", "+b"]',
            "2:1: '+b': `+` is only for fields that are lists",
        ),
        (
            '[[map]]\ntitle = ["!a"]',
            "2:1: '!a': `!` is only for fields that are true or false",
        ),
        ('[[map]]\nfiles = ["!"]', "2:1: '!' is not a pattern in the syntax of .gitignore"),
        ("[[map]]\ndefaults = 1", "2:12: expected a table"),
        ('[[map]]\nkind = "topic"\ntitle = "x"', "3:1: unknown key 'title': expected one of"),
    ],
)  # fmt: skip
def test_an_error_in_a_rule_file_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_rules(text, "newsgraph.toml", PRESETS)
    assert str(raised.value).startswith(f"newsgraph.toml:{message}")


def test_a_text_that_is_not_toml_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "newsgraph.toml"
    path.write_text("preset = \n", "utf-8")
    with pytest.raises(UsageError, match=r"newsgraph\.toml:1:10: "):
        read_rule_file(str(path), PRESETS)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "newsgraph.toml"
    path.write_bytes(b'preset = "\xff"\n')
    with pytest.raises(UsageError, match=r"newsgraph\.toml:1:11: not UTF-8: byte 0xff"):
        read_rule_file(str(path), PRESETS)


def test_a_folder_instead_of_a_rule_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "newsgraph.toml").mkdir()
    with pytest.raises(UsageError, match=r"newsgraph\.toml: "):
        read_rule_file(str(tmp_path / "newsgraph.toml"), PRESETS)


@pytest.mark.parametrize("text", ["", "\n", '# preset = "hugo"\n'])
def test_an_empty_file_has_no_rules(text: str) -> None:
    assert parse_rules(text, "newsgraph.toml", PRESETS) == RuleFile()


def test_a_missing_file_has_no_rules(tmp_path: Path) -> None:
    assert read_rule_file(str(tmp_path / "newsgraph.toml"), PRESETS) is None


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_has_the_same_format(name: str) -> None:
    assert preset(name).preset is None
    assert preset(name).rules


def test_only_the_presets_for_newsgraphs_own_documents_are_strict() -> None:
    assert [name for name in PRESETS if preset(name).strict] == ["smartable", "plain"]
