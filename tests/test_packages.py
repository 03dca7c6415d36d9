"""The source distribution and the wheel: which files are in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt

import hatch_build
import hatch_readme

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
    "hatch_readme.py",
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


def test_the_source_distribution_has_the_example_sites(sources: set[str]) -> None:
    files = [path for path in (ROOT / "examples" / "sites").rglob("*") if path.is_file()]
    assert {path.relative_to(ROOT).as_posix() for path in files} <= sources
    assert files


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


def test_the_wheel_has_the_presets(wheel: set[str]) -> None:
    presets = {path.name for path in (ROOT / "loaders" / "presets").glob("*.toml")}
    assert {f"loaders/presets/{name}" for name in presets} <= wheel
    assert presets


def test_the_source_distribution_has_the_sources_of_the_explorer(sources: set[str]) -> None:
    assert "graph/explorer/package-lock.json" in sources
    assert [name for name in sources if "node_modules" in name] == []


def test_the_page_of_an_index_has_no_link_into_the_repository(packages: Path) -> None:
    [path] = packages.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        [name] = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_bytes(opened.read(name))
    assert metadata["Description-Content-Type"] == "text/markdown"
    description = metadata.get_payload()
    assert isinstance(description, str)
    assert description.startswith("# newsgraph\n")
    targets = re.findall(r'(?:href|src)="([^"]*)"', MarkdownIt().render(description))
    assert [each for each in targets if not each.startswith(("http://", "https://", "#"))] == []


@pytest.mark.parametrize(
    ("readme", "expected"),
    [
        ("See [the page](docs/page.md#part).", "See the page."),
        ("See [`a.graphql`](graph/a.graphql).", "See `a.graphql`."),
        ("See [it](https://example.org/a).", "See [it](https://example.org/a)."),
        ("See [below](#below).", "See [below](#below)."),
        ("One.\n\n![A picture](docs/a.svg)\n\nTwo.", "One.\n\nTwo."),
        ('One.\n\n<img src="a.png" alt="A"> <img src="b.png">\n\nTwo.', "One.\n\nTwo."),
    ],
)
def test_links_into_the_repository_become_text(readme: str, expected: str) -> None:
    assert hatch_readme.long_description(readme) == f"{expected}\n\n{hatch_readme.NOTE}"
