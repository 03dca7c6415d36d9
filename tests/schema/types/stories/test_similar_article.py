"""Similar articles over HTTP."""

from __future__ import annotations

import pytest

from graph.store.driver.database import Database
from tests.builders import article, moment, story
from tests.conftest import Ask, Commands, query_sender
from tests.stored import store

ELSEWHERE = "https://elsewhere.example/"


async def corpus(server: Database) -> None:
    await store(
        server,
        article("mill", topics=["Sea", "Tide"], related=[story(ELSEWHERE), story(url("links"))]),
        article("links", publishedDateTime=moment(2), related=[story(url("mill"))]),
        article("both", topics=["Tide"], publishedDateTime=moment(3), related=[story(ELSEWHERE)]),
        article("topics", topics=["Tide", "Sea"], publishedDateTime=moment(4)),
        article("old", topics=["Sea"], publishedDateTime=None),
        article("new", topics=["Sea"], publishedDateTime=moment(5)),
        article("hidden", topics=["Tide", "Sea"], published=False, related=[story(ELSEWHERE)]),
        article("other", topics=["Town"]),
    )


def url(slug: str) -> str:
    return f"https://gull.example/{slug}"


async def test_similar_articles_say_how_and_how_much(server: Database, ask_server: Ask) -> None:
    await corpus(server)
    answer = await ask_server(
        """{ article(slug: "mill") { similar(first: 10) {
            article { slug title } score sharedTopics { name } sharedStories } } }"""
    )
    found = [
        (
            each["article"]["slug"],
            each["score"],
            [topic["name"] for topic in each["sharedTopics"]],
            each["sharedStories"],
        )
        for each in answer["data"]["article"]["similar"]
    ]
    assert found == [
        ("links", 4, [], [url("links"), url("mill")]),
        ("both", 3, ["Tide"], [ELSEWHERE]),
        ("topics", 2, ["Sea", "Tide"], []),
        ("new", 1, ["Sea"], []),
        ("old", 1, ["Sea"], []),
    ]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("article { slug }", ["find", "aggregate"]),
        ("score sharedStories", ["find", "aggregate"]),
        ("sharedTopics { name }", ["find", "aggregate"]),
        ("sharedTopics { name slug } article { title }", ["find", "aggregate", "find"]),
        ("article { similar { article { title } } }", ["find", "aggregate", "aggregate"]),
    ],
)
async def test_all_articles_of_a_level_share_one_command(
    server: Database, ask_server: Ask, commands: Commands, selection: str, expected: list[str]
) -> None:
    await corpus(server)
    commands.names.clear()
    answer = await ask_server(f"{{ articles {{ nodes {{ slug similar {{ {selection} }} }} }} }}")
    assert "errors" not in answer
    assert commands.names == expected


async def test_first_cuts_the_ranking_and_an_alias_may_cut_it_elsewhere(
    server: Database, ask_server: Ask
) -> None:
    await corpus(server)
    answer = await ask_server(
        """{ article(slug: "mill") { one: similar(first: 1) { article { slug } }
            two: similar(first: 2) { article { title } } } }"""
    )
    assert answer["data"]["article"] == {
        "one": [{"article": {"slug": "links"}}],
        "two": [{"article": {"title": f"Title of {slug}"}} for slug in ("links", "both")],
    }


@pytest.mark.parametrize("first", [0, 21])
async def test_first_is_bounded(server: Database, ask_server: Ask, first: int) -> None:
    await corpus(server)
    answer = await ask_server(
        f'{{ article(slug: "mill") {{ similar(first: {first}) {{ score }} }} }}'
    )
    assert answer["errors"][0]["message"] == f"first: {first} is not between 1 and 20"


async def test_an_in_memory_database_rejects_similar_articles(mock: Database) -> None:
    await store(mock, article("a", topics=["Sea"]))
    answer = await query_sender(mock)("{ articles { nodes { similar { score } } } }")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "UNSUPPORTED"
