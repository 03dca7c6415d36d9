"""The arguments of fields follow the same rules everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from graphql import GraphQLField, GraphQLObjectType, Undefined, get_named_type

from graph.schema import schema
from graph.schema.relay.global_id import to_global_id
from graph.store.driver.database import Database
from graph.store.queries.pagination.page_args import DEFAULT_PAGE
from tests.builders import article, authors, moment, story
from tests.conftest import Ask, query_sender
from tests.stored import store

LISTS: Final = {"images", "related", "similar", "coOccurring", "suggest"}
"""The fields with `first` that are no connections."""

FORWARDS: Final = "changes"
"""The connection whose order is that of the revisions, for clients that follow them."""


def fields() -> Iterator[tuple[str, GraphQLField]]:
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield from type_.fields.items()


@pytest.fixture
def ask(mock: Database) -> Ask:
    return query_sender(mock)


def test_every_size_is_nullable_and_states_its_default() -> None:
    for name, field in fields():
        first = field.args.get("first")
        if first is not None:
            assert str(first.type) == "Int", name
            assert (name == "images") is (first.default_value is None), name
            assert first.default_value is not Undefined, name


def test_every_connection_pages_in_both_directions() -> None:
    connections = 0
    for name, field in fields():
        if get_named_type(field.type).name.endswith("Connection") and name != FORWARDS:
            assert {"first", "after", "last", "before", "where", "orderBy"} <= {*field.args}, name
            assert field.args["first"].default_value == DEFAULT_PAGE
            connections += 1
        elif "first" in field.args:
            assert name in {*LISTS, FORWARDS}
    assert connections == 8


def test_the_same_argument_has_the_same_description_in_all_connections() -> None:
    found: dict[str, set[str | None]] = {}
    for name, field in fields():
        if get_named_type(field.type).name.endswith("Connection") and name != FORWARDS:
            for argument in ("first", "after", "last", "before"):
                found.setdefault(argument, set()).add(field.args[argument].description)
    assert all(len(descriptions) == 1 for descriptions in found.values()), found


@pytest.mark.parametrize("name", ["article", "topic", "provider", "author"])
def test_one_object_is_found_by_exactly_one_argument_of_which_id_is_one(name: str) -> None:
    root = schema._schema.query_type
    assert root
    field = root.fields[name]
    assert next(iter(field.args)) == "id"
    assert "by exactly one of `id`" in (field.description or "")
    assert "null if there is none" in (field.description or "")


async def test_null_is_the_default_of_every_size(database: Database) -> None:
    ask = query_sender(database)
    urls = [f"https://x.example/{n}" for n in range(12)]
    topics = [f"T{n}" for n in range(12)]
    await store(
        database,
        *(article(f"a{n}", topics=topics, related=[story(url) for url in urls]) for n in range(25)),
    )
    parts = """articles(first: %s) { nodes { slug } }
        article(slug: "a1") { related(first: %s) { title } similar(first: %s) { score } }
        topic(name: "T1") { coOccurring(first: %s) { articleCount } articles(first: %s) {
            nodes { slug } } }
        changes(types: ARTICLE, first: %s) { nodes { slug } }"""
    null = await ask(f"{{ {parts.replace('%s', 'null')} }}")
    default = await ask(f"{{ {parts.replace('(first: %s)', '').replace(', first: %s', '')} }}")
    assert null == default
    data = null["data"]
    assert len(data["articles"]["nodes"]) == len(data["topic"]["articles"]["nodes"]) == 20
    assert [len(data["article"][name]) for name in ("related", "similar")] == [10, 5]
    assert len(data["topic"]["coOccurring"]) == 10
    assert len(data["changes"]["nodes"]) == 25


async def test_articles_that_refer_to_an_article_are_paged_backwards(
    mock: Database, ask: Ask
) -> None:
    aim = article("aim")
    others = [
        article(f"r{n}", related=[story(aim["webUrl"])], publishedDateTime=moment(n))
        for n in range(1, 5)
    ]
    await store(mock, aim, *others)
    query = """query ($before: String) { article(slug: "aim") {
        relatedFrom(last: 2, before: $before) {
            nodes { slug } pageInfo { startCursor hasPreviousPage } } } }"""
    seen: list[list[str]] = []
    before = ""
    for _ in range(2):
        page = (await ask(query, before=before))["data"]["article"]["relatedFrom"]
        seen.append([node["slug"] for node in page["nodes"]])
        before = page["pageInfo"]["startCursor"]
    assert seen == [["r2", "r1"], ["r4", "r3"]]


async def test_last_replaces_the_default_of_first(mock: Database, ask: Ask) -> None:
    await store(mock, *(article(f"a{n}", publishedDateTime=moment(n)) for n in range(1, 5)))
    for arguments in ("last: 1", "last: 1, first: null"):
        answer = await ask(f"{{ articles({arguments}) {{ nodes {{ slug }} }} }}")
        assert answer["data"]["articles"]["nodes"] == [{"slug": "a1"}]
    (error,) = (await ask("{ articles(last: 1, first: 2) { totalCount } }"))["errors"]
    assert error["message"] == "last: give first or last, not both"


@pytest.mark.parametrize("search", ["", "  ", "\t"])
async def test_an_empty_text_as_a_cursor_or_a_search_is_ignored(
    mock: Database, ask: Ask, search: str
) -> None:
    await store(mock, article("a"))
    query = """query ($empty: String, $search: String) {
        articles(after: $empty, before: $empty, search: $search) { nodes { slug } }
        backwards: articles(last: 1, before: $empty, after: $empty) { nodes { slug } }
        topics(after: $empty) { totalCount }
        changes(after: $empty, types: ARTICLE) { nodes { slug } }
    }"""
    answer = await ask(query, empty="", search=search)
    nodes = {"nodes": [{"slug": "a"}]}
    assert answer["data"] == {
        "articles": nodes,
        "backwards": nodes,
        "topics": {"totalCount": 0},
        "changes": nodes,
    }


async def test_each_object_is_found_by_its_id(mock: Database, ask: Ask) -> None:
    await store(mock, article("a", topics=["AI"], authors=authors("Ida Holm")))
    found = await ask('{ article(slug: "a") { id topics { id } provider { id } authors { id } } }')
    ids = found["data"]["article"]
    answer = await ask(
        """query ($article: ID, $topic: ID, $provider: ID, $author: ID) {
            article(id: $article) { slug } topic(id: $topic) { name }
            provider(id: $provider) { name domain } author(id: $author) { slug } }""",
        article=ids["id"],
        topic=ids["topics"][0]["id"],
        provider=ids["provider"]["id"],
        author=ids["authors"][0]["id"],
    )
    assert answer["data"] == {
        "article": {"slug": "a"},
        "topic": {"name": "AI"},
        "provider": {"name": "The Gull", "domain": "gull.example"},
        "author": {"slug": "ida-holm"},
    }


@pytest.mark.parametrize(
    ("field", "other"),
    [("article", "Topic"), ("topic", "Author"), ("provider", "Article"), ("author", "Provider")],
)
async def test_an_id_of_another_type_is_an_error(ask: Ask, field: str, other: str) -> None:
    global_id = to_global_id(other, "x")
    (error,) = (await ask(f'{{ {field}(id: "{global_id}") {{ id }} }}'))["errors"]
    expected = f"id: an id of the type {other}, not {field.capitalize()}"
    assert error["message"] == expected


@pytest.mark.parametrize("operator", ["eq", "ne", "in", "nin", "startsWith"])
async def test_null_is_no_condition_of_a_filter(mock: Database, ask: Ask, operator: str) -> None:
    await store(mock, article("a", category="news"), article("b", category=None))
    query = "query ($where: ArticleWhere) { articles(where: $where) { nodes { slug } } }"

    async def slugs(where: dict[str, Any]) -> list[str]:
        nodes = (await ask(query, where=where))["data"]["articles"]["nodes"]
        return sorted(node["slug"] for node in nodes)

    assert await slugs({"category": {operator: None}}) == ["a", "b"]
    assert await slugs({"category": {operator: None, "exists": None}}) == ["a", "b"]
    assert await slugs({"category": {operator: None, "exists": False}}) == ["b"]
    assert await slugs({"category": None, "topics": {"any": None}, "not": None}) == ["a", "b"]
