"""The values that sections of Hugo give to their pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loaders.sites.generators.pages.hugo_cascades import cascades
from loaders.sites.mapping.mapping import Definition, SiteMapping
from tests.loaders.sites.building import write_site


def types(folder: Path, cascade: str, *paths: str, of_site: Any = None) -> list[str | None]:
    """The `type` that pages get from a cascade of the section `news`."""
    front = f"---\ntitle: News\n{cascade}\n---\n"
    write_site(folder, {"content/news/_index.md": front})
    rules = tuple(cascades(str(folder), "content", of_site))
    mapping = SiteMapping(Definition(rules=rules, strict=True))
    return [mapping.apply(path, {}, "").fields.get("type") for path in paths]


PAGES = ("content/news/a.md", "content/news/b/c/index.md", "content/other/a.md")


@pytest.mark.parametrize(
    ("cascade", "expected"),
    [
        ("cascade: {type: a}", ["a", "a", None]),
        ("Cascade: [{type: a}]", ["a", "a", None]),
        ("cascade: [{type: a, target: {path: /news/b/**}}, {type: b}]", ["b", "a", None]),
        ("cascade: {type: a, _target: {path: '{/news/a,/news/b/**}'}}", ["a", "a", None]),
        ("cascade: {type: a, target: {path: '/news/b/c'}}", [None, "a", None]),
        ("cascade: {type: a, target: {kind: page}}", ["a", "a", None]),
        ("cascade: {type: a, target: {kind: section}}", [None, None, None]),
        ("cascade: {type: a, target: {lang: fr}}", [None, None, None]),
        ("cascade: {type: a, target: {environment: development}}", [None, None, None]),
        ("cascade: {type: a, target: {path: '[/news'}}", [None, None, None]),
        ("cascade: text", [None, None, None]),
        ("cascade: {type: a", [None, None, None]),
    ],
)
def test_a_cascade_is_for_the_pages_of_its_section(
    tmp_path: Path, cascade: str, expected: list[str | None]
) -> None:
    assert types(tmp_path, cascade, *PAGES) == expected


def test_a_section_overrides_the_site(tmp_path: Path) -> None:
    found = types(tmp_path, "cascade: {type: a}", *PAGES, of_site={"type": "b"})
    assert found == ["a", "a", "b"]


def test_a_glob_with_very_many_alternatives_is_ignored(tmp_path: Path) -> None:
    glob = "{a,b}" * 40
    cascade = f"cascade: {{type: a, target: {{path: '{glob}'}}}}"
    assert types(tmp_path, cascade, *PAGES) == [None, None, None]
