from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.files import read as module
from loaders.files.read import MAX_FILE_BYTES, File, UnreadableFile, content, fingerprint, read
from tests.loaders.builders import packed, write


def why_not(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(str(path))
    return str(caught.value)


def test_a_file_is_read_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 5)
    path = write(tmp_path / "a.md", "12345")
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))
    assert read(str(path)) == File(b"12345", 1_700_000_000_123_456_789)
    assert why_not(write(tmp_path / "b.md", "123456")) == "is larger than 16 MB"


def test_an_empty_file_is_read(tmp_path: Path) -> None:
    assert read(str(write(tmp_path / "a.md", ""))).data == b""


def test_47_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    monkeypatch.setattr(os, "pread", None)
    assert why_not(path) == "is larger than 16 MB"


def test_49_a_file_that_vanished_cannot_be_read(tmp_path: Path) -> None:
    assert why_not(tmp_path / "gone.md") == "cannot be read: No such file or directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_49_a_file_without_permission_cannot_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md")
    path.chmod(0)
    assert why_not(path) == "cannot be read: Permission denied"


def test_48_pipes_devices_and_folders_do_not_block_a_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe.md", tmp_path / "zero.md", tmp_path):
        assert why_not(path) == "is not a regular file"


DocumentChange = Callable[[Path], object]


def when_read(monkeypatch: pytest.MonkeyPatch, path: Path, *changes: DocumentChange) -> None:
    """Change a file between each check of its state and the read that follows."""
    pread = os.pread
    waiting = list(changes)

    def change(descriptor: int, size: int, offset: int) -> bytes:
        if waiting:
            waiting.pop(0)(path)
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", change)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda path: path.write_bytes(b"longer than it was"), b"longer than it was"),
        (lambda path: path.write_bytes(b"short"), b"short"),
        (lambda path: path.write_bytes(b""), b""),
        (lambda path: os.utime(path, ns=(5, 5)), b"12345678"),
        (lambda path: path.unlink(), b"12345678"),
        (lambda path: write(path.parent / "new.md", "other").rename(path), b"12345678"),
    ],
)
def test_49_a_file_that_changes_while_it_is_read_is_a_consistent_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: DocumentChange, expected: bytes
) -> None:
    path = write(tmp_path / "a.md", "12345678")
    when_read(monkeypatch, path, change)
    assert read(str(path)).data == expected


def test_49_a_file_that_changes_all_the_time_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append(path: Path) -> None:
        with path.open("ab") as file:
            file.write(b"x")

    path = write(tmp_path / "a.md")
    when_read(monkeypatch, path, *[append] * 10)
    assert why_not(path) == "changed while it was read: load it again"


def test_49_a_file_that_grows_too_large_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.md")
    when_read(monkeypatch, path, lambda path: os.truncate(path, MAX_FILE_BYTES + 1))
    assert why_not(path) == "is larger than 16 MB"


def test_a_compressed_file_is_decompressed() -> None:
    assert content("a.md", b"text") == b"text"
    assert content("a.md", packed("text")) == packed("text")
    assert content("a.md.gz", packed("text")) == b"text"
    assert content("a.MD.GZ", packed("one ") + packed("two")) == b"one two"
    assert content("a.md.gz", packed("padded") + b"\0" * 512) == b"padded"


NO_GZIP = "is not a complete gzip file"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"---\ntitle: A\n---\n", NO_GZIP),
        (b"", NO_GZIP),
        (b"\x1f\x8b", NO_GZIP),
        (packed("text")[:-1], NO_GZIP),
        (packed("text" * 100)[:20], NO_GZIP),
        (packed("text") + b"more", NO_GZIP),
        (packed("text")[:-8] + b"\0" * 8, NO_GZIP),
        (packed("text")[:10] + b"\xff" * 20, NO_GZIP),
        (gzip.compress(b"\0" * (MAX_FILE_BYTES + 1), 9, mtime=0), "expands to more than 16 MB"),
    ],
)
def test_an_invalid_or_incomplete_gzip_file_is_rejected(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        content("a.md.gz", data)
    assert str(caught.value) == reason


def test_a_bomb_takes_no_more_memory_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    read_gzip = gzip.GzipFile.read

    def spy(file: gzip.GzipFile, size: int | None = -1) -> bytes:
        data = read_gzip(file, size)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(gzip.GzipFile, "read", spy)
    with pytest.raises(UnreadableFile):
        content("a.md.gz", gzip.compress(b"\0" * (4 * MAX_FILE_BYTES), 9, mtime=0))
    assert sizes == [MAX_FILE_BYTES + 1]


def test_a_fingerprint_covers_everything_that_a_document_depends_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    volatile = frozenset({"secured"})
    prints = [
        fingerprint("/site", "a.md", b"x", volatile),
        fingerprint("/site", "a.md", b"y", volatile),
        fingerprint("/site", "a.md", b"x", volatile | {"heat"}),
        fingerprint("/site", "a.txt", b"x", volatile),
        fingerprint("/sit", "ea.md", b"x", volatile),
        fingerprint("/site", "a.mdx", b"", volatile),
    ]
    assert fingerprint("/site", "a.md", b"x", volatile) == prints[0]
    monkeypatch.setattr(module, "DOCUMENT_VERSION", "0")
    module._salted.cache_clear()
    assert len({*prints, fingerprint("/site", "a.md", b"x", volatile)}) == 7
    module._salted.cache_clear()
    assert {len(value) for value in prints} == {16}
