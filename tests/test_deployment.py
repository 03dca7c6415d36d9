"""docs/deployment.md and deploy/: the units, the settings and the proxy, as documented."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx
import pytest
import typer
from click import Context

from graph.cli import app
from graph.config import PREFIX, Settings
from tests.processes import free_port, listens, running, until
from tests.proxies import ReceivedRequest, Reply, find_nginx, serving

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "deployment.md").read_text()
SERVICES: Final = sorted((ROOT / "deploy").glob("*.service"))
UNITS: Final = [*SERVICES, *sorted((ROOT / "deploy").glob("*.timer"))]
PROGRAM: Final = "/opt/newsgraph/bin/newsgraph"

HARDENING: Final = {
    "CapabilityBoundingSet": "",
    "DynamicUser": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProtectHome": "yes",
    "ProtectSystem": "strict",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
}


def unit(path: Path) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]  # keys have capitals
    parsed.read(path)
    return parsed


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("path", UNITS, ids=names(UNITS))
def test_systemd_accepts_each_unit(path: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze was found")
    for each in UNITS:  # a timer needs its service
        program = str(Path(sys.executable).with_name("newsgraph"))
        (tmp_path / each.name).write_text(each.read_text().replace(PROGRAM, program))
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    complaints = [line for line in found.stderr.splitlines() if path.name in line]
    assert complaints == []


@pytest.mark.parametrize("path", SERVICES, ids=names(SERVICES))
def test_each_service_is_hardened(path: Path) -> None:
    service = unit(path)["Service"]
    assert {name: service.get(name) for name in HARDENING} == HARDENING


@pytest.mark.parametrize("path", SERVICES, ids=names(SERVICES))
def test_each_service_runs_a_command_that_newsgraph_has(path: Path) -> None:
    program, command, *arguments = shlex.split(unit(path)["Service"]["ExecStart"])
    assert program == PROGRAM
    group = typer.main.get_command(app)
    subcommand = group.commands[command]  # type: ignore[attr-defined]  # a group of commands
    with Context(subcommand) as context:
        subcommand.make_parser(context).parse_args(arguments)  # raises for an unknown option


def test_systemd_waits_longer_than_the_grace_period_of_the_server() -> None:
    stop = unit(ROOT / "deploy" / "newsgraph.service")["Service"]["TimeoutStopSec"]
    assert float(stop.removesuffix("s")) > Settings(mongo_url="mongomock://").shutdown_grace


def test_every_unit_is_on_the_page() -> None:
    linked = re.findall(r"\(\.\./deploy/([\w.-]+)\)", PAGE)
    assert {name for name in linked if name != "nginx.conf"} == set(names(UNITS))


def test_every_variable_of_the_page_is_a_setting() -> None:
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}\w+", PAGE)) <= settings


def test_the_proxy_of_the_page_ends_tls_and_says_so_to_the_server(tmp_path: Path) -> None:
    nginx, port = find_nginx(), free_port()
    if shutil.which("openssl") is None:
        pytest.skip("no openssl was found")
    certificate = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "1", "-subj", "/CN=news.example"),
        *("-addext", "subjectAltName=DNS:news.example,IP:127.0.0.1"),
        *("-keyout", "privkey.pem", "-out", "fullchain.pem"),
    ]
    subprocess.run(certificate, cwd=tmp_path, check=True, capture_output=True)
    [script] = re.findall(r"```sh\n(sed .*?)```", PAGE, re.DOTALL)
    made = tmp_path / "nginx.conf"
    subprocess.run(
        ["sh", "-euc", script.replace("/etc/nginx/nginx.conf", str(made))], cwd=ROOT, check=True
    )
    with serving() as upstream:
        upstream.respond = lambda request: Reply(request.headers["x-forwarded-proto"])
        text = made.read_text()
        for configured, replacement in (
            ("/tmp/", f"{tmp_path}/"),  # the first, since the others name folders below it
            ("user www-data;\n", "user root;\n" if os.geteuid() == 0 else ""),
            ("/run/nginx.pid", f"{tmp_path}/nginx.pid"),
            ("/var/log/nginx/", f"{tmp_path}/"),
            ("/etc/letsencrypt/live/news.example/", f"{tmp_path}/"),
            ("127.0.0.1:8000", f"127.0.0.1:{upstream.port}"),
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ):
            assert configured in text
            text = text.replace(configured, replacement)
        made.write_text(text)
        _serve_over_tls(nginx, made, port, upstream.requests)


def _serve_over_tls(nginx: str, made: Path, port: int, requests: list[ReceivedRequest]) -> None:
    folder = made.parent
    command = [nginx, "-c", str(made), "-p", str(folder), "-e", str(folder / "start.log")]
    with running([*command, "-g", "daemon off;"], folder / "out.log") as process:
        until(lambda: listens(port) or process.poll() is not None, 10, "up")
        assert process.poll() is None, (folder / "out.log").read_text()
        trusted = ssl.create_default_context(cafile=folder / "fullchain.pem")
        with httpx.Client(verify=trusted, trust_env=False) as client:
            answer = client.get(f"https://127.0.0.1:{port}/graphql?query=a")
            metrics = client.get(f"https://127.0.0.1:{port}/metrics")
    assert (answer.status_code, answer.text) == (200, "https")
    assert metrics.status_code == 404
    assert [each.path for each in requests] == ["/graphql?query=a"]
