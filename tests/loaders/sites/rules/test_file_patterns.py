"""A rule applies to the files that its patterns match, as in .gitignore."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import PathSpec

from loaders.sites.presets import PRESETS, preset
from loaders.sites.rules.file_patterns import FilePatterns

PARTS = st.sampled_from(["a", "b", "_data", "topics", "node_modules", "content", "2024-05-01-x"])
NAMES = st.sampled_from(["a", "a.md", "b.yml", "_index.md", "config.yml", "_quarto-x.yml", "é"])
FOLDERS = st.lists(PARTS, max_size=3).map("/".join)
OTHERS = [
    *("*", "**", "/", "a", "!a", "!a/", "a/", "/a", "a/b", "a/**", "a/**/", "a/*.md", "?.md"),
    *("!*.md", "*.md", "[ab].md", "[!b]*", "a[!x]b", "**/a", "a/**/b", "!content/**", "\\!a"),
    *("*/", "**/", "/a/b/", "/*/b.yml", "a/?.md", "a/a/a.md", "/a.md", "!/a/a.md", "a/[b]/a"),
]
PRESET_PATTERNS = {line for name in PRESETS for rule in preset(name).rules for line in rule.files}
PATTERNS = st.lists(st.sampled_from(sorted({*OTHERS, *PRESET_PATTERNS})), min_size=1, max_size=4)


@given(PATTERNS, FOLDERS, NAMES)
def test_the_last_pattern_that_matches_decides(lines: list[str], folder: str, name: str) -> None:
    path = f"{folder}/{name}" if folder else name
    expected = PathSpec.from_lines("gitignore", lines).match_file(path)
    assert FilePatterns(lines).in_folder(folder).matches(path, name) == expected


def test_without_patterns_a_rule_applies_to_all_files() -> None:
    assert FilePatterns(()).in_folder("a").matches("a/b.md", "b.md")


@pytest.mark.parametrize("line", ["node_modules/", "/themes/", "**/_data/topics/", "docs/**"])
def test_a_pattern_that_decides_for_a_folder_is_not_tested_within_it(line: str) -> None:
    folder = "themes/_data/topics/node_modules"
    other = "docs/a"
    patterns = FilePatterns([line])
    assert not patterns.in_folder(folder).tests
    assert not patterns.in_folder(other).tests
    assert patterns.in_folder(folder).start != patterns.in_folder(other).start


def test_only_patterns_that_can_match_in_a_folder_are_tested_there() -> None:
    patterns = FilePatterns(["/README.*", "/content/tags/*/_index.*", "robots.txt", "404.md"])
    assert len(patterns.in_folder("").tests) == 2
    assert len(patterns.in_folder("content/tags/ferries").tests) == 2
    assert len(patterns.in_folder("content/posts/2024").tests) == 1
