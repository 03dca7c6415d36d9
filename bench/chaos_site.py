"""The documents that chaos.py changes, and what a correct server may answer at each revision.

Every article's title holds its version, so an answer shows from which files it was made.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

CORE: Final = 60
"""The number of articles that are changed, but never removed."""

EXTRA: Final = 15
"""The largest number of articles that come and go."""

PAST: Final = 20
"""The number of articles that go for good: by turns one is removed and one unpublished."""

MAX_LAG: Final = 30.0
"""How many seconds after the end of a load a server may still answer from before it."""

Versions = Mapping[str, int]
"""The version of each article, by its slug."""

_DAY: Final = 86_400
_TITLE: Final = re.compile(r"The gull, version (\d+)$")


@dataclass(frozen=True)
class Answer:
    """A list of articles, in the order of the server, as it was read at a revision.

    `sent` is the time of its request. `loads` is what `Site.loads` was when the request was sent
    and when the response was there. `is_cached` says that the server had stored it, `is_whole` that
    it is not a page, and `is_ordered` that it is in the default order. It may be late for a
    while after `since`.
    """

    where: str
    revision: int
    articles: tuple[tuple[str, int], ...]
    sent: float
    loads: tuple[int | None, int | None]
    is_cached: bool = False
    is_whole: bool = True
    is_ordered: bool = True
    since: float = 0.0


@dataclass
class Site:
    """A folder of articles, the states of it that loads have confirmed, and faults of answers."""

    folder: Path
    seed: int
    violations: list[str] = field(default_factory=list)
    lag: float = 0.0
    """The longest time in seconds after a load in which a server answered from before it."""
    compared: int = 0
    """The number of answers that are compared with the files of their revision."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = Lock()
        self._files: dict[str, int] = {}
        self._loaded: list[tuple[float, int, dict[str, int]]] = []
        self._exact: dict[tuple[int, tuple[tuple[str, int], ...], bool], str] = {}
        self._settled: dict[int, tuple[int, dict[str, int]]] = {}
        """The last revision and its articles, by generation, where all loads of it ended well."""
        self._generation = 0
        self._is_settled = False
        self._changes = 0
        self.gone: dict[str, str] = {}
        """The kind of the last change of each article that has gone for good, by slug."""
        self.repeatable: set[str] = set()
        """Those that two loads removed or unpublished at once, of which the last one may do so
        again.
        """
        self._going: set[str] = set()
        self.repeatable_versions: set[tuple[str, int]] = set()
        """The versions of articles that two loads wrote at once: each may report them."""
        self._new_versions: set[tuple[str, int]] = set()
        self.folder.mkdir(parents=True)
        for kind, count in (("core", CORE), ("past", PAST)):
            for number in range(count):
                self._write(f"{kind}-{number:03}", 1)

    # Changes of the files

    def change(self) -> None:
        """Change a few articles; add or remove one that may come and go; at every other time let
        one go for good.
        """
        if self._changes % 2 == 0 and len(self.gone) < PAST:
            self._retire(f"past-{len(self.gone):03}")
        self._changes += 1
        for number in self._random.sample(range(CORE), self._random.randint(1, 6)):
            slug = f"core-{number:03}"
            self._write(slug, self._files[slug] + 1)
        slug = f"extra-{self._random.randrange(EXTRA):03}"
        if slug in self._files:
            (self.folder / f"{slug}.md").unlink()
            del self._files[slug]
        else:
            self._write(slug, self._generation + 2)

    def _retire(self, slug: str) -> None:
        if len(self.gone) % 2 == 0:
            (self.folder / f"{slug}.md").unlink()
            self.gone[slug] = "REMOVED"
        else:
            self._write(slug, self._files[slug] + 1, is_published=False)
            self.gone[slug] = "UNPUBLISHED"
        del self._files[slug]
        self._going.add(slug)

    def _write(self, slug: str, version: int, *, is_published: bool = True) -> None:
        temporary = self.folder / ".writing"
        temporary.write_text(
            f"---\ntitle: The gull, version {version}\n"
            f"publishedDateTime: {published(slug)}\n"
            f"published: {json.dumps(is_published)}\n"
            "type: article\nprovider: {name: The Gull, domain: gull.example}\n---\n\nIt flew.\n"
        )
        temporary.rename(self.folder / f"{slug}.md")
        self._files[slug] = version
        self._new_versions.add((slug, version))

    # Loads

    @property
    def loads(self) -> int | None:
        """The number of loads so far; None while one runs or after one that was not completed."""
        with self._lock:
            return self._generation if self._is_settled else None

    def begin_load(self, count: int = 1) -> None:
        """Note that so many loads may be changing the database at once from now on."""
        with self._lock:
            if count > 1:
                self.repeatable |= self._going
                self.repeatable_versions |= self._new_versions
            self._is_settled = False
            self._generation += 1

    def confirm(self, revision: int | None, *, is_settled: bool) -> None:
        """Note that a load of the files as they are has ended well.

        `revision` is that of its report, `is_settled` whether no other load may still be writing.
        """
        with self._lock:
            self._is_settled = is_settled
            if revision is not None:
                self._loaded.append((monotonic(), revision, dict(self._files)))
                if is_settled:
                    self._going, self._new_versions = set(), set()
                    last, _ = self._settled.get(self._generation, (0, {}))
                    self._settled[self._generation] = max(last, revision), dict(self._files)

    @property
    def confirmed(self) -> tuple[int, Versions]:
        """The newest confirmed revision and its articles."""
        with self._lock:
            _, revision, versions = max(self._loaded, key=lambda each: each[1])
            return revision, versions

    # Answers

    def check(self, answer: Answer) -> None:
        """Check what can be known of an answer by now; `close` checks the rest."""
        self._check_order(answer)
        versions = dict(answer.articles)
        with self._lock:
            before = [each for each in self._loaded if each[0] < answer.sent]
            bound = [each for each in before if each[1] <= answer.revision]
            missed = [each[0] for each in before if each[1] > answer.revision]
            started, ended = answer.loads
            is_exact = answer.is_cached or (started is not None and started == ended)
            if is_exact:
                self.compared += 1
                articles = answer.articles if answer.is_ordered else tuple(sorted(answer.articles))
                self._exact.setdefault((answer.revision, articles, answer.is_whole), answer.where)
        if missed:
            lag = answer.sent - max(answer.since, min(missed))
            self.lag = max(self.lag, lag)
            if lag > MAX_LAG:
                self.violate(f"{answer.where}: revision {answer.revision} {lag:.0f} s too late")
        if bound:
            newest = max(bound, key=lambda each: each[1])[2]
            self._check_at_least(answer, versions, newest)
            self._check_gone(answer, newest)

    def check_copy(self, where: str, revision: int, versions: Versions) -> None:
        """Check a copy to which all changes up to a revision were applied.

        Of loads at once, the last one may give changes of the others its own revision.
        """
        with self._lock:
            bound = [each for each in self._settled.values() if each[0] <= revision]
        if bound:
            answer = Answer(where, revision, tuple(versions.items()), 0.0, (None, None))
            _, newest = max(bound, key=lambda each: each[0])
            # An article that has changed again is reported as of its last change only.
            files = dict(self._files)
            same = {slug: n for slug, n in newest.items() if files.get(slug) == n}
            self._check_at_least(answer, versions, same)
            self._check_gone(answer, newest)

    def _check_order(self, answer: Answer) -> None:
        slugs = [slug for slug, _ in answer.articles]
        expected = in_order(set(slugs)) if answer.is_ordered else list(dict.fromkeys(slugs))
        if slugs != expected:
            self.violate(f"{answer.where}: wrong order or doubled: {slugs}")

    def _check_at_least(self, answer: Answer, versions: Versions, bound: Versions) -> None:
        for slug, version in bound.items():
            if not slug.startswith("core-"):
                continue
            found = versions.get(slug)
            if found is None and answer.is_whole:
                self.violate(f"{answer.where}: {slug} is lost at revision {answer.revision}")
            elif found is not None and found < version:
                self.violate(
                    f"{answer.where}: {slug} is version {found} at revision {answer.revision},"
                    f" not {version}"
                )

    def _check_gone(self, answer: Answer, bound: Versions) -> None:
        for slug, _ in answer.articles:
            if slug.startswith("past-") and slug not in bound:
                self.violate(f"{answer.where}: {slug} is back at revision {answer.revision}")

    def close(self) -> None:
        """Compare what was answered at confirmed revisions with their files."""
        with self._lock:
            states = {revision: versions for _, revision, versions in self._loaded}
            exact = dict(self._exact)
        for (revision, articles, is_whole), where in exact.items():
            state = states.get(revision)
            if state is None:
                continue
            found = dict(articles)
            expected = {slug: n for slug, n in state.items() if is_whole or slug in found}
            if found != expected:
                differing = [
                    f"{slug} {found.get(slug)}, not {expected.get(slug)}"
                    for slug in sorted(found.keys() | expected.keys())
                    if found.get(slug) != expected.get(slug)
                ]
                self.violate(f"{where}: not the files of revision {revision}: {differing}")

    def lost(self, versions: Versions) -> int:
        """Return how many confirmed changes a state does not have."""
        _, expected = self.confirmed
        return sum(
            versions.get(slug, 0) < version
            for slug, version in expected.items()
            if slug.startswith("core-")
        )

    @property
    def tombstones(self) -> Mapping[str, str]:
        """The kind of the last change of each article that was loaded and is gone, by slug."""
        with self._lock:
            slugs = {slug for _, _, versions in self._loaded for slug in versions}
        return dict.fromkeys(slugs - self._files.keys(), "REMOVED") | self.gone

    @property
    def files(self) -> Versions:
        """The articles as the files are."""
        return dict(self._files)

    def violate(self, what: str) -> None:
        """Note a violation."""
        with self._lock:
            self.violations.append(what)


def published(slug: str) -> str:
    """Return the publication time of an article. Some articles share theirs."""
    kind, _, number = slug.partition("-")
    day = 1 + int(number) % 28 if kind == "core" else 1 + int(number)
    return f"2031-01-{day:02}T00:00:00Z"


def in_order(slugs: set[str]) -> list[str]:
    """Return articles in the order of the default list: newest first, then by slug, descending."""
    return sorted(slugs, key=lambda slug: (published(slug), slug), reverse=True)


def articles_of(nodes: Sequence[Mapping[str, str]]) -> tuple[tuple[str, int], ...]:
    """Return the slugs and versions of the nodes of a list."""
    found = []
    for node in nodes:
        match = _TITLE.match(node["title"])
        found.append((node["slug"], int(match[1]) if match else -1))
    return tuple(found)
