"""Run a benchmark as a command: errors are reported in one line, without a traceback."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from contenders import BenchError
from corpus import CorpusError
from pymongo.errors import PyMongoError
from rounds import say

from graph.errors import NewsgraphError


def exit_code(bench: Callable[[], None]) -> int:
    """Return 0 if the run succeeded, or 1 if its figures are not valid."""
    try:
        bench()
    except (
        BenchError,
        CorpusError,
        NewsgraphError,
        PyMongoError,
        subprocess.CalledProcessError,
    ) as error:
        say(str(error))
        return 1
    return 0
