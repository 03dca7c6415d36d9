from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from graph.errors import DatabaseUnavailable, UsageError
from loaders import cli as module
from loaders.cli import app
from tests.loaders.builders import article, write

pytestmark = pytest.mark.usefixtures("inline")

MEMORY = {"NEWSGRAPH_MONGO_URL": "mongomock://"}


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], env={**MEMORY, **environment})


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good.md")


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    return write(tmp_path / "warned.md", article("images: [~]"))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write(tmp_path / "bad.md", "---\ntitle: a: b\n---\n")


@pytest.mark.parametrize("command", ["load", "check"])
def test_commands_exit_with_0_1_or_2(command: str, good: Path, warned: Path, bad: Path) -> None:
    assert run(command, good).exit_code == 0
    assert run(command, warned).exit_code == 0
    assert run(command, warned, "--strict").exit_code == 1
    assert run(command, warned, NEWSGRAPH_STRICT="1").exit_code == 1
    assert run(command, good, bad).exit_code == 1
    assert run(command).exit_code == 2
    assert run(command, good, "--report", "xml").exit_code == 2


@pytest.mark.parametrize("command", ["load", "check"])
def test_a_missing_path_is_named(command: str, tmp_path: Path) -> None:
    result = run(command, tmp_path / "missing")
    assert (result.exit_code, result.stdout) == (2, "")
    reason = "cannot be read: No such file or directory"
    assert result.stderr == f"newsgraph: {tmp_path / 'missing'}: {reason}\n"


def test_a_wrong_setting_is_named(good: Path) -> None:
    result = run("check", good, NEWSGRAPH_PORT="many")
    assert result.exit_code == 2
    assert "NEWSGRAPH_PORT='many'" in result.stderr


def test_only_json_goes_to_standard_output(good: Path, bad: Path) -> None:
    for result in (run("check", good, bad, "--report", "json"), run("check", good, bad, **JSON)):
        report: dict[str, Any] = json.loads(result.stdout)
        assert (report["loaded"], len(report["rejected"]), report["revision"]) == (1, 1, None)
        assert result.stderr == ""


JSON = {"NEWSGRAPH_REPORT": "json"}


def test_load_reports_its_revision(good: Path) -> None:
    assert json.loads(run("load", good, **JSON).stdout)["revision"] == 1


def test_a_dry_run_has_no_revision(good: Path) -> None:
    report = json.loads(run("load", good, "--dry-run", **JSON).stdout)
    assert (report["added"], report["revision"]) == (1, None)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            DatabaseUnavailable("MongoDB at x cannot be reached"),
            3,
            "MongoDB at x cannot be reached",
        ),
        (KeyboardInterrupt(), 130, "interrupted; the next load completes what this one began"),
    ],
)
def test_an_error_that_ends_a_load_has_its_exit_code_and_message(
    good: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(module, "_load", fail)
    result = run("load", good)
    assert (result.exit_code, result.stderr) == (code, f"newsgraph: {message}\n")


def test_a_single_file_has_the_kind_that_it_has_in_its_site(tmp_path: Path) -> None:
    topic = write(tmp_path / "_data" / "topics" / "ai.yml", "name: AI\n")
    for result in (
        run("check", topic, **JSON),
        run("check", topic, "--root", tmp_path, **JSON),
        run("check", topic, NEWSGRAPH_ROOT=str(tmp_path), **JSON),
    ):
        assert json.loads(result.stdout)["kinds"] == {
            "articles": 0,
            "topics": 1,
            "providers": 0,
            "authors": 0,
        }


@pytest.mark.parametrize("command", ["load", "check"])
def test_a_path_that_is_not_below_the_root_is_named(
    command: str, good: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    result = run(command, good, "--root", tmp_path / "other")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"newsgraph: {good}: is not below the root {tmp_path}/other\n"


@pytest.mark.parametrize("option", ["--include", "--exclude"])
def test_an_invalid_glob_is_named(option: str, good: Path) -> None:
    result = run("check", good, option, "!")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"newsgraph: {option}: ")


def test_globs_can_be_repeated(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.md", "d.md"):
        write(tmp_path / name)
    options = ("--include", "a.md", "--include", "b.md", "--include", "c.md", "--exclude", "b.md")
    assert json.loads(run("check", tmp_path, *options, **JSON).stdout)["loaded"] == 2


@pytest.mark.parametrize("jobs", ["0", "257", "many"])
def test_an_invalid_number_of_jobs_is_rejected(good: Path, jobs: str) -> None:
    assert run("check", good, "--jobs", jobs).exit_code == 2


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_an_invalid_interval_is_rejected(good: Path, seconds: str) -> None:
    assert run("load", good, "--rescan", seconds).exit_code == 2
    assert run("load", good, NEWSGRAPH_RESCAN=seconds).exit_code == 2


def test_intervals_are_ignored_without_watch(good: Path) -> None:
    result = run("load", good, NEWSGRAPH_RESCAN="60", NEWSGRAPH_POLL="1", **JSON)
    assert (result.exit_code, json.loads(result.stdout)["added"]) == (0, 1)


def test_a_prune_of_everything_is_rejected_with_a_message(
    tmp_path: Path, mongod: str | UsageError
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    url = mongod.replace("/?", "/prune?")
    path = write(tmp_path / "a.md")
    load = ("load", tmp_path, "--mongo-url", url)
    assert run(*load).exit_code == 0
    path.unlink()
    result = run(*load, "--prune")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"newsgraph: {tmp_path}/ contains no documents, and --prune would remove all that were "
        "loaded from there (1). Is the disk mounted, and is the path right? To remove these "
        "documents, add --allow-empty\n"
    )
    assert json.loads(run(*load, "--prune", "--allow-empty", **JSON).stdout)["removed"] == 1


def test_escape_sequences_in_names_are_not_printed(tmp_path: Path) -> None:
    result = run("check", tmp_path / "\x1b[31mred.md")
    assert "\x1b" not in result.stderr
    write(tmp_path / "\x1b[31mred.md", "")
    assert "\x1b" not in run("check", tmp_path).stdout


def test_python_m_loaders_runs_the_command(good: Path) -> None:
    command = [sys.executable, "-m", "loaders", "check", str(good), "--report", "json"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[2])
    assert json.loads(done.stdout)["loaded"] == 1
    assert done.stderr == b""
