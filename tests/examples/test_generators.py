"""The generators of Python code in docs/clients.md, run as it says over the served schema.

`test_typescript.py` and `test_relay.py` are about the generators of TypeScript.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests import packages
from tests.examples.expected import data_of
from tests.examples.node import EXAMPLES, succeed
from tests.examples.page import PAGE
from tests.examples.serving import Served

OPERATIONS: Final = EXAMPLES / "python" / "newsclient" / "operations"
HOST: Final = "http://127.0.0.1:8000"
TEXT: Final = PAGE.read_text().partition("\n### Generated code\n")[2].partition("\n## ")[0]
ARTICLES: Final = "articles(first: 5) { nodes { title provider { name } } }"
PROGRAMS: Final = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
COMMANDS: Final = re.findall(r"^    (\S.*)$", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL), re.M)


@pytest.fixture(scope="module")
def generators() -> Path:
    """The generators in a folder of their own: they need an older graphql-core than newsgraph."""
    try:
        return packages.installed("generators")
    except packages.NotInstalled as error:
        pytest.skip(f"the generators need pip and once a package index: {error}")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the operations of examples/python."""
    shutil.copytree(OPERATIONS, tmp_path / "newsclient" / "operations")
    return tmp_path


async def test_ariadne_codegen_generates_a_client(
    generators: Path, project: Path, seeds: Served
) -> None:
    [config] = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    (project / "ariadne.toml").write_text(config.replace(HOST, seeds.host))
    await _run_commands("ariadne-codegen", generators, project, seeds)
    data = await data_of(seeds.url, f"{{ {ARTICLES} }}")
    printed = await _run_program("from news import", generators, project, seeds)
    assert printed == _lines(data["articles"])


async def test_sgqlc_generates_types(generators: Path, project: Path, seeds: Served) -> None:
    await _run_commands("sgqlc", generators, project, seeds)
    data = await data_of(seeds.url, f'{{ topic(slug: "energy") {{ {ARTICLES} }} }}')
    printed = await _run_program("from sgqlc", generators, project, seeds)
    assert printed == _lines(data["topic"]["articles"])


def _lines(articles: dict[str, Any]) -> list[str]:
    assert articles["nodes"]
    return [f"{node['title']} ({node['provider']['name']})" for node in articles["nodes"]]


async def _run_commands(name: str, generators: Path, project: Path, served: Served) -> None:
    """Run the commands of the page with a name in them; each is a module that can be run, too."""
    commands = [shlex.split(each.replace(HOST, served.host)) for each in COMMANDS if name in each]
    assert commands
    for program, *arguments in commands:
        if program != "python":
            arguments = ["-m", program.replace("sgqlc-", "sgqlc.").replace("-", "_"), *arguments]
        await _python(*arguments, generators=generators, project=project)


async def _run_program(start: str, generators: Path, project: Path, served: Served) -> list[str]:
    [program] = [each for each in PROGRAMS if start in each]
    return await _python(
        "-c", program.replace(HOST, served.host), generators=generators, project=project
    )


async def _python(*arguments: str, generators: Path, project: Path) -> list[str]:
    paths = os.pathsep.join([str(generators), str(project)])
    return await succeed(sys.executable, *arguments, folder=project, PYTHONPATH=paths)
