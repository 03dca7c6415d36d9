"""Collections: the items of an article, and the articles that contain it."""

from __future__ import annotations

from typing import Any

import pytest

from graph.documents import ARTICLES
from graph.store.driver.database import Database
from tests.builders import article, change, moment, plan_of, story
from tests.conftest import Ask, Commands, query_sender
from tests.stored import store

ITEMS = '{ article(slug: "course") { items { slug } } }'
PARTS = '{ article(slug: "knots") { partOf { slug } } }'


async def school(database: Database) -> None:
    await store(
        database,
        article("course", items=["tides", "https://gull.example/knots", "gone", "knots"]),
        article("older", items=["knots"], publishedDateTime=moment(1)),
        article("newer", items=["https://gull.example/knots"], publishedDateTime=moment(2)),
        article("secret", items=["knots"], published=False),
        article("knots"),
        article("tides"),
        article("alone", webUrl=None),
    )


def slugs(answer: Any, field: str) -> list[str]:
    return [node["slug"] for node in answer["data"]["article"][field]]


async def test_the_items_are_the_articles_that_are_here_in_their_order_each_once(
    database: Database, ask: Ask
) -> None:
    await school(database)
    assert slugs(await ask(ITEMS), "items") == ["tides", "knots"]


async def test_items_that_are_not_published_are_left_out(database: Database, ask: Ask) -> None:
    await school(database)
    await change(database, [article("tides", published=False)])
    assert slugs(await ask(ITEMS), "items") == ["knots"]


async def test_an_article_is_part_of_the_published_ones_that_name_its_slug_or_url(
    database: Database, ask: Ask
) -> None:
    await school(database)
    await change(database, [article("course", items=["tides"])])
    assert slugs(await ask(PARTS), "partOf") == ["newer", "older"]


async def test_an_article_without_items_or_collections_has_none(
    database: Database, ask: Ask
) -> None:
    await school(database)
    answer = await ask('{ article(slug: "alone") { items { slug } partOf { slug } } }')
    assert answer["data"]["article"] == {"items": [], "partOf": []}


async def test_the_items_of_a_page_of_articles_are_read_together(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    await school(server)
    commands.names.clear()
    await ask_server("{ articles { nodes { partOf { title } } } }")
    assert commands.names.count("find") == 2
    commands.names.clear()
    await ask_server("{ articles { nodes { items { title } } } }")
    assert commands.names.count("find") == 3  # the page, what slugs name, and what URLs name


async def test_collections_are_found_by_an_index(server: Database) -> None:
    await school(server)
    query = {"published": True, "items": {"$in": ["knots", "https://gull.example/knots"]}}
    newest = (("publishedDateTime", -1), ("_id", -1))
    plan = await plan_of(server, ARTICLES, query, newest, 100)
    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in stages
    assert "'SORT'" not in stages


@pytest.mark.parametrize(
    "url",
    [
        "https://gull.example/knots/",
        "http://gull.example/knots",
        "https://GULL.example/knots?utm_source=tern",
    ],
)
async def test_urls_of_the_same_page_lead_to_its_article(mock: Database, url: str) -> None:
    await store(
        mock,
        article("knots", webUrl="https://gull.example/knots"),
        article("course", items=[url], related=[story(url)]),
    )
    query = """query ($url: String!) {
      article(webUrl: $url) { slug relatedFrom { nodes { slug } } }
      course: article(slug: "course") { related { article { slug } } items { slug } }
    }"""
    answer = await query_sender(mock)(query, url=url)
    assert answer["data"] == {
        "article": {"slug": "knots", "relatedFrom": {"nodes": [{"slug": "course"}]}},
        "course": {"related": [{"article": {"slug": "knots"}}], "items": [{"slug": "knots"}]},
    }


async def test_of_several_articles_of_a_page_the_one_with_the_exact_url_is_found(
    mock: Database,
) -> None:
    await store(
        mock,
        article("slash", webUrl="https://gull.example/knots/"),
        article("plain", webUrl="https://gull.example/knots"),
        article("z", webUrl="http://gull.example/knots", published=False),
    )
    ask = query_sender(mock)
    for url, slug in (
        ("https://gull.example/knots/", "slash"),
        ("https://gull.example/knots", "plain"),
    ):
        answer = await ask("query ($url: String!) { article(webUrl: $url) { slug } }", url=url)
        assert answer["data"]["article"]["slug"] == slug
