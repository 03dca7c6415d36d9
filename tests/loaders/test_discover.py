from __future__ import annotations

import os
from pathlib import Path

import pytest

from graph.errors import UsageError
from loaders import discover as module
from loaders.discover import Found, UnreadableFile, discover, read
from tests.loaders.builders import write


def slugs(*paths: Path) -> list[str]:
    return [found.slug for found in discover(paths)]


def test_a_folder_is_walked_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.yaml", "a/y.yml", "c.TXT", "d.markdown", "e.json", "a.b.md"):
        write(tmp_path / name)
    assert slugs(tmp_path) == ["a/y", "a/z", "a.b", "b", "c", "d"]


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    for name in (".a.md", ".git/b.md", "c/.d/e.md", ".md"):
        write(tmp_path / name)
    assert slugs(tmp_path) == []


def test_what_is_no_regular_file_is_skipped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    assert slugs(tmp_path) == []


def test_links_are_followed_to_files_within_the_root_alone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "sub" / "a.md")
    outside = write(tmp_path / "outside.md")
    (root / "inside-link.md").symlink_to(root / "sub" / "a.md")
    (root / "outside-link.md").symlink_to(outside)
    (root / "dead-link.md").symlink_to(root / "nothing.md")
    (root / "self-link.md").symlink_to(root / "self-link.md")
    (root / "folder-link").symlink_to(root)
    assert slugs(root) == ["inside-link", "sub/a"]


def test_the_root_of_a_single_file_is_its_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b.md")
    assert list(discover([path])) == [Found(path, "b")]


def test_a_path_that_is_given_twice_counts_once(tmp_path: Path) -> None:
    path = write(tmp_path / "b.md")
    assert slugs(tmp_path, path, tmp_path) == ["b"]


def test_slugs_are_composed_unicode(tmp_path: Path) -> None:
    write(tmp_path / "cafe\u0301.md")
    assert slugs(tmp_path) == ["caf\u00e9"]


@pytest.mark.parametrize("name", ["missing", "pipe.md", "data.json", "no\0name"])
def test_a_path_that_holds_no_document_is_named(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    write(tmp_path / "data.json")
    with pytest.raises(UsageError) as caught:
        slugs(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        slugs(tmp_path)


def test_a_file_is_read_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 5)
    assert read(write(tmp_path / "a.md", "12345")) == b"12345"
    with pytest.raises(UnreadableFile, match="is larger than"):
        read(write(tmp_path / "b.md", "123456"))


def test_a_file_that_vanished_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read: No such file"):
        read(tmp_path / "gone.md")
