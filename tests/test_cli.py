"""The command, as a process."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.config import Scope, Token, load_settings
from graph.errors import UsageError
from graph.store.embedded.server import find_mongod
from graph.web.http.request.auth import new_token, scopes_of, token_digest
from tests.forks import Fork, bare_environment, forked, run
from tests.loaders.load.test_load_everywhere import put
from tests.processes import HTTP, free_port

SEED = "000_ef04b29bb6bd93cb"


@pytest.mark.parametrize("module", ["graph", "loaders"])
def test_check_exits_with_0_or_1_and_reports_json(tmp_path: Path, module: str) -> None:
    put(tmp_path, "a")
    good = run("check", tmp_path, "--report", "json", module=module)
    report = json.loads(good.stdout)
    report.pop("seconds")
    assert (good.returncode, good.stderr, report) == (
        0,
        "",
        {
            "loaded": 1,
            "kinds": {"articles": 1, "topics": 0, "providers": 0, "authors": 0},
            "added": 0,
            "updated": 0,
            "unchanged": 0,
            "volatileOnly": 0,
            "removed": 0,
            "scheduled": 0,
            "expired": 0,
            "rejected": [],
            "warnings": [],
            "revision": None,
        },
    )
    bad = put(tmp_path, "b", title="[x]")
    outcome = run("check", tmp_path, "--report", "json", module=module)
    assert outcome.returncode == 1
    assert json.loads(outcome.stdout)["rejected"] == [
        {
            "path": str(bad),
            "line": 2,
            "column": 1,
            "field": "title",
            "reason": "expected text, found a list",
        }
    ]


def test_the_report_for_people_names_path_line_and_field(tmp_path: Path) -> None:
    bad = put(tmp_path, "b", title="[x]")
    outcome = run("check", tmp_path)
    assert outcome.stdout.startswith(
        f"1 document rejected: title: expected text, found a list\n"
        f"  {bad}:2:1: title\n"
        f"    | title: [x]\n"
        f"    | ^\n"
    )


def test_warnings_count_only_where_asked_to(tmp_path: Path) -> None:
    put(tmp_path, "a", topics="[AI, ]\nkeywords: ")
    put(tmp_path, "b", topics="[~]")
    assert run("check", tmp_path).returncode == 0
    assert run("check", tmp_path, "--strict").returncode == 1


@pytest.mark.parametrize("command", ["load", "check"])
def test_a_missing_folder_exits_with_2_and_its_name(command: str, tmp_path: Path) -> None:
    outcome = run(command, tmp_path / "nowhere", NEWSGRAPH_MONGO_URL="mongomock://")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert f"{tmp_path / 'nowhere'}: cannot be read: No such file or directory" in outcome.stderr


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
def test_a_database_that_is_away_exits_with_3_and_hides_the_password(
    tmp_path: Path, driver: str
) -> None:
    put(tmp_path, "a")
    url = f"mongodb://root:hunter2@127.0.0.1:{free_port()}/news"
    started = time.monotonic()
    outcome = run("load", tmp_path, "--mongo-url", url, NEWSGRAPH_MONGO_DRIVER=driver)
    assert time.monotonic() - started < 5
    address = url.replace("root:hunter2@", "")
    assert (outcome.returncode, outcome.stdout) == (3, "")
    assert outcome.stderr == f"newsgraph: MongoDB at {address} cannot be reached\n"


def test_a_wrong_setting_exits_with_2_its_name_and_its_value(tmp_path: Path) -> None:
    outcome = run("load", tmp_path, NEWSGRAPH_MONGO_DRIVER="telnet")
    assert outcome.returncode == 2
    assert "NEWSGRAPH_MONGO_DRIVER='telnet'" in outcome.stderr
    outcome = run("load", tmp_path, "--mongo-url", "http://root:hunter2@x/")
    assert outcome.returncode == 2
    assert "hunter2" not in outcome.stderr


def test_schema_prints_the_committed_schema() -> None:
    committed = Path(__file__).parents[1] / "graph" / "schema" / "schema.graphql"
    command = [sys.executable, "-m", "graph", "schema"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == committed.read_bytes()


def test_token_prints_a_token_and_the_entry_that_lets_the_server_know_it() -> None:
    outcome = run("token", "--scope", "read:unpublished", "--scope", "read:secured")
    assert outcome.returncode == 0
    made, entry = outcome.stdout.splitlines()
    [accepted] = load_settings(tokens=entry).tokens
    assert made.startswith("ng_")
    assert scopes_of(f"Bearer {made}", [accepted]) == {"read:unpublished", "read:secured"}
    assert "NEWSGRAPH_TOKENS" in outcome.stderr
    assert made not in outcome.stderr


@pytest.mark.parametrize("arguments", [[], ["--scope", "read:all"], ["read:secured"]])
def test_token_without_a_valid_scope_exits_with_2(arguments: list[str]) -> None:
    outcome = run("token", *arguments)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "Usage:" in outcome.stderr


def test_a_wrong_token_exits_with_2_and_is_not_shown() -> None:
    outcome = run("serve", NEWSGRAPH_MONGO_URL="mongomock://", NEWSGRAPH_TOKENS="ng_pasted")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "NEWSGRAPH_TOKENS: entry 1 is not of the form" in outcome.stderr
    assert "ng_pasted" not in outcome.stderr


@pytest.mark.parametrize("driver", ["motor", "pymongo"])
def test_a_load_and_a_server_that_log_all_they_can_write_no_ciphertext_and_no_token(
    mongod: str | UsageError, tmp_path: Path, driver: str
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    put(tmp_path, "a", secured="U0VDUkVU;VkVDVE9S")
    token = new_token()
    port = free_port()
    chosen = {
        "NEWSGRAPH_MONGO_URL": mongod.replace("/?", f"/logged_{driver}?"),
        "NEWSGRAPH_MONGO_DRIVER": driver,
        "NEWSGRAPH_LOG_LEVEL": "debug",
        "COLUMNS": "1000",  # no line is broken within a word
        "NEWSGRAPH_TOKENS": str(Token(token_digest(token), frozenset({Scope.SECURED}))),
    }
    loaded = run("load", tmp_path, **chosen)
    assert loaded.returncode == 0, loaded.stderr
    body = {"query": '{ article(slug: "a") { secured { ciphertext iv } } }'}
    url = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"
    environment = bare_environment(**chosen)
    with forked("serve", "--port", str(port), log=log, environment=environment) as server:
        await_ready(url, server, log)
        closed = HTTP.post(f"{url}/graphql", json=body)
        opened = HTTP.post(
            f"{url}/graphql", json=body, headers={"Authorization": f"Bearer {token}"}
        )
    written = log.read_text()
    assert "U0VDUkVU" in opened.text
    assert "DEBUG" in written
    for secret in ("U0VDUkVU", "VkVDVE9S"):
        assert secret not in f"{loaded.stdout}{loaded.stderr}{closed.text}{written}"
    assert token not in written


def test_a_taken_port_is_named() -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        outcome = run("serve", "--port", str(port), NEWSGRAPH_MONGO_URL="mongomock://")
    assert outcome.returncode == 2
    assert f"cannot serve at 127.0.0.1:{port}" in outcome.stderr


def answer(url: str, query: str) -> dict[str, Any]:
    data: dict[str, Any] = HTTP.post(f"{url}/graphql", json={"query": query}).json()["data"]
    return data


def await_ready(url: str, process: Fork, log: Path) -> None:
    deadline, said = time.monotonic() + 60, "nothing"
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with suppress(httpx.TransportError):
            answered = HTTP.get(f"{url}/readyz")
            if answered.status_code == 200:
                return
            said = answered.text
        time.sleep(0.05)
    raise AssertionError(f"not ready within a minute: {said}\n{log.read_text()}")


def test_the_demo_loads_serves_prints_where_and_stops_all_it_started(tmp_path: Path) -> None:
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"
    environment = bare_environment(NEWSGRAPH_DATA_DIR=str(tmp_path / "data"))
    with forked("demo", "--port", str(port), log=log, environment=environment) as demo:
        await_ready(url, demo, log)
        data = answer(
            url,
            f"""{{ article(slug: "{SEED}") {{ title provider {{ name }} topics {{ name }}
                images {{ url width height }} related {{ provider {{ name domain }} }} }}
                articles(first: 100) {{ nodes {{ images {{ url }} }} }} }}""",
        )
        pictures = {
            re.sub(r"\?.*", "", image["url"])
            for node in data["articles"]["nodes"]
            for image in node["images"]
            if image["url"].startswith("/")
        }
        broken = [path for path in pictures if HTTP.get(url + path).status_code != 200]
        mongod = int((tmp_path / "data" / "port").read_text())
    assert demo.poll() == 0
    assert f"{url}/graphql" in log.read_text()
    assert (len(pictures) > 20, broken) == (True, [])
    article = data["article"]
    assert article.pop("images")[0]["width"] == 700
    assert article == {
        "title": "Global facial recognition company working closely with NZ govt",
        "provider": {"name": "TVNZ 1"},
        "topics": [{"name": "Computer Vision"}, {"name": "AI"}],
        "related": [
            {"provider": {"name": "The New Zealand Herald", "domain": "nzherald.co.nz"}},
            {"provider": {"name": "Scoop", "domain": "scoop.co.nz"}},
        ],
    }
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", mongod)) != 0
