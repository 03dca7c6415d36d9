"""A server that knows documents by their hashes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.examples.serving import Served, serving


@asynccontextmanager
async def serving_documents(mongo_url: str, manifest: Path | None = None) -> AsyncIterator[Served]:
    """A server of documents in a manifest or, without one, of documents sent with their hashes."""
    mode = "on" if manifest is None else "trusted"
    async with serving(mongo_url, trusted_documents=manifest, persisted=mode) as served:
        yield served
