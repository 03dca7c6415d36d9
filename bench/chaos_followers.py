"""Clients of chaos.py that keep a copy of the articles by `changes` and `articleChanged`."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any, Final

from chaos_clients import PAUSE, Counts, Reader
from chaos_site import Site, articles_of
from chaos_streams import Events, Failed, OpenEvents, events
from websockets.exceptions import WebSocketException

COPY: Final = """{
  changes(first: 100, types: [ARTICLE]) {
    nextSince
    pageInfo { hasNextPage }
    nodes { kind slug revision article { slug title } }
  }
}"""
"""All articles and all that are gone: there are always fewer."""

ALL: Final = """query All($after: String) {
  changes(first: 50, types: [ARTICLE], after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { kind slug }
  }
}"""

CHANGED: Final = """subscription Changed($since: String) {
  articleChanged(since: $since) { kind slug revision nextSince article { slug title } }
}"""

RESYNC: Final = "RESYNC_REQUIRED"


class Follower:
    """A client that applies each change to a copy, until it is stopped.

    Whenever its stream breaks, it continues at the next of the servers, after the last change that
    it received. It finds changes that are missing, repeated or out of order.
    """

    def __init__(
        self,
        site: Site,
        name: str,
        ports: Sequence[int],
        stop: Event,
        open_events: OpenEvents = events,
    ) -> None:
        self.counts = Counts()
        self._gone: Counter[tuple[str, str]] = Counter()
        """How often it was told that an article is gone, by slug and kind."""
        self._open_events = open_events
        self.copy: dict[str, int] = {}
        self._site = site
        self._name = f"{name}, changes"
        self._ports = ports
        self._stop = stop
        self._since: str | None = None
        self._revision = 0
        self._seen: dict[str, int] = {}
        """The revision of the last change of each article, whether it exists or not."""

    def run(self) -> None:
        """Follow the changes; go on at the next server when the stream breaks."""
        turn = 0
        while not self._stop.wait(PAUSE):
            port = self._ports[turn % len(self._ports)]
            turn += 1
            try:
                if self._since is None:
                    reader = Reader(self._site, self._name, port, self._stop)
                    self.begin(reader.read(COPY)["changes"])
                for result, _ in self._changes(port):
                    self.apply(result["articleChanged"])
            except (OSError, http.client.HTTPException, WebSocketException) as error:
                self.counts.errors[f"changes: {type(error).__name__}"] += 1
            except Failed as error:
                self.counts.errors[f"changes: {error}"] += 1
                if str(error) == RESYNC:
                    self._since = None

    def _changes(self, port: int) -> Events:
        return self._open_events(port, CHANGED, {"since": self._since}, self._stop)

    def begin(self, page: Mapping[str, Any]) -> None:
        """Begin a new copy with a page of `changes`. Raises Failed if it does not hold all."""
        if page["pageInfo"]["hasNextPage"]:
            raise Failed("more changes than a page holds")
        self.copy, self._seen, self._gone = {}, {}, Counter()
        for change in page["nodes"]:
            self._store(change)
        self._revision = max(self._seen.values(), default=0)
        self._since = page["nextSince"]

    def apply(self, change: Mapping[str, Any]) -> None:
        """Check a change, and apply it."""
        self.counts.events += 1
        slug, revision = change["slug"], change["revision"]
        if revision < self._revision:
            self._violate(f"{slug} of revision {revision} after revision {self._revision}")
        elif revision > self._revision:
            # All changes of earlier revisions have come.
            self._site.check_copy(self._name, revision - 1, self.copy)
        seen = self._seen.get(slug, 0)
        if revision <= seen:
            self._violate(f"{slug} of revision {revision} is repeated")
        before = self.copy.get(slug, 0)
        self._store(change)
        version = self.copy.get(slug)
        if version is not None and version < before:
            self._violate(f"{slug} is version {version} after {before}")
        elif revision > seen and self._is_repeated(slug, version, before):
            self._violate(f"{slug} is version {version} again at revision {revision}")
        self._revision = revision
        self._since = change["nextSince"]

    def _is_repeated(self, slug: str, version: int | None, before: int) -> bool:
        """Whether a version is reported again. Those of articles that come and go may be."""
        is_repeatable = (slug, version) in self._site.repeatable_versions
        return slug.startswith("core-") and version == before and not is_repeatable

    def _store(self, change: Mapping[str, Any]) -> None:
        self._seen[change["slug"]] = change["revision"]
        if change["kind"] == "CHANGED":
            self.copy |= articles_of([change["article"]])
        else:
            self.copy.pop(change["slug"], None)
            self._gone[change["slug"], change["kind"]] += 1

    def close(self) -> None:
        """Check that each article that has gone for good was reported so, once unless the site says
        otherwise.
        """
        for slug, kind in self._site.gone.items():
            found = {which: n for (gone, which), n in self._gone.items() if gone == slug}
            is_repeatable = slug in self._site.repeatable and found.keys() == {kind}
            if found != {kind: 1} and not is_repeatable:
                self._violate(f"{slug} is {kind}, but was reported as {found}")

    def _violate(self, what: str) -> None:
        self._site.violate(f"{self._name}: {what}")


def check_tombstones(site: Site, reader: Reader) -> None:
    """Check that `changes` from the beginning has each article that is gone, and each only once.

    Raises Failed.
    """
    nodes, after, has_next = [], None, True
    while has_next:
        page = reader.read(ALL, {"after": after})["changes"]
        nodes += page["nodes"]
        has_next, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    for slug, kind in site.tombstones.items():
        found = [each["kind"] for each in nodes if each["slug"] == slug]
        if found != [kind]:
            site.violate(f"{reader.name}: `changes` has {slug} as {found}, not as {kind}")
