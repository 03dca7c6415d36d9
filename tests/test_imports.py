"""The import rules of docs/architecture.md, checked in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALLOWED = {
    "graph.errors": set[str](),
    "graph.documents": set[str](),
    "graph.locales": set[str](),
    "graph.fields": {"graph.fields"},
    "graph.config": {"graph.config", "graph.errors", "graph.fields", "graph.locales"},
    "graph.compiler": {"graph.compiler"},
    "graph.store": {
        "graph.store",
        "graph.config",
        "graph.documents",
        "graph.errors",
        "graph.fields",
    },
    "graph.text": {"graph.text"},
    "graph.search": {
        "graph.search",
        "graph.config",
        "graph.documents",
        "graph.errors",
        "graph.fields",
        "graph.store",
    },
    "graph.schema": {
        "graph.schema",
        "graph.search",
        "graph.text",
        "graph.store",
        "graph.compiler",
        "graph.documents",
        "graph.errors",
        "graph.fields",
    },
    "graph.live": {"graph.live", "graph.store", "graph.errors"},
    "graph.web": {
        "graph.web",
        "graph.live",
        "graph.schema",
        "graph.search",
        "graph.store",
        "graph.config",
        "graph.errors",
        "graph.locales",
    },
    "graph.app": {"graph"},
    "graph.serving": {"graph"},
    "graph.worker_supervisor": set[str](),
    "graph.demo": {"graph", "loaders"},
    "graph.cli": {"graph", "loaders"},
    "graph.__main__": {"graph"},
    "loaders": {
        "loaders",
        "graph.config",
        "graph.documents",
        "graph.errors",
        "graph.fields",
        "graph.locales",
        "graph.store",
        "graph.text",
    },
}
DRIVERS = {"pymongo", "motor", "mongomock_motor", "bson"}
MODULES = sorted([*ROOT.glob("graph/**/*.py"), *ROOT.glob("loaders/**/*.py")])


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a module's syntax tree."""
    return tuple(ast.walk(ast.parse(source)))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path.read_text()):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            if node.module == "graph":
                yield from (f"graph.{alias.name}" for alias in node.names)


def within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def package_of(name: str) -> str:
    return max((package for package in ALLOWED if within(name, {package})), key=len)


def forbidden(package: str, imported: str) -> bool:
    """Whether modules of a package may not import this."""
    if within(imported, {"graph", "loaders"}):
        return not within(imported, ALLOWED[package])
    if within(imported, DRIVERS):
        return package != "graph.store"
    return within(imported, {"starlette"}) and package not in {"graph.web", "graph.app"}


def test_a_module_imports_only_what_its_package_may() -> None:
    names = {module_name(path): path for path in MODULES}
    assert [
        f"{name} may not import {imported}"
        for name, path in names.items()
        if name != "graph"
        for imported in imports(path)
        if forbidden(package_of(name), imported)
    ] == []


@pytest.mark.parametrize(
    ("package", "imported"),
    [
        ("graph.text", "graph.store"),
        ("graph.errors", "graph"),
        ("graph.web", "loaders.load"),
        ("graph.web", "pymongo.errors"),
        ("graph.schema", "starlette"),
    ],
)
def test_a_forbidden_import_is_found(package: str, imported: str) -> None:
    assert forbidden(package, imported)
    assert not forbidden(package, "typing")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def lazy_modules(source: str) -> set[str]:
    """The modules that `strawberry.lazy` names in annotations."""
    return {
        ast.literal_eval(node.args[0])
        for node in nodes(source)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "strawberry.lazy"
    }


def lazy_imports(source: str) -> set[ast.AST]:
    """The imports under TYPE_CHECKING that are there for `strawberry.lazy` alone."""
    if "strawberry.lazy" not in source:
        return set()
    lazy = lazy_modules(source)
    return {
        node
        for block in nodes(source)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module in lazy
    }


def edges(source: str, modules: set[str]) -> set[str]:
    """The modules that a module imports, be it in a function or for its annotations."""
    lazy = lazy_imports(source)
    found: set[str] = set()
    for node in nodes(source):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node not in lazy:
            names = {f"{node.module}.{alias.name}": node.module or "" for alias in node.names}
            found.update(name if name in modules else module for name, module in names.items())
    return found & modules


def cycle_of(graph: dict[str, set[str]]) -> list[str]:
    """One cycle of the graph, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def test_no_module_imports_itself_through_others() -> None:
    paths = {module_name(path): path for path in MODULES}
    graph = {name: edges(path.read_text(), set(paths)) for name, path in paths.items()}
    assert cycle_of(graph) == []


@pytest.mark.parametrize(
    ("source", "is_edge"),
    [
        ("import a.b", True),
        ("from a import b", True),
        ("def f():\n    from a.b import C", True),
        ("if TYPE_CHECKING:\n    from a.b import C", True),
        (
            "if TYPE_CHECKING:\n    from a.b import C\nc: Annotated[C, strawberry.lazy('a.b')]",
            False,
        ),
        ("from a.b import C\nc: Annotated[C, strawberry.lazy('a.b')]", True),
    ],
)
def test_only_a_lazy_type_is_no_import(source: str, is_edge: bool) -> None:
    assert edges(source, {"a", "a.b"}) == ({"a.b"} if is_edge else set())


def test_a_cycle_is_found() -> None:
    assert set(cycle_of({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def test_a_package_has_nine_modules_at_most() -> None:
    folders = [folder for package in ("graph", "loaders") for folder in ROOT.glob(f"{package}/**/")]
    modules = {
        str(folder.relative_to(ROOT)): len({*folder.glob("*.py")} - {folder / "__init__.py"})
        for folder in folders
    }
    assert modules
    assert {name: number for name, number in modules.items() if number > 9} == {}
