"""The clients of chaos.py: readers and live streams, which check each answer."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import Any, Final

from chaos_site import Answer, Site, articles_of
from chaos_streams import SECONDS, Failed, events

LIST: Final = """query List($first: Int, $after: String) {
  corpus { revision }
  articles(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { slug title }
  }
}"""
WHOLE: Final = "{ corpus { revision } articles(first: 100) { nodes { slug title } } }"
"""The list as a whole: there are always fewer articles."""

SEARCH: Final = """{
  corpus { revision searchRevision }
  articles(first: 100, search: "gull") { nodes { slug title } }
}"""
"""A search that finds all articles."""

PAUSE: Final = 0.05
"""Seconds between two requests of a reader."""


@dataclass
class Gaps:
    """The longest time in seconds without an event, and when the last one was."""

    last: float = 0.0
    longest: float = 0.0

    def begin(self) -> None:
        """Begin to measure."""
        self.last, self.longest = monotonic(), 0.0

    def note(self) -> None:
        """Note an event."""
        now = monotonic()
        self.longest = max(self.longest, now - self.last)
        self.last = now


@dataclass
class Counts:
    """What a client has seen."""

    requests: int = 0
    cached: int = 0
    events: int = 0
    errors: Counter[str] = field(default_factory=Counter)


class Reader:
    """A client that reads a server over one connection, until it is stopped.

    Each answer is noted in all of `gaps`.
    """

    def __init__(
        self, site: Site, name: str, port: int, stop: Event, gaps: Sequence[Gaps] = ()
    ) -> None:
        self.counts = Counts()
        self._gaps = gaps
        self._site = site
        self.name = name
        self._port = port
        self._stop = stop
        self._connection: http.client.HTTPConnection | None = None
        self._revision = 0
        self._connected = 0.0

    def run(self) -> None:
        """Alternate between the whole list, a search and a walk through the list's pages."""
        turn = 0
        while not self._stop.wait(PAUSE):
            turn += 1
            try:
                if turn % 3 == 0:
                    self.walk(5 + turn % 13)
                elif turn % 3 == 1:
                    self.search()
                else:
                    self.read_whole()
            except Failed as error:
                self.counts.errors[str(error)] += 1

    def read_whole(self) -> Answer:
        """Read and check the whole list. Raises Failed."""
        answer, _ = self._read(WHOLE, {}, is_whole=True)
        self._site.check(answer)
        return answer

    def search(self) -> Answer:
        """Search all articles and check them. Raises Failed.

        What is found is as of the revision of the search index; the articles are read afterwards.
        """
        answer, _ = self._read(SEARCH, {}, is_whole=True)
        self._site.check(answer)
        return answer

    def read(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the data of a response. Raises Failed."""
        self.counts.requests += 1
        data, _ = self._send({"query": query, "variables": variables})
        return data

    def walk(self, first: int) -> None:
        """Read and check the list page by page. Raises Failed."""
        pages: list[Answer] = []
        after = None
        while True:
            answer, info = self._read(LIST, {"first": first, "after": after}, is_whole=False)
            self._site.check(answer)
            pages.append(answer)
            if not info["hasNextPage"]:
                break
            after = info["endCursor"]
        revisions = {page.revision for page in pages}
        # A server may notice the end of a load between two pages, although the load ended before.
        is_of_one = len(revisions) == 1
        self._site.check(
            Answer(
                f"{self.name}, walk by {first}",
                min(revisions),
                tuple(each for page in pages for each in page.articles),
                pages[0].sent,
                (pages[0].loads[0], pages[-1].loads[1]) if is_of_one else (None, None),
            )
        )

    def _read(
        self, query: str, variables: dict[str, Any], *, is_whole: bool
    ) -> tuple[Answer, dict[str, Any]]:
        loads, sent = self._site.loads, monotonic()
        self.counts.requests += 1
        data, is_cached = self._send({"query": query, "variables": variables})
        for each in self._gaps:
            each.note()
        self.counts.cached += is_cached
        revision = data["corpus"]["revision"]
        if revision < self._revision:
            self._site.violate(f"{self.name}: revision {revision} after {self._revision}")
        self._revision = revision
        listed = data["articles"]
        searched = data["corpus"].get("searchRevision", revision)
        is_current = searched == revision
        answer = Answer(
            self.name if query is not SEARCH else f"{self.name}, search",
            min(revision, searched or 0),
            articles_of(listed["nodes"]),
            sent,
            (loads, self._site.loads) if is_current else (None, None),
            is_cached and is_current,
            is_whole,
            is_ordered=query is not SEARCH,
            # A server begins with the index that it finds.
            since=self._connected if query is SEARCH else 0.0,
        )
        return answer, listed.get("pageInfo", {})

    def _send(self, body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Return the data of a response, and whether the server had it stored."""
        headers = {"Content-Type": "application/json"}
        try:
            if self._connection is None:
                self._revision = 0  # perhaps another worker
                self._connected = monotonic()
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, SECONDS)
            self._connection.request("POST", "/graphql", json.dumps(body), headers)
            response = self._connection.getresponse()
            content = response.read()
            if response.will_close:
                self._disconnect()
        except (OSError, http.client.HTTPException) as error:
            self._disconnect()
            raise Failed(type(error).__name__) from None
        answer = json.loads(content)
        if "errors" in answer:
            raise Failed(answer["errors"][0]["extensions"]["code"])
        data: dict[str, Any] = answer["data"]
        # What is shared with a request at the same time is not stored if a load begins meanwhile.
        return data, "cache;desc=hit" in (response.getheader("Server-Timing") or "")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Stream:
    """A client that follows the whole list as a live query, until it is stopped."""

    def __init__(self, site: Site, name: str, port: int, stop: Event) -> None:
        self.counts = Counts()
        self.newest: tuple[tuple[str, int], ...] = ()
        self._site = site
        self._name = f"{name}, live"
        self._port = port
        self._stop = stop

    def run(self) -> None:
        """Follow the stream; connect again when it breaks."""
        while not self._stop.wait(PAUSE):
            try:
                for data, event_id in events(self._port, WHOLE, {}, self._stop):
                    self._check(data, int(event_id.partition("-")[0]))
            except (OSError, http.client.HTTPException) as error:
                self.counts.errors[f"stream: {type(error).__name__}"] += 1
            except Failed as error:
                self.counts.errors[f"stream: {error}"] += 1

    def _check(self, data: dict[str, Any], event_revision: int) -> None:
        """Check a result. Its event has the revision 0 if a load was in progress."""
        self.counts.events += 1
        revision = data["corpus"]["revision"]
        if event_revision not in (0, revision):
            self._site.violate(f"{self._name}: event {event_revision} of revision {revision}")
        self.newest = articles_of(data["articles"]["nodes"])
        # When it was read is not known, so nothing can be said of how late it is.
        self._site.check(
            Answer(
                self._name,
                revision,
                self.newest,
                sent=0.0,
                loads=(None, None),
                is_cached=event_revision != 0,
            )
        )
