"""Waiting for the corpus revision that a server follows."""

from __future__ import annotations

from graph.store.cache.corpus_state import CorpusState


async def reached(state: CorpusState, revision: int) -> None:
    """Return once the corpus has this revision or a later one."""
    while state.revision is None or state.revision < revision:
        await state.next_revision()
