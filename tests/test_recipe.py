"""The steps to add a field in CONTRIBUTING.md, followed in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Final

from tests.loaders.builders import article, write

ROOT: Final = Path(__file__).parents[1]
SECTION: Final = (ROOT / "CONTRIBUTING.md").read_text().partition("## How to add a field")[2]

USE: Final = """
import asyncio, json, sys
from pathlib import Path

from graph.config import Settings
from graph.store.driver.client import open_database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.conftest import query_sender

QUERY = '''query ($dateline: String) {
    articles(where: {dateline: {eq: $dateline}}) { nodes { slug dateline extra } } }'''

async def main():
    settings = Settings(mongo_url="mongomock://")
    async with open_database(settings) as database:
        report = await load(database, settings, LoadOptions.of([Path(sys.argv[1])]))
        assert not report.rejected, report
        answer = await query_sender(database)(QUERY, dateline="Kiel, 3 March")
        found = await query_sender(database)('{ articles(search: "bergen") { nodes { slug } } }')
    print(json.dumps([answer, found["data"]["articles"]["nodes"]]))

asyncio.run(main())
"""


def block(language: str) -> str:
    """The recipe's only code block in a language, without its indentation in the list."""
    [found] = re.findall(rf"   ```{language}\n(.*?)   ```", SECTION, re.DOTALL)
    return re.sub(r"^   ", "", str(found), flags=re.MULTILINE)


def test_the_recipe_adds_a_field(tmp_path: Path) -> None:
    tree, site = tmp_path / "tree", tmp_path / "site"
    for name in ("graph", "loaders"):
        copytree(ROOT / name, tree / name, ignore=ignore_patterns("explorer"))
    (tree / "docs").mkdir()
    write(site / "a.md", article("dateline: Kiel, 3 March"))
    write(site / "b.md", article("dateline: Bergen, 4 May"))

    shape = tree / "graph" / "fields" / "article_document.py"
    before, extra, after = shape.read_text().partition("    extra: Annotated[")
    shape.write_text(f"{before}{block('python')}{extra}{after}")
    run(tree, "sh", "-ec", block("sh"))
    assert "\n  dateline: String\n" in (tree / "graph" / "schema" / "schema.graphql").read_text()
    assert "| `dateline` | text | |" in (tree / "docs" / "front-matter.md").read_text()

    answer, found = json.loads(run(tree, sys.executable, "-c", USE, str(site)))
    nodes = [{"slug": "a", "dateline": "Kiel, 3 March", "extra": {}}]
    assert answer == {"data": {"articles": {"nodes": nodes}}}
    assert found == [{"slug": "b"}]


def run(tree: Path, *command: str) -> str:
    """The output of a command for which the packages are those of the tree."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": f"{tree}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
