"""The output of the commands, and the databases that they share, as processes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from graph.cli import app
from graph.config import unknown_variables
from graph.errors import UsageError
from graph.store.embedded.server import find_mongod
from tests.forks import Streams, bare_environment, forked, run, start
from tests.loaders.builders import write
from tests.memory import data_folder
from tests.processes import HTTP, free_port, until
from tests.test_cli import answer, await_ready

COMMANDS = ["load", "check", "export", "init", "serve", "demo", "schema", "explain", "token"]


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"newsgraph {version('newsgraph')}\n")


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])
def test_the_option_h_shows_help(command: list[str]) -> None:
    short, long = (CliRunner().invoke(app, [*command, option]) for option in ("-h", "--help"))
    assert (short.exit_code, short.stdout) == (0, long.stdout)
    assert "Usage:" in short.stdout


def test_shells_can_complete_commands() -> None:
    words = {"_NEWSGRAPH_COMPLETE": "complete_bash", "COMP_WORDS": "newsgraph ", "COMP_CWORD": "1"}
    result = CliRunner().invoke(app, [], env=words, prog_name="newsgraph")
    assert set(COMMANDS) <= set(result.stdout.split())


@pytest.mark.usefixtures("inline")
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("NEWSGRAPH_MONGO_URI", "did you mean NEWSGRAPH_MONGO_URL?"),
        ("NEWSGRAPH_PROT", "did you mean NEWSGRAPH_PORT?"),
        ("NEWSGRAPH_PRUNED", "did you mean NEWSGRAPH_PRUNE?"),
        ("NEWSGRAPH_DATADIR", "did you mean NEWSGRAPH_DATA_DIR?"),
        ("NEWSGRAPH_HOSTS", "did you mean NEWSGRAPH_HOST?"),
        ("NEWSGRAPH_RELOAD", "docs/settings.md lists them all"),
        ("NEWSGRAPH_", "docs/settings.md lists them all"),
        ("NEWSGRAPH_XYZXYZXYZ", "docs/settings.md lists them all"),
    ],
)
def test_a_misspelt_variable_is_a_warning_with_the_nearest_name(
    name: str, hint: str, tmp_path: Path
) -> None:
    write(tmp_path / "a.md")
    result = CliRunner().invoke(app, ["check", str(tmp_path)], env={name: "secret"})
    assert result.exit_code == 0
    expected = f"newsgraph: warning: {name} is not a setting and has no effect; {hint}\n"
    assert result.stderr == expected


def test_variables_of_settings_options_and_docker_compose_are_known() -> None:
    names = ["NEWSGRAPH_PORT", "newsgraph_port", "NEWSGRAPH_JOBS", "NEWSGRAPH_DOCUMENTS", "OTHER"]
    assert list(unknown_variables(dict.fromkeys(names, ""), {"NEWSGRAPH_JOBS"})) == []


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEWSGRAPH_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder; the data of the embedded database is in memory."""
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "site" / "own-story.md")
    with data_folder() as data:
        (tmp_path / ".newsgraph").symlink_to(data)
        monkeypatch.setenv("NEWSGRAPH_DATA_DIR", str(tmp_path / ".newsgraph"))
        yield tmp_path


@contextmanager
def serving(folder: Path, *command: str, **environment: str) -> Iterator[tuple[str, Path]]:
    """The URL of a server that is ready, and the file with its output."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", folder / f"{port}.log"
    settings = {**os.environ, **environment}
    with forked(*command, "--port", str(port), log=log, environment=settings) as process:
        await_ready(url, process, log)
        yield url, log


def slugs(url: str) -> set[str]:
    nodes = answer(url, "{ articles(first: 100) { nodes { slug } } }")["articles"]["nodes"]
    return {node["slug"] for node in nodes}


def test_the_demo_and_a_site_of_ones_own_stay_apart_side_by_side(folder: Path) -> None:
    assert run("load", folder / "site").returncode == 0
    with serving(folder, "demo") as (demo, _):
        assert "own-story" not in slugs(demo)
        assert len(slugs(demo)) > 20
        assert run("load", folder / "site").returncode == 0
        with serving(folder, "serve") as (own_url, _):
            assert slugs(own_url) == {"own-story"}
    with serving(folder, "serve") as (own_url, _):
        assert slugs(own_url) == {"own-story"}


def test_the_demo_shows_a_site_as_it_is_now(folder: Path) -> None:
    site = folder / "site"
    write(site / "hugo.toml", 'baseURL = "https://gull.example"\ntitle = "The Gull"\n')
    for name in ("kept", "gone"):
        write(site / "content" / f"{name}.md", f"---\ntitle: {name}\nauthors: [{{}}]\n---\n")
    write(site / "images" / "ferry.svg", "<svg/>")
    (site / "own-story.md").unlink()
    with serving(folder, "demo", "--site", str(site)) as (url, log):
        assert slugs(url) == {"content/kept", "content/gone"}
        assert HTTP.get(f"{url}/media/ferry.svg").status_code == 200
    printed = log.read_text()
    assert "hugo, recognised by hugo.toml: The Gull, https://gull.example\nloaded  " in printed
    assert f"Which files, and why: newsgraph check {site}\n" in printed
    (site / "content" / "gone.md").unlink()
    with serving(folder, "demo", "--site", str(site), "--site-name", "The Tern") as (url, _):
        query = "{ articles(first: 9) { nodes { slug provider { name } } } }"
        [node] = answer(url, query)["articles"]["nodes"]
    assert node == {"slug": "content/kept", "provider": {"name": "The Tern"}}


def test_loads_that_overlap_share_the_database(folder: Path) -> None:
    command = ["load", str(folder / "site"), "--report", "json"]
    outputs = [folder / f"{number}.json" for number in range(3)]
    loads = [
        start(*command, streams=Streams(Path(os.devnull), output, folder / "errors"))
        for output in outputs
    ]
    assert [load.wait() for load in loads] == [0, 0, 0]
    assert [json.loads(output.read_text())["loaded"] for output in outputs] == [1, 1, 1]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_logs_its_address_and_its_corpus_in_a_line_each(
    url: str, tmp_path: Path, workers: str
) -> None:
    write(tmp_path / "site" / "a.md")
    settings = {"NEWSGRAPH_MONGO_URL": url, "NEWSGRAPH_WORKERS": workers}
    assert run("load", tmp_path / "site", **settings).returncode == 0
    with serving(tmp_path, "serve", **settings) as (at, log):
        lines = log.read_text().splitlines(keepends=True)[:2]
    name = urlsplit(url).path[1:]
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
    patterns = (
        rf"{time} INFO newsgraph: serving at {at}: the reader at /, the explorer at /explorer/, "
        r"the API at /graphql\n",
        rf"{time} INFO newsgraph: ready: 1 published articles, revision 1, from the database "
        rf"{name} of mongodb://127\.0\.0\.1:\d+/{name}\n",
    )
    assert [bool(re.fullmatch(*pair)) for pair in zip(patterns, lines, strict=True)] == [True] * 2


def test_an_empty_database_is_called_empty(mongod: str | UsageError, tmp_path: Path) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    log, port = tmp_path / "log", str(free_port())
    settings = bare_environment(NEWSGRAPH_MONGO_URL=mongod.replace("/?", "/never_loaded?"))
    message = "the database never_loaded is empty: run `newsgraph load` once to fill it"
    with forked("serve", "--port", port, log=log, environment=settings):
        until(lambda: log.exists() and message in log.read_text(), 60, f"said: {message}")
