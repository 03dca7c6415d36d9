"""Settings of a site in a configuration in JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.sites.generators.programs.javascript_settings import (
    MAX_CHARACTERS,
    SettingsKeys,
    read_settings,
)
from loaders.sites.rules.rules import SiteSettings
from tests.loaders.sites.building import write_site

KEYS = SettingsKeys("title", "url", "base", "lang")


def settings(folder: Path, text: str) -> SiteSettings:
    write_site(folder, {"a.config.js": text})
    return read_settings(str(folder), ("b.config.js", "a.config.js"), KEYS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{title: 'A', url: \"https://a.example\"}", SiteSettings("A", "https://a.example")),
        ("const title = `A`;", SiteSettings("A")),
        ('{url: "https://a.example/", base: "/b/"}', SiteSettings(None, "https://a.example/b")),
        ("{lang: 'de', url: '/b'}", SiteSettings(None, None, None, "de")),
        ("{a: {title: 'B'}, title: 'A', c: [{title: 'C'}]}", SiteSettings("A")),
        ("// title: 'B'\n/* title: 'C' */ x = {title: \"Jane's\"}", SiteSettings("Jane's")),
        ("{other: \"title: 'B'\"}", SiteSettings()),
        ("{title: `${name}`, subtitle: 'B', 'x.title': 'C'}", SiteSettings()),
        ("{title: name, url: process.env.URL}", SiteSettings()),
        ("", SiteSettings()),
    ],
)
def test_only_text_in_quotes_is_read(tmp_path: Path, text: str, expected: SiteSettings) -> None:
    assert settings(tmp_path, text) == expected


@pytest.mark.parametrize("text", ["/*", "`", "a:", "'", "{", "a: '", "//"])
def test_hostile_text_takes_linear_time(tmp_path: Path, text: str) -> None:
    assert settings(tmp_path, text * (MAX_CHARACTERS // len(text))) == SiteSettings()


def test_a_file_that_is_no_text_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.config.js").write_bytes(b"title: '\xff'")
    assert read_settings(str(tmp_path), ("a.config.js",), KEYS) == SiteSettings()
