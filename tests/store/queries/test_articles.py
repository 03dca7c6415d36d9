"""Reads of articles, on every kind of database."""

from __future__ import annotations

import random

import pytest

from graph.store.driver.database import Database
from graph.store.queries import articles
from graph.store.queries.articles import PUBLISHED
from graph.store.queries.filters import Condition, Order, both, ranges_beyond, sort_of, total
from graph.store.queries.pagination.page_args import PageArgs
from tests.builders import article, moment, plan_of, store, story

TITLE = {"title": 1}
EVERY = articles.selection([])


async def walk(
    database: Database, orders: list[Order], size: int, *, backwards: bool = False
) -> list[str]:
    """The slugs of all pages, one after the other."""
    slugs: list[str] = []
    cursor: str | None = None
    while True:
        part = articles.page_query_of(EVERY, orders, PageArgs(size, cursor, backwards))
        (page,) = await articles.pages(database, [part], {"_id": 1})
        found = [row["_id"] for row in page.rows]
        slugs = found + slugs if backwards else slugs + found
        if not (page.has_previous if backwards else page.has_next):
            return slugs
        cursor = page.cursors[0 if backwards else -1]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("field", ["publishedDateTime", "quality"])
async def test_pages_hold_every_article_once_in_order(
    database: Database, field: str, descending: bool
) -> None:
    values = [moment(1), moment(2), None] if field == "publishedDateTime" else [1, -1, None]
    corpus = [article(f"a{n}", **{field: values[n % 3]}) for n in range(20)]
    corpus += [article("missing")]
    corpus[-1].pop(field, None)
    random.Random(1).shuffle(corpus)
    await store(database, *corpus)

    def key(row: dict[str, object]) -> tuple[object, ...]:
        value, date = row.get(field), row.get("publishedDateTime")
        ranked = (value is not None, value if value is not None else 0)
        return (*ranked, date is not None, date or moment(1), row["_id"])

    expected = [row["_id"] for row in sorted(corpus, key=key, reverse=descending)]
    orders = [Order(field, descending)]
    for size in (1, 7, 100):
        assert await walk(database, orders, size) == expected
        assert await walk(database, orders, size, backwards=True) == expected


async def test_unpublished_articles_are_never_read(database: Database) -> None:
    hidden = article("hidden", published=False, webUrl="https://x.example/1")
    await store(database, article("seen"), hidden)
    assert await articles.by_slugs(database, ["seen", "hidden"], {"_id": 1}, PUBLISHED) == {
        "seen": {"_id": "seen"}
    }
    assert await articles.by_web_urls(database, ["https://x.example/1"], TITLE, PUBLISHED) == {}
    typed = articles.selection([Condition("type", "eq", "article")])
    assert await articles.count(database, EVERY) == 1
    assert await articles.count(database, typed) == 1
    assert await walk(database, [], 5) == ["seen"]


async def test_of_several_articles_with_one_url_the_newest_published_is_read(
    database: Database,
) -> None:
    url = "https://x.example/again"
    await store(
        database,
        article("old", webUrl=url, publishedDateTime=moment(1)),
        article("new", webUrl=url, publishedDateTime=moment(3)),
        article("newest", webUrl=url, publishedDateTime=moment(5), published=False),
    )
    found = await articles.by_web_urls(database, [url], TITLE, PUBLISHED)
    assert found[url]["_id"] == "new"


async def test_a_page_reads_only_what_it_projects(database: Database) -> None:
    await store(database, article("a", body="long", related=[story("u", "x", excerpt="y")]))
    projection = {"_id": 1, "related.title": 1}
    (page,) = await articles.pages(
        database, [articles.page_query_of(EVERY, [], PageArgs())], projection
    )
    assert page.rows == [{"_id": "a", "publishedDateTime": moment(1), "related": [{"title": "x"}]}]


async def test_a_deep_page_is_found_by_index_without_a_sort(server: Database) -> None:
    await store(
        server, *(article(f"a{n:03}", publishedDateTime=moment(n % 9 + 1)) for n in range(300))
    )
    orders = total(articles.NEWEST)
    for start in ranges_beyond(orders, [moment(2), "a100"]):
        query = both(articles.PUBLISHED, start)
        plan = await plan_of(server, "articles", query, sort_of(orders), 21)
        assert "SORT'" not in str(plan["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] <= 21
