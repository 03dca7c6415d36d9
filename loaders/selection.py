"""Which of the files below a folder are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pathspec import PathSpec
from pathspec.patterns.gitignore import GitIgnorePatternError

from graph.errors import UsageError

Globs = PathSpec[Any]


@dataclass(frozen=True)
class Selection:
    """Globs as .gitignore has them, held against the path below the root.

    A file is taken if one of `include` matches it, or there are none, and none of `exclude` does.
    """

    include: Globs | None = None
    exclude: Globs | None = None

    @classmethod
    def of(cls, include: Sequence[str], exclude: Sequence[str]) -> Selection:
        """The selection by these globs. Raises UsageError for what is none."""
        return cls(_globs("include", include), _globs("exclude", exclude))

    def takes(self, path: str) -> bool:
        if self.include is not None and not self.include.match_file(path):
            return False
        return self.enters(path)

    def enters(self, path: str) -> bool:
        """Whether a folder (its path ends in `/`) is worth walking."""
        return self.exclude is None or not self.exclude.match_file(path)


def _globs(option: str, globs: Sequence[str]) -> Globs | None:
    try:
        return PathSpec.from_lines("gitignore", globs) if globs else None
    except GitIgnorePatternError as error:
        raise UsageError(f"--{option}: {error}") from None


EVERY_FILE: Final = Selection()
