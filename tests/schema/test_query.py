"""The schema over HTTP, on every kind of database."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from graph.schema.relay.global_id import to_global_id
from graph.store.driver.database import Database
from tests.builders import article, moment, organization_file, provider, story, topic_file
from tests.conftest import Ask, Commands
from tests.stored import store

SECRET = base64.b64encode(b"x" * 33).decode() + ";" + base64.b64encode(b"y" * 16).decode()


async def test_an_article_has_all_its_stored_fields(database: Database, ask: Ask) -> None:
    await store(
        database,
        article(
            "_news/a",
            title="Tide mill turns",
            excerpt="After years",
            category="news",
            quality=59,
            heat=None,
            topics=["Energy"],
            images=[
                {"url": "/s.svg", "width": 100, "height": 50, "isCached": True},
                {"url": "/l.svg", "width": 800, "height": 600},
            ],
            related=[story("https://out.example", "Elsewhere"), story("", "Nowhere")],
            secured=SECRET,
            extra={"readingMinutes": 4},
            body="# Words",
        ),
        topic_file("Energy", parent="Climate"),
    )
    answer = await ask(
        """{ article(slug: "_news/a") {
            __typename id slug title excerpt category type publishedDateTime quality heat published
            webUrl originalUrl provider { name domain } topics { name slug parent { name } }
            images(minWidth: 200) { url width height isCached aspectRatio }
            related(first: 1) { title article { slug } } relatedCount
            secured { present bytes } extra body source { path revision loadedAt }
        } }"""
    )
    assert answer == {
        "data": {
            "article": {
                "__typename": "Article",
                "id": to_global_id("Article", "_news/a"),
                "slug": "_news/a",
                "title": "Tide mill turns",
                "excerpt": "After years",
                "category": "news",
                "type": "article",
                "publishedDateTime": "2025-03-01T00:00:00Z",
                "quality": 59,
                "heat": None,
                "published": True,
                "webUrl": "https://gull.example/_news/a",
                "originalUrl": None,
                "provider": {"name": "The Gull", "domain": "gull.example"},
                "topics": [{"name": "Energy", "slug": "energy", "parent": {"name": "Climate"}}],
                "images": [
                    {
                        "url": "/l.svg",
                        "width": 800,
                        "height": 600,
                        "isCached": None,
                        "aspectRatio": 800 / 600,
                    }
                ],
                "related": [{"title": "Elsewhere", "article": None}],
                "relatedCount": 2,
                "secured": {"present": True, "bytes": 33},
                "extra": {"readingMinutes": 4},
                "body": "# Words",
                "source": {
                    "path": "_news/a.md",
                    "revision": 1,
                    "loadedAt": "2026-01-01T00:00:00Z",
                },
            }
        }
    }


async def test_every_query_for_an_unpublished_article_returns_null(
    database: Database, ask: Ask
) -> None:
    hidden = article("hidden", published=False, topics=["Secret"], related=[story("https://s/")])
    seen = article("seen", related=[story(hidden["webUrl"], "Points at it")])
    hidden["related"].append(story(seen["webUrl"]))
    hidden["provider"] = provider("Hidden Press", "hidden.example")
    await store(database, hidden, seen)
    answer = await ask(
        """query ($id: ID!) {
            byId: article(id: $id) { title }
            bySlug: article(slug: "hidden") { title }
            byUrl: article(webUrl: "https://gull.example/hidden") { title }
            node(id: $id) { id }
            nodes(ids: [$id]) { id }
            articles { totalCount nodes { slug related { article { slug } }
                relatedFrom { totalCount nodes { slug } } } }
            counted: articles(where: {type: {eq: "article"}}) { totalCount }
            topic(name: "Secret") { articleCount }
            topics { totalCount nodes { name } }
            provider(domain: "hidden.example") { articleCount }
            providers { nodes { name articleCount } }
            corpus { articleCount }
        }""",
        id=to_global_id("Article", "hidden"),
    )
    assert answer["data"] == {
        "byId": None,
        "bySlug": None,
        "byUrl": None,
        "node": None,
        "nodes": [None],
        "articles": {
            "totalCount": 1,
            "nodes": [
                {
                    "slug": "seen",
                    "related": [{"article": None}],
                    "relatedFrom": {"totalCount": 0, "nodes": []},
                }
            ],
        },
        "counted": {"totalCount": 1},
        "topic": None,
        "topics": {"totalCount": 0, "nodes": []},
        "provider": None,
        "providers": {"nodes": [{"name": "The Gull", "articleCount": 1}]},
        "corpus": {"articleCount": 1},
    }


async def test_articles_are_filtered_and_ordered(database: Database, ask: Ask) -> None:
    await store(
        database,
        article("a", topics=["AI", "Sea"], publishedDateTime=moment(1), quality=3),
        article("b", topics=["AI"], publishedDateTime=moment(2), type="video", quality=9),
        article("c", topics=["Sea"], publishedDateTime=moment(3)),
        article("d", publishedDateTime=moment(4), provider=provider("X", "x.example"), quality=5),
    )

    async def slugs(arguments: str) -> list[str]:
        answer = await ask(f"{{ articles({arguments}) {{ nodes {{ slug }} }} }}")
        return [node["slug"] for node in answer["data"]["articles"]["nodes"]]

    assert await slugs("first: 9") == ["d", "c", "b", "a"]
    assert await slugs('where: {topics: {any: ["AI", "Sea"]}}') == ["c", "b", "a"]
    assert await slugs('where: {topics: {all: ["AI", "Sea"]}}') == ["a"]
    assert await slugs("where: {topics: {all: []}}") == ["d", "c", "b", "a"]
    assert await slugs("where: {topics: {any: []}}") == []
    assert await slugs('where: {topics: {none: ["AI"]}}') == ["d", "c"]
    assert await slugs('where: {provider: {any: ["x.example"]}}') == ["d"]
    assert await slugs('where: {type: {in: ["video"]}}') == ["b"]
    between = '{gte: "2025-03-02", lt: "2025-03-04T01:00:00+01:00"}'
    assert await slugs(f"where: {{publishedDateTime: {between}}}") == ["c", "b"]
    assert await slugs("orderBy: [{field: QUALITY}]") == ["b", "d", "a", "c"]
    assert await slugs("orderBy: [{field: QUALITY, direction: ASC}]") == ["c", "a", "d", "b"]


async def test_lists_are_paged_in_both_directions(database: Database, ask: Ask) -> None:
    await store(database, *(article(f"a{n}", publishedDateTime=moment(n)) for n in range(1, 6)))
    query = """query ($first: Int, $after: String, $last: Int, $before: String) {
        articles(first: $first, after: $after, last: $last, before: $before) {
            edges { cursor node { slug } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } }"""

    async def page(**variables: Any) -> tuple[list[str], dict[str, Any]]:
        connection = (await ask(query, **variables))["data"]["articles"]
        info = connection["pageInfo"]
        assert info["startCursor"] == connection["edges"][0]["cursor"]
        return [edge["node"]["slug"] for edge in connection["edges"]], info

    slugs, info = await page(first=2)
    assert (slugs, info["hasNextPage"], info["hasPreviousPage"]) == (["a5", "a4"], True, False)
    slugs, info = await page(first=9, after=info["endCursor"])
    assert (slugs, info["hasNextPage"], info["hasPreviousPage"]) == (
        ["a3", "a2", "a1"],
        False,
        True,
    )
    slugs, info = await page(last=2, before=info["startCursor"])
    assert (slugs, info["hasNextPage"], info["hasPreviousPage"]) == (["a5", "a4"], True, False)
    slugs, info = await page(last=2)
    assert (slugs, info["hasNextPage"], info["hasPreviousPage"]) == (["a2", "a1"], False, True)


BAD_INPUT = [
    ("{ articles(first: 0) { totalCount } }", "first", {"minimum": 1, "maximum": 100}),
    ("{ articles(first: -1) { nodes { id } } }", "first", {"minimum": 1, "maximum": 100}),
    ("{ articles(first: 101) { nodes { id } } }", "first", {"minimum": 1, "maximum": 100}),
    ("{ articles(last: 101) { nodes { id } } }", "last", {"minimum": 1, "maximum": 100}),
    ("{ articles(first: 1, last: 1) { nodes { id } } }", "last", {}),
    ('{ articles(first: 1, before: "x") { nodes { id } } }', "before", {}),
    ('{ articles(offset: 1, after: "x") { nodes { id } } }', "offset", {}),
    ('{ topics(offset: 1, last: 1, before: "x") { nodes { id } } }', "offset", {}),
    ("{ articles(offset: -1) { nodes { id } } }", "offset", {"minimum": 0, "maximum": 10_000}),
    ("{ authors(offset: 10001) { totalCount } }", "offset", {"minimum": 0, "maximum": 10_000}),
    (
        '{ article(slug: "a") { next(orderBy: {field: RELEVANCE}) { id } } }',
        "orderBy",
        {},
    ),
    ('{ articles(after: "nonsense") { nodes { id } } }', "after", {}),
    ('{ articles(after: "nonsense") { totalCount } }', "after", {}),
    ('{ articles(last: 1, before: "nonsense") { totalCount } }', "before", {}),
    ('{ providers(after: "nonsense") { totalCount } }', "after", {}),
    ('{ changes(after: "nonsense") { nextSince } }', "after", {}),
    ('{ node(id: "nonsense") { id } }', "id", {}),
    ('{ nodes(ids: ["x"]) { id } }', "ids", {}),
    ("{ article { id } }", "article", {}),
    ('{ article(slug: "a", webUrl: "b") { id } }', "article", {}),
    ('{ article(id: "VG9waWM6QUk") { id } }', "id", {}),
    ("{ topic { id } }", "topic", {}),
    ("{ provider { id } }", "provider", {}),
    ('{ provider(name: "The Gull") { id } }', "provider", {}),
    ('{ provider(id: "x", domain: "gull.example") { id } }', "provider", {}),
    ('{ provider(id: "x", name: "The Gull") { id } }', "name", {}),
    ("{ author { id } }", "author", {}),
    (
        "{ articles(orderBy: [{field: HEAT}, {field: HEAT}]) { nodes { id } } }",
        "orderBy",
        {},
    ),
]


@pytest.mark.parametrize(("query", "argument", "bounds"), BAD_INPUT)
async def test_15_28_bad_input_names_the_argument_and_its_bounds(
    mock: Database, ask_mock: Ask, query: str, argument: str, bounds: dict[str, int]
) -> None:
    await store(mock, article("a"))
    [error] = (await ask_mock(query))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": argument, **bounds}
    assert error["message"].startswith(f"{argument}: ")


async def test_27_hostile_texts_are_values_and_nothing_else(database: Database, ask: Ask) -> None:
    await store(database, article("a", topics=["x"]))
    for text in ("$where", '{"$ne": null}', "(a+)+$", "\x00", "a.b"):
        answer = await ask(
            """query ($t: String!) {
                article(slug: $t) { id } topic(name: $t) { id } provider(domain: $t) { id }
                articles(where: {topics: {any: [$t]}, type: {ne: $t}}) { nodes { id } } }""",
            t=text,
        )
        assert answer == {
            "data": {"article": None, "topic": None, "provider": None, "articles": {"nodes": []}}
        }


async def test_related_articles_and_topics_cost_one_command_a_level(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    urls = [f"https://gull.example/a{n}" for n in range(20)]
    await store(
        server,
        *(
            article(
                f"a{n}", topics=["AI", f"T{n}"], related=[story(url) for url in urls[n : n + 5]]
            )
            for n in range(20)
        ),
    )
    commands.names.clear()
    answer = await ask_server(
        """{ articles(first: 20) { nodes {
            title related(first: 5) { title article { title } } topics { name articleCount }
        } } }"""
    )
    assert "errors" not in answer
    assert all(
        story["article"]
        for node in answer["data"]["articles"]["nodes"]
        for story in node["related"]
    )
    assert commands.names == ["find", "find", "find"]


async def test_fields_that_are_not_selected_are_not_read(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    await store(server, article("a", topics=["AI"]))
    commands.names.clear()
    await ask_server("{ articles { nodes { topics { id name } provider { id name domain } } } }")
    assert commands.names == ["find"]
    commands.names.clear()
    await ask_server("{ articles { totalCount } }")
    assert commands.names == ["find"]


async def test_topics_form_a_tree_and_have_articles(database: Database, ask: Ask) -> None:
    await store(
        database,
        article("a", topics=["Tidal Power"]),
        topic_file("Climate", hashtags=["#climate"]),
        topic_file(
            "Tidal Power", parent="Climate", shortname="Tides", images=[{"url": "/media/t.svg"}]
        ),
    )
    answer = await ask(
        """{ topic(slug: "climate") { name hashtags articleCount latest
            children { name shortname images { url } parent { name }
                articles(first: 1) { totalCount nodes { slug } } } }
            topics(orderBy: [{field: NAME, direction: ASC}]) { nodes { name } } }"""
    )
    assert answer["data"] == {
        "topic": {
            "name": "Climate",
            "hashtags": ["#climate"],
            "articleCount": 0,
            "latest": None,
            "children": [
                {
                    "name": "Tidal Power",
                    "shortname": "Tides",
                    "images": [{"url": "/media/t.svg"}],
                    "parent": {"name": "Climate"},
                    "articles": {"totalCount": 1, "nodes": [{"slug": "a"}]},
                }
            ],
        },
        "topics": {"nodes": [{"name": "Climate"}, {"name": "Tidal Power"}]},
    }


async def test_providers_that_share_a_domain_are_distinguished(
    database: Database, ask: Ask
) -> None:
    night, day = provider("Night", "reel.example"), provider("Day", "reel.example")
    logo = [{"url": "/s.svg", "width": 50}, {"url": "/l.svg", "width": 400}]
    await store(
        database,
        article("a", provider=night),
        article("b", provider=night),
        article("c", provider=day),
        organization_file("Reel", "reel.example", otherNames=["Reel TV"], images=logo),
    )
    answer = await ask(
        """{ any: provider(domain: "reel.example") { name articleCount }
            day: provider(domain: "reel.example", name: "Day") {
                id name articleCount otherNames logo { url }
                articles { nodes { slug provider { id } } } } }"""
    )
    key = to_global_id("Provider", "reel.example/Day")
    assert answer["data"] == {
        "any": {"name": "Night", "articleCount": 2},
        "day": {
            "name": "Day",
            "articleCount": 1,
            "otherNames": ["Reel TV"],
            "logo": {"url": "/l.svg"},
            "articles": {"nodes": [{"slug": "c", "provider": {"id": key}}]},
            "id": key,
        },
    }


async def test_an_object_is_found_by_its_id(database: Database, ask: Ask) -> None:
    await store(database, article("a", topics=["AI"], related=[story("u", provider=provider("Z"))]))
    found = await ask("{ articles { nodes { id topics { id } related { provider { id } } } } }")
    node = found["data"]["articles"]["nodes"][0]
    ids = [node["id"], node["topics"][0]["id"], node["related"][0]["provider"]["id"]]
    answer = await ask(
        """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
            ... on Article { slug } ... on Topic { name } ... on Provider { name } } }""",
        ids=ids,
    )
    assert answer["data"]["nodes"] == [
        {"__typename": "Article", "id": ids[0], "slug": "a"},
        {"__typename": "Topic", "id": ids[1], "name": "AI"},
        {"__typename": "Provider", "id": ids[2], "name": "Z"},
    ]
