"""The import rules of docs/architecture.md, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALLOWED = {
    "graph.errors": set[str](),
    "graph.documents": set[str](),
    "graph.config": {"graph.config", "graph.errors"},
    "graph.compiler": {"graph.compiler"},
    "graph.store": {"graph.store", "graph.config", "graph.documents", "graph.errors"},
    "graph.text": {"graph.text"},
    "graph.schema": {
        "graph.schema",
        "graph.text",
        "graph.store",
        "graph.compiler",
        "graph.documents",
        "graph.errors",
    },
    "graph.web": {"graph.web", "graph.schema", "graph.store", "graph.config", "graph.errors"},
    "graph.app": {"graph"},
    "graph.serving": {"graph"},
    "graph.cli": {"graph", "loaders"},
    "graph.__main__": {"graph"},
    "loaders": {"loaders", "graph.config", "graph.documents", "graph.errors", "graph.store"},
}
DRIVERS = {"pymongo", "motor", "mongomock_motor", "bson"}
MODULES = sorted([*ROOT.glob("graph/**/*.py"), *ROOT.glob("loaders/**/*.py")])


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            if node.module == "graph":
                yield from (f"graph.{alias.name}" for alias in node.names)


def within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def room_of(name: str) -> str:
    return max((room for room in ALLOWED if within(name, {room})), key=len)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    if name == "graph":
        return
    room = room_of(name)
    for imported in imports(path):
        if within(imported, {"graph", "loaders"}):
            assert within(imported, ALLOWED[room]), f"{name} may not import {imported}"
        if within(imported, DRIVERS):
            assert room == "graph.store", f"{name} may not import the driver {imported}"
        if within(imported, {"starlette"}):
            assert room in {"graph.web", "graph.app"}, f"{name} may not import {imported}"
