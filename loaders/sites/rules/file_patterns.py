"""Which files a rule applies to: patterns as in .gitignore."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pathspec import PathSpec

Matches = Callable[[str], object]
"""Returns something true if a text matches."""

_ANYWHERE: Final = "^(?:.+/)?"
_END: Final = "(?:/|$)"
"""Where the regular expression of a pattern without a slash begins and ends."""

_PLAIN: Final = re.compile(
    r"\^((?:\[\^/\][*+]?|\\.|[^\\\[\](){}|.*+?^$])*)" + re.escape(_END),
)
"""A pattern of literal characters and of wildcards within a part of a path."""

_LITERAL: Final = re.compile(r"(?:(?:\\.|[^\\\[/])*/)+")
"""The folders without wildcards at the beginning of such a pattern."""

_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class FolderPatterns:
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
        tests: list[tuple[bool, bool, list[str]]] = []
        for includes, parts in self._patterns:
            if folder and parts.decides(folder):
                start = includes
                tests = []
            elif parts.file is not None and parts.can_match_in(folder):
                if not tests or tests[-1][:2] != (includes, parts.by_name):
                    tests.append((includes, parts.by_name, []))
                tests[-1][2].append(parts.file)
        return FolderPatterns(
            start,
            tuple((includes, _any_of(regexes), by_name) for includes, by_name, regexes in tests),
        )


@dataclass(frozen=True)
class _Parts:
    """A pattern as regular expressions, of which one must match: the folder of a file with a slash
    at its end, or the `file`, which is its name or its path.

    The path must begin with `beginning`, a folder. `depth` is the number of folders above the file
    if that is fixed.
    """

    folder: Matches | None = None
    file: str | None = None
    by_name: bool = False
    beginning: str = ""
    depth: int | None = None

    @classmethod
    def of(cls, regex: str) -> _Parts:
        """Return the parts of the regular expression of a pattern, which matches paths."""
        compiled = re.compile(regex)
        whole = compiled.match if regex.startswith("^") else compiled.search
        if regex.endswith("/"):
            return cls(folder=whole)
        name = regex.removeprefix(_ANYWHERE).removesuffix(_END)
        is_name = len(_ANYWHERE) + len(name) + len(_END) == len(regex)
        if is_name and not set("/[") & set(name.replace("[^/]", "")):
            return cls(whole, f"(?:{name})$", by_name=True)
        plain = _PLAIN.fullmatch(regex)
        if plain is None:
            return cls(file=regex)
        literal = _LITERAL.match(plain[1])
        beginning = _ESCAPED.sub(r"\1", literal[0]) if literal else ""
        return cls(whole, regex, beginning=beginning, depth=plain[1].replace("[^/]", "").count("/"))

    def decides(self, folder: str) -> bool:
        """Return whether the pattern matches all files of a folder."""
        return self.folder is not None and self.folder(f"{folder}/") is not None

    def can_match_in(self, folder: str) -> bool:
        """Return whether the pattern may match a file of a folder, if it does not match all."""
        if self.depth is None:
            return True
        parents = f"{folder}/" if folder else ""
        return parents.count("/") == self.depth and parents.startswith(self.beginning)


@lru_cache(maxsize=1024)
def _compiled(regex: str) -> Matches:
    return re.compile(regex).match


def _any_of(regexes: Sequence[str]) -> Matches:
    return _compiled("|".join(regexes))
