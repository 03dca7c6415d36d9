from __future__ import annotations

import os
import shutil
import socket
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaders.files import discover as module
from loaders.files.discover import Skipped, discover, find
from loaders.files.places import Place, Root, SourceFile, places
from loaders.files.selection import FileSelection
from tests.loaders.builders import root_of, write

PIPE = "is not a regular file"
OUT = "is a link that leads out of the loaded folder"


def entries(*paths: Path, root: Path | None = None) -> list[SourceFile | Skipped]:
    return list(discover(places(paths, root)))


def slugs(*paths: Path, root: Path | None = None) -> list[str]:
    """The slugs of the files found, of which none is skipped."""
    return sorted(entry.slug for entry in found_at(entries(*paths, root=root)))


def found_at(entries: list[SourceFile | Skipped]) -> Iterator[SourceFile]:
    for entry in entries:
        assert isinstance(entry, SourceFile), entry
        yield entry


def skipped(*paths: Path, root: Path | None = None) -> dict[str, tuple[str, bool]]:
    """The skipped files: the reasons, and whether these are faults."""
    found = entries(*paths, root=root)
    return {e.path: (e.reason, e.fault) for e in found if isinstance(e, Skipped)}


def clash(slug: str, *others: Path) -> tuple[str, bool]:
    return f"has the same slug as {', '.join(map(str, others))}: '{slug}'", True


def test_folders_are_walked_for_files_with_the_right_endings(tmp_path: Path) -> None:
    names = ("b.md", "a/z.yaml", "a/y.yml", "c.TXT", "d.markdown", "e.json", "a.b.md", "f.md.gz")
    for name in names:
        write(tmp_path / name)
    assert slugs(tmp_path) == ["a.b", "a/y", "a/z", "b", "c", "d", "f"]


def test_a_file_has_its_root_path_and_slug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "sub" / "a.md")
    monkeypatch.chdir(tmp_path)
    [entry] = entries(Path())
    assert entry == SourceFile(Root("", str(tmp_path)), "sub/a.md", "sub/a")
    assert entry.file == "sub/a.md"


def test_hidden_files_and_folders_are_skipped_in_silence(tmp_path: Path) -> None:
    for name in (".a.md", ".git/b.md", "c/.d/e.md", ".md"):
        write(tmp_path / name)
    assert entries(tmp_path) == []


def test_files_that_are_not_regular_are_skipped(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    os.mkfifo(tmp_path / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.md"))
    write(tmp_path / "folder.md" / "inside.md")
    os.mkfifo(tmp_path / "no-document")
    assert skipped(tmp_path) == {
        f"{tmp_path}/pipe.md": (PIPE, False),
        f"{tmp_path}/socket.md": (PIPE, False),
        f"{tmp_path}/folder.md": ("is a folder, not a document", False),
    }


def test_links_are_followed_only_to_files_within_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "sub" / "a.md")
    outside = write(tmp_path / "outside.md")
    (root / "inside-link.md").symlink_to(root / "sub" / "a.md")
    (root / "outside-link.md").symlink_to(outside)
    (root / "dead-link.md").symlink_to(root / "nothing.md")
    (root / "self-link.md").symlink_to("self-link.md")
    (root / "self-link").symlink_to("self-link")
    (root / "zero.md").symlink_to("/dev/zero")
    (root / "folder-link").symlink_to(root)
    (root / "folder-link.md").symlink_to(root)
    (root / "dead-link").symlink_to(root / "nothing")
    nowhere = "is a link that leads nowhere"
    irregular = "is a link to something that is not a regular file"
    assert skipped(root) == {
        f"{root}/outside-link.md": (OUT, False),
        f"{root}/dead-link.md": (f"{nowhere}: No such file or directory", False),
        f"{root}/self-link.md": (f"{nowhere}: Too many levels of symbolic links", False),
        f"{root}/zero.md": (irregular, False),
        f"{root}/folder-link": ("is a link to a folder, not followed", False),
        f"{root}/folder-link.md": (irregular, False),
    }
    found = [entry for entry in entries(root) if isinstance(entry, SourceFile)]
    assert sorted(entry.slug for entry in found) == ["inside-link", "sub/a"]


def test_a_root_may_be_a_link(tmp_path: Path) -> None:
    path = write(tmp_path / "real" / "a.md")
    (tmp_path / "real" / "link.md").symlink_to(path)
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert slugs(tmp_path / "root") == ["a", "link"]


def test_excluded_files_are_not_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    write(tmp_path / "folder.md" / "a.md")
    (tmp_path / "link").symlink_to(tmp_path)
    write(tmp_path / os.fsdecode(b"\xff.md"))
    (tmp_path / os.fsdecode(b"\xfe")).mkdir()
    write(tmp_path / "a.md")
    write(tmp_path / "a.txt")
    selection = FileSelection.of([], ["*", "!/a.txt"])
    assert list(discover(places([tmp_path]), selection)) == [
        SourceFile(root_of(tmp_path), "a.txt", "a")
    ]


def test_names_that_are_not_utf_8_are_faults_where_documents_are_lost(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / os.fsdecode(b"\xff.md"))
    write(tmp_path / os.fsdecode(b"\xff.jpg"))
    write(tmp_path / os.fsdecode(b"\xfe") / "b.md")
    reason = ("the name is not UTF-8", True)
    assert skipped(tmp_path) == {f"{tmp_path}/?.md": reason, f"{tmp_path}/?": reason}
    assert len(entries(tmp_path)) == 3


def test_a_folder_that_cannot_be_listed_is_a_fault_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a" / "a.md")
    write(tmp_path / "b" / "b.md")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    root = root_of(tmp_path)
    assert entries(tmp_path) == [
        Skipped(f"{tmp_path}/a", "cannot be read: Permission denied", fault=True),
        SourceFile(root, "b/b.md", "b/b"),
    ]


def test_a_file_is_found_once_though_its_folders_changed_too(tmp_path: Path) -> None:
    for name in ("new/deep/a.md", "new/b.md", "new-er/c.md", "d.md", "e.md"):
        write(tmp_path / name)
    [place] = places([tmp_path])
    changed = ["new", "new-er", "new/deep", "new/deep/a.md", "new/b.md", "d.md", "gone.md"]
    found = [entry.slug for entry in found_at(list(find(place, changed)))]
    assert sorted(found) == ["d", "new-er/c", "new/b", "new/deep/a"]


def test_only_changed_files_of_the_place_are_found(tmp_path: Path) -> None:
    for name in ("_news/a.md", "_news.md", "_newsletter/b.md", "_news/.git/c.md"):
        write(tmp_path / name)
    (tmp_path / "_news/link").symlink_to(tmp_path / "_newsletter")
    [place] = places([tmp_path / "_news"], tmp_path)
    changed = ["_news", "_news.md", "_newsletter/b.md", "_news/.git", "_news/link"]
    assert [entry for entry in find(place, changed[1:]) if isinstance(entry, SourceFile)] == []
    found = list(find(place, changed, FileSelection.of([], ["link"])))
    assert [entry.slug for entry in found_at(found)] == ["_news/a"]


def test_a_file_that_is_deleted_while_its_folder_is_read_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "gone" / "b.md")
    (tmp_path / "replaced").mkdir()
    (tmp_path / "link.md").symlink_to(tmp_path / "nowhere")
    walk = module._Walk.entries

    def delete_first(self: module._Walk, folders: list[Place]) -> Iterator[object]:
        for entry in list(walk(self, folders)):
            if entry == Place(root_of(tmp_path), "gone", is_folder=True):
                shutil.rmtree(tmp_path / "gone")
                (tmp_path / "replaced").rmdir()
                write(tmp_path / "replaced")
            yield entry

    why_not = module._reason_to_skip

    def unlink_first(entry: os.DirEntry[str], root: Root) -> str | None:
        if entry.is_symlink():
            (tmp_path / "link.md").unlink()
        return why_not(entry, root)

    monkeypatch.setattr(module._Walk, "entries", delete_first)
    monkeypatch.setattr(module, "_reason_to_skip", unlink_first)
    assert entries(tmp_path) == [SourceFile(root_of(tmp_path), "a.md", "a")]


def test_a_root_that_is_deleted_before_it_is_read_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path / "site" / "a.md")
    found = places([tmp_path / "site"])
    shutil.rmtree(tmp_path / "site")
    reason = "cannot be read: No such file or directory"
    assert list(discover(found)) == [Skipped(f"{tmp_path}/site/", reason, fault=True)]


def test_folders_may_be_nested_as_deeply_as_the_system_allows(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(2100):  # more than a path may say, and than calls may be nested
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    try:
        assert list(skipped(tmp_path).values()) == [("cannot be read: File name too long", True)]
    finally:
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # Python's own recurses


def test_the_root_of_a_single_file_is_its_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b.md")
    assert entries(path) == [SourceFile(root_of(tmp_path / "a"), "b.md", "b", is_named=True)]


def test_a_root_gives_a_single_file_its_slug(tmp_path: Path) -> None:
    path = write(tmp_path / "_data" / "topics" / "ai.yml")
    assert entries(path, root=tmp_path) == [
        SourceFile(root_of(tmp_path), "_data/topics/ai.yml", "_data/topics/ai", is_named=True)
    ]


def test_a_repeated_path_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "b.md")
    write(tmp_path / "sub" / "c.md")
    monkeypatch.chdir(tmp_path)
    assert slugs(tmp_path, path, tmp_path) == ["b", "sub/c"]
    assert slugs(path, path, Path("b.md")) == ["b"]
    assert slugs(tmp_path, Path()) == ["b", "sub/c"]
    assert slugs(Path("sub/c.md"), tmp_path / "sub", root=tmp_path) == ["sub/c"]


def test_slugs_are_composed_unicode(tmp_path: Path) -> None:
    write(tmp_path / "cafe\u0301.md")
    assert entries(tmp_path) == [SourceFile(root_of(tmp_path), "cafe\u0301.md", "caf\u00e9")]


@pytest.mark.parametrize(
    "twins",
    [
        ("a.md", "a.txt"),
        ("a.md", "a.md.gz"),
        ("a.md", "A.md"),
        ("a.md", "a.MD"),
        ("X/a.md", "x/a.md"),
        ("X/sub/a.md", "x/Sub/A.txt"),
        ("caf\u00e9.md", "cafe\u0301.md"),
        ("CAF\u00c9/a.md", "cafe\u0301/a.md"),
    ],
)
def test_50_files_of_one_slug_are_named_and_all_others_found(
    tmp_path: Path, twins: tuple[str, str]
) -> None:
    first, second = (write(tmp_path / name) for name in twins)
    for name in ("b.md", "X/b.md", "x/c.md"):
        write(tmp_path / name)
    slug, other = (unicodedata.normalize("NFC", name.split(".")[0]) for name in twins)
    assert skipped(tmp_path) == {
        str(first): clash(slug, second),
        str(second): clash(other, first),
    }
    found = [entry for entry in entries(tmp_path) if isinstance(entry, SourceFile)]
    assert sorted(entry.slug for entry in found) == ["X/b", "b", "x/c"]


def test_50_three_of_one_slug_name_each_other_in_order(tmp_path: Path) -> None:
    a, b, c = (write(tmp_path / name) for name in ("a.md", "a.txt", "a.yml"))
    assert skipped(tmp_path) == {
        str(a): clash("a", b, c),
        str(b): clash("a", a, c),
        str(c): clash("a", a, b),
    }


def test_50_files_of_one_slug_in_two_roots_are_named(tmp_path: Path) -> None:
    first = write(tmp_path / "one" / "sub" / "a.md")
    second = write(tmp_path / "two" / "sub" / "A.md")
    write(tmp_path / "one" / "sub" / "b.md")
    write(tmp_path / "two" / "sub" / "c.md")
    assert skipped(tmp_path / "one", tmp_path / "two") == {
        str(first): clash("sub/a", second),
        str(second): clash("sub/A", first),
    }
    assert len(entries(tmp_path / "one", tmp_path / "two")) == 4


def test_50_a_given_file_and_one_of_its_slug_in_a_folder_are_both_named(tmp_path: Path) -> None:
    named = write(tmp_path / "one" / "a.md")
    walked = write(tmp_path / "two" / "a.md")
    third = write(tmp_path / "three" / "a.txt")
    assert skipped(named, walked.parent) == {
        str(named): clash("a", walked),
        str(walked): clash("a", named),
    }
    assert skipped(walked.parent, named, third) == {
        str(named): clash("a", third, walked),
        str(third): clash("a", named, walked),
        str(walked): clash("a", named, third),
    }


def test_50_two_given_files_of_one_slug_are_both_named(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.md"), write(tmp_path / "a.txt")
    assert skipped(second, first) == {
        str(first): clash("a", second),
        str(second): clash("a", first),
    }


def test_50_files_of_one_slug_below_folders_that_differ_in_case_are_named(tmp_path: Path) -> None:
    first = write(tmp_path / "X" / "sub" / "a.md")
    second = write(tmp_path / "x" / "sub" / "a.md")
    assert skipped(tmp_path / "x" / "sub", tmp_path / "X", root=tmp_path) == {
        str(first): clash("X/sub/a", second),
        str(second): clash("x/sub/a", first),
    }


def test_files_of_one_slug_are_named_once_under_two_spellings_of_their_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.md")
    write(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    assert skipped(Path(), tmp_path) == {
        "a.md": clash("a", Path("a.txt")),
        "a.txt": clash("a", Path("a.md")),
    }


def test_slugs_whose_hashes_are_equal_do_not_clash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        write(tmp_path / name)
    monkeypatch.setattr(module, "hash", lambda _: 1, raising=False)
    assert slugs(tmp_path) == ["a", "b", "c"]


@pytest.mark.parametrize("changed", [["x.md"], ["x.md/inside.md"], ["x.md", "x.md/inside.md"]])
def test_a_folder_that_is_named_as_a_document_is_not_entered(
    tmp_path: Path, changed: list[str]
) -> None:
    """It holds for a walk of the whole folder, and for a search for changes."""
    write(tmp_path / "x.md" / "inside.md")
    write(tmp_path / "x.md" / "sub" / "deep.md")
    report = Skipped(f"{tmp_path}/x.md", "is a folder, not a document", fault=False)
    assert entries(tmp_path) == [report]
    found = list(find(Place(root_of(tmp_path), "", is_folder=True), changed))
    assert found == ([report] if "x.md" in changed else [])


def test_a_file_is_named_where_the_user_named_it(tmp_path: Path) -> None:
    path = write(tmp_path / "one" / "a.md")
    write(tmp_path / "two" / "b.md")
    named = {entry.slug: entry.is_named for entry in found_at(entries(path, tmp_path / "two"))}
    assert named == {"a": True, "b": False}
