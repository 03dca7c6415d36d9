"""The statements of a generated function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

_LINE: Final = 80
"""The maximum length of a dictionary display on one line."""


class FunctionBody:
    """The statements of a function. `depth` is the indentation of the next statement."""

    def __init__(self, depth: int = 1) -> None:
        self.depth = depth
        self.lines: list[str] = []

    def add(self, statement: str) -> None:
        self.lines.append(f"{'    ' * self.depth}{statement}")

    def displayed(self, entries: Sequence[str]) -> str:
        """Return a dictionary display of these entries, on several lines if it is long."""
        line = f"{{{', '.join(entries)}}}"
        if len(line) <= _LINE or len(entries) == 1:
            return line
        inner, outer = "    " * (self.depth + 1), "    " * self.depth
        return "".join(["{\n", *(f"{inner}{entry},\n" for entry in entries), outer, "}"])

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a compound statement; what is added inside the context becomes its body."""
        self.add(head)
        self.depth += 1
        yield
        self.depth -= 1

    def function(self, head: str) -> str:
        """Return the source of the function with this head."""
        return "\n".join([head, *self.lines, ""])
