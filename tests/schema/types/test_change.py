"""`changes` over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from graph.documents import META
from graph.schema.relay.global_id import to_global_id
from graph.store.driver.database import Database
from tests.builders import article, authors, change, token, topic_file
from tests.conftest import Ask
from tests.stored import store

CHANGES = """query ($since: String, $first: Int! = 100, $after: String, $types: [NodeType!]) {
    changes(since: $since, first: $first, after: $after, types: $types) {
        nodes { kind slug revision article {
            title topics { name articleCount } source { revision }
        } }
        pageInfo { endCursor hasNextPage hasPreviousPage }
        nextSince
    }
}"""


async def changes(ask: Ask, since: str | None, **variables: Any) -> Any:
    answer = await ask(CHANGES, since=since, **{"types": ["ARTICLE"], **variables})
    assert "errors" not in answer, answer
    return answer["data"]["changes"]


async def test_a_client_receives_what_it_has_to_store_and_to_remove(
    database: Database, ask: Ask
) -> None:
    await store(database, article("a", topics=["T"]), article("b"), article("c"))
    first = await changes(ask, None)
    assert [node["slug"] for node in first["nodes"]] == ["a", "b", "c"]
    assert not first["pageInfo"]["hasNextPage"]
    await change(database, [article("a", title="New"), article("b", published=False)], ["c"])
    second = await changes(ask, first["nextSince"])
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
    assert (await changes(ask, second["nextSince"]))["nodes"] == []


async def test_changes_are_paged_by_cursor(database: Database, ask: Ask) -> None:
    await store(database, *(article(slug) for slug in "abcde"))
    slugs, after = [], None
    while True:
        page = await changes(ask, None, first=2, after=after)
        slugs += [node["slug"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert (slugs, page["nextSince"]) == (list("abcde"), await token(database, 1, "Article"))


async def test_changes_cover_all_types_and_name_removed_objects_by_their_ids(
    database: Database, ask: Ask
) -> None:
    await store(database, article("a", topics=["T"], authors=authors("Bo")))
    query = """query ($since: String) { changes(since: $since) {
        edges { cursor node { nodeId type kind slug node {
            __typename id
            ... on Article { title }
            ... on Topic { name articleCount }
            ... on Provider { name domain }
            ... on Author { name latest }
        } article { webUrl } } }
        nextSince
    } }"""
    found = (await ask(query))["data"]["changes"]
    nodes = [edge["node"] for edge in found["edges"]]
    assert [node["type"] for node in nodes] == ["ARTICLE", "AUTHOR", "PROVIDER", "TOPIC"]
    ids = [
        to_global_id("Article", "a"),
        to_global_id("Author", "bo"),
        to_global_id("Provider", "gull.example/The Gull"),
        to_global_id("Topic", "T"),
    ]
    assert [node["nodeId"] for node in nodes] == [node["node"]["id"] for node in nodes] == ids
    assert [node["article"] for node in nodes] == [
        {"webUrl": "https://gull.example/a"},
        None,
        None,
        None,
    ]
    assert nodes[3]["node"] == {
        "__typename": "Topic",
        "id": ids[3],
        "name": "T",
        "articleCount": 1,
    }
    assert len({edge["cursor"] for edge in found["edges"]}) == 4
    await change(database, [], ["a"])
    edges = (await ask(query, since=found["nextSince"]))["data"]["changes"]["edges"]
    assert [edge["node"]["nodeId"] for edge in edges] == ids
    assert {edge["node"]["kind"] for edge in edges} == {"REMOVED"}
    assert [edge["node"]["node"] for edge in edges] == [None] * 4


async def test_changes_name_their_slugs_without_the_articles(database: Database, ask: Ask) -> None:
    await store(database, article("a"))
    answer = await ask("{ changes(types: ARTICLE) { nodes { slug kind } } }")
    assert answer == {"data": {"changes": {"nodes": [{"slug": "a", "kind": "CHANGED"}]}}}


async def test_fields_of_a_changed_article_in_fragments_are_read(
    database: Database, ask: Ask
) -> None:
    await store(database, article("a", topics=["T"]))
    answer = await ask(
        """{ changes(types: ARTICLE) { ...Page nodes { article { webUrl } } } }
        fragment Page on ChangeConnection {
            nodes { ... on Change { article { source { __typename } } } }
        }
        """
    )
    assert answer["data"]["changes"]["nodes"] == [
        {"article": {"source": {"__typename": "Source"}, "webUrl": "https://gull.example/a"}}
    ]


@pytest.mark.parametrize(
    ("arguments", "extensions"),
    [
        ('since: "0"', {"argument": "since"}),
        ("first: 0", {"argument": "first", "minimum": 1, "maximum": 100}),
        ("first: 101", {"argument": "first", "minimum": 1, "maximum": 100}),
        ('after: "x"', {"argument": "after"}),
        ("types: []", {"argument": "types"}),
    ],
)
async def test_a_wrong_argument_is_an_error_with_its_name_and_the_rest_is_returned(
    ask: Ask, arguments: str, extensions: dict[str, Any]
) -> None:
    answer = await ask(f"{{ changes({arguments}) {{ nextSince }} corpus {{ revision }} }}")
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", **extensions}
    assert error["path"] == ["changes"]
    assert answer["data"] == {"changes": None, "corpus": {"revision": 0}}


async def test_a_token_of_another_corpus_requires_a_resync(database: Database, ask: Ask) -> None:
    await store(database, topic_file("T"))
    since = (await changes(ask, None))["nextSince"]
    await database.delete(META, {})
    await store(database, topic_file("T"))
    answer = await ask(CHANGES, since=since, types=["ARTICLE"])
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "RESYNC_REQUIRED", "argument": "since"}
    assert "read everything from `since: null`" in error["message"]
