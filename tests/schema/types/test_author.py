"""Authors: their fields, their articles, one of them, and lists."""

from __future__ import annotations

from typing import Any

import pytest

from graph.schema.relay.global_id import to_global_id
from graph.store.driver.database import Database
from tests.builders import article, author_file, authors, change, moment
from tests.conftest import Ask, Commands
from tests.stored import store

Row = dict[str, Any]
PORTRAIT = [{"url": "/ida.svg", "alt": "Ida at the pier"}]
ONE = "{ author(%s) { slug name } }"


async def desk(database: Database) -> None:
    await store(
        database,
        article("a", authors=authors("ida-holm"), publishedDateTime=moment(1)),
        article("b", authors=authors("Ida Holm", "Åse"), publishedDateTime=moment(2)),
        article("c", authors=[{"name": "Bo", "slug": "bo", "url": "https://bo.example"}]),
        article("d", authors=authors("Åse", "Nobody"), published=False),
        author_file(
            "Ida Holm", description="Covers the harbour.", links=["/mast"], images=PORTRAIT
        ),
        author_file("Quiet"),
    )


async def test_an_author_has_the_fields_of_its_file(database: Database, ask: Ask) -> None:
    await desk(database)
    answer = await ask(
        """{ author(slug: "ida-holm") {
            slug name description url links articleCount latest images { url alt }
            articles { totalCount nodes { slug } } } }"""
    )
    assert answer["data"]["author"] == {
        "slug": "ida-holm",
        "name": "Ida Holm",
        "description": "Covers the harbour.",
        "url": None,
        "links": ["/mast"],
        "articleCount": 2,
        "latest": "2025-03-02T00:00:00Z",
        "images": PORTRAIT,
        "articles": {"totalCount": 2, "nodes": [{"slug": "b"}, {"slug": "a"}]},
    }


async def test_an_article_that_names_a_slug_has_the_author_of_the_file(
    database: Database, ask: Ask
) -> None:
    await desk(database)
    answer = await ask('{ article(slug: "a") { authors { name slug } } }')
    assert answer["data"]["article"]["authors"] == [{"name": "Ida Holm", "slug": "ida-holm"}]


async def test_an_author_without_a_file_has_the_fields_of_articles(
    database: Database, ask: Ask
) -> None:
    await desk(database)
    answer = await ask("{ authors { nodes { slug name url links images { url } } } }")
    bare: Row = {"url": None, "links": [], "images": []}
    assert {"slug": "åse", "name": "Åse", **bare} in answer["data"]["authors"]["nodes"]
    bo = {"slug": "bo", "name": "Bo", **bare, "url": "https://bo.example"}
    assert bo in answer["data"]["authors"]["nodes"]


async def test_the_provider_is_that_of_the_file_else_of_the_newest_article(
    database: Database, ask: Ask
) -> None:
    gull, tern = [{"name": name, "domain": f"{name.lower()}.example"} for name in ("Gull", "Tern")]
    await store(
        database,
        article("a", authors=authors("Ida", "Bo"), publishedDateTime=moment(1), provider=gull),
        article("b", authors=authors("Ida", "Bo"), publishedDateTime=moment(2), provider=tern),
        author_file("Bo", provider=gull),
        author_file("Una"),
    )
    answer = await ask("{ authors { nodes { name provider { name domain articleCount } } } }")
    assert {row["name"]: row["provider"] for row in answer["data"]["authors"]["nodes"]} == {
        "Ida": {**tern, "articleCount": 1},
        "Bo": {**gull, "articleCount": 1},
        "Una": None,
    }


@pytest.mark.parametrize(
    "by",
    [f'id: "{to_global_id("Author", "ida-holm")}"', 'slug: "ida-holm"', 'name: "Ida Holm"'],
)
async def test_an_author_is_found_in_each_way(database: Database, ask: Ask, by: str) -> None:
    await desk(database)
    expected = {"slug": "ida-holm", "name": "Ida Holm"}
    assert (await ask(ONE % by))["data"]["author"] == expected


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("", "author: give exactly one of id, slug and name"),
        ('slug: "a", name: "b"', "author: give exactly one of id, slug and name"),
        (f'id: "{to_global_id("Topic", "a")}"', "id: an id of the type Topic, not Author"),
    ],
)
async def test_a_wrong_choice_is_an_error(ask: Ask, by: str, message: str) -> None:
    query = ONE % by if by else "{ author { slug } }"
    [error] = (await ask(query))["errors"]
    assert error["message"] == message


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ["ida-holm", "åse", "bo", "quiet"]),
        ('name: {startsWith: "B"}', ["bo"]),
        ('slug: {eq: "quiet"}', ["quiet"]),
        ("articleCount: {gte: 2}", ["ida-holm"]),
        ("latest: {exists: false}", ["quiet"]),
    ],
)
async def test_lists_of_authors_are_filtered(
    database: Database, ask: Ask, where: str, expected: list[str]
) -> None:
    await desk(database)
    answer = await ask(f"{{ authors(where: {{{where}}}) {{ totalCount nodes {{ slug }} }} }}")
    found = answer["data"]["authors"]
    assert [node["slug"] for node in found["nodes"]] == expected
    assert found["totalCount"] == len(expected)


async def test_an_author_is_removed_with_the_last_article(database: Database, ask: Ask) -> None:
    await desk(database)
    await change(database, [article("b", authors=authors("Ida Holm"))])
    assert (await ask(ONE % 'slug: "åse"'))["data"]["author"] is None
    query = '{ author(slug: "ida-holm") { articleCount } corpus { authorCount } }'
    counted = {"author": {"articleCount": 2}, "corpus": {"authorCount": 3}}
    assert (await ask(query))["data"] == counted


async def test_the_slugs_of_authors_need_no_read_of_their_own(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    await desk(server)
    commands.names.clear()
    await ask_server("{ articles { nodes { authors { slug id } } } }")
    assert commands.names.count("find") == 1
    commands.names.clear()
    await ask_server("{ articles { nodes { authors { name articleCount } } } }")
    assert commands.names.count("find") == 2


async def test_facets_count_by_author(server: Database, ask_server: Ask) -> None:
    await desk(server)
    facets = "facets(authors: 2) { authors { value count node { name } } }"
    expected = [
        {"value": "ida-holm", "count": 2, "node": {"name": "Ida Holm"}},
        {"value": "åse", "count": 1, "node": {"name": "Åse"}},
    ]
    for where in ("", '(where: {slug: {startsWith: ""}})'):
        answer = await ask_server(f"{{ articles{where} {{ {facets} }} }}")
        assert answer["data"]["articles"]["facets"]["authors"] == expected
