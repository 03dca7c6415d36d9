"""The copies that aliases make: many small aliases can make a huge document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from loaders.frontmatter.split import MAX_DEPTH, TOO_DEEP, UnsupportedValue

MAX_ALIAS_NODES: Final = 10_000
MAX_ALIAS_CHARACTERS: Final = 1_000_000


@dataclass
class AliasCopies:
    """The nodes and the characters of all copies in a document."""

    nodes: int = 0
    characters: int = 0

    def add(self, value: Any, depth: int) -> str | None:
        """Count the copy of a value at a depth. Return why that is too much; None if it is not."""
        waiting: list[tuple[Any, int]] = [(value, depth)]
        while waiting:
            node, depth = waiting.pop()
            node = node.stored if isinstance(node, UnsupportedValue) else node
            self.nodes += 1
            self.characters += len(node) if isinstance(node, str) else 0
            if self.nodes > MAX_ALIAS_NODES or self.characters > MAX_ALIAS_CHARACTERS:
                return "the aliases expand to too many values or characters"
            if isinstance(node, dict | list):
                if depth >= MAX_DEPTH:
                    return TOO_DEEP
                children = node.values() if isinstance(node, dict) else node
                if isinstance(node, dict):
                    self.characters += sum(map(len, node))
                waiting += [(child, depth + 1) for child in children]
        return None
