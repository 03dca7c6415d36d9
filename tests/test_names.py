"""One word for one thing: public types and modules share no name, unless by design."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
MODULES: Final = sorted([*ROOT.glob("graph/**/*.py"), *ROOT.glob("loaders/**/*.py")])

NAMESAKES: Final = {
    "ChangeKind": "the strings of the store, and the enum of the schema that they become",
    "LoadSummary": "the type of the schema is named for what is stored",
    "cli": "each command line is its package's `cli`",
    "database": "settings are named for what they set",
    "serving": "settings are named for what they set",
    "facets": "the types of the schema, and the reads that they show",
}


def _type_name(node: ast.stmt) -> str | None:
    """Return the name of the class or the type alias that a statement defines, if it does."""
    match node:
        case ast.ClassDef(name=name):
            return name
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return None
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return None if name.isupper() else name
    return None


def _names(path: Path) -> list[str]:
    """Return the public classes and type aliases of a module, and its own name."""
    types = filter(None, map(_type_name, ast.parse(path.read_text()).body))
    module_name = [] if path.stem.startswith("__") else [path.stem]
    return [*module_name, *(name for name in types if name[0].isupper())]


def test_public_names_are_unique_unless_by_design() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for name in _names(path):
            places[name].append(str(path.relative_to(ROOT)))
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: shared[name] for name in shared if name not in NAMESAKES} == {}
    assert set(NAMESAKES) <= set(shared), "a pair that is gone"
