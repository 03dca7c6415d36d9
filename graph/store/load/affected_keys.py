"""Which topics, providers, authors and counts a load must derive again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from graph.documents import Row

Names = set[str] | None

FACTS: Final[dict[str, int]] = {
    "published": 1,
    "publishedDateTime": 1,
    "type": 1,
    "topics": 1,
    "authors": 1,
    "provider": 1,
    "related.provider.domain": 1,
    "related.provider.name": 1,
    "kind": 1,
    "name": 1,
    "slug": 1,
    "parent": 1,
    "domain": 1,
}
"""The projection that deriving needs. Of taxonomy files, all other keys are used as well."""

TOO_MANY: Final = 1000
"""Beyond this many names, it is cheaper to derive everything."""


@dataclass
class AffectedKeys:
    """Topic names, provider domains, author slugs, types and months; None stands for all of them.

    `slugs` are those of topic files, which may describe topics with other names.
    """

    topics: Names = field(default_factory=set)
    domains: Names = field(default_factory=set)
    authors: Names = field(default_factory=set)
    types: Names = field(default_factory=set)
    months: Names = field(default_factory=set)
    slugs: Names = field(default_factory=set)

    @classmethod
    def all(cls) -> Self:
        """Return keys that stand for everything."""
        return cls(None, None, None, None, None, None)

    def add(self, before: Row | None, after: Row | None) -> None:
        """Add the keys of a changed document: its facts before and after the change, or None."""
        if self == EVERYTHING:
            return
        if before == after and not (after or {}).get("kind"):
            return
        for facts in (before, after):
            if facts is not None:
                self.topics = _joined(self.topics, _topics(facts))
                self.slugs = _joined(self.slugs, _slugs(facts))
                self.domains = _joined(self.domains, _domains(facts))
                self.authors = _joined(self.authors, _authors(facts))
                self.types = _joined(self.types, _types(facts))
                self.months = _joined(self.months, _months(facts))


EVERYTHING: Final = AffectedKeys.all()


def facts_of(document: Row) -> Row:
    """Return the facts of a document, like a read with the projection FACTS."""
    facts = {key: document[key] for key in _TOP if key in document}
    if isinstance(document.get("related"), list):
        facts["related"] = [
            {"provider": _name_of(story["provider"])} for story in document["related"]
        ]
    return facts


def month_of(date: datetime) -> str:
    """Return the month in UTC as it is stored in counts: `2025-03`."""
    return f"{date.year:04}-{date.month:02}"


_TOP: Final = ("_id", *(key for key in FACTS if "." not in key))


def _name_of(provider: Row) -> Row:
    return {key: provider[key] for key in provider if key in ("domain", "name")}


def _joined(names: Names, more: Iterable[str]) -> Names:
    if names is None:
        return None
    names.update(more)
    return names if len(names) <= TOO_MANY else None


def _topics(facts: Row) -> Iterator[str]:
    if facts.get("kind") == "topic":
        yield facts["name"]
        if parent := facts.get("parent"):
            yield parent
    elif facts.get("published"):
        yield from facts.get("topics") or ()


def _slugs(facts: Row) -> Iterator[str]:
    if facts.get("kind") == "topic":
        yield facts["slug"]


def _domains(facts: Row) -> Iterator[str]:
    if facts.get("kind") == "organization":
        yield facts["domain"]
    elif facts.get("published"):
        yield facts["provider"]["domain"]
        for story in facts.get("related") or ():
            yield _domain(story)


def _authors(facts: Row) -> Iterator[str]:
    if facts.get("kind") == "author":
        yield facts["slug"]
    elif facts.get("published"):
        yield from (author["slug"] for author in facts.get("authors") or ())


def _types(facts: Row) -> Iterator[str]:
    if facts.get("published") and facts.get("type") is not None:
        yield facts["type"]


def _months(facts: Row) -> Iterator[str]:
    if facts.get("published") and facts.get("publishedDateTime") is not None:
        yield month_of(facts["publishedDateTime"])


def _domain(story: dict[str, Any]) -> str:
    domain: str = story["provider"]["domain"]
    return domain
