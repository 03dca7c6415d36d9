"""A server that knows documents by their hashes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.examples.serving import Served, serving


@asynccontextmanager
async def serving_documents(mongo_url: str, manifest: Path | None = None) -> AsyncIterator[Served]:
    """A server that answers what a manifest has, or without one learns texts by their hashes."""
    mode = "on" if manifest is None else "trusted"
    async with serving(mongo_url, trusted_documents=manifest, persisted=mode) as served:
        yield served
