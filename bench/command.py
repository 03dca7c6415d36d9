"""The frame of every command here: what ends a run is told in a line, not in a traceback."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from contenders import BenchError
from corpus import CorpusError
from pymongo.errors import PyMongoError
from rounds import say

from graph.errors import NewsgraphError


def exit_code(bench: Callable[[], None]) -> int:
    """0 for a run that ended well, or 1 where there are no numbers to believe."""
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
