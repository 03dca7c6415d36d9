"""What the loaders' tests build: folders of small documents."""

from __future__ import annotations

from pathlib import Path

from loaders.discover import Found

ARTICLE = """\
---
title: Ferry sails
publishedDateTime: 2025-03-01T08:30:00Z
provider:
  name: The Gull
  domain: gull.example
topics:
  - Transport
---
"""


def article(*lines: str, body: str = "") -> str:
    """An article with more lines in its front matter, and perhaps a body."""
    added = "".join(f"{line}\n" for line in lines)
    return ARTICLE.removesuffix("---\n") + f"{added}---\n{body}"


def write(path: Path, content: str | bytes = ARTICLE) -> Path:
    """A file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found(path: Path, root: Path) -> Found:
    return Found(path, path.relative_to(root).with_suffix("").as_posix())
