"""Topics over HTTP: their tree, co-occurring topics, articles, and lists of topics."""

from __future__ import annotations

from typing import Any

import pytest

from graph.documents import ARTICLES, TOPICS
from graph.store.driver.database import Database
from tests.builders import article, moment, topic_file
from tests.conftest import Ask, Commands
from tests.stored import store

Row = dict[str, Any]


async def coast(database: Database) -> None:
    """Sea ← Tide ← Mill, Sea ← Harbour; Loop and Pool run in a circle."""
    await store(
        database,
        topic_file("Tide", parent="Sea", hashtags=["#TidePool", "#tides"]),
        topic_file("Mill", parent="Tide", hashtags=["#tides"]),
        topic_file("Harbour", parent="Sea"),
        topic_file("Loop", parent="Pool"),
        topic_file("Pool", parent="Loop"),
        article("a", topics=["Mill", "Sea"], publishedDateTime=moment(1)),
        article("b", topics=["Mill", "Tide"], publishedDateTime=moment(2)),
        article("c", topics=["Harbour", "Mill"], publishedDateTime=moment(3)),
        article("d", topics=["Town"], publishedDateTime=moment(4)),
        article("e", topics=["Mill", "Sea"], publishedDateTime=moment(5)),
        article("f", topics=["Mill", "Tide"], published=False),
    )


def names(rows: list[Row]) -> list[str]:
    return [row["name"] for row in rows]


async def test_descendants_are_all_below_a_topic_by_name(database: Database, ask: Ask) -> None:
    await coast(database)
    answer = await ask(
        """{ topic(name: "Sea") { descendants { name slug parent { name } } }
            mill: topic(name: "Mill") { descendants { name } }
            loop: topic(name: "Loop") { descendants { name } } }"""
    )
    assert answer["data"] == {
        "topic": {
            "descendants": [
                {"name": "Harbour", "slug": "harbour", "parent": {"name": "Sea"}},
                {"name": "Mill", "slug": "mill", "parent": {"name": "Tide"}},
                {"name": "Tide", "slug": "tide", "parent": {"name": "Sea"}},
            ]
        },
        "mill": {"descendants": []},
        "loop": {"descendants": [{"name": "Pool"}]},
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ topics { nodes { descendants { name } } } }", ["find", "find"]),
        ("{ topics { nodes { descendants { name slug } } } }", ["find", "find", "find"]),
        (
            "{ topics { nodes { descendants { name descendants { name } } } } }",
            ["find", "find"],
        ),
        (
            """{ topics { nodes { descendants { name }
                articles(includeDescendants: true) { nodes { slug } } } } }""",
            ["find", "find", "aggregate"],
        ),
        ("{ topics { nodes { coOccurring { articleCount topic { name } } } } }", ["find"]),
        ("{ topics { nodes { coOccurring { topic { slug } } } } }", ["find", "find"]),
    ],
)
async def test_a_level_of_topics_costs_as_many_commands_as_one_topic(
    server: Database, ask_server: Ask, commands: Commands, query: str, expected: list[str]
) -> None:
    await coast(server)
    commands.names.clear()
    assert "errors" not in await ask_server(query)
    assert commands.names == expected


async def test_articles_of_a_topic_may_include_those_below_it(database: Database, ask: Ask) -> None:
    await coast(database)
    answer = await ask(
        """{ topic(name: "Sea") {
            own: articles { totalCount nodes { slug } }
            all: articles(includeDescendants: true) { totalCount nodes { slug } }
            late: articles(includeDescendants: true,
                where: {publishedDateTime: {gte: "2025-03-02"}}) { totalCount nodes { slug } }
        } }"""
    )
    found = {
        name: (part["totalCount"], [row["slug"] for row in part["nodes"]])
        for name, part in answer["data"]["topic"].items()
    }
    assert found == {
        "own": (2, ["e", "a"]),
        "all": (4, ["e", "c", "b", "a"]),
        "late": (3, ["e", "c", "b"]),
    }


PAGE = """query ($after: String, $wide: Boolean!) { topic(name: "Sea") {
    articles(first: 1, after: $after, includeDescendants: $wide) {
        nodes { slug } pageInfo { endCursor } } } }"""


async def test_a_cursor_stays_valid_after_a_change_of_the_tree(
    database: Database, ask: Ask
) -> None:
    await coast(database)
    first = (await ask(PAGE, wide=True))["data"]["topic"]["articles"]
    await store(database, topic_file("Town", parent="Sea"))
    answer = await ask(PAGE, wide=True, after=first["pageInfo"]["endCursor"])
    assert answer["data"]["topic"]["articles"]["nodes"] == [{"slug": "d"}]


async def test_a_cursor_of_a_list_with_descendants_is_rejected_by_other_lists(
    database: Database, ask: Ask
) -> None:
    await coast(database)
    first = (await ask(PAGE, wide=True))["data"]["topic"]["articles"]
    answer = await ask(PAGE, wide=False, after=first["pageInfo"]["endCursor"])
    assert answer["errors"][0]["extensions"]["argument"] == "after"


async def test_co_occurring_topics_have_counts(database: Database, ask: Ask) -> None:
    await coast(database)
    answer = await ask(
        """{ topic(name: "Mill") {
            coOccurring { articleCount topic { name articleCount } }
            most: coOccurring(first: 1) { topic { name } } }
            town: topic(name: "Town") { coOccurring { articleCount } } }"""
    )
    assert answer["data"] == {
        "topic": {
            "coOccurring": [
                {"articleCount": 2, "topic": {"name": "Sea", "articleCount": 2}},
                {"articleCount": 1, "topic": {"name": "Harbour", "articleCount": 1}},
                {"articleCount": 1, "topic": {"name": "Tide", "articleCount": 1}},
            ],
            "most": [{"topic": {"name": "Sea"}}],
        },
        "town": {"coOccurring": []},
    }


@pytest.mark.parametrize("first", [0, 51])
async def test_co_occurring_topics_are_bounded(database: Database, ask: Ask, first: int) -> None:
    await coast(database)
    answer = await ask(
        f'{{ topic(name: "Mill") {{ coOccurring(first: {first}) {{ __typename }} }} }}'
    )
    assert answer["errors"][0]["message"] == f"first: {first} is not between 1 and 50"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('name: "Tide"', "Tide"),
        ('slug: "tide"', "Tide"),
        ('hashtag: "#TidePool"', "Tide"),
        ('hashtag: "TidePool"', "Tide"),
        ('hashtag: "#tides"', "Mill"),
        ('hashtag: "pool"', None),
        ('hashtag: ""', None),
    ],
)
async def test_a_topic_is_found_by_name_slug_or_hashtag(
    database: Database, ask: Ask, arguments: str, expected: str | None
) -> None:
    await coast(database)
    found = (await ask(f"{{ topic({arguments}) {{ name }} }}"))["data"]["topic"]
    assert found == (expected and {"name": expected})


@pytest.mark.parametrize("hashtag", ["tidepool", "#TIDEPOOL", "#TidePool"])
async def test_the_case_of_a_hashtag_does_not_matter(
    server: Database, ask_server: Ask, hashtag: str
) -> None:
    await coast(server)
    query = "query ($hashtag: String!) { topic(hashtag: $hashtag) { name } }"
    answer = await ask_server(query, hashtag=hashtag)
    assert answer["data"]["topic"] == {"name": "Tide"}


@pytest.mark.parametrize(
    "arguments", ["", "(slug: null)", '(name: "AI", slug: "ai")', '(name: "AI", hashtag: "ai")']
)
async def test_a_topic_is_requested_by_exactly_one_argument(
    database: Database, ask: Ask, arguments: str
) -> None:
    (error,) = (await ask(f"{{ topic{arguments} {{ name }} }}"))["errors"]
    assert error["message"] == "topic: give exactly one of id, name, slug and hashtag"
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ["Mill", "Tide", "Sea", "Town", "Harbour", "Pool", "Loop"]),
        ('name: {startsWith: "T"}', ["Tide", "Town"]),
        ('slug: {in: ["sea", "mill"]}', ["Mill", "Sea"]),
        ('parent: {eq: "Sea"}', ["Tide", "Harbour"]),
        ("parent: {exists: false}", ["Sea", "Town"]),
        ("articleCount: {gte: 1, lt: 3}", ["Sea", "Town", "Harbour", "Tide"]),
        ('latest: {gt: "2025-03-04"}', ["Mill", "Sea"]),
        ('latest: {exists: false}, name: {ne: "Pool"}', ["Loop"]),
        ("name: {in: []}", []),
        ("name: null", ["Mill", "Tide", "Sea", "Town", "Harbour", "Pool", "Loop"]),
    ],
)
async def test_topics_are_filtered_and_counted(
    database: Database, ask: Ask, where: str, expected: list[str]
) -> None:
    await coast(database)
    answer = await ask(f"{{ topics(where: {{{where}}}) {{ totalCount nodes {{ name }} }} }}")
    found = answer["data"]["topics"]
    assert sorted(names(found["nodes"])) == sorted(expected)
    assert found["totalCount"] == len(expected)


async def test_cursors_of_filtered_topics_are_valid_for_that_list_only(
    database: Database, ask: Ask
) -> None:
    await coast(database)
    query = """query ($where: TopicWhere, $orderBy: [TaxonomyOrder!], $after: String) {
        topics(where: $where, orderBy: $orderBy, first: 1, after: $after) {
            totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""
    arguments: Row = {"where": {"parent": {"eq": "Sea"}}, "orderBy": [{"field": "NAME"}]}
    first = (await ask(query, **arguments))["data"]["topics"]
    after = first["pageInfo"]["endCursor"]
    second = (await ask(query, **arguments, after=after))["data"]["topics"]
    assert names(first["nodes"] + second["nodes"]) == ["Harbour", "Tide"]
    assert second["totalCount"] == 2
    assert not second["pageInfo"]["hasNextPage"]
    changes: list[Row] = [{"where": {}}, {"orderBy": [{"field": "LATEST"}]}]
    for change in changes:
        answer = await ask(query, **{**arguments, **change}, after=after)
        assert answer["errors"][0]["extensions"]["argument"] == "after"


async def test_a_filter_out_of_bounds_is_rejected(database: Database, ask: Ask) -> None:
    query = "query ($where: TopicWhere) { topics(where: $where) { totalCount } }"
    answer = await ask(query, where={"name": {"in": ["x"] * 101}})
    assert answer["errors"][0]["message"] == "where.name.in: 101 values, at most 100"


async def test_topics_named_like_operators_are_values(database: Database, ask: Ask) -> None:
    await database.replace(TOPICS, [{"_id": "$ne", "foldedName": "$ne", "slug": "ne"}])
    await database.replace(ARTICLES, [article("a", topics=["$ne"])])
    answer = await ask(
        """{ topic(name: "$ne") { articles(includeDescendants: true) { nodes { slug } } }
            topics(where: {name: {eq: "$ne"}}) { totalCount } }"""
    )
    assert answer["data"] == {
        "topic": {"articles": {"nodes": [{"slug": "a"}]}},
        "topics": {"totalCount": 1},
    }
