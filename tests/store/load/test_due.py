"""The articles that are due, and the time at which the next one is."""

from __future__ import annotations

from graph.documents import ARTICLES
from graph.store.driver.database import Database
from graph.store.load.due import DueArticle, due_articles, next_due
from tests.builders import Row, article, moment, plan_of, source, store


def due(slug: str, day: int, root: str = "/site") -> Row:
    return article(slug, source={**source(slug), "root": root, "due": moment(day)})


async def test_articles_are_due_from_their_time_on(database: Database) -> None:
    await store(database, due("a", 1), due("b", 2), due("c", 3), article("d"))
    found = await due_articles(database, moment(2))
    assert sorted(found) == [
        DueArticle("a", "/site", "a.md", False),
        DueArticle("b", "/site", "b.md", False),
    ]


async def test_the_next_time_is_the_earliest_one_of_the_roots(database: Database) -> None:
    await store(database, due("a", 4), due("b", 3), due("c", 2, "/else"), article("d"))
    assert await next_due(database, ["/site"], moment(1)) == moment(3)
    assert await next_due(database, ["/site"], moment(3)) == moment(4)
    assert await next_due(database, ["/site", "/else"], moment(1)) == moment(2)
    assert await next_due(database, ["/site", "/else"], moment(4)) is None


async def test_due_articles_are_found_by_an_index(server: Database) -> None:
    await store(server, due("a", 1), *(article(f"n{number}") for number in range(20)))
    for query in ({"source.due": {"$lte": moment(2)}}, {"source.due": {"$gt": moment(1)}}):
        plan = await plan_of(server, ARTICLES, query, [("source.due", 1)], 1)
        assert plan["executionStats"]["totalDocsExamined"] <= 1
