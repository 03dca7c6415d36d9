"""The order of test modules, and the record of their durations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import durations
from tests.durations import Recorder, rank, recorded, unit_of


def test_unknown_modules_go_first_and_then_the_longest() -> None:
    seconds = {"tests/test_a.py": 1.0, "tests/test_b.py": 9.5}
    ids = [f"tests/test_{letter}.py::test" for letter in "abc"]
    ordered = sorted(ids, key=lambda node_id: rank(seconds, node_id))
    assert [node_id[11] for node_id in ordered] == ["c", "b", "a"]


def test_modules_that_share_fixtures_run_in_one_process_and_count_as_one() -> None:
    known = {"tests/browser/test_a.py": 2.0, "tests/browser/test_b.py": 3.0, "tests/test_c.py": 4.0}
    ordered = sorted(known, key=lambda module: rank(known, module))
    assert [module[-4] for module in ordered] == ["b", "a", "c"]
    assert {unit_of(f"{module}::test") for module in known} == {"tests/browser/", "tests/test_c.py"}


def test_the_seconds_of_each_module_are_added_up_and_those_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.py").touch()
    (tmp_path / "durations.json").write_text('{"a.py": 7.0, "c.py": 2.0, "gone.py": 1.0}')
    monkeypatch.setattr(durations, "RECORDED", tmp_path / "durations.json")
    recorder = Recorder()
    for name, seconds in (("a.py::one", 1.0), ("a.py::two[x::y]", 0.25), ("b.py::one", 0.01)):
        for when in ("setup", "call", "teardown"):
            recorder.pytest_runtest_logreport(
                pytest.TestReport(name, ("", 0, ""), {}, "passed", None, when, duration=seconds)
            )
    recorder.pytest_sessionfinish()
    assert recorded() == {"a.py": 3.8, "b.py": 0.0, "c.py": 2.0}
