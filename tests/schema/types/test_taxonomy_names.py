"""Topics, providers and authors by their names: found, filtered and ordered whatever the case."""

from __future__ import annotations

from typing import Any, Final

import pytest

from graph.fields.folding import folded_key
from graph.store.driver.database import Database
from tests.builders import article, author_file, authors, provider, topic_file
from tests.conftest import Ask
from tests.stored import store

NAMES = ["Zebra", "angora", "Łódź", "Ångström", "angstrom", "Lodge", "“Wait”"]
LISTS = ["topics", "providers", "authors"]


async def named(database: Database) -> None:
    """A topic, a provider and an author of each name."""
    await store(
        database,
        *(
            article(
                f"a{number}",
                topics=[name],
                provider=provider(name, "Reel.example"),
                authors=[{"name": name, "slug": f"author-{number}"}],
            )
            for number, name in enumerate(NAMES)
        ),
    )


async def names_of(ask: Ask, field: str, arguments: str = "first: 100") -> list[str]:
    answer = await ask(f"{{ {field}({arguments}) {{ nodes {{ name }} }} }}")
    assert "errors" not in answer, answer
    return [node["name"] for node in answer["data"][field]["nodes"]]


@pytest.mark.parametrize("field", LISTS)
async def test_lists_by_name_are_ordered_from_a_to_z_on_all_pages(
    database: Database, ask: Ask, field: str
) -> None:
    await named(database)
    key = "name" if field != "topics" else "_id"
    rows = await database.find(field, {})
    expected = [
        row[key] for row in sorted(rows, key=lambda row: (folded_key(row[key]), row["_id"]))
    ]
    assert await names_of(ask, field, "orderBy: {field: NAME}") == expected
    descending = await names_of(ask, field, "orderBy: {field: NAME, direction: DESC}")
    assert descending == expected[::-1]
    query = f"""query ($after: String, $offset: Int) {{
        {field}(first: 2, after: $after, offset: $offset, orderBy: {{field: NAME}}) {{
            nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    found: list[str] = []
    variables: dict[str, Any] = {"offset": 1}
    while True:
        page = (await ask(query, **variables))["data"][field]
        found += [node["name"] for node in page["nodes"]]
        variables = {"after": page["pageInfo"]["endCursor"]}
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == expected[1:]


FILTERS: Final = {
    'eq: "ANGSTROM"': {"Ångström", "angstrom"},
    'ne: "ångström"': set(NAMES) - {"Ångström", "angstrom"},
    'in: ["lodz", "ZEBRA", "no"]': {"Łódź", "Zebra"},
    'nin: ["lodz", "ZEBRA"]': set(NAMES) - {"Łódź", "Zebra"},
    'startsWith: "LOD"': {"Łódź", "Lodge"},
    'contains: "STROM"': {"Ångström", "angstrom"},
    'contains: "\\"wait"': {"“Wait”"},
    'contains: "."': set[str](),
}


@pytest.mark.parametrize("field", LISTS)
async def test_filters_of_names_ignore_case_and_accents(
    database: Database, ask: Ask, field: str
) -> None:
    await named(database)
    found = {
        each: set(await names_of(ask, field, f"where: {{name: {{{each}}}}}")) for each in FILTERS
    }
    assert found == FILTERS


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("ÅNGSTRÖM", "angstrom"),
        ("Ångström", "Ångström"),
        ("angstrom", "angstrom"),
        ("zebra", "Zebra"),
        ("zeb", None),
    ],
)
async def test_a_name_is_found_whatever_its_case_and_the_exact_one_first(
    database: Database, ask: Ask, argument: str, name: str | None
) -> None:
    await named(database)
    await store(
        database,
        article(
            "more",
            topics=["angstrom"],
            provider=provider("angstrom", "Reel.example"),
            authors=[{"name": "angstrom", "slug": "author-4"}],
        ),
    )
    answer = await ask(
        """query ($name: String!) {
            topic(name: $name) { name }
            author(name: $name) { name }
            provider(domain: "REEL.example", name: $name) { name }
        }""",
        name=argument,
    )
    expected = {"name": name} if name else None
    assert answer == {"data": {"topic": expected, "author": expected, "provider": expected}}


async def test_a_provider_is_found_by_its_domain_whatever_the_case(
    database: Database, ask: Ask
) -> None:
    await store(
        database,
        article("a", provider=provider("Small", "GULL.example")),
        article("b", provider=provider("Large", "gull.example")),
        article("c", provider=provider("Large", "gull.example")),
    )
    for domain, name in (("GULL.example", "Small"), ("gull.EXAMPLE", "Large")):
        answer = await ask("query ($d: String!) { provider(domain: $d) { name } }", d=domain)
        assert answer["data"]["provider"] == {"name": name}


async def test_an_author_with_another_name_is_ordered_by_that(database: Database, ask: Ask) -> None:
    await store(database, article("a", authors=authors("Bo", "Ida")))
    await store(database, {**author_file("Bo"), "name": "Zoë"})
    assert await names_of(ask, "authors", "orderBy: {field: NAME}") == ["Ida", "Zoë"]
    assert await names_of(ask, "authors", 'where: {name: {eq: "bo"}}') == []


async def test_children_and_descendants_are_ordered_by_name(database: Database, ask: Ask) -> None:
    children = [topic_file(name, parent="Sea") for name in ("Tide", "Äther", "bay")]
    await store(database, *children, topic_file("Sea"))
    answer = await ask('{ topic(name: "sea") { children { name } descendants { name } } }')
    ordered = [{"name": name} for name in ("Äther", "bay", "Tide")]
    assert answer["data"]["topic"] == {"children": ordered, "descendants": ordered}
