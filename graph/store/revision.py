"""The corpus revision: an integer that rises with every load that changes something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from graph.documents import CORPUS, META, CorpusDocument
from graph.store.driver.read_commands import Reader

EMPTY_CORPUS: Final[CorpusDocument] = {
    "_id": CORPUS,
    "revision": 0,
    "pending": [],
    "articleCount": 0,
    "topicCount": 0,
    "providerCount": 0,
    "authorCount": 0,
}


async def read_corpus(database: Reader) -> CorpusDocument:
    """Return the corpus document, or that of an empty corpus if nothing was ever loaded."""
    rows = await database.find(META, {"_id": CORPUS})
    return cast("CorpusDocument", {**EMPTY_CORPUS, **(rows[0] if rows else {})})


def common_site(corpus: CorpusDocument) -> Mapping[str, str]:
    """Return what the sources of a corpus say of their site: only that in which none contradicts
    another.
    """
    values_by_name: dict[str, set[Any]] = {}
    for site in corpus.get("sites", ()):
        for key, value in site.items():
            values_by_name.setdefault(key, set()).add(value)
    values_by_name.pop("root", None)
    return {key: values.pop() for key, values in values_by_name.items() if len(values) == 1}
