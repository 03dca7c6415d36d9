"""The durations of test modules, and the resulting order: the longest ones first.

So no long module runs alone at the end of a run in several processes. `pytest --record-durations`
writes durations.json; a module that is not in it goes first. Modules that share a fixture which
costs seconds of CPU to set up are a unit, and run in one process.
"""

from __future__ import annotations

import json
from collections import defaultdict
from math import inf
from pathlib import Path
from typing import Final

import pytest

UNITS: Final = ("tests/browser/", "tests/examples/")
"""Folders whose modules share a browser, a database with the seeds, and its server."""

RECORDED: Final = Path(__file__).with_suffix(".json")


def rank(durations: dict[str, float], node_id: str) -> tuple[float, str, float]:
    """The key to sort tests by: the longest units first, and unknown ones before them."""
    unit, module = unit_of(node_id), module_of(node_id)
    modules = [name for name in {*durations, module} if unit_of(name) == unit]
    seconds = sum(durations.get(name, inf) for name in modules)
    return -seconds, unit, -durations.get(module, inf)


def unit_of(node_id: str) -> str:
    """The unit that runs in one process: a folder of `UNITS`, or the test's module."""
    module = module_of(node_id)
    return next((folder for folder in UNITS if module.startswith(folder)), module)


def module_of(node_id: str) -> str:
    """The path of a test's module, as pytest names it."""
    return node_id.partition("::")[0]


def recorded() -> dict[str, float]:
    """Seconds by module."""
    durations: dict[str, float] = json.loads(RECORDED.read_text())
    return durations


class Recorder:
    """Adds up the seconds of each module that runs, and writes them at the end.

    What is known of other modules stays, unless they are gone.
    """

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[module_of(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        new = {module: round(seconds, 1) for module, seconds in self._seconds.items()}
        existing = {
            module: seconds for module, seconds in recorded().items() if Path(module).is_file()
        }
        RECORDED.write_text(json.dumps({**existing, **new}, indent=1, sort_keys=True) + "\n")
