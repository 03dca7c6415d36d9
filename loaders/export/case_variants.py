"""Slugs that differ only in case, of which a load takes one."""

from __future__ import annotations

from typing import Final

from loaders.files.discover import slug_identity

_BITS: Final = 1 << 24


class CaseVariants:
    """Finds slugs that differ only in case among many, in 2 MB of memory.

    Add all slugs first, and then look each up.
    """

    def __init__(self) -> None:
        self._seen = bytearray(_BITS // 8)
        self._candidates: set[int] = set()
        """The bits that were set twice: by variants of a slug, or by chance."""
        self._first: dict[str, str] = {}

    def add(self, slug: str) -> None:
        """Add a slug."""
        bit = hash(slug_identity(slug)) % _BITS
        mask = 1 << bit % 8
        if self._seen[bit // 8] & mask:
            self._candidates.add(bit)
        self._seen[bit // 8] |= mask

    def earlier(self, slug: str) -> str | None:
        """Return an earlier slug that differs from this one only in case."""
        identity = slug_identity(slug)
        if hash(identity) % _BITS not in self._candidates:
            return None
        first = self._first.setdefault(identity, slug)
        return None if first == slug else first
