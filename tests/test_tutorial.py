"""docs/tutorial.md, followed step by step: its files, its commands, its queries."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from graph.errors import UsageError
from graph.store.embedded.mongod import find_mongod
from tests.processes import HTTP, free_port, listens, running, until

PAGE: Final = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text()
SECONDS: Final = 90.0
"""How long a first start of the embedded database may take on a busy machine."""


class Step(NamedTuple):
    """A block of the page: its language, its text, and the paragraph before it."""

    language: str
    text: str
    prose: str


def steps() -> Iterator[Step]:
    for block in re.finditer(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL):
        before = PAGE[: block.start()].rstrip().rpartition("\n\n")[2]
        yield Step(block[1], block[2], before)


class Reader:
    """Somebody who follows the page in an empty folder."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.done: list[str] = []
        self._stack = stack
        self.port = free_port()
        self._output = ""
        self._answer: object = None
        clean = {name: value for name, value in os.environ.items() if "NEWSGRAPH_" not in name}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**clean, "PATH": path, "NEWSGRAPH_PORT": str(self.port)}

    def take(self, step: Step) -> None:
        getattr(self, f"_{step.language}")(step)
        self.done.append(step.language)

    def _markdown(self, step: Step) -> None:
        """A file to save."""
        [name] = re.findall(r"as `(site/[\w./-]+)`", step.prose)
        (self.folder / name).write_text(step.text)

    def _sh(self, step: Step) -> None:
        """A command to run."""
        command = step.text.strip()
        if command == "newsgraph serve":
            self._serve()
            return
        ended = subprocess.run(
            ["sh", "-euc", command],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        self._output = ended.stdout

    def _text(self, step: Step) -> None:
        """Lines that the last command printed."""
        printed = [line.split() for line in self._output.splitlines()]
        assert all(line.split() in printed for line in step.text.splitlines()), self._output

    def _graphql(self, step: Step) -> None:
        """A query to ask."""
        url = f"http://127.0.0.1:{self.port}/graphql"
        answer = HTTP.post(url, json={"query": step.text})
        self._answer = answer.json()

    def _json(self, step: Step) -> None:
        """Compare the answer to the last query."""
        assert self._answer == json.loads(step.text)

    def _serve(self) -> None:
        log = self.folder / "serve.log"
        command = ["sh", "-euc", f'cd "{self.folder}"; exec newsgraph serve']
        process = self._stack.enter_context(running(command, log, self._environment))
        until(lambda: listens(self.port) or process.poll() is not None, SECONDS, "up")
        assert process.poll() is None, log.read_text()
        until(lambda: "is empty" in log.read_text(), SECONDS, "told that the database is empty")


def test_following_the_tutorial_gives_the_results_that_it_shows(tmp_path: Path) -> None:
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))
    with ExitStack() as stack:
        reader = Reader(tmp_path, stack)
        for step in steps():
            reader.take(step)
        front = HTTP.get(f"http://127.0.0.1:{reader.port}/")
    assert front.status_code == 200
    assert reader.done.count("markdown") == 2
    assert reader.done.count("graphql") == reader.done.count("json") == 2
    assert {path.name for path in tmp_path.iterdir()} == {"site", ".newsgraph", "serve.log"}
