"""The index survives kills, full disks and damage, or is rebuilt."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest
from tantivy import Query

from graph.search.index.columns import KEY, TITLE, IndexSchema
from graph.search.index.damage import is_damaged
from graph.search.index.index import IndexState, SearchIndex
from tests.builders import article
from tests.search import killed_writer
from tests.search.indexes import SCHEMA, found
from tests.thorough import cases

ROOT: Final = Path(__file__).parents[3]
ONE, TWO, THREE = (IndexState("corpus", revision) for revision in (1, 2, 3))
LATEST_KILL_SECONDS: Final = 0.05

READ_ONLY: Final = """
import sys
from pathlib import Path
from graph.search.index.index import SearchIndex
from tests.search.indexes import SCHEMA
try:
    SearchIndex(SCHEMA, Path(sys.argv[1]))
except OSError as error:
    print(error.strerror)
"""


def contents(index: SearchIndex) -> dict[str, str]:
    """The slugs and titles of all articles in an index."""
    assert index.snapshot is not None
    searcher = index.snapshot.searcher
    hits = searcher.search(Query.exists_query(KEY), 1000).hits
    documents = [searcher.doc(address) for _, address in hits]
    return {str(each.get_first(KEY)): str(each.get_first(TITLE)) for each in documents}


def run(*command: str) -> str:
    """The output of a Python program, run directly or by `command`."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mounted(size: str, options: str, *program: str) -> str:
    """The output of a Python program that gets a file system of its own as its last argument."""
    prefix = ["unshare", "--user", "--map-root-user", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*prefix, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("needs user namespaces that may mount (unshare)")
    script = f'mount -t tmpfs -o size={size}{options} tmpfs /mnt && exec "$@" /mnt'
    return run(*prefix, "sh", "-c", script, "sh", sys.executable, *program)


def test_a_killed_writer_leaves_a_whole_revision(tmp_path: Path) -> None:
    random = Random(1)
    command = [sys.executable, "-m", "tests.search.killed_writer", str(tmp_path)]
    last = 0
    for _ in range(cases(2, 30)):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(random.randint(1, 4)):
            last = int(process.stdout.readline())
        time.sleep(random.uniform(0, LATEST_KILL_SECONDS))  # so that any moment is hit
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        index = SearchIndex(SCHEMA, tmp_path)
        if index.snapshot is None:
            assert last == 0
            continue
        revision = index.snapshot.state.revision
        assert revision >= last
        assert contents(index) == killed_writer.expected(revision)
        assert len(found(index, "lantern")) == index.count()
        last = revision
    assert last > 0


def test_a_full_disk_leaves_the_last_revision_until_there_is_space() -> None:
    assert mounted("600k", "", "-m", "tests.search.full_disk") == "went on\n"


def test_a_disk_that_cannot_be_written_is_a_failure() -> None:
    assert mounted("600k", ",ro", "-c", READ_ONLY) == "Read-only file system\n"


def test_a_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    prefix: Sequence[str] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everything; needs setpriv")
        lacking = "-dac_override,-dac_read_search"
        prefix = ("setpriv", f"--inh-caps={lacking}", f"--bounding-set={lacking}")
    tmp_path.chmod(0o500)
    printed = run(*prefix, sys.executable, "-c", READ_ONLY, str(tmp_path / "index"))
    tmp_path.chmod(0o700)
    assert printed == "Permission denied\n"


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of two segments, one with a deletion."""
    folder = tmp_path_factory.mktemp("intact")
    index = SearchIndex(SCHEMA, folder)
    assert index.lock()
    index.add(article(f"a/{n}", title=f"lantern {n}", topics=["Sea"]) for n in range(100))
    index.commit(ONE)
    index.write([article("b", title="lantern")], ["a/1"])
    index.commit(TWO)
    index.unlock()
    return folder


def test_an_intact_index_is_not_damaged(intact: Path, tmp_path: Path) -> None:
    assert not is_damaged(intact)
    assert not is_damaged(tmp_path)
    assert {path.suffix for path in intact.iterdir()} >= {".del", ".fast", ".term", ".store"}
    index = SearchIndex(SCHEMA, intact)
    assert index.snapshot is not None
    assert index.snapshot.state == TWO


def truncated(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def flipped(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def zeroed(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data))
    zeros = bytes(len(data[place : place + 64]))
    return data[:place] + zeros + data[place + 64 :]


@pytest.mark.parametrize("damage", [truncated, flipped, zeroed, None])
@pytest.mark.parametrize(
    "pattern", ["*.del", "*.fast", "*.fieldnorm", "*.idx", "*.pos", "*.store", "*.term", "*.json"]
)
def test_a_damaged_index_is_rebuilt(
    intact: Path, tmp_path: Path, pattern: str, damage: object
) -> None:
    random = Random(pattern)
    names = sorted(path.name for path in intact.glob(pattern))
    for _ in range(cases(1, 60)):
        name = random.choice(names)
        folder = tmp_path / "index"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(intact, folder)
        path = folder / name
        if callable(damage):
            path.write_bytes(damage(random, path.read_bytes()))
        else:
            path.unlink()
        index = SearchIndex(SCHEMA, folder)
        if index.snapshot is not None:  # what was damaged does not matter
            assert len(found(index, "lantern", size=200)) == 100
        assert index.lock()
        index.clear()
        index.add([article("c", title="lantern")])
        index.commit(THREE)
        assert found(index, "lantern") == ["c"]


def test_an_index_that_another_process_writes_is_not_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.search.index.index._WAIT_SECONDS", 0.0)
    writer = SearchIndex(SCHEMA, tmp_path)
    assert writer.lock()
    writer.add([article("a", title="lantern")])
    writer.commit(ONE)
    with pytest.raises(BlockingIOError, match="another version"):
        SearchIndex(IndexSchema(("en",)), tmp_path)
    writer.write([article("b", title="lantern")])
    writer.commit(TWO)
    assert len(found(writer, "lantern")) == 2
    writer.unlock()
    assert SearchIndex(IndexSchema(("en",)), tmp_path).snapshot is None


def test_the_lock_is_that_of_the_engine(tmp_path: Path) -> None:
    index = SearchIndex(SCHEMA, tmp_path)
    with (tmp_path / ".tantivy-writer.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not index.lock()
    assert index.lock()
