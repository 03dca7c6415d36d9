"""`corpus` over HTTP."""

from __future__ import annotations

from graph.store.driver.database import Database
from graph.store.revision import read_corpus
from tests.builders import article, change, topic_file
from tests.conftest import Ask
from tests.stored import store


async def test_the_corpus_counts_what_it_holds(database: Database, ask: Ask) -> None:
    query = "{ corpus { revision articleCount topicCount providerCount lastLoad { added } } }"
    empty = {"revision": 0, "articleCount": 0, "topicCount": 0, "providerCount": 0}
    assert await ask(query) == {"data": {"corpus": {**empty, "lastLoad": None}}}
    hidden = article("b", published=False)
    await store(database, article("a", topics=["T"]), hidden, topic_file("U", parent="V"))
    assert await ask(query) == {
        "data": {
            "corpus": {
                "revision": 1,
                "articleCount": 1,
                "topicCount": 3,
                "providerCount": 1,
                "lastLoad": {"added": 3},
            }
        }
    }


async def test_the_last_load_says_what_it_did(database: Database, ask: Ask) -> None:
    await store(database, article("a"))
    await change(database, [], ["a"])
    answer = await ask("{ corpus { lastLoad { at added updated removed rejected } } }")
    assert answer["data"]["corpus"]["lastLoad"] == {
        "at": "2026-01-01T00:00:00Z",
        "added": 0,
        "updated": 0,
        "removed": 1,
        "rejected": 0,
    }


async def test_the_corpus_has_an_id_from_the_first_load_on(database: Database, ask: Ask) -> None:
    assert await ask("{ corpus { id } }") == {"data": {"corpus": {"id": None}}}
    await store(database, article("a"))
    name = (await read_corpus(database))["id"]
    await store(database, article("b"))
    assert await ask("{ corpus { id } }") == {"data": {"corpus": {"id": name}}}
