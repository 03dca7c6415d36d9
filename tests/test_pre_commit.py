"""The hook for other repositories agrees with the command that it runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from graph.cli import app
from loaders.files.places import EXTENSIONS

ROOT = Path(__file__).parents[1]


@pytest.fixture
def hook() -> dict[str, Any]:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert isinstance(hook, dict)
    return hook


def test_the_hook_says_what_pre_commit_requires(hook: dict[str, Any]) -> None:
    required = ("id", "name", "entry", "language")
    assert [hook[key] for key in required] == [
        "newsgraph-check",
        "newsgraph check",
        "newsgraph check --root .",
        "python",
    ]
    assert hook["types"] == ["file"]
    assert hook["require_serial"] is True


def test_the_hook_runs_a_command_that_is_there(hook: dict[str, Any]) -> None:
    program, command, *_ = hook["entry"].split()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts[program] == "graph.cli:app"
    group = typer.main.get_command(app)
    assert command in group.commands  # type: ignore[attr-defined]  # an app of several is a group


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("extension", sorted(EXTENSIONS))
def test_the_hook_receives_all_that_may_be_a_document(
    hook: dict[str, Any], extension: str, ending: str
) -> None:
    assert re.search(hook["files"], f"_news/a{extension}{ending}")


@pytest.mark.parametrize("name", ["a.py", "a.md.bak", "amd", "a.gz", "a.json.gz"])
def test_the_hook_receives_nothing_else(hook: dict[str, Any], name: str) -> None:
    assert not re.search(hook["files"], f"_news/{name}")
