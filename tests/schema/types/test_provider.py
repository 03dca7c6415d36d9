"""Providers over HTTP: their fields, their images, and lists of them."""

from __future__ import annotations

from typing import Any

import pytest

from graph.store.driver.database import Database
from tests.builders import article, moment, organization_file, provider
from tests.conftest import Ask, Commands
from tests.stored import store

Row = dict[str, Any]
IMAGES = [{"url": "/media/reel-s.svg", "width": 50}, {"url": "/media/reel.svg", "width": 400}]


async def press(database: Database) -> None:
    await store(
        database,
        article("a", publishedDateTime=moment(1)),
        article("b", publishedDateTime=moment(2)),
        article("c", provider=provider("Reel", "reel.example"), publishedDateTime=moment(3)),
        article("d", provider=provider("Reel News", "reel.example"), publishedDateTime=moment(4)),
        organization_file(
            "Reel",
            "reel.example",
            description="Films from the coast",
            otherNames=["Reel TV"],
            images=IMAGES,
        ),
        organization_file("Quiet", "quiet.example"),
    )


async def test_a_provider_has_the_fields_of_its_file(database: Database, ask: Ask) -> None:
    await press(database)
    answer = await ask(
        """{ provider(domain: "reel.example", name: "Reel") {
            name domain description otherNames articleCount latest
            images { url width } logo { url }
            articles { totalCount nodes { slug } } } }"""
    )
    assert answer["data"]["provider"] == {
        "name": "Reel",
        "domain": "reel.example",
        "description": "Films from the coast",
        "otherNames": ["Reel TV"],
        "articleCount": 1,
        "latest": "2025-03-03T00:00:00Z",
        "images": IMAGES,
        "logo": {"url": "/media/reel.svg"},
        "articles": {"totalCount": 1, "nodes": [{"slug": "c"}]},
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", ["The Gull", "Reel News", "Reel", "Quiet"]),
        ('name: {startsWith: "Reel"}', ["Reel News", "Reel"]),
        ('domain: {ne: "reel.example"}', ["The Gull", "Quiet"]),
        ("articleCount: {gt: 1}", ["The Gull"]),
        ('latest: {gte: "2025-03-02", lt: "2025-03-04"}', ["The Gull", "Reel"]),
        ("latest: {exists: false}", ["Quiet"]),
        ('domain: {eq: "$domain"}', []),
    ],
)
async def test_providers_are_filtered_and_counted(
    database: Database, ask: Ask, where: str, expected: list[str]
) -> None:
    await press(database)
    answer = await ask(f"{{ providers(where: {{{where}}}) {{ totalCount nodes {{ name }} }} }}")
    found = answer["data"]["providers"]
    assert [row["name"] for row in found["nodes"]] == expected
    assert found["totalCount"] == len(expected)


async def test_a_cursor_of_filtered_providers_is_rejected_by_other_lists(
    database: Database, ask: Ask
) -> None:
    await press(database)
    query = """query ($where: ProviderWhere, $orderBy: [TaxonomyOrder!], $after: String) {
        providers(where: $where, orderBy: $orderBy, first: 1, after: $after) {
            nodes { name } pageInfo { endCursor } } }"""
    arguments: Row = {"where": {"domain": {"eq": "reel.example"}}, "orderBy": [{"field": "LATEST"}]}
    after = (await ask(query, **arguments))["data"]["providers"]["pageInfo"]["endCursor"]
    second = await ask(query, **arguments, after=after)
    assert second["data"]["providers"]["nodes"] == [{"name": "Reel"}]
    for change in ({"where": None}, {"orderBy": None}):
        answer = await ask(query, **{**arguments, **change}, after=after)
        assert answer["errors"][0]["extensions"]["argument"] == "after"


async def test_articles_of_a_level_of_providers_are_read_in_one_command(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    await press(server)
    commands.names.clear()
    answer = await ask_server(
        "{ providers { nodes { name articles(first: 1) { nodes { slug } } } } }"
    )
    assert "errors" not in answer
    assert commands.names == ["find", "aggregate"]
