"""`newsgraph load --watch` as a process, where the system refuses what it needs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.loaders.builders import write
from tests.loaders.watch.following import titled
from tests.processes import until

SECONDS = 30.0


class Watching:
    """A command that follows a folder, and what it says on standard error."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text()

    def hear(self, text: str) -> None:
        until(lambda: text in self.log, SECONDS, f"said: {text}")


@contextmanager
def watching(site: Path, url: str, *options: str, within: Sequence[str] = ()) -> Iterator[Watching]:
    """The command, run by another one, perhaps; it must not have ended before."""
    command = [*within, sys.executable, "-m", "graph", "load", str(site), "--watch", *options]
    log = site.parent / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--mongo-url", url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            cwd=Path(__file__).parents[3],
        ) as process,
    ):
        try:
            yield Watching(process, log)
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGINT)
    assert "Traceback" not in log.read_text()


def limited(name: str, value: int) -> list[str]:
    """Runs a command in a user namespace with a limit of inotify."""
    path = f"/proc/sys/user/{name}"
    script = f'echo {value} > {path} && exec "$@"'
    prefix = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs user namespaces (unshare) and inotify")
    return prefix


def unprivileged() -> list[str]:
    """Runs a command so that permissions count for it, though root starts it."""
    if os.geteuid() != 0:
        return []
    lacking = "-dac_override,-dac_read_search"
    if shutil.which("setpriv") is None:
        pytest.skip("root may read everything; needs setpriv")
    return ["setpriv", f"--inh-caps={lacking}", f"--bounding-set={lacking}"]


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
    with watching(site, url, within=limited(limit, value)) as command:
        command.hear("following")
        assert [line for line in command.log.splitlines() if "cannot watch" in line] == [
            f"newsgraph: cannot watch the folders: {reason} "
            f"(fs.inotify.{limit.replace('inotify', 'user')} on Linux); "
            f"looking at all files every 2 seconds or so instead"
        ]
        write(site / "4/b.md", titled("B"))
        command.hear("added 1;")


def test_at_half_the_limit_folders_can_still_come(site: Path, url: str) -> None:
    """For a moment the old watches and the new ones are there."""
    with watching(site, url, within=limited("max_inotify_watches", 9)) as command:
        command.hear("following")
        write(site / "5/b.md", titled("B"))
        command.hear("added 1;")
        write(site / "5/c.md", titled("C"))
        command.hear("added 1; revision 3")
        assert "cannot watch" not in command.log


def test_a_folder_that_cannot_be_read_is_named_and_followed_once_it_can(
    site: Path, url: str
) -> None:
    (site / "2").chmod(0)
    try:
        with watching(site, url, within=unprivileged()) as command:
            command.hear("following")
            assert f"cannot watch {site}/2: Permission denied" in command.log
            write(site / "1/b.md", titled("B"))
            command.hear("added 1; revision 2")
            (site / "2").chmod(0o755)
            command.hear("added 1; revision 3")
            write(site / "2/c.md", titled("C"))
            command.hear("added 1; revision 4")
    finally:
        (site / "2").chmod(0o755)
