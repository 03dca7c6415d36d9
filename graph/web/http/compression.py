"""Compression: choosing the content coding that a client prefers, and coding bodies."""

from __future__ import annotations

import asyncio
import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import brotli
import zstandard

from graph.web.http.negotiation import preferences

MINIMUM: Final = 1024
"""The size in bytes below which a body is not compressed: it fits into one packet anyway."""

_LONG: Final = 64 * 1024
"""The size in bytes from which a body is compressed in a thread, so that it does not delay other
requests.
"""


class _Coding(NamedTuple):
    """How to compress a body that is sent once, and one that is cached and sent often."""

    once: Callable[[bytes], bytes]
    cached: Callable[[bytes], bytes]


_CODINGS: Final[Mapping[str, _Coding]] = {
    "br": _Coding(
        lambda body: brotli.compress(body, quality=2), lambda body: brotli.compress(body, quality=5)
    ),
    "zstd": _Coding(
        lambda body: zstandard.compress(body, 1), lambda body: zstandard.compress(body, 6)
    ),
    "gzip": _Coding(
        lambda body: gzip.compress(body, 1, mtime=0), lambda body: gzip.compress(body, 6, mtime=0)
    ),
}
"""In order of preference. Higher levels than these take ten times as long for 1 % less.

zstd is faster than br, but some GraphQL tools that claim to accept both run on a Node that cannot
read zstd, and crash.
"""

ALL: Final = tuple(_CODINGS)
GZIP: Final = ("gzip",)


@lru_cache(maxsize=256)
def coding_of(accept_encoding: bytes, offered: tuple[str, ...] = ALL) -> str | None:
    """Return the offered coding with the highest weight in an Accept-Encoding header; None for
    none.

    Of several with the same weight, the first offered one is returned. Elements that cannot be
    parsed are ignored, and a client that accepts nothing at all gets the body uncompressed.
    """
    weights = _weights(accept_encoding)
    others = weights.get("*", 0.0)
    identity = weights.get("identity", 0.0)
    best = max(offered, key=lambda name: weights.get(name, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= identity else None


def _weights(accept_encoding: bytes) -> dict[str, float]:
    """Return the weights by coding. If a coding is named twice, the higher weight counts."""
    weights: dict[str, float] = {}
    for name, parameters, weight in preferences(accept_encoding):
        coding = "gzip" if name == "x-gzip" else name
        valid = 0.0 if parameters else weight  # codings have no parameters
        weights[coding] = max(valid, weights.get(coding, 0.0))
    return weights


async def compress(body: bytes, coding: str, *, is_cached: bool) -> bytes:
    """Compress a body; more slowly, and to a smaller size, if it is going to be cached."""
    once, cached = _CODINGS[coding]
    compressor = cached if is_cached else once
    if len(body) < _LONG:
        return compressor(body)
    return await asyncio.to_thread(compressor, body)


def decompress(body: bytes, maximum: int) -> bytes:
    """Decompress the gzip coding of a body, but at most `maximum` + 1 bytes of it.

    Raises ValueError if it is corrupt or truncated.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            return file.read(maximum + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from None
