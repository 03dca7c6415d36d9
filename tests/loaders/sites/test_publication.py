"""The times at which documents of other generators are published."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.records.convert import ConvertedFile, convert
from loaders.sites.site import read_site
from tests.builders import moment
from tests.loaders.builders import source_file_of
from tests.loaders.sites.building import write_site

HUGO = 'title = "The Gull"\nbaseURL = "https://gull.example"\n'
JEKYLL = "title: The Gull\nurl: https://gull.example\ncollections: [guides]\n"

PAST, FUTURE = "2025-03-01", "2025-03-20"


@pytest.mark.parametrize(
    ("configuration", "front", "expected"),
    [
        ("", f"date: {PAST}", True),
        ("", f"date: {FUTURE}", False),
        ("", f"publishDate: {PAST}\ndate: {FUTURE}", True),
        ("", f"publishDate: {FUTURE}\ndate: {PAST}", False),
        ("buildFuture = true", f"date: {FUTURE}", True),
        ("buildFuture = true", f"publishDate: {FUTURE}", True),
        ("", f"expiryDate: {PAST}", False),
        ("", f"expirydate: {FUTURE}", True),
        ("buildExpired = true", f"expiryDate: {PAST}", True),
        ("", "draft: true", False),
        ("buildDrafts = true", "draft: true", True),
        ("buildDrafts = true", f"draft: true\ndate: {FUTURE}", False),
    ],
)
def test_hugo_publishes_by_draft_dates_and_configuration(
    tmp_path: Path, configuration: str, front: str, expected: bool
) -> None:
    path = "content/news/ferry.md"
    assert is_published(tmp_path, {"hugo.toml": HUGO + configuration}, path, front) is expected


def test_an_invalid_date_in_a_file_name_is_one_fault(tmp_path: Path) -> None:
    path = "_posts/2024-13-45-ferry.md"
    write_site(tmp_path, {"_config.yml": JEKYLL, path: "---\ntitle: Ferry\n---\n"})
    mapping = read_site(str(tmp_path)).mapping
    [fault] = convert(source_file_of(tmp_path / path, tmp_path), frozenset(), None, mapping).faults
    assert fault.reason == "'2024-13-45' is not a date: month must be in 1..12"
    assert fault.field == "publishedDateTime"


@pytest.mark.parametrize(
    ("configuration", "path", "front", "expected"),
    [
        ("", f"_posts/{PAST}-ferry.md", "", True),
        ("", f"_posts/{FUTURE}-ferry.md", "", False),
        ("", f"_posts/{FUTURE}-ferry.md", f"date: {PAST}", True),
        ("", f"sport/_posts/{FUTURE}-ferry.md", "", False),
        ("", "_guides/ferry.md", f"date: {FUTURE}", False),
        ("", "about.md", f"date: {FUTURE}", True),
        ("", "about.md", f"publishDate: {FUTURE}", False),
        ("future: true", f"_posts/{FUTURE}-ferry.md", "", True),
        ("future: true", f"_posts/{PAST}-ferry.md", f"publishDate: {FUTURE}", False),
        ("", f"_posts/{PAST}-ferry.md", f"expiryDate: {PAST}", False),
        ("", f"_posts/{PAST}-ferry.md", "published: false", False),
        ("", "_drafts/ferry.md", "", False),
        ("", "_posts/ferry.md", "", False),
        ("", "sport/_posts/mi/ferry.md", f"date: {PAST}", False),
        ("", f"sport/_posts/mi/{PAST}-ferry.md", "", True),
        ("show_drafts: true", "_drafts/ferry.md", "", True),
        ("show_drafts: true", "_drafts/ferry.md", "published: false", False),
    ],
)
def test_jekyll_publishes_by_published_date_and_configuration(
    tmp_path: Path, configuration: str, path: str, front: str, expected: bool
) -> None:
    files = {"_config.yml": JEKYLL + configuration}
    assert is_published(tmp_path, files, path, front) is expected


@pytest.mark.parametrize(
    ("sign", "path"),
    [("astro.config.mjs", "src/content/blog/a.md"), ("eleventy.config.js", "a.md")],
)
def test_sites_without_a_window_of_their_own(tmp_path: Path, sign: str, path: str) -> None:
    def answer(front: str) -> bool:
        return is_published(tmp_path, {sign: ""}, path, front)

    assert answer(f"date: {FUTURE}")
    assert not answer(f"publishDate: {FUTURE}")
    assert not answer(f"expiryDate: {PAST}")


@pytest.mark.parametrize(
    ("sign", "path"),
    [
        ("hugo.toml", "content/a.md"),
        ("_config.yml", f"_posts/{PAST}-a.md"),
        ("eleventy.config.js", "a.md"),
        ("astro.config.mjs", "src/content/blog/a.md"),
        ("mkdocs.yml", "docs/a.md"),
    ],
)
def test_pages_with_a_password_are_not_published(tmp_path: Path, sign: str, path: str) -> None:
    files = {sign: {"hugo.toml": HUGO, "_config.yml": JEKYLL}.get(sign, "")}
    assert not is_published(tmp_path, files, path, "password: sesame")
    assert not is_published(tmp_path, files, path, "password: 1234")
    assert is_published(tmp_path, files, path, 'password: ""')
    assert is_published(tmp_path, files, path, "password: false")


@pytest.mark.parametrize(
    ("sign", "path"),
    [
        ("eleventy.config.js", "a.md"),
        ("astro.config.mjs", "src/content/blog/a.md"),
        ("admin/config.yml", "a.md"),
        ("mkdocs.yml", "docs/a.md"),
    ],
)
def test_a_status_decides_where_the_site_itself_gives_it_a_meaning(
    tmp_path: Path, sign: str, path: str
) -> None:
    files = {sign: "collections: []"}
    assert not is_published(tmp_path, files, path, "status: draft")
    assert is_published(tmp_path, files, path, "status: published")


@pytest.mark.parametrize(
    ("configuration", "path"),
    [
        ({"hugo.toml": HUGO}, "content/news/ferry.md"),
        ({"_config.yml": JEKYLL}, f"_posts/{PAST}-ferry.md"),
        ({"astro.config.mjs": ""}, "src/content/blog/a.md"),
    ],
)
@pytest.mark.parametrize("key", ["publishDate", "expiryDate"])
def test_an_invalid_publish_or_expiry_date_is_a_fault(
    tmp_path: Path, configuration: dict[str, str], path: str, key: str
) -> None:
    result = converted(tmp_path, configuration, path, f"date: {PAST}\n{key}: soon")
    (fault,) = result.faults
    assert (fault.line, fault.field) == (5, key)
    assert fault.reason == "expected a date such as 2024-01-31T08:30:00Z, found 'soon'"
    assert converted(tmp_path, configuration, path, f'{key}: ""').document is not None


def test_a_date_that_two_fields_are_made_of_is_one_fault(tmp_path: Path) -> None:
    path = "content/news/ferry.md"
    assert len(converted(tmp_path, {"hugo.toml": HUGO}, path, "date: 03/04/2025").faults) == 1


@pytest.mark.parametrize("fence", ["---", "+++"])
@pytest.mark.parametrize("provider", [True, False])
def test_front_matter_may_be_empty(tmp_path: Path, fence: str, provider: bool) -> None:
    site = {"_config.yml": JEKYLL if provider else "title: The Gull\n"}
    path = tmp_path / f"_posts/{PAST}-ferry.md"
    write_site(tmp_path, {**site, str(path.relative_to(tmp_path)): f"{fence}\n{fence}\n# Ship\n"})
    mapping = read_site(str(tmp_path)).mapping
    result = convert(source_file_of(path, tmp_path), frozenset(), None, mapping, moment(10))
    if provider:
        assert result.document is not None
        assert (result.document["title"], result.document["published"]) == ("Ship", True)
    else:
        assert [fault.field for fault in result.faults] == ["provider"]


def is_published(folder: Path, files: dict[str, str], path: str, front: str) -> bool:
    """Whether the article that a file of a site makes is published on 10 March 2025."""
    result = converted(folder, files, path, front)
    assert result.document is not None, result.faults
    published: bool = result.document["published"]
    return published


def converted(folder: Path, files: dict[str, str], path: str, front: str) -> ConvertedFile:
    """The result of converting a file of a site on 10 March 2025."""
    provider = "provider: {name: The Gull, domain: gull.example}"
    page = f"---\ntitle: Ferry\n{provider}\n{front}\n---\n"
    write_site(folder, {**files, path: page})
    mapping = read_site(str(folder)).mapping
    return convert(source_file_of(folder / path, folder), frozenset(), None, mapping, moment(10))
