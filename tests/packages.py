"""The packages of other languages and tools that tests need, installed once per list of versions.

They are in `.packages/`, a part of what `make test` builds before it runs the tests:

    python -m tests.packages    install all that are not there
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
INSTALLED: Final = ROOT / ".packages"
SOURCES: Final = {
    "audits": ROOT / "tests" / "web" / "audits",
    "browser": ROOT / "tests" / "browser",
    "caches": ROOT / "examples" / "caches",
    "generators": ROOT / "tests" / "examples",
    "live": ROOT / "examples" / "live",
    "relay": ROOT / "examples" / "relay",
    "typescript": ROOT / "examples" / "typescript",
}
"""The folders with the lists of versions."""

NODE: Final = ("package.json", "package-lock.json", ".npmrc")
PYTHON: Final = ("generators.txt",)
NPM: Final = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
PIP: Final = (sys.executable, "-m", "pip", "install", "--quiet", "--target", ".")
STAMP: Final = ".installed"


class NotInstalled(Exception):
    """A program is missing, or no registry is reachable."""


def installed(name: str) -> Path:
    """The folder with these packages. Raises NotInstalled."""
    folder, lists = INSTALLED / name, _lists(name)
    digest = sha256(b"\0".join(path.read_bytes() for path in lists)).hexdigest()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in lists:
        shutil.copy(path, folder)
    is_python = name == "generators"
    _run([*PIP, "-r", *PYTHON] if is_python else NPM, folder)
    stamp.write_text(digest)
    return folder


def _lists(name: str) -> list[Path]:
    files = PYTHON if name == "generators" else NODE
    return [SOURCES[name] / file for file in files]


def _run(command: tuple[str, ...] | list[str], folder: Path) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise NotInstalled(f"there is no {command[0]}")
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise NotInstalled(f"{' '.join(command)} failed: {done.stderr.strip()}")


def _main() -> None:
    with ThreadPoolExecutor(2) as pool:
        for name, done in {name: pool.submit(installed, name) for name in SOURCES}.items():
            try:
                done.result()
            except NotInstalled as error:
                sys.stderr.write(f"Tests that need the packages of {name} are skipped: {error}\n")


if __name__ == "__main__":
    _main()
