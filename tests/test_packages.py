"""The source distribution and the wheel: which files are in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

import hatch_build

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = frozenset(
    [".ci", "bench", "deploy", "docs", "examples", "graph", "loaders", "scripts", "seeds", "tests"]
)
FILES: Final = (
    ".dockerignore",
    ".pre-commit-hooks.yaml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "docker-compose.yml",
    "hatch_build.py",
    "pyproject.toml",
)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both packages."""
    if find_spec("hatchling") is None:
        pytest.skip("there is no hatchling: install the extra `test`")
    if hatch_build.is_stale():
        pytest.skip("the explorer was not built: `make explorer`")
    folder = tmp_path_factory.mktemp("packages")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def sources(packages: Path) -> set[str]:
    """The files of the source distribution."""
    [path] = packages.glob("*.tar.gz")
    with tarfile.open(path) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


@pytest.fixture(scope="module")
def wheel(packages: Path) -> set[str]:
    """The files of the wheel."""
    [path] = packages.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        return set(opened.namelist())


def test_the_source_distribution_has_what_make_and_the_tests_need(sources: set[str]) -> None:
    folders = {name.partition("/")[0] for name in sources if "/" in name}
    assert folders >= FOLDERS
    assert set(FILES) <= sources
    assert "scripts/venv" in sources


def test_the_source_distribution_has_every_tracked_file(sources: set[str]) -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = {name for name in listed.stdout.split("\0") if (ROOT / name).is_file()}
    assert tracked - {""} - sources == set()


def test_the_wheel_has_the_built_explorer_without_its_sources(wheel: set[str]) -> None:
    assert "graph/static/explorer/index.html" in wheel
    assert [name for name in wheel if name.startswith("graph/explorer/")] == []


def test_the_source_distribution_has_the_sources_of_the_explorer(sources: set[str]) -> None:
    assert "graph/explorer/package-lock.json" in sources
    assert [name for name in sources if "node_modules" in name] == []
