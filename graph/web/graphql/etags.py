"""Entity tags, by which a client asks whether the answer that it has still holds."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Final

from graph.config import Settings
from graph.schema import print_schema
from graph.store.cache.corpus_state import CorpusState
from graph.web.graphql.response import Response
from graph.web.http.headers import Header

_BYTES: Final = 15
"""Of a tag: more than chance meets, and a multiple of three, which base64 leaves unpadded."""

NO_STORE: Final[Header] = (b"cache-control", b"no-store")
_NO_CACHE: Final[Header] = (b"cache-control", b"no-cache")


class ETags:
    """The entity tags of answers to a GET, and what caches may do with them.

    A tag is made of all that an answer depends on, the state of the corpus among it; the answer
    itself need not be made to know it. Every process of every host makes the same. It is a weak
    one: an answer has the same in every coding.
    """

    def __init__(self, settings: Settings, trusted: str) -> None:
        shaping = (
            version("newsgraph"),
            print_schema(),
            settings.introspection,
            sorted(settings.video_hosts),
            sorted(settings.volatile),
            trusted,
        )
        self._shape = hashlib.blake2b(repr(shaping).encode()).digest()
        lifetime = b"max-age=%d" % settings.max_age
        if settings.stale_while_revalidate:
            lifetime += b", stale-while-revalidate=%d" % settings.stale_while_revalidate
        elif not settings.max_age:
            lifetime = b"no-cache"
        self._fresh = (b"cache-control", b"public, " + lifetime)

    def tag(self, epoch: CorpusState | None, media_type: str, query_string: bytes) -> bytes:
        """The tag of the answer to a query string; empty while the corpus may be changing."""
        if epoch is None or epoch.stamp is None:
            return b""
        asked = b"%b\n%b\n%b" % (epoch.stamp, media_type.encode(), query_string)
        digest = hashlib.blake2b(asked, digest_size=_BYTES, key=self._shape).digest()
        return b'"%b"' % base64.urlsafe_b64encode(digest)

    def marked(self, response: Response, tag: bytes) -> Response:
        """A response with what caches are to know of it; an empty tag is for one of no state."""
        return replace(response, headers=[*response.headers, *self._headers(response, tag)])

    def unchanged(self, tag: bytes, common: Sequence[Header]) -> Response:
        """The response to a client that has the answer; `common` is what any answer has."""
        return Response(304, [(b"etag", b"W/" + tag), self._fresh, *common], b"")

    def _headers(self, response: Response, tag: bytes) -> tuple[Header, ...]:
        if response.has_errors:
            return (NO_STORE,)
        return ((b"etag", b"W/" + tag), self._fresh) if tag else (_NO_CACHE,)
