"""The invented documents as a site of Hugo has them: other keys and places, the same contents."""

from __future__ import annotations

import re
from typing import Final

from documents import Document

HUGO: Final = "hugo"

SITE: Final = (
    Document("hugo.toml", b'baseURL = "https://bench.example/"\ntitle = "The Bench"\n'),
    Document(
        "newsgraph.toml",
        b"[[map]]\n"
        + b"".join(
            b'%b = ["%b"]\n' % (key, key)
            for key in (
                *(b"quality", b"heat", b"related", b"secured"),
                *(b"ampWebUrl", b"cdnAmpWebUrl", b"featuredContent"),
            )
        ),
    ),
)
"""The configuration of the site: Hugo's, and the keys that Hugo does not have."""

_KEYS: Final = {
    b"excerpt": b"description",
    b"publishedDateTime": b"date",
    b"originalUrl": b"canonicalURL",
    b"topics": b"tags",
    b"images": b"cover",
    b"published: true": b"draft: false",
    b"published: false": b"draft: true",
}
_KEY: Final = re.compile(rb"^(published: (?:true|false)|%b)(?=:|\r?$)" % b"|".join(_KEYS), re.M)
_ADDRESS: Final = re.compile(rb"^webUrl: .*\n", re.M)


def in_hugo(document: Document) -> Document:
    """A news document in Hugo's dialect; its address follows from its place."""
    data = _KEY.sub(lambda found: _KEYS[found[1]], document.data)
    path = document.path.replace("_news/", "content/posts/", 1)
    return Document(path, _ADDRESS.sub(b"", data, count=1))
