"""Select which files below a folder are loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import eq
from typing import Any, Final

from pathspec import PathSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from graph.errors import UsageError

Globs = PathSpec[Any]


IsIgnored = Callable[[str], bool]
"""Returns whether the mapping of a site ignores the file at a path below the root."""


def ignore_nothing(path: str) -> bool:
    """The `IsIgnored` of a folder without a mapping."""
    return False


@dataclass(frozen=True)
class FileSelection:
    """Globs as in .gitignore, for paths relative to the root.

    A file is selected if it matches one of `include`, or there are none, and none of `exclude`.
    `within` are the paths, split into their parts, that all matches of `include` are at or below.
    """

    include: Globs | None = None
    exclude: Globs | None = None
    within: tuple[tuple[str, ...], ...] = ((),)

    @classmethod
    def of(cls, include: Sequence[str], exclude: Sequence[str]) -> FileSelection:
        """Return the selection by these globs. Raises UsageError for an invalid one."""
        within = tuple(_literal_parts(glob) for glob in include) or ((),)
        return cls(_globs("include", include), _globs("exclude", exclude), within)

    def takes(self, path: str) -> bool:
        if self.include is not None and not self.include.match_file(path):
            return False
        return not self._excludes(path)

    def enters(self, path: str) -> bool:
        """Return whether a folder, whose path ends in `/`, may contain selected files."""
        parts = tuple(path.strip("/").split("/"))
        is_on_the_way = any(all(map(eq, parts, start)) for start in self.within)
        return is_on_the_way and not self._excludes(path)

    def _excludes(self, path: str) -> bool:
        return self.exclude is not None and self.exclude.match_file(path)


def _literal_parts(glob: str) -> tuple[str, ...]:
    """Return the leading parts that all matches of a glob share; none if it matches anywhere."""
    glob = glob.rstrip().rstrip("/")
    parts = glob.lstrip("/").split("/")
    if "/" not in glob:
        return ()  # a name, at any depth
    return tuple(takewhile(lambda part: not _SPECIAL.intersection(part), parts))


def _globs(option: str, globs: Sequence[str]) -> Globs | None:
    try:
        return PathSpec.from_lines("gitignore", globs) if globs else None
    except GitIgnorePatternError as error:
        raise UsageError(f"--{option}: {error}") from None


_SPECIAL: Final = frozenset("*?[]\\!#")

EVERY_FILE: Final = FileSelection()
