from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import UsageError
from loaders.files.discover import discover
from loaders.files.places import SourceFile, places
from loaders.files.selection import FileSelection
from tests.loaders.builders import write
from tests.thorough import examples

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
    entries = list(discover(places([tmp_path]), FileSelection.of(include, exclude)))
    assert {entry.path for entry in entries if isinstance(entry, SourceFile)} == expected
    assert len(entries) == len(expected)


@pytest.mark.parametrize(
    ("include", "entered"),
    [
        (["/_news/"], {"_news", "_news/2024"}),
        (["_news/2024/*.md"], {"_news", "_news/2024", "_news/2024/x"}),
        (["/_news/**/a.md", "_data/topics/"], {"_news", "_news/2024", "_data", "_data/topics"}),
        (["/_*/2024/"], {"_news", "_news/2024", "node_modules", "node_modules/pkg"}),
        (["_news/"], {"_news", "node_modules", "node_modules/pkg"}),
        (["*.md", "/_news/"], {"_news", "node_modules", "node_modules/pkg"}),
    ],
)
def test_folders_that_hold_nothing_of_what_is_included_are_not_entered(
    include: list[str], entered: set[str]
) -> None:
    selection = FileSelection.of(include, [])
    others = {"_news", "_news/2024", "_data", "_data/topics", "node_modules", "node_modules/pkg"}
    assert entered <= {path for path in others | entered if selection.enters(f"{path}/")}
    if "node_modules" not in entered:
        assert not selection.enters("node_modules/")
        assert not selection.enters("_new/")


PARTS = st.sampled_from(["a", "b", "*", "**", "a*", "!a", "?", "\\a", "[ab]", " ", "#a"])
GLOBS = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(["", "/", "!", "!/"]),
    st.lists(PARTS, min_size=1, max_size=3),
    st.sampled_from(["", "/", "/**"]),
)
FOLDERS = st.lists(st.sampled_from(["a", "b", "ab", " ", "#a", "!a"]), min_size=1, max_size=3)


@examples(80)
@given(st.lists(GLOBS, min_size=1, max_size=3), FOLDERS)
def test_every_folder_on_the_way_to_a_file_that_is_taken_is_entered(
    globs: list[str], folders: list[str]
) -> None:
    try:
        selection = FileSelection.of(globs, [])
    except UsageError:
        return
    if selection.takes("/".join([*folders, "a"])):
        for depth in range(1, len(folders) + 1):
            assert selection.enters(f"{'/'.join(folders[:depth])}/")


def test_globs_match_the_path_below_the_root(tmp_path: Path) -> None:
    path = write(tmp_path / "news" / "a.md")
    selection = FileSelection.of([], ["/news"])
    assert [type(entry) for entry in discover(places([path.parent]), selection)] == [SourceFile]
    assert list(discover(places([path], tmp_path), selection)) == []
    assert list(discover(places([path.parent], tmp_path), selection)) == []


@pytest.mark.parametrize("option", ["include", "exclude"])
def test_an_invalid_glob_is_named(option: str) -> None:
    with pytest.raises(UsageError, match=rf"^--{option}: .*'!'"):
        FileSelection.of(**{"include": [], "exclude": [], option: ["!"]})
