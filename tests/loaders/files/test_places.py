from __future__ import annotations

import os
from pathlib import Path

import pytest

from graph.errors import UsageError
from loaders.files.places import Place, Root, has_extension, places, stem
from tests.loaders.builders import write


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.md", "a"),
        ("a.markdown", "a"),
        ("a.mdx", "a"),
        ("a.qmd.gz", "a"),
        ("a.TXT", "a"),
        ("a.yml", "a"),
        ("a.b.yaml", "a.b"),
        ("a.md.gz", "a"),
        ("a.MD.GZ", "a"),
        ("a.md.md", "a.md"),
        ("a", None),
        ("a.json", None),
        ("a.gz", None),
        ("a.json.gz", None),
        ("a.md.gz.gz", None),
        ("md", None),
        (".md", None),
        (".md.gz", None),
    ],
)
def test_an_extension_says_that_a_file_holds_a_document(name: str, expected: str | None) -> None:
    assert has_extension(name) is (expected is not None)
    if expected is not None:
        assert stem(name) == expected


def test_a_folder_is_a_root_and_a_file_has_its_folder_for_one(tmp_path: Path) -> None:
    path = write(tmp_path / "sub" / "a.md")
    assert places([path.parent, tmp_path / "sub" / ".." / "sub"]) == [
        Place(Root(f"{tmp_path}/sub", f"{tmp_path}/sub"), "", is_folder=True),
        Place(Root(f"{tmp_path}/sub/../sub", f"{tmp_path}/sub"), "", is_folder=True),
    ]
    assert places([path]) == [
        Place(Root(f"{tmp_path}/sub", f"{tmp_path}/sub"), "a.md", is_folder=False)
    ]


def test_paths_are_shown_as_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "sub" / "b.md")
    monkeypatch.chdir(tmp_path)
    [folder, file] = places([Path(), Path("sub/b.md")])
    assert folder == Place(Root("", str(tmp_path)), "", is_folder=True)
    assert file == Place(Root("sub", f"{tmp_path}/sub"), "b.md", is_folder=False)
    assert (folder.file, file.file) == ("./", "sub/b.md")


def test_a_given_root_is_the_root_of_every_path(tmp_path: Path) -> None:
    root = Root(str(tmp_path), str(tmp_path))
    write(tmp_path / "sub" / "deep" / "a.md")
    paths = [tmp_path / "sub" / "deep" / "a.md", tmp_path / "sub" / "deep", tmp_path]
    assert places(paths[:1], tmp_path) == [Place(root, "sub/deep/a.md", is_folder=False)]
    assert places(paths[1:2], tmp_path) == [Place(root, "sub/deep", is_folder=True)]
    assert places(paths[2:], tmp_path) == [Place(root, "", is_folder=True)]


def test_a_path_that_is_repeated_or_below_another_is_loaded_once(tmp_path: Path) -> None:
    path = write(tmp_path / "sub" / "a.md")
    write(tmp_path / "subs" / "a.md")
    root = Root(str(tmp_path), str(tmp_path))
    sub = Place(root, "sub", is_folder=True)
    assert places([path, path, path.parent, path.parent], tmp_path) == [sub]
    assert places([path, tmp_path, path.parent], tmp_path) == [Place(root, "", is_folder=True)]
    beside = Place(root, "subs/a.md", is_folder=False)
    assert places([path.parent, tmp_path / "subs" / "a.md"], tmp_path) == [sub, beside]
    assert [place.path for place in places([path, path.parent])] == [""]


@pytest.mark.parametrize("outside", ["b.md", "other", "rooted/a.md"])
def test_a_path_that_is_not_below_the_root_is_named(tmp_path: Path, outside: str) -> None:
    (tmp_path / "root").mkdir()
    write(tmp_path / "b.md")
    write(tmp_path / "other" / "a.md")
    write(tmp_path / "rooted" / "a.md")
    with pytest.raises(UsageError) as caught:
        places([tmp_path / outside], tmp_path / "root")
    assert str(caught.value) == f"{tmp_path / outside}: is not below the root {tmp_path}/root"


def test_a_root_must_be_a_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md")
    with pytest.raises(UsageError, match=r"^--root .*a\.md: is not a folder$"):
        places([path], path)
    with pytest.raises(UsageError, match=r"missing: cannot be read: No such file"):
        places([path], tmp_path / "missing")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "cannot be read: No such file or directory"),
        ("pipe.md", "is neither a file nor a folder"),
        (
            "data.json",
            "the name does not end in one of .htm, .html, .markdown, .md, .mdx, .qmd, .txt, "
            ".yaml, .yml, perhaps with .gz",
        ),
        ("loop.md", "cannot be read: Too many levels of symbolic links"),
        ("no\0name", "cannot be read: the name contains a NUL character"),
        ("a.md/b.md", "cannot be read: Not a directory"),
        (os.fsdecode(b"\xff.md"), "the name is not UTF-8"),
        (os.fsdecode(b"\xff"), "the name is not UTF-8"),
    ],
)
def test_a_path_that_holds_no_document_is_named(tmp_path: Path, name: str, reason: str) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    write(tmp_path / "a.md")
    write(tmp_path / "data.json")
    write(tmp_path / os.fsdecode(b"\xff.md"))
    (tmp_path / os.fsdecode(b"\xff")).mkdir()
    (tmp_path / "loop.md").symlink_to("loop.md")
    with pytest.raises(UsageError) as caught:
        places([tmp_path / name])
    assert str(caught.value) == f"{tmp_path / name}: {reason}"


def test_a_path_that_nobody_may_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.md")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match=r"a\.md: cannot be read: Permission denied"):
        places([path])


def test_a_folder_is_known_by_device_and_inode(tmp_path: Path) -> None:
    site = tmp_path / "site"
    path = write(site / "a.md")
    status = site.stat()
    [folder, file] = [*places([site]), *places([path])]
    assert folder.identity == file.identity == (status.st_dev, status.st_ino)
    site.rename(tmp_path / "away")
    assert [place.identity for place in (folder, file)] == [None, None]
    site.symlink_to(tmp_path / "away")
    assert places([site])[0].identity == (status.st_dev, status.st_ino)
