"""The examples that need Node.js: their installation, and runs of their programs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests import packages

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
HINT: Final = "this example needs Node.js 20 or newer, npm and once a registry of packages"
LEFT_OUT: Final = {"node_modules", "dist", "gql", "__generated__", "schema.graphql"}


class Ended(NamedTuple):
    """The exit code and the output of a program."""

    status: int
    lines: list[str]
    error: str


def installed(name: str) -> Path:
    """A copy of an example with its packages, and with the build of the same sources."""
    try:
        folder = packages.installed(name)
    except packages.NotInstalled as error:
        pytest.skip(f"{HINT}: {error}")
    stamp, sources = folder / ".sources", _digest(EXAMPLES / name)
    if not stamp.is_file() or stamp.read_text() != sources:
        for old in folder.iterdir():
            if old.name not in {"node_modules", packages.STAMP}:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        ignored = shutil.ignore_patterns(*LEFT_OUT)
        shutil.copytree(EXAMPLES / name, folder, dirs_exist_ok=True, ignore=ignored)
        stamp.write_text(sources)
    return folder


def _digest(example: Path) -> str:
    """A name for the sources of an example."""
    digest = sha256()
    for path in sorted(example.rglob("*")):
        relative = path.relative_to(example)
        if path.is_file() and not LEFT_OUT.intersection(relative.parts):
            digest.update(f"{relative}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@asynccontextmanager
async def making(folder: Path, *inputs: str) -> AsyncIterator[bool]:
    """Whether something must be made, since it was not yet of the same sources and these inputs.

    A compiler takes seconds of CPU, and makes the same of the same.
    """
    stamp = folder / ".made"
    digest = sha256("\0".join([(folder / ".sources").read_text(), *inputs]).encode()).hexdigest()
    is_needed = not stamp.is_file() or stamp.read_text() != digest
    if is_needed:
        stamp.unlink(missing_ok=True)
    yield is_needed
    stamp.write_text(digest)


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
    """The output of a script of the package, which must succeed.

    It is run as `npm run` does, which itself takes half a second of CPU.
    """
    script = json.loads((folder / "package.json").read_text())["scripts"][name]
    path = f"{folder / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    command = ["sh", "-c", f'{script} "$@"', name, *options]
    return await succeed(*command, folder=folder, PATH=path, **environment)


async def succeed(*command: str, folder: Path, **environment: str) -> list[str]:
    """The output of a program, which must succeed."""
    ended = await run(*command, folder=folder, **environment)
    message = [f"{' '.join(command)}: ended with {ended.status}", ended.error, *ended.lines]
    assert ended.status == 0, "\n".join(message)
    return ended.lines
