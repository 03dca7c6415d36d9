"""A load that follows folders, and waits for its effects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.config import Settings
from graph.documents import ARTICLES
from graph.store.driver.database import Database
from graph.store.load.clock import Clock, utc_now
from graph.store.queries.articles import PUBLISHED
from loaders.load.options import LoadOptions
from loaders.report.report import Report
from loaders.watch.follow import follow
from tests.loaders.builders import article


@dataclass
class Following:
    """A load that follows its folder, and the messages that it reported."""

    database: Database
    report: Report
    stop: asyncio.Event
    messages: list[str] = field(default_factory=list)

    async def titles(self) -> dict[str, str]:
        """The published articles: slug → title."""
        rows = await self.database.find(ARTICLES, PUBLISHED, projection={"title": 1})
        return {row["_id"]: row["title"] for row in rows}

    async def wait_for_titles(self, titles: dict[str, str]) -> None:
        """Wait until just these are published."""

        async def is_served() -> bool:
            return await self.titles() == titles

        await eventually(is_served)

    async def wait_for_message(self, text: str) -> None:
        """Wait until this was reported to the operator."""

        async def is_reported() -> bool:
            return any(text in line for line in self.messages)

        await eventually(is_reported)


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def following(
    database: Database, *paths: Path, clock: Clock = utc_now, **options: Any
) -> AsyncIterator[Following]:
    state = Following(database, Report(), asyncio.Event())
    task = asyncio.create_task(
        follow(
            database,
            Settings(),
            LoadOptions.of(paths, jobs=1, **options),
            report=state.report,
            stop=state.stop,
            say=state.messages.append,
            clock=clock,
        )
    )
    try:
        await state.wait_for_message("following")
        yield state
    finally:
        state.stop.set()
        await task


def titled(title: str) -> str:
    return article().replace("Ferry sails", title)
