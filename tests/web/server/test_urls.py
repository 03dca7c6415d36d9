"""The longest URL: the same for the server, the proxy, and their documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from graph.config import Settings
from tests.served import Client, served

ROOT: Final = Path(__file__).parents[3]
LONGEST: Final = Settings().max_url_bytes


def url_of(size: int) -> bytes:
    """A URL of so many bytes that asks for something."""
    return b"/graphql?query=%7B__typename%7D".ljust(size, b"+")


@pytest.mark.parametrize("path", ["docs/clients.md", "docs/scale.md"])
def test_the_documentation_names_the_limit(path: str) -> None:
    text = " ".join((ROOT / path).read_text().split())
    named = re.findall(r"URLs? (?:may have up to|of more than) ([\d,]+) bytes", text)
    assert named == [f"{LONGEST:,}"]


def test_the_proxy_has_the_same_limit() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert f'"~^[^ ]+ .{{{LONGEST + 1}}}" 1;' in text  # behind the method
    assert f"the URL has more than {LONGEST:,} bytes: send a POST" in text


async def test_a_url_of_the_longest_length_is_answered_and_a_longer_one_rejected() -> None:
    headers = b"X-Large: " + b"x" * 15_000 + b"\r\n"
    async with served() as server:
        for surplus, status in ((0, 200), (1, 414)):
            async with await Client.connect(server.port) as client:
                url = url_of(LONGEST + surplus)
                await client.send(b"GET %b HTTP/1.1\r\nHost: test\r\n%b\r\n" % (url, headers))
                reply = await client.reply()
                assert reply.status == status
                if surplus:
                    message = f"the request has a URL of more than {LONGEST:,} bytes: send a POST"
                    assert reply.json["errors"][0]["message"] == message
                    assert reply.codes == ["URI_TOO_LONG"]


async def test_the_operator_sets_the_limit() -> None:
    async with served(max_url_bytes=2048) as server, await Client.connect(server.port) as client:
        assert (await client.get(url_of(2048).decode())).status == 200
        assert (await client.get(url_of(2049).decode())).status == 414
