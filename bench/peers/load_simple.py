"""The short script: python-frontmatter, and insert_many in batches of 1,000.

python load_simple.py DIR MONGO_URL
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import frontmatter
from pymongo import MongoClient

BATCH = 1_000


def main(folder: Path, url: str) -> None:
    """Every document below `folder`/_news into the collection `articles`."""
    client: MongoClient[dict[str, Any]] = MongoClient(url)
    articles = client.get_default_database()["articles"]
    batch: list[dict[str, Any]] = []
    for path in (folder / "_news").rglob("*.md"):
        post = frontmatter.load(str(path))
        slug = path.relative_to(folder).with_suffix("").as_posix()
        batch.append({"_id": slug, **post.metadata, "body": post.content})
        if len(batch) == BATCH:
            articles.insert_many(batch)
            batch = []
    if batch:
        articles.insert_many(batch)
    client.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
