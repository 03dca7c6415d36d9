"""A copy of the published articles in one JSON file, which keeps up with the server."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from gql.client import AsyncClientSession

from newsclient.news import changes


class Replica:
    """The articles by slug, and the revision of the corpus up to which they are told."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.revision = 0
        self.articles: dict[str, Any] = {}
        if path.exists():
            stored = json.loads(path.read_text())
            self.revision, self.articles = stored["revision"], stored["articles"]

    async def catch_up(self, session: AsyncClientSession) -> Counter[str]:
        """Apply what changed; how many changes there were of each kind."""
        kinds: Counter[str] = Counter()
        revision = self.revision
        async for page in changes(session, self.revision):
            for change in page["nodes"]:
                kinds[change["kind"]] += 1
                if change["kind"] == "CHANGED":
                    self.articles[change["slug"]] = change["article"]
                else:
                    self.articles.pop(change["slug"], None)
            revision = page["nextRevision"]
        self.revision = revision  # only now: a part that failed is told once more
        self._save()
        return kinds

    def _save(self) -> None:
        """Write all or nothing: who reads the file meanwhile sees the old one."""
        made = self._path.with_suffix(".new")
        made.write_text(json.dumps({"revision": self.revision, "articles": self.articles}))
        made.replace(self._path)
