"""`newsgraph load --watch` as a process, where the system denies what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.forks import PROCESSES, Prepare, forked
from tests.loaders.builders import write
from tests.loaders.watch.following import titled
from tests.privileges import heed_permissions, limit_inotify
from tests.processes import until

SECONDS = 30.0


class Watching:
    """A command that follows a folder, and its standard error."""

    def __init__(self, log: Path) -> None:
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text()

    def wait_for_message(self, text: str) -> None:
        until(lambda: text in self.log, SECONDS, f"said: {text}")


@contextmanager
def watching(site: Path, url: str, prepare: Prepare) -> Iterator[Watching]:
    """The command, in a process that does something else before; it must not end by itself."""
    log = site.parent / "log"
    log.touch()
    command = ("load", site, "--watch", "--mongo-url", url)
    with forked(*command, log=log, prepare=prepare) as process:
        yield Watching(log)
        assert process.poll() is None
    assert "Traceback" not in log.read_text()


def limited(name: str, value: int) -> Prepare:
    limit = partial(limit_inotify, name, value)
    trial = PROCESSES.Process(target=limit)
    trial.start()
    trial.join()
    if trial.exitcode != 0:
        pytest.skip("needs user namespaces and inotify")
    return limit


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for number in range(5):
        write(tmp_path / f"site/{number}/a.md", titled(f"A{number}"))
    return tmp_path / "site"


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("max_inotify_watches", 3, "the limit of watched folders is reached"),
        ("max_inotify_instances", 0, "no inotify instance is left"),
    ],
)
def test_a_limit_of_the_system_is_reported_in_one_line(
    site: Path, url: str, limit: str, value: int, reason: str
) -> None:
    with watching(site, url, limited(limit, value)) as command:
        command.wait_for_message("following")
        assert [line for line in command.log.splitlines() if "cannot watch" in line] == [
            f"newsgraph: cannot watch the folders: {reason} "
            f"(fs.inotify.{limit.replace('inotify', 'user')} on Linux); "
            "checking all files every 2 seconds or so instead"
        ]
        write(site / "4/b.md", titled("B"))
        command.wait_for_message("added 1;")


def test_at_half_the_limit_folders_can_still_come(site: Path, url: str) -> None:
    """For a moment the old watches and the new ones are there."""
    with watching(site, url, limited("max_inotify_watches", 9)) as command:
        command.wait_for_message("following")
        write(site / "5/b.md", titled("B"))
        command.wait_for_message("added 1;")
        write(site / "5/c.md", titled("C"))
        command.wait_for_message("added 1; revision 3")
        assert "cannot watch" not in command.log


def test_a_folder_that_cannot_be_read_is_named_and_followed_once_it_can(
    site: Path, url: str
) -> None:
    (site / "2").chmod(0)
    try:
        with watching(site, url, heed_permissions) as command:
            command.wait_for_message("following")
            assert f"cannot watch {site}/2: Permission denied" in command.log
            write(site / "1/b.md", titled("B"))
            command.wait_for_message("added 1; revision 2")
            (site / "2").chmod(0o755)
            command.wait_for_message("added 1; revision 3")
            write(site / "2/c.md", titled("C"))
            command.wait_for_message("added 1; revision 4")
    finally:
        (site / "2").chmod(0o755)
