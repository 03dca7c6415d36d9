"""The times at which articles of the followed folders are published or unpublished."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from graph.store.driver.calls.retry import retried
from graph.store.driver.database import Database
from graph.store.load.clock import Clock
from graph.store.load.due import due_articles, next_due


@dataclass
class Timetable:
    """The articles of some roots that are due to be published or unpublished.

    `folders` maps the identities of the roots, as in stored documents, to their folders. Articles
    that were due until `reached` have been loaded. `next_due` is the first time after it at which
    an article is due, as of the last look.
    """

    database: Database
    folders: Mapping[str, str]
    clock: Clock
    reached: datetime | None = None
    next_due: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether files must be loaded now because of the time."""
        return self.next_due is not None and self.next_due <= self.clock()

    async def due_files(self, now: datetime) -> set[str]:
        """Return the absolute paths of the files of articles that are due. Raises DatabaseError."""
        due = await retried(partial(due_articles, self.database, now))
        folder = self.folders.get
        return {os.path.join(folder(article.root, article.root), article.path) for article in due}

    async def look_ahead(self, reached: datetime | None = None) -> None:
        """Find the next time at which an article is due, after `reached` by default. Raises
        DatabaseError.
        """
        self.reached = reached or self.reached
        if self.reached is not None:
            following = partial(next_due, self.database, list(self.folders), self.reached)
            self.next_due = await retried(following)
