"""Compression: which coding a client takes, and bodies in it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

import brotli
import zstandard

from graph.web.graphql.response import Response
from graph.web.http.negotiation import preferences

MINIMUM: Final = 1024
"""Bytes of a body below which it is sent as it is: a packet holds it anyway."""

_LONG: Final = 64 * 1024
"""Bytes of a body from which on another thread compresses it: others need not wait for that."""


class _Coding(NamedTuple):
    """How a coding compresses what is sent once, and what is kept and sent often."""

    once: Callable[[bytes], bytes]
    kept: Callable[[bytes], bytes]


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
"""The best first. Higher levels than these take ten times as long for a hundredth less.

zstd is faster than br, but some GraphQL tools that say that they take both run on a Node that is
not able to read it, and crash.
"""


@lru_cache(maxsize=256)
def coding_of(accept_encoding: bytes) -> str | None:
    """The coding that an Accept-Encoding header likes best; None leaves the body as it is.

    Of those that it likes as well as each other, the first that we like. What cannot be read is
    not taken, and a client that takes nothing at all is sent the body as it is.
    """
    weights = _weights(accept_encoding)
    others = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    best = max(_CODINGS, key=lambda name: weights.get(name, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= plain else None


def takes(coding: str, accept_encoding: bytes) -> bool:
    """Whether an Accept-Encoding header takes a coding at all."""
    weights = _weights(accept_encoding)
    return weights.get(coding, weights.get("*", 0.0)) > 0


def _weights(accept_encoding: bytes) -> dict[str, float]:
    """The weights by coding; of a coding that is named twice, the higher one counts."""
    weights: dict[str, float] = {}
    for name, parameters, weight in preferences(accept_encoding):
        coding = "gzip" if name == "x-gzip" else name
        known = 0.0 if parameters else weight  # codings have no parameters
        weights[coding] = max(known, weights.get(coding, 0.0))
    return weights


async def compressed(response: Response, coding: str, *, is_kept: bool) -> Response:
    """A response whose body is in this coding; as it is where that saves nothing."""
    if len(response.body) < MINIMUM:
        return response
    once, kept = _CODINGS[coding]
    compress = kept if is_kept else once
    if len(response.body) < _LONG:
        body = compress(response.body)
    else:
        body = await asyncio.to_thread(compress, response.body)
    if len(body) >= len(response.body):
        return response
    headers = [header for header in response.headers if header[0] != b"content-length"]
    headers += [(b"content-length", b"%d" % len(body)), (b"content-encoding", coding.encode())]
    return replace(response, headers=headers, body=body)
