from __future__ import annotations

from pathlib import Path

import pytest

from graph.errors import UsageError
from loaders.discover import discover
from loaders.places import Found, places
from loaders.selection import Selection
from tests.loaders.builders import write

FILES = (
    "README.md",
    "_news/a.md",
    "_news/2024/b.md",
    "_news/2024/README.md",
    "_news/drafts/c.md",
    "_data/topics/ai.yml",
    "node_modules/pkg/d.md",
)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], set(FILES)),
        (["_news/"], [], {name for name in FILES if name.startswith("_news/")}),
        (["*.yml"], [], {"_data/topics/ai.yml"}),
        (["/*.md"], [], {"README.md"}),
        (["_news/*.md"], [], {"_news/a.md"}),
        (["_news/**/*.md"], ["README.md"], {"_news/a.md", "_news/2024/b.md", "_news/drafts/c.md"}),
        (["2024", "*.yml"], [], {"_news/2024/b.md", "_news/2024/README.md", "_data/topics/ai.yml"}),
        ([], ["node_modules", "drafts/", "_data"], set(FILES[:4])),
        ([], ["/_*/*", "!/_news/a.md"], {"README.md", "_news/a.md", "node_modules/pkg/d.md"}),
        (["a.md", "!a.md"], [], set()),
        (["# a remark", ""], [], set()),
    ],
)
def test_globs_choose_files_as_gitignore_does(
    tmp_path: Path, include: list[str], exclude: list[str], expected: set[str]
) -> None:
    for name in FILES:
        write(tmp_path / name)
    entries = list(discover(places([tmp_path]), Selection.of(include, exclude)))
    assert {entry.path for entry in entries if isinstance(entry, Found)} == expected
    assert len(entries) == len(expected)


def test_globs_are_held_against_the_path_below_the_root(tmp_path: Path) -> None:
    path = write(tmp_path / "news" / "a.md")
    selection = Selection.of([], ["/news"])
    assert [type(entry) for entry in discover(places([path.parent]), selection)] == [Found]
    assert list(discover(places([path], tmp_path), selection)) == []
    assert list(discover(places([path.parent], tmp_path), selection)) == []


@pytest.mark.parametrize("option", ["include", "exclude"])
def test_what_is_no_glob_is_named(option: str) -> None:
    with pytest.raises(UsageError, match=rf"^--{option}: .*'!'"):
        Selection.of(**{"include": [], "exclude": [], option: ["!"]})
