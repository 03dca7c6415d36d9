"""The examples that need Node.js: installed, and their programs run."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Final, NamedTuple

import pytest

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
HINT: Final = "this example needs Node.js 20 or newer, npm and once a registry of packages"
LEFT_OUT: Final = {"node_modules", "dist", "gql", "__generated__", "schema.graphql"}


class Ended(NamedTuple):
    """How a program ended, and what it printed."""

    status: int
    lines: list[str]
    error: str


async def installed(name: str, cache: pytest.Cache) -> Path:
    """A copy of an example with its packages, installed where the cache has none that fit."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip(HINT)
    folder = cache.mkdir(f"example-{name}")
    lock, done = EXAMPLES / name / "package-lock.json", folder / "node_modules" / ".lock"
    fits = done.is_file() and done.read_bytes() == lock.read_bytes()
    for old in folder.iterdir():
        if old.name != "node_modules":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True, ignore=ignored)
    if not fits:
        ended = await run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        if ended.status:
            pytest.skip(f"{HINT}: {ended.error}")
        shutil.copy(lock, done)
    return folder


async def run(*command: str, folder: Path, **environment: str) -> Ended:
    """Run a program to its end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, error = await asyncio.wait_for(process.communicate(), 180)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError(f"{' '.join(command)} did not end within 3 minutes") from None
    assert process.returncode is not None
    return Ended(process.returncode, out.decode().splitlines(), error.decode())


async def run_script(name: str, *options: str, folder: Path, **environment: str) -> list[str]:
    """What a script of the package prints that must end well.

    It is run as `npm run` does, which itself takes half a second of CPU.
    """
    script = json.loads((folder / "package.json").read_text())["scripts"][name]
    path = f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    command = ["sh", "-c", f'{script} "$@"', name, *options]
    return await succeed(*command, folder=folder, PATH=path, **environment)


async def succeed(*command: str, folder: Path, **environment: str) -> list[str]:
    """What a program prints that must end well."""
    ended = await run(*command, folder=folder, **environment)
    message = [f"{' '.join(command)}: ended with {ended.status}", ended.error, *ended.lines]
    assert ended.status == 0, "\n".join(message)
    return ended.lines
