"""deploy/nginx.conf, run by the local nginx in front of servers on the loopback address."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.processes import free_port, listens, running, until

CONFIGURATION: Final = Path(__file__).parent.parent / "deploy" / "nginx.conf"


def find_nginx() -> str:
    """The nginx of this machine; without one the test is skipped."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if found is None:
        pytest.skip("no nginx was found: apt-get install nginx-light, or brew install nginx")
    return found


@contextmanager
def proxying(
    folder: Path, upstreams: Sequence[int], edit: Callable[[str], str] = lambda text: text
) -> Iterator[str]:
    """The URL of a proxy before the servers at two ports, with the configuration as edited."""
    nginx, port = find_nginx(), free_port()
    first, second = upstreams
    text = CONFIGURATION.read_text()
    for configured, replacement in (
        ("server api-1:8000", f"server 127.0.0.1:{first}"),
        ("server api-2:8000", f"server 127.0.0.1:{second}"),
        ("listen 8080", f"listen 127.0.0.1:{port}"),
    ):
        assert text.count(configured) == 1
        text = text.replace(configured, replacement)
    configuration = folder / "nginx.conf"
    configuration.write_text(edit(text).replace("/tmp/", f"{folder}/"))
    # pytest's folders are open to their owner alone: so the workers of root's nginx are root's.
    user = "user root;" if os.geteuid() == 0 else ""
    command = [nginx, "-c", str(configuration), "-p", str(folder)]
    command += ["-e", "/dev/stderr", "-g", f"daemon off; {user}"]
    log = folder / "nginx.log"
    with running(command, log) as process:
        until(lambda: listens(port) or process.poll() is not None, 10, "up")
        assert process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that reached the upstream server."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """A response of the upstream server."""

    body: str = "told"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Upstream:
    """A server that answers as a test says, and records the requests."""

    port: int = 0
    respond: Callable[[ReceivedRequest], Reply] = lambda _: Reply()
    requests: list[ReceivedRequest] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Upstream]:
    """An upstream server of one's own."""
    upstream = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = ReceivedRequest(self.command, self.path, headers)
            upstream.requests.append(request)
            reply = upstream.respond(request)
            body = reply.body.encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if reply.status != 304 and self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_QUERY = do_OPTIONS = do  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        upstream.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield upstream
        finally:
            server.shutdown()
            thread.join()
