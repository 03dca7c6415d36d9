"""Request bodies with a content coding."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.app import create_app
from graph.config import Settings
from graph.web.http.compression import decompress
from tests.thorough import examples

BODY: Final = json.dumps({"query": "{ __typename }"}).encode()
ANSWER: Final = {"data": {"__typename": "Query"}}
LIMIT: Final = 2_000


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with a small limit of bodies."""
    app = create_app(Settings(mongo_url="mongomock://", body_limit=LIMIT))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as opened,
    ):
        yield opened


def send(client: httpx.AsyncClient, body: bytes, *codings: str, method: str = "POST") -> Any:
    headers = [("Content-Type", "application/json"), *(("Content-Encoding", c) for c in codings)]
    return client.request(method, "/graphql", content=body, headers=headers)


def code_of(response: httpx.Response) -> str:
    [error] = response.json()["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize("coding", ["gzip", " GZip ", "x-gzip"])
async def test_a_gzipped_body_is_decompressed(
    client: httpx.AsyncClient, method: str, coding: str
) -> None:
    response = await send(client, gzip.compress(BODY), coding, method=method)
    assert (response.status_code, response.json()) == (200, ANSWER)


async def test_a_body_of_several_gzip_members_is_one_body(client: httpx.AsyncClient) -> None:
    response = await send(client, gzip.compress(BODY[:5]) + gzip.compress(BODY[5:]), "gzip")
    assert response.json() == ANSWER


async def test_identity_is_accepted_as_no_coding(client: httpx.AsyncClient) -> None:
    for codings in ((), ("identity",), ("",)):
        assert (await send(client, BODY, *codings)).json() == ANSWER


@pytest.mark.parametrize(
    "codings", [["br"], ["deflate"], ["gzip, gzip"], ["gzip", "gzip"], ["zip"], ["gzip;q=1"]]
)
async def test_another_coding_is_rejected_and_the_right_one_named(
    client: httpx.AsyncClient, codings: list[str]
) -> None:
    response = await send(client, BODY, *codings)
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["accept-encoding"] == "gzip"
    assert "gzip" in response.json()["errors"][0]["message"]


async def test_another_media_type_is_rejected_whatever_the_coding(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    response = await client.post("/graphql", content=gzip.compress(BODY), headers=headers)
    assert response.status_code == 415
    assert "accept-encoding" not in response.headers


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[:12],
        gzip.compress(BODY)[:-8] + bytes(8),
        gzip.compress(BODY) + b"more",
        zlib.compress(BODY),
    ],
    ids=["plain", "truncated", "head", "checksum", "trailing", "zlib"],
)
async def test_a_corrupt_body_is_a_bad_request(client: httpx.AsyncClient, body: bytes) -> None:
    response = await send(client, body, "gzip")
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
    assert response.json()["errors"][0]["message"].startswith("the body is not gzip: ")


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
async def test_the_limit_applies_to_the_decompressed_body(
    client: httpx.AsyncClient, more: int, status: int
) -> None:
    response = await send(client, gzip.compress(BODY.ljust(LIMIT + more)), "gzip")
    assert response.status_code == status


def test_a_bomb_is_cut_at_the_limit() -> None:
    # The compressed form of 1 GiB of zeros: a thousand members of 1 MiB each.
    bomb = gzip.compress(bytes(1 << 20)) * 1_000
    assert len(bomb) < 1_100_000
    tracemalloc.start()
    try:
        content = decompress(bomb, 1 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(content) == (1 << 20) + 1
    assert peak < 8 << 20


@examples(60)
@given(body=st.binary(max_size=300), cut=st.integers(0, 40))
def test_only_whole_gzip_data_is_decompressed(body: bytes, cut: int) -> None:
    compressed = gzip.compress(body)
    assert decompress(compressed, len(body)) == body
    damaged = compressed[: max(len(compressed) - 1 - cut, 1)]
    with pytest.raises(ValueError, match=r"."):
        decompress(damaged, len(body))
