"""Which folders are watched: those that a load enters."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.files.places import places
from loaders.files.selection import EVERY_FILE, FileSelection
from loaders.watch.folders import WatchedFolders, signatures
from tests.loaders.builders import write
from tests.thorough import examples


def watched(
    *paths: Path, root: Path | None = None, exclude: tuple[str, ...] = ()
) -> WatchedFolders:
    made = WatchedFolders(places(paths, root), FileSelection.of([], exclude))
    made.refresh()
    return made


def test_folders_that_are_not_loaded_are_not_watched(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site / "_news/2024/a.md")
    write(site / ".git/objects/b.md")
    write(site / "node_modules/pkg/c.md")
    write(site / "folder.md/d.md")
    write(site / os.fsdecode(b"\xff") / "e.md")
    write(tmp_path / "elsewhere/deep/f.md")
    (site / "linked").symlink_to(tmp_path / "elsewhere")
    expected = {str(site), f"{site}/_news", f"{site}/_news/2024"}
    assert watched(site, exclude=("node_modules/",)).to_watch == expected


def test_the_folder_of_a_file_is_watched(tmp_path: Path) -> None:
    path = write(tmp_path / "site/a.md")
    write(tmp_path / "site/sub/b.md")
    seen = watched(path)
    assert seen.to_watch == {f"{tmp_path}/site"}
    assert seen.changed([str(path), f"{tmp_path}/site/b.md"]) == {str(path)}


def test_the_folder_behind_a_link_to_a_file_is_watched(tmp_path: Path) -> None:
    site = tmp_path / "site"
    target = write(site / ".store/a.md")
    (site / "_news").mkdir(parents=True)
    (site / "_news/a.md").symlink_to(target)
    (site / "_news/b.md").symlink_to("a.md")
    seen = watched(site)
    assert seen.to_watch == {str(site), f"{site}/_news", f"{site}/.store"}
    paths = {f"{site}/_news/a.md", f"{site}/_news/b.md"}
    assert seen.changed([str(target), f"{site}/.store/other.md"]) == paths
    for path in paths:
        Path(path).unlink()
    assert seen.update(paths)
    assert seen.to_watch == {str(site), f"{site}/_news"}


def test_the_links_that_a_link_leads_through_are_watched(tmp_path: Path) -> None:
    """As a volume of Kubernetes has them, where `..data` is switched to the next version."""
    site = tmp_path / "site"
    for version in ("1", "2"):
        write(site / f"..{version}/a.md")
    (site / "..data").symlink_to("..1")
    (site / "_news").mkdir()
    (site / "_news/a.md").symlink_to("../..data/a.md")
    (site / "b.md").symlink_to(site / "_news/a.md")
    seen = watched(site)
    paths = {f"{site}/_news/a.md", f"{site}/b.md"}
    assert seen.to_watch == {str(site), f"{site}/_news", f"{site}/..1"}
    assert seen.changed([f"{site}/..data"]) == paths
    (site / "..data").unlink()
    (site / "..data").symlink_to("..2")
    assert seen.update(paths)
    assert seen.to_watch == {str(site), f"{site}/_news", f"{site}/..2"}


def test_the_missing_target_of_a_link_is_watched_for(tmp_path: Path) -> None:
    target = write(tmp_path / ".store/a.md")
    (tmp_path / "a.md").symlink_to(target)
    seen = watched(tmp_path)
    target.unlink()
    assert not seen.update(seen.changed([str(target)]))
    assert seen.changed([str(target)]) == {f"{tmp_path}/a.md"}


def test_circular_links_are_ignored(tmp_path: Path) -> None:
    for link, target in (("a.md", "b.md"), ("b.md", "a.md")):
        (tmp_path / link).symlink_to(target)
    seen = watched(tmp_path)
    seen.update({f"{tmp_path}/a.md"})
    assert seen.to_watch == {str(tmp_path)}


def test_a_folder_is_watched_under_one_name(tmp_path: Path) -> None:
    """The system reports events of a folder under the name that was watched last."""
    target = write(tmp_path / "releases/1/_store/a.md")
    (tmp_path / "current").symlink_to(tmp_path / "releases/1")
    site = tmp_path / "current"
    (site / "a.md").symlink_to(target)
    seen = watched(site)
    assert seen.to_watch == {str(site), f"{site}/_store"}
    target_path = f"{site}/_store/a.md"
    assert seen.changed([target_path]) == {target_path, f"{site}/a.md"}


def test_a_new_link_that_leads_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    seen = watched(tmp_path / "site")
    link = tmp_path / "site/a.md"
    link.symlink_to(write(tmp_path / "elsewhere/a.md"))
    seen.update(seen.changed([str(link)]))
    assert seen.to_watch == {f"{tmp_path}/site"}


@pytest.mark.parametrize("name", ["picture.jpg", ".a.md.swp", "a.md~"])
def test_files_that_are_no_documents_are_no_change(tmp_path: Path, name: str) -> None:
    assert watched(tmp_path).changed([f"{tmp_path}/{name}"]) == set()


def test_a_folder_with_an_event_of_its_own_is_watched_again(tmp_path: Path) -> None:
    """It may be another one of that name."""
    write(tmp_path / "sub/a.md")
    seen = watched(tmp_path)
    assert seen.update([f"{tmp_path}/sub"])
    assert not seen.update([f"{tmp_path}/sub/a.md"])


NAMES = st.sampled_from(["a", "b", ".git", "x.md"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ACTIONS = st.lists(st.tuples(st.sampled_from(["mkdir", "write", "link", "delete"]), PATHS))


def act(path: Path, action: str) -> set[str]:
    """Change something in a folder, and say at which paths the system would tell of it."""
    path = path.parent.resolve() / path.name
    parents = [parent for parent in reversed(path.parents) if not parent.exists()]
    if any(parent.exists() and not parent.is_dir() for parent in path.parents):
        return set()
    if action == "delete":
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return {str(path)}
    if os.path.lexists(path):
        return set()
    path.parent.mkdir(parents=True, exist_ok=True)
    if action == "mkdir":
        path.mkdir()
    elif action == "write":
        path.write_text("")
    else:
        path.symlink_to(path.parent)
    return {str(path), *map(str, parents)}


@examples(25)
@given(ACTIONS)
def test_after_any_steps_the_same_folders_are_watched_as_from_the_start(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str]]
) -> None:
    site = tmp_path_factory.mktemp("site")
    seen = watched(site)
    for action, path in actions:
        seen.update(seen.changed(act(site / path, action)))
        assert seen.to_watch == watched(site).to_watch
    shutil.rmtree(site)


def test_each_change_of_a_file_changes_its_signature(tmp_path: Path) -> None:
    site = tmp_path / "site"
    target = write(site / ".store/a.md", "one")
    (site / "a.md").symlink_to(target)
    path = write(site / "sub/b.md")
    write(site / "picture.jpg")
    found = places([site])
    first = signatures(found, EVERY_FILE)
    assert set(first) == {f"{site}/a.md", str(path)}
    os.utime(path, ns=(0, 0))
    target.write_text("three")
    write(site / "c.md")
    second = signatures(found, EVERY_FILE)
    assert {path for path, _ in first.items() ^ second.items()} == {*first, f"{site}/c.md"}
    path.unlink()
    assert set(signatures(found, EVERY_FILE)) == {f"{site}/a.md", f"{site}/c.md"}
    assert set(signatures(places([site / "c.md"]), EVERY_FILE)) == {f"{site}/c.md"}
