"""Responses that are prepared when the server starts: their codings and entity tags."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Final

import httpx
import pytest

from graph.app import create_app
from graph.config import Settings
from graph.schema import print_schema
from graph.web.http.compression import MINIMUM
from graph.web.pages.reader_files import FOLDER, version

MODULE: Final = f"/reader/{version(True)}/router.js"
ICON: Final = f"/reader/{version(True)}/icon.svg"
CONTENTS: Final = {
    "/schema.graphql": print_schema().encode(),
    MODULE: (FOLDER / "router.js").read_bytes(),
}
ORIGIN: Final = "https://other.example"


async def sent(
    path: str, accepted: str, *, more: Mapping[str, str] | None = None, origins: str = "*"
) -> tuple[httpx.Response, bytes]:
    """The response and its body as it was sent."""
    settings = Settings.model_validate({"mongo_url": "mongomock://", "cors_origins": origins})
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        headers = {"Accept-Encoding": accepted, **(more or {})}
        request = client.build_request("GET", path, headers=headers)
        response = await client.send(request, stream=True)
        body = b"".join([part async for part in response.aiter_raw()])
        await response.aclose()
    return response, body


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd"])
@pytest.mark.parametrize("path", CONTENTS)
async def test_the_schema_and_the_files_of_the_reader_are_sent_compressed_as_gzip(
    path: str, accepted: str
) -> None:
    response, body = await sent(path, accepted)
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-length"] == str(len(body))
    assert len(body) < len(CONTENTS[path]) / 2
    assert gzip.decompress(body) == CONTENTS[path]


@pytest.mark.parametrize("path", CONTENTS)
@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "identity, gzip;q=0.5"])
async def test_clients_that_do_not_accept_the_coding_get_the_response_uncompressed(
    path: str, accepted: str
) -> None:
    response, body = await sent(path, accepted)
    assert "content-encoding" not in response.headers
    assert body == CONTENTS[path]


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
@pytest.mark.parametrize("path", CONTENTS)
async def test_vary_names_the_headers_of_content_negotiation(path: str, accepted: str) -> None:
    response, _ = await sent(path, accepted)
    assert response.headers.get_list("vary") == ["Accept-Encoding"]


async def test_responses_that_depend_on_the_origin_say_so_in_vary() -> None:
    response, _ = await sent("/schema.graphql", "gzip", origins=ORIGIN)
    assert sorted(response.headers.get_list("vary")) == ["Accept-Encoding", "Origin"]


async def test_a_response_that_fits_in_a_packet_is_never_compressed() -> None:
    response, body = await sent(ICON, "zstd, br, gzip")
    assert len(body) < MINIMUM
    assert not {"content-encoding", "vary"} & set(response.headers)
