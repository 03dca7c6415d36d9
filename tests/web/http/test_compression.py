"""Compression: the coding that the client prefers, and the same answer in each."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

import brotli
import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import UsageError
from graph.store.driver.database import Database
from graph.web.http.compression import GZIP, MINIMUM, coding_of
from graph.web.http.response import Response
from tests.builders import article
from tests.web.graphql.cache.test_response_cache import ONE, Served, serving

LONG = "{ " + " ".join(f'a{n}: article(slug: "a") {{ title webUrl }}' for n in range(20)) + " }"
DECODED: dict[str | None, Callable[[bytes], bytes]] = {
    "zstd": zstandard.decompress,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: bytes,
}


async def raw(served: Served, query: str, accepted: str) -> tuple[httpx.Headers, bytes]:
    """The headers and the body as it was sent."""
    request = served.client.build_request(
        "POST", "/graphql", json={"query": query}, headers={"Accept-Encoding": accepted}
    )
    response = await served.client.send(request, stream=True)
    body = b"".join([part async for part in response.aiter_raw()])
    await response.aclose()
    return response.headers, body


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br, gzip", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("br;q=0.9, zstd", "zstd"),
        ("gzip;q=1, br;q=0.9, zstd;q=0.5", "gzip"),
        ("gzip ; q=0.5 , br ;q=0.8", "br"),
        ("*", "br"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=1", "gzip"),
        ("gzip;q=0", None),
        ("identity;q=0", None),
        ("identity;q=0, *;q=0", None),
        ("gzip;q=2", None),
        ("gzip;q=x", None),
        ("gzip;level=9", None),
        ("gzip;q=0.1234", None),
        ("deflate, compress", None),
    ],
)
def test_the_coding_is_the_one_that_the_client_prefers(header: str, coding: str | None) -> None:
    assert coding_of(header.encode()) == coding


@pytest.mark.parametrize(
    ("header", "coding"),
    [("br, gzip;q=0.5", "gzip"), ("br", None), ("*", "gzip"), ("identity, gzip;q=0.5", None)],
)
def test_of_fewer_available_codings_the_preferred_one_is_chosen(
    header: str, coding: str | None
) -> None:
    assert coding_of(header.encode(), GZIP) == coding


@given(st.binary(max_size=60))
def test_any_header_can_be_parsed(header: bytes) -> None:
    assert coding_of(header) in DECODED


NAMES = st.sampled_from(["zstd", "br", "gzip", "identity", "*", "deflate"])


@given(st.dictionaries(NAMES, st.integers(0, 1000), max_size=6))
def test_no_available_coding_has_a_higher_weight(weights: dict[str, int]) -> None:
    header = ", ".join(f"{name};q={weight / 1000:.3f}" for name, weight in weights.items())
    chosen = coding_of(header.encode())

    def weight(name: str) -> int:
        return weights.get(name, weights.get("*", 0))

    best = max(weight(name) for name in ("zstd", "br", "gzip"))
    if chosen is None:
        assert best == 0 or weights.get("identity", 0) > best
    else:
        assert weight(chosen) == best > 0
        assert best >= weights.get("identity", 0)


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_an_answer_is_the_same_in_every_coding(served: Served, coding: str) -> None:
    _, uncompressed = await raw(served, LONG, "identity")
    for _ in range(3):
        headers, body = await raw(served, LONG, coding)
        assert headers["content-encoding"] == coding
        assert headers["content-length"] == str(len(body))
        assert len(body) < len(uncompressed) / 2
        assert DECODED[coding](body) == uncompressed
        assert "Accept-Encoding" in headers["vary"]


async def test_a_cached_response_is_compressed_once_in_each_coding(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    compressed = Response.compressed

    async def counted(response: Response, coding: str, *, is_cached: bool) -> Response:
        made.append(coding)
        return await compressed(response, coding, is_cached=is_cached)

    monkeypatch.setattr(Response, "compressed", counted)
    for _ in range(3):
        for coding in ("br", "gzip"):
            await raw(served, LONG, coding)
    assert sorted(made) == ["br", "gzip"]
    cache = served.state.responses
    assert cache.entries == 3
    assert cache.bytes < cache.capacity


async def test_a_load_replaces_the_compressed_response(served: Served) -> None:
    await raw(served, LONG, "br")
    await served.load(article("a", title="Another"))
    _, body = await raw(served, LONG, "br")
    assert b"Another" in brotli.decompress(body)


async def test_a_short_answer_is_sent_as_it_is(served: Served) -> None:
    headers, body = await raw(served, ONE, "gzip")
    assert "content-encoding" not in headers
    assert len(body) < MINIMUM


async def test_an_uncached_response_is_compressed_too(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, cache="off") as served:
        headers, body = await raw(served, LONG, "br")
        assert headers["content-encoding"] == "br"
        assert b"Title of a" in brotli.decompress(body)


async def test_with_compression_off_nothing_is_compressed(
    mongod: str | UsageError, server: Database
) -> None:
    async with serving(mongod, server, compression="off") as served:
        headers, _ = await raw(served, LONG, "gzip")
        assert "content-encoding" not in headers
        assert "Accept-Encoding" not in headers["vary"]


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
@pytest.mark.parametrize("is_cached", [True, False])
async def test_a_long_body_has_the_same_bytes_each_time(coding: str, is_cached: bool) -> None:
    response = Response(200, [(b"content-length", b"x")], b"a story " * 20_000)
    one, two = [await response.compressed(coding, is_cached=is_cached) for _ in range(2)]
    assert one == two
    assert DECODED[coding](one.body) == response.body


async def test_a_response_that_does_not_get_shorter_is_sent_uncompressed() -> None:
    response = Response(200, [], random.Random(1).randbytes(5_000))
    assert await response.compressed("br", is_cached=True) is response
