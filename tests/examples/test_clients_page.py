"""docs/clients.md: its curl commands, run as they are written, against the seeds."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.examples.node import EXAMPLES, succeed
from tests.examples.page import PAGE
from tests.examples.persisted import serving_documents

COMMANDS = re.findall(r"```sh\n(.*?)```\s*```json\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(COMMANDS)))
async def test_1_a_command_of_the_page_prints_what_the_page_says(
    number: int, seeds_url: str, tmp_path: Path
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the commands of docs/clients.md need curl")
    command, printed = COMMANDS[number]
    async with serving_documents(seeds_url) as served:
        script = command.replace("http://127.0.0.1:8000", served.host)
        lines = await succeed("bash", "-euc", script, folder=tmp_path)
    assert json.loads("\n".join(lines)) == json.loads(printed)


def test_1_every_command_of_the_page_is_run() -> None:
    text = PAGE.read_text()
    assert len(COMMANDS) == text.count("```sh\n") > 3
    assert all("http://127.0.0.1:8000" in command for command, _ in COMMANDS)


@pytest.mark.parametrize("name", ["typescript", "relay", "caches", "live"])
def test_1_packages_need_no_scripts_and_name_no_registry(name: str) -> None:
    lock = (EXAMPLES / name / "package-lock.json").read_text()
    assert "hasInstallScript" not in lock
    assert '"resolved"' not in lock


def test_1_every_file_that_the_page_points_at_is_there() -> None:
    targets = re.findall(r"\]\((?!http|#)([^)#]+)", PAGE.read_text())
    assert [target for target in targets if not (PAGE.parent / target).exists()] == []
