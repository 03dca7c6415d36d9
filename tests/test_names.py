"""One word for one thing: public classes and modules share no name, unless by design."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
MODULES: Final = sorted([*ROOT.glob("graph/**/*.py"), *ROOT.glob("loaders/**/*.py")])

NAMESAKES: Final = {
    "LoadSummary": "the type of the schema is named for what is stored",
    "cli": "each command line is its package's `cli`",
    "database": "settings are named for what they set",
    "serving": "settings are named for what they set",
    "facets": "the types of the schema, and the reads that they show",
}


def _names(path: Path) -> list[str]:
    """The public classes of a module, and its own name."""
    classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    module_name = [] if path.stem.startswith("__") else [path.stem]
    return [*module_name, *(each.name for each in classes if not each.name.startswith("_"))]


def test_public_names_are_unique_unless_by_design() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in MODULES:
        for name in _names(path):
            places[name].append(str(path.relative_to(ROOT)))
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: shared[name] for name in shared if name not in NAMESAKES} == {}
    assert set(NAMESAKES) <= set(shared), "a pair that is gone"
