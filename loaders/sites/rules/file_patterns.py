"""Which files a rule applies to: patterns as in .gitignore."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from pathspec import PathSpec

Matches = Callable[[str], object]
"""Returns something true if a text matches."""

_ANYWHERE: Final = "^(?:.+/)?"
_END: Final = "(?:/|$)"
"""Where the regular expression of a pattern without a slash begins and ends."""


class FolderPatterns(NamedTuple):
    """What the patterns of a rule say of the files in one folder.

    `start` is the outcome for those that match none of `tests`, of which the last that matches
    decides. Each has whether it includes files, how to match them, and whether by their names only.
    """

    start: bool
    tests: tuple[tuple[bool, Matches, bool], ...]

    def matches(self, path: str, name: str) -> bool:
        """Return whether the patterns match the file of this path and name."""
        matched = self.start
        for includes, matches, by_name in self.tests:
            if includes != matched and matches(name if by_name else path):
                matched = includes
        return matched


class FilePatterns:
    """The patterns of a rule; without any, the rule applies to all files.

    Most patterns name folders or endings. What they say of a folder is the same for all its files.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._applies_to_all = not lines
        self._patterns = [
            (pattern.include, _Parts.of(pattern.regex.pattern))
            for pattern in PathSpec.from_lines("gitignore", lines).patterns
            if pattern.include is not None and pattern.regex is not None
        ]

    def in_folder(self, folder: str) -> FolderPatterns:
        """Return what the patterns say of the files in a folder, whose path is empty for the root
        of the site.
        """
        start = self._applies_to_all
        tests: list[tuple[bool, Matches, bool]] = []
        for includes, parts in self._patterns:
            if parts.folder and folder and parts.folder(f"{folder}/"):
                start = includes
                tests = []
            elif test := parts.name or parts.path:
                tests.append((includes, test, parts.name is not None))
        return FolderPatterns(start, tuple(tests))


class _Parts(NamedTuple):
    """A pattern as regular expressions, of which one must match: the folder of a file with a slash
    at its end, its name, or its path.
    """

    folder: Matches | None = None
    name: Matches | None = None
    path: Matches | None = None

    @classmethod
    def of(cls, regex: str) -> _Parts:
        """Return the parts of the regular expression of a pattern, which matches paths."""
        whole = re.compile(regex).match
        if regex.endswith("/"):
            return cls(folder=whole)
        name = regex.removeprefix(_ANYWHERE).removesuffix(_END)
        is_name = len(_ANYWHERE) + len(name) + len(_END) == len(regex)
        if is_name and not set("/[") & set(name.replace("[^/]", "")):
            return cls(folder=whole, name=re.compile(f"(?:{name})$").match)
        return cls(path=whole)
