"""A site that `newsgraph load --watch` follows in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Final

from contenders import NEWSGRAPH, BenchError

ARTICLES: Final = 100

_HEAD: Final = "provider: {name: Gull, domain: gull.example}\n---\nWhat happened.\n"
_REPORT_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0


class WatchedSite:
    """A folder of articles, of which the newest changes. Times are those of `monotonic`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "site"
        self._reported = 0.0
        self._has_reported = Condition()
        self._unfinished = folder / "unfinished"
        self.folder.mkdir()
        for number in range(ARTICLES):
            text = f"---\ntitle: Story {number}\n{_HEAD}"
            (self.folder / f"{number}.md").write_text(text)
        self.save(0)

    def save(self, turn: int) -> float:
        """Save a changed article as editors do, and return when."""
        published = "publishedDateTime: 2030-01-01T00:00:00Z"
        self._unfinished.write_text(f"---\ntitle: Turn {turn}\n{published}\n{_HEAD}")
        now = monotonic()
        self._unfinished.replace(self.folder / "turn.md")
        return now

    def reported_after(self, saved: float) -> float:
        """Return when the loader reported its last revision, waiting for one after `saved`.

        Raises BenchError if there is none in time.
        """
        with self._has_reported:
            if not self._has_reported.wait_for(lambda: self._reported > saved, _REPORT_SECONDS):
                raise BenchError("the loader did not report what was saved")
            return self._reported

    @contextmanager
    def watched(self, mongo_url: str) -> Iterator[None]:
        """Load the site, and follow it until the context exits.

        Raises BenchError if the loader ends before.
        """
        command = [str(NEWSGRAPH), "load", str(self.folder), "--watch", "--mongo-url", mongo_url]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if "following " in line:
                    break
            else:
                raise BenchError("`newsgraph load --watch` does not follow the site")
            thread = Thread(target=self._read, args=(process.stderr,), daemon=True)
            thread.start()
            yield
            if process.poll() is not None:
                raise BenchError(f"`newsgraph load --watch` ended with {process.returncode}")
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)

    def _read(self, lines: Iterator[str]) -> None:
        for line in lines:
            if "; revision " in line:
                with self._has_reported:
                    self._reported = monotonic()
                    self._has_reported.notify_all()
