"""A copy of the published articles in one JSON file, which keeps up with the server."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from gql.client import AsyncClientSession

from newsclient.news import Refused, changes

RESYNC_REQUIRED: Final = "RESYNC_REQUIRED"


class Replica:
    """The articles by id, and the token up to which their changes have been applied."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.since: str | None = None
        self.articles: dict[str, Any] = {}
        if path.exists():
            stored = json.loads(path.read_text())
            self.since, self.articles = stored["since"], stored["articles"]

    async def catch_up(self, session: AsyncClientSession) -> Counter[str]:
        """Apply what changed; how many changes there were of each kind.

        If the server no longer knows the changes since the token, the copy is made anew.
        """
        try:
            return await self._apply(session)
        except Refused as refused:
            if refused.code != RESYNC_REQUIRED:
                raise
        self.since, self.articles = None, {}
        return await self._apply(session)

    async def _apply(self, session: AsyncClientSession) -> Counter[str]:
        kinds: Counter[str] = Counter()
        since = self.since
        async for page in changes(session, self.since):
            for change in page["nodes"]:
                kinds[change["kind"]] += 1
                if change["kind"] == "CHANGED":
                    self.articles[change["nodeId"]] = change["article"]
                else:
                    self.articles.pop(change["nodeId"], None)
            since = page["nextSince"]
        self.since = since  # only now: if a page fails, all of them are applied once more
        self._save()
        return kinds

    def _save(self) -> None:
        """Write all or nothing: whoever reads the file in the meantime sees the old one."""
        made = self._path.with_suffix(".new")
        made.write_text(json.dumps({"since": self.since, "articles": self.articles}))
        made.replace(self._path)
