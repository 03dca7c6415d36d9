"""Which files a rule applies to: patterns as in .gitignore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from pathspec import PathSpec

Matches = Callable[[str], object]
"""Returns something true if a text matches."""

_FLOATING: Final = "^(?:.+/)?", "(?:/|$)"
"""How the regular expression of a pattern without a slash begins and ends."""


class FolderPatterns(NamedTuple):
    """The patterns of a rule that the files of one folder can still match or not.

    The last one that matches decides; `start` is the outcome if none does. `tests` have whether a
    pattern includes files, how to match it, and whether with the name of a file only.
    """

    start: bool
    tests: tuple[tuple[bool, Matches, bool], ...] = ()

    def matches(self, path: str, name: str) -> bool:
        """Return whether the patterns match the file of this path and name."""
        matched = self.start
        for includes, matches, by_name in self.tests:
            if includes != matched and matches(name if by_name else path):
                matched = includes
        return matched


class FilePatterns:
    """The patterns of a rule; without any, the rule applies to all files.

    Most patterns name folders or endings. What they say of a folder is the same for all its files,
    so it is found out once.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._patterns = [
            (pattern.include, pattern.regex.match, _Extent.of(pattern.regex.pattern))
            for pattern in PathSpec.from_lines("gitignore", lines).patterns
            if pattern.include is not None and pattern.regex is not None
        ]
        self._applies_to_all = not lines

    def in_folder(self, folder: str) -> FolderPatterns:
        """Return what the patterns say of the files in a folder, whose path is empty for the root
        of the site.
        """
        start = self._applies_to_all
        tests: list[tuple[bool, Matches, bool]] = []
        for includes, matches, extent in self._patterns:
            if extent.by_folder and folder and matches(f"{folder}/"):
                start = includes
                tests = []
            elif extent.by_name or not extent.by_folder:
                tests.append((includes, matches, extent.by_name))
        return FolderPatterns(start, tuple(tests))


class _Extent(NamedTuple):
    """What decides whether a pattern matches a file: its folder alone, its name, or if neither is
    true, its whole path.
    """

    by_folder: bool
    by_name: bool

    @classmethod
    def of(cls, regex: str) -> _Extent:
        """Return the extent of a pattern by its regular expression."""
        if regex.endswith("/"):
            return cls(by_folder=True, by_name=False)
        begin, end = _FLOATING
        inner = regex.removeprefix(begin).removesuffix(end)
        is_floating = len(regex) == len(begin) + len(inner) + len(end)
        has_no_slash = not set("/[") & set(inner.replace("[^/]", ""))
        by_name = is_floating and has_no_slash
        return cls(by_folder=by_name, by_name=by_name)
