"""The commands that docs/clients.md shows for each example."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from tests.examples.node import EXAMPLES

PAGE = EXAMPLES.parent / "docs" / "clients.md"


class Commands(NamedTuple):
    """The arguments of each run of an example's program, and the path of its manifest.

    `plain` is for a server without the manifest, `trusted` for one that was started with it.
    """

    untrusted: list[list[str]]
    manifest: str
    trusted: list[list[str]]


def commands(name: str, program: str) -> Commands:
    """Those of examples/NAME, whose program is started by `program`."""
    start = rf"NEWSGRAPH_TRUSTED_DOCUMENTS=examples/{name}/(\S+) make demo\n"
    before, manifest, after = re.split(start, PAGE.read_text())
    before, after = before.rpartition("\n## ")[2], after.partition("\n## ")[0]
    return Commands(_runs(before, program), manifest, _runs(after, program))


def _runs(text: str, program: str) -> list[list[str]]:
    lines = re.findall(rf"^    {re.escape(program)}\b(.*)$", text, re.MULTILINE)
    return [[each for each in shlex.split(line, comments=True) if each != "--"] for line in lines]
