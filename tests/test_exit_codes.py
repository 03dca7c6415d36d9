"""Exit codes and messages of every command where the system denies something.

2: wrong usage, or a path that cannot be used; 3: the database cannot be reached or started. In
every case one line says what is wrong.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graph.cli import app
from graph.errors import UsageError
from graph.serving import Server
from graph.store.embedded.mongod import find_mongod
from graph.worker_supervisor import Supervisor
from tests.forks import Prepare, Streams, bare_environment, nothing, reader_gone, start
from tests.loaders.builders import write
from tests.privileges import heed_permissions
from tests.processes import free_port

ROOT = Path(__file__).parents[1]
QUERY = "{ articles { totalCount } }"
NOBODY = 65534
FULL = Path("/dev/full")
PROGRAMS = ("bench", "examples/python", "graph", "loaders", "tests")

Environment = dict[str, str]
Case = Callable[[Path], tuple[Environment, str]]
"""Makes a case below a folder; returns its settings and what the message must name."""


def arguments(command: str, site: Path) -> list[str]:
    port = str(free_port())
    return {
        "load": ["load", str(site)],
        "check": ["check", str(site)],
        "export": ["export", str(site.parent / "exported")],
        "serve": ["serve", "--port", port],
        "demo": ["demo", "--port", port],
        "schema": ["schema"],
        "explain": ["explain", QUERY],
        "token": ["token", "--scope", "read:secured"],
    }[command]


EMBEDDED = ["load", "export", "serve", "demo", "explain"]
"""The commands that start an embedded database."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site" / "a.md")
    return tmp_path / "site"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NEWSGRAPH_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that starts although it should not fails the test, and does not serve."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("it serves")

    monkeypatch.setattr(Server, "serve", fail)
    monkeypatch.setattr(Supervisor, "run", fail)


def rejected(command: str, site: Path, code: int, environment: Environment) -> str:
    """The one line with which a command ends; run in this process."""
    result = CliRunner().invoke(app, arguments(command, site), env=environment)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert isinstance(result.exception, SystemExit)
    return the_line(result.stderr)


def the_line(stderr: str) -> str:
    [line] = [line for line in stderr.splitlines() if "] INFO" not in line]
    assert line.startswith("newsgraph: ")
    return line


def data_dir_is_a_file(folder: Path) -> tuple[Environment, str]:
    (folder / "data").write_text("")
    return {"NEWSGRAPH_DATA_DIR": str(folder / "data")}, f"{folder / 'data'}: File exists"


def data_dir_is_below_a_file(folder: Path) -> tuple[Environment, str]:
    (folder / "file").write_text("")
    return {"NEWSGRAPH_DATA_DIR": str(folder / "file" / "data")}, "Not a directory"


def data_dir_is_empty(folder: Path) -> tuple[Environment, str]:
    return {"NEWSGRAPH_DATA_DIR": ""}, "NEWSGRAPH_DATA_DIR='': is empty"


def database_is_a_file(folder: Path) -> tuple[Environment, str]:
    (folder / "data").mkdir()
    (folder / "data" / "db").write_text("")
    return {"NEWSGRAPH_DATA_DIR": str(folder / "data")}, f"{folder / 'data' / 'db'}: "


def key_is_a_folder(folder: Path) -> tuple[Environment, str]:
    (folder / "data" / "key").mkdir(parents=True)
    return {"NEWSGRAPH_DATA_DIR": str(folder / "data")}, f"{folder / 'data' / 'key'}: "


@pytest.mark.parametrize("command", EMBEDDED)
@pytest.mark.parametrize(
    "case",
    [data_dir_is_a_file, data_dir_is_below_a_file, data_dir_is_empty, database_is_a_file],
)
def test_a_data_folder_that_cannot_be_used_exits_with_2_and_names_it(
    command: str, case: Case, site: Path, tmp_path: Path
) -> None:
    environment, named = case(tmp_path)
    line = rejected(command, site, 2, environment)
    assert named in line
    assert "NEWSGRAPH_DATA_DIR" in line


def test_a_key_that_cannot_be_read_exits_with_2_and_names_it(site: Path, tmp_path: Path) -> None:
    environment, named = key_is_a_folder(tmp_path)
    assert named in rejected("load", site, 2, environment)


@pytest.mark.parametrize("command", ["load", "serve", "explain"])
@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("telnet://root:hunter2@host/", "NEWSGRAPH_MONGO_URL=telnet://host/: "),
        ("root:hunter2@host/", "NEWSGRAPH_MONGO_URL=host/: "),
        ("mongodb:/root:hunter2@host/", "NEWSGRAPH_MONGO_URL=host/: "),
        ("mongodb://root:hunter2@host/a b", "NEWSGRAPH_MONGO_URL=mongodb://host/a b: "),
        ("embedded:a.b", "NEWSGRAPH_MONGO_URL=embedded:a.b: "),
        ("embeded:", "NEWSGRAPH_MONGO_URL=embeded:: "),
    ],
)
def test_a_wrong_url_exits_with_2_and_shows_no_password(
    command: str, url: str, named: str, site: Path
) -> None:
    line = rejected(command, site, 2, {"NEWSGRAPH_MONGO_URL": url})
    assert named in line
    assert "hunter2" not in line


@pytest.mark.parametrize("command", ["load", "export", "explain"])
def test_a_database_that_is_away_exits_with_3(command: str, site: Path) -> None:
    url = f"mongodb://root:hunter2@127.0.0.1:{free_port()}/news"
    settings = {"NEWSGRAPH_MONGO_URL": url, "NEWSGRAPH_MONGO_TIMEOUT": "0.2"}
    assert rejected(command, site, 3, settings) == (
        f"newsgraph: MongoDB at {url.replace('root:hunter2@', '')} cannot be reached"
    )


@pytest.mark.parametrize("command", ["load", "serve", "explain"])
def test_a_name_that_cannot_be_looked_up_exits_with_3(
    command: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("The resolution lifetime expired")

    monkeypatch.setattr("dns.resolver.resolve", fail)
    url = "mongodb+srv://root:hunter2@db.example/news"
    assert rejected(command, site, 3, {"NEWSGRAPH_MONGO_URL": url}) == (
        "newsgraph: MongoDB at mongodb+srv://db.example/news cannot be reached: "
        "The resolution lifetime expired"
    )


@pytest.mark.parametrize("command", ["load", "serve", "explain"])
@pytest.mark.parametrize("name", ["admin", "config", "local"])
@pytest.mark.parametrize("scheme", ["embedded:", "mongodb://root:hunter2@127.0.0.1:1/"])
def test_the_databases_of_mongodb_itself_exit_with_2(
    command: str, name: str, scheme: str, site: Path
) -> None:
    line = rejected(command, site, 2, {"NEWSGRAPH_MONGO_URL": f"{scheme}{name}"})
    assert f"{name} is a database of MongoDB itself" in line


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a script on the PATH as mongod."""

    def put(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "mongod").write_text(script)
        (folder / "mongod").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return put


@pytest.mark.parametrize("command", EMBEDDED)
@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("#!/bin/sh\necho no such library >&2\nexit 127\n", "no such library"),
        ("#!/nowhere/sh\n", "No such file or directory"),
        ("#!/bin/sh\n", "it did not become ready"),
    ],
)
def test_a_mongod_that_does_not_start_exits_with_3_and_its_words(
    command: str,
    script: str,
    named: str,
    site: Path,
    tmp_path: Path,
    program: Callable[[str], None],
) -> None:
    program(script)
    line = rejected(command, site, 3, {"NEWSGRAPH_DATA_DIR": str(tmp_path / "data")})
    assert line.startswith("newsgraph: the embedded mongod does not start: ")
    assert named in line
    assert str(tmp_path / "data" / "mongod.log") in line


@pytest.mark.parametrize("command", EMBEDDED)
def test_without_a_mongod_it_exits_with_2_and_says_what_to_install(
    command: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    line = rejected(command, site, 2, {"NEWSGRAPH_DATA_DIR": str(tmp_path / "data")})
    assert "install newsgraph[embedded]" in line


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"NEWSGRAPH_MEDIA_DIR": ""}, "NEWSGRAPH_MEDIA_DIR='': is empty"),
        ({"NEWSGRAPH_MEDIA_DIR": "/nowhere"}, "NEWSGRAPH_MEDIA_DIR=/nowhere: is not a folder"),
        ({"NEWSGRAPH_TRUSTED_DOCUMENTS": ""}, "NEWSGRAPH_TRUSTED_DOCUMENTS='': is empty"),
        ({"NEWSGRAPH_TRUSTED_DOCUMENTS": "/nowhere"}, "/nowhere: cannot be read"),
        ({"NEWSGRAPH_HOST": "host.invalid"}, "cannot serve at host.invalid:"),
        ({"NEWSGRAPH_HOST": "a" * 70}, "cannot serve at aaaa"),
        ({"NEWSGRAPH_HOST": " "}, "NEWSGRAPH_HOST=' ': is empty"),
        ({"NEWSGRAPH_WORKERS": "2", "NEWSGRAPH_MEDIA_DIR": "/nowhere"}, "is not a folder"),
        ({"NEWSGRAPH_WORKERS": "2", "NEWSGRAPH_MONGO_URL": "telnet://x"}, "telnet://x"),
    ],
)
def test_settings_that_a_server_cannot_use_exit_with_2(
    environment: Environment, named: str, site: Path
) -> None:
    settings = {"NEWSGRAPH_MONGO_URL": "mongomock://", **environment}
    assert named in rejected("serve", site, 2, settings)


def run(command: list[str], environment: Environment, **options: object) -> tuple[int, str]:
    outcome = subprocess.run(
        command,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
        **options,  # type: ignore[call-overload]  # whatever subprocess takes
    )
    return outcome.returncode, outcome.stderr


@pytest.mark.parametrize(("command", "existing"), [("load", True), ("serve", False)])
def test_a_folder_that_may_not_be_written_to_exits_with_2_and_names_it(
    command: str, existing: bool, site: Path, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    data_dir = locked if existing else locked / ".newsgraph"
    code, stderr = without_privileges(command, site, data_dir)
    assert code == 2, stderr
    assert f"{data_dir}" in the_line(stderr)
    assert "Permission denied" in the_line(stderr)


def without_privileges(command: str, site: Path, data_dir: Path) -> tuple[int, str]:
    """The exit code and the message of a command to which permissions of files apply."""
    return forked_with(
        arguments(command, site),
        Path(os.devnull),
        site.parent / "stderr",
        prepare=heed_permissions,
        NEWSGRAPH_DATA_DIR=str(data_dir),
    )


def test_the_data_folder_of_another_user_exits_with_2_and_is_named(
    site: Path, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    data_dir = tmp_path / ".newsgraph"
    data_dir.mkdir(0o700)
    os.chown(data_dir, NOBODY, NOBODY)
    code, stderr = without_privileges("load", site, data_dir)
    assert (code, f"{data_dir}" in the_line(stderr)) == (2, True), stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mounted)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system can be mounted by root alone")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "--lazy", str(mounted)], check=True)


@pytest.mark.parametrize(
    ("command", "filled"), [*((command, True) for command in EMBEDDED), ("load", False)]
)
def test_a_full_disk_exits_with_3_and_is_named(
    command: str, filled: bool, site: Path, small_disk: Path
) -> None:
    try:
        find_mongod()
    except UsageError as error:
        pytest.skip(str(error))
    if filled:
        subprocess.run(
            ["dd", "if=/dev/zero", f"of={small_disk}/file", "bs=4k"],
            capture_output=True,
            check=False,
        )
    line = rejected(command, site, 3, {"NEWSGRAPH_DATA_DIR": str(small_disk / "data")})
    assert str(small_disk) in line
    assert "full" in line or "No space left on device" in line


@pytest.mark.parametrize("command", ["load", "check", "schema", "explain", "token"])
@pytest.mark.parametrize("closed", [True, False])
def test_output_that_cannot_be_written_exits_with_2(command: str, closed: bool, site: Path) -> None:
    stdout = None if closed else FULL
    code, stderr = forked_with(
        arguments(command, site), stdout, site.parent / "stderr", NEWSGRAPH_MONGO_URL="mongomock://"
    )
    assert code == 2, stderr
    reason = "standard output is closed" if closed else "No space left on device"
    assert f"cannot be written: {reason}" in stderr
    assert "Traceback" not in stderr


def forked_with(
    words: list[str],
    stdout: Path | Connection[Any, Any] | None,
    stderr: Path,
    prepare: Prepare = nothing,
    **settings: str,
) -> tuple[int, str]:
    """The exit code and the message of a command that writes to these files."""
    streams = Streams(Path(os.devnull), stdout, stderr)
    environment = bare_environment(**settings)
    code = start(*words, streams=streams, environment=environment, prepare=prepare).wait()
    return code, stderr.read_text()


def test_a_process_whose_output_is_closed_exits_with_2() -> None:
    code, stderr = run(["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "graph", "schema"], {})
    assert (code, stderr.count("\n"), "Traceback" in stderr) == (2, 1, False), stderr


@pytest.mark.parametrize("words", [["load", ""], ["check", ""], ["check", ".", "--root", ""]])
def test_an_empty_path_is_not_the_current_folder(
    words: list[str], site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    outcome = CliRunner().invoke(app, words)
    assert (outcome.exit_code, "is empty" in outcome.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "redirection"),
    [
        ("--help", ">/dev/full"),
        ("load --help", ">/dev/full"),
        ("nonsense", "2>/dev/full"),
        ("check nonsense", "2>/dev/full"),
        ("check nonsense", ">/dev/full 2>&1"),
    ],
)
@pytest.mark.parametrize("module", ["graph", "loaders"])
def test_help_and_errors_that_cannot_be_written_exit_with_2(
    module: str, words: str, redirection: str, tmp_path: Path
) -> None:
    out = FULL if redirection.startswith(">") else tmp_path / "stdout"
    err = FULL if "2>" in redirection else tmp_path / "stderr"
    process = start(
        *words.split(),
        module=module,
        streams=Streams(Path(os.devnull), out, err),
        environment=bare_environment(),
    )
    assert process.wait() == 2
    written = [path.read_text() for path in (out, err) if path != FULL]
    assert "Traceback" not in "".join(written)


@pytest.mark.parametrize(
    ("module", "line"),
    [("graph", "load --help >/dev/full"), ("loaders", "check nonsense >/dev/full 2>&1")],
)
def test_a_process_whose_help_or_error_cannot_be_written_exits_with_2(
    module: str, line: str, tmp_path: Path
) -> None:
    command = f'"{sys.executable}" -m {module} {line}'
    code, stderr = run(["sh", "-c", command], {"PYTHONPATH": str(ROOT)}, cwd=tmp_path)
    assert (code, "Traceback" in stderr) == (2, False), stderr


@pytest.mark.parametrize("command", ["schema", "token"])
def test_output_that_is_no_longer_read_is_no_error(command: str, site: Path) -> None:
    with reader_gone() as stdout:
        code, stderr = forked_with(arguments(command, site), stdout, site.parent / "stderr")
    assert (code, "Traceback" in stderr) == (0, False), stderr


@pytest.mark.parametrize("command", ["load", "check"])
def test_a_deleted_folder_of_a_site_is_named(command: str, site: Path) -> None:
    shutil.rmtree(site)
    line = rejected(command, site, 2, {"NEWSGRAPH_MONGO_URL": "mongomock://"})
    assert f"{site}: cannot be read" in line


def test_a_query_that_is_not_utf8_exits_with_2() -> None:
    result = CliRunner().invoke(
        app, ["explain", "-"], input=b"\xff", env={"NEWSGRAPH_MONGO_URL": "mongomock://"}
    )
    assert result.exit_code == 2
    assert result.stderr == "newsgraph: standard input is not UTF-8\n"


def test_nothing_is_raised_within_except_star() -> None:
    """Whether Python wraps an exception raised there in a group depends on its version."""
    paths = [path for folder in PROGRAMS for path in (ROOT / folder).rglob("*.py")]
    texts = {path: text for path in paths if "except*" in (text := path.read_text())}
    assert [
        f"{path}:{raised.lineno}"
        for path, text in texts.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.TryStar)
        for handler in node.handlers
        for raised in ast.walk(handler)
        if isinstance(raised, ast.Raise)
    ] == []
