"""constraints.txt: the versions that the tests passed with, and pyproject.toml's bounds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).parent.parent
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEPENDENCIES: Final = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS: Final = [
    Requirement(text) for extra in PROJECT["optional-dependencies"].values() for text in extra
]
LINES: Final = (ROOT / "constraints.txt").read_text().splitlines()
PINNED: Final = {
    canonicalize_name(name): Version(version)
    for name, version in (line.split("==") for line in LINES)
}


def test_a_constraint_is_a_name_and_a_version() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert sorted(LINES, key=str.lower) == LINES
    assert len(PINNED) == len(LINES)


@pytest.mark.parametrize("requirement", [*DEPENDENCIES, *EXTRAS], ids=str)
def test_requirements_of_the_project_are_pinned_within_their_bounds(
    requirement: Requirement,
) -> None:
    assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier


def test_transitive_requirements_are_pinned_too() -> None:
    assert set(_required_by_installed()) - PINNED.keys() == set()


def _required_by_installed() -> Iterator[str]:
    for name in PINNED:
        try:
            texts = requires(name) or ()
        except PackageNotFoundError:  # only for another platform, or of an extra
            continue
        for requirement in map(Requirement, texts):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield canonicalize_name(requirement.name)


@pytest.mark.parametrize(
    "name", ["graphql-core", "motor", "pymongo", "strawberry-graphql", "tantivy", "uvicorn"]
)
def test_dependencies_with_used_private_apis_have_an_upper_bound(name: str) -> None:
    [requirement] = [each for each in DEPENDENCIES if each.name == name]
    assert {each.operator for each in requirement.specifier} == {">=", "<"}


def test_make_and_the_image_install_these_versions() -> None:
    script = (ROOT / "scripts" / "venv").read_text()
    assert '--constraint "$constraints"' in script
    assert "constraints=${CONSTRAINTS:-constraints.txt}" in script
    assert "--constraint /constraints.txt" in (ROOT / "Dockerfile").read_text()
    assert "!constraints.txt" in (ROOT / ".dockerignore").read_text().splitlines()
