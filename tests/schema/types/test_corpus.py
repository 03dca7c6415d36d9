"""`corpus` and `changes` over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from graph.store.driver.database import Database
from tests.builders import article, change, store, topic_file
from tests.conftest import Ask

CHANGES = """query ($since: Int!, $first: Int, $after: String) {
    changes(since: $since, first: $first, after: $after) {
        nodes { kind slug revision article {
            title topics { name articleCount } source { revision }
        } }
        endCursor hasNext nextRevision
    }
}"""


async def changes(ask: Ask, since: int, first: int = 100, after: str | None = None) -> Any:
    answer = await ask(CHANGES, since=since, first=first, after=after)
    assert "errors" not in answer, answer
    return answer["data"]["changes"]


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


async def test_an_app_that_asks_for_changes_gets_what_it_has_to_put_and_to_take_out(
    database: Database, ask: Ask
) -> None:
    await store(database, article("a", topics=["T"]), article("b"), article("c"))
    first = await changes(ask, 0)
    assert [node["slug"] for node in first["nodes"]] == ["a", "b", "c"]
    assert (first["hasNext"], first["nextRevision"]) == (False, 1)
    await change(database, [article("a", title="New"), article("b", published=False)], ["c"])
    second = await changes(ask, first["nextRevision"])
    assert second["nodes"] == [
        {
            "kind": "CHANGED",
            "slug": "a",
            "revision": 2,
            "article": {"title": "New", "topics": [], "source": {"revision": 2}},
        },
        {"kind": "UNPUBLISHED", "slug": "b", "revision": 2, "article": None},
        {"kind": "REMOVED", "slug": "c", "revision": 2, "article": None},
    ]
    assert (await changes(ask, second["nextRevision"]))["nodes"] == []


async def test_changes_are_paged_by_cursor(database: Database, ask: Ask) -> None:
    await store(database, *(article(slug) for slug in "abcde"))
    slugs, after = [], None
    while True:
        page = await changes(ask, 0, 2, after)
        slugs += [node["slug"] for node in page["nodes"]]
        if not page["hasNext"]:
            break
        assert page["nextRevision"] == 0
        after = page["endCursor"]
    assert (slugs, page["nextRevision"]) == (list("abcde"), 1)


async def test_changes_say_their_slugs_without_the_articles(database: Database, ask: Ask) -> None:
    await store(database, article("a"))
    answer = await ask("{ changes(since: 0) { nodes { slug kind } } }")
    assert answer == {"data": {"changes": {"nodes": [{"slug": "a", "kind": "CHANGED"}]}}}


async def test_fields_of_a_changed_article_in_fragments_are_read(
    database: Database, ask: Ask
) -> None:
    await store(database, article("a", topics=["T"]))
    answer = await ask(
        """{ changes(since: 0) { ...Page nodes { article { webUrl } } } }
        fragment Page on ChangeSet { nodes { ... on Change { article { source { __typename } } } } }
        """
    )
    assert answer["data"]["changes"]["nodes"] == [
        {"article": {"source": {"__typename": "Source"}, "webUrl": "https://gull.example/a"}}
    ]


@pytest.mark.parametrize(
    ("arguments", "extensions"),
    [
        ("since: -1", {"argument": "since", "minimum": 0, "maximum": 0}),
        ("since: 1", {"argument": "since", "minimum": 0, "maximum": 0}),
        ("since: 0, first: 0", {"argument": "first", "minimum": 1, "maximum": 100}),
        ("since: 0, first: 101", {"argument": "first", "minimum": 1, "maximum": 100}),
        ('since: 0, after: "x"', {"argument": "after"}),
    ],
)
async def test_an_argument_out_of_bounds_is_refused(
    ask: Ask, arguments: str, extensions: dict[str, Any]
) -> None:
    answer = await ask(f"{{ changes({arguments}) {{ hasNext }} }}")
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", **extensions}
