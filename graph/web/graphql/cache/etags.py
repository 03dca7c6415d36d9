"""Entity tags (RFC 9110, section 8.8.3), with which clients revalidate a cached response."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import Final

from graph.config import Settings
from graph.schema import print_schema
from graph.store.cache.corpus_state import CorpusState
from graph.web.graphql.graphql_response import GraphQLResponse
from graph.web.http.headers import Header

_BYTES: Final = 15
"""The length of a tag: enough to rule out collisions, and a multiple of three, which base64 does
not pad.
"""

NO_STORE: Final[Header] = (b"cache-control", b"no-store")
_NO_CACHE: Final[Header] = (b"cache-control", b"no-cache")


class ETags:
    """The ETag and Cache-Control headers of responses to safe requests.

    A tag is a hash of everything that a response depends on, including the corpus state. So it can
    be compared before the response is created, and all processes on all hosts compute the same one.
    It is weak, since it is the same for every content coding.
    """

    def __init__(self, settings: Settings, trusted: str) -> None:
        configuration = (
            _release(),
            settings.introspection,
            sorted(settings.video_hosts),
            sorted(settings.volatile),
            trusted,
        )
        self._key = hashlib.blake2b(repr(configuration).encode()).digest()
        parts = [b"public", b"max-age=%d" % settings.max_age]
        if settings.stale_while_revalidate:
            parts.append(b"stale-while-revalidate=%d" % settings.stale_while_revalidate)
        if settings.stale_if_error:
            parts.append(b"stale-if-error=%d" % settings.stale_if_error)
        if len(parts) == 2 and not settings.max_age:
            parts[1] = b"no-cache"
        self._cache_control = (b"cache-control", b", ".join(parts))

    def tag(self, corpus: CorpusState | None, media_type: str, resource: bytes) -> bytes:
        """Return the tag of the response for a resource; empty while the corpus may change."""
        if corpus is None or corpus.stamp is None:
            return b""
        source = b"%b\n%b\n%b" % (corpus.stamp, media_type.encode(), resource)
        digest = hashlib.blake2b(source, digest_size=_BYTES, key=self._key).digest()
        return b'"%b"' % base64.urlsafe_b64encode(digest)

    def with_validators(self, response: GraphQLResponse, tag: bytes) -> GraphQLResponse:
        """Add ETag and Cache-Control to a response; no ETag if the tag is empty."""
        headers: tuple[Header, ...] = (_NO_CACHE,)
        if response.has_errors:
            headers = (NO_STORE,)
        elif tag:
            headers = ((b"etag", b"W/" + tag), self._cache_control)
        return replace(response, headers=[*response.headers, *headers])

    def not_modified(self, tag: bytes, headers: Sequence[Header]) -> GraphQLResponse:
        """Return a 304 response; `headers` are added to it."""
        return GraphQLResponse(304, [(b"etag", b"W/" + tag), self._cache_control, *headers], b"")


@cache
def _release() -> str:
    """Return what identifies the installed release: its version, and a hash of its schema."""
    return f"{version('newsgraph')} {hashlib.blake2b(print_schema().encode()).hexdigest()}"
