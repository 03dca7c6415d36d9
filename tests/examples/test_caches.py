"""examples/caches: its policies agree with the served schema, and both caches work with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from tests.examples import expected
from tests.examples.node import installed, making, run, run_script, succeed
from tests.examples.page import PAGE
from tests.examples.serving import Served

HERE: Final = Path(__file__).parent
CACHES: Final = ["apollo", "graphcache"]
ARTICLE: Final = "000_ef04b29bb6bd93cb"
SINGLETONS: Final = {"Corpus"}
"""Types with a single object each. Their `id` identifies nothing within the API."""


@pytest_asyncio.fixture(scope="module")
async def project() -> Path:
    """The example, compiled, with the scripts of this folder."""
    folder = installed("caches")
    async with making(folder) as is_needed:
        if is_needed:
            await run_script("build", folder=folder)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


@pytest_asyncio.fixture(scope="module")
async def policies(project: Path) -> dict[str, Any]:
    """How the caches treat each type and field, by `policies.mjs`."""
    [line] = await succeed("node", "policies.mjs", folder=project)
    printed: dict[str, Any] = json.loads(line)
    return printed


@pytest_asyncio.fixture(scope="module")
async def schema(seeds: Served) -> GraphQLSchema:
    """The schema that the server publishes."""
    async with httpx.AsyncClient(verify=False) as client:
        return build_schema((await client.get(f"{seeds.host}/schema.graphql")).text)


def test_every_type_without_an_id_is_stored_inside_its_object(
    policies: dict[str, Any], schema: GraphQLSchema
) -> None:
    types = {name for name, type_ in _objects(schema).items() if "id" not in type_.fields}
    types.remove("Query")
    assert set(policies["inline"]) == types, "see examples/caches/src/withoutId.ts"
    assert set(policies["keys"]) == types | SINGLETONS


def test_pages_are_merged_and_other_lists_are_replaced(
    policies: dict[str, Any], schema: GraphQLSchema
) -> None:
    fields = {name: _list_fields(type_) for name, type_ in _entities(schema).items()}
    assert policies["fields"] == fields
    pages = {
        name: {key for key, kind in kinds.items() if kind == "pages"}
        for name, kinds in fields.items()
    }
    assert {name: set(keys) for name, keys in policies["pages"].items()} == pages


def test_parts_of_an_object_are_merged(policies: dict[str, Any], schema: GraphQLSchema) -> None:
    objects = _objects(schema)
    owners = {
        name: type_
        for name, type_ in objects.items()
        if name in SINGLETONS or name in _entities(schema) or _is_connection(type_)
    }
    parts = {
        part.name
        for owner in owners.values()
        for field in owner.fields.values()
        if (part := _part(field)) is not None
    }
    assert set(policies["merged"]) == parts - SINGLETONS - {"PageInfo"}


def test_possible_types_are_those_of_the_interfaces(
    policies: dict[str, Any], schema: GraphQLSchema
) -> None:
    assert {name: set(types) for name, types in policies["possibleTypes"].items()} == {
        name: {each.name for each in schema.get_possible_types(type_)}
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLInterfaceType)
    }


@pytest.mark.parametrize("cache", CACHES)
async def test_each_page_of_a_section_is_appended_in_the_cache(
    cache: str, project: Path, seeds: Served
) -> None:
    articles = await expected.section(seeds.url, "energy")
    assert len(articles) > 4
    lines = []
    for size in (*range(2, len(articles), 2), len(articles)):
        lines += [f"{size} articles", *articles[:size]]
    options = f"--cache {cache} --section energy --first 2"
    assert f"    npm start -- {options}\n" in PAGE.read_text()
    seeds.requests.clear()
    command = ["node", "dist/main.js", "--url", seeds.url, *options.split()]
    ended = await run(*command, folder=project)
    assert (ended.status, ended.lines, ended.error) == (0, lines, "")
    for request in seeds.requests:
        assert request.method == "GET"
        assert "content-type" not in request.headers  # browsers would send a preflight request


async def test_fields_of_an_object_from_two_queries_are_merged(
    project: Path, seeds: Served
) -> None:
    seeds.requests.clear()
    ended = await run("node", "caches.mjs", seeds.url, ARTICLE, folder=project)
    assert (ended.status, ended.error) == (0, ""), ended.error  # caches warn of policies they miss
    assert len(seeds.requests) == 4
    query, *read = map(json.loads, ended.lines)
    async with httpx.AsyncClient(verify=False) as client:
        request = {"query": query, "variables": {"slug": ARTICLE}}
        answer = (await client.post(seeds.url, json=request)).json()
    assert answer["data"]["article"]["leadImage"]
    assert answer["data"]["articles"]["edges"][0]["highlights"]
    assert read == [answer["data"]] * len(CACHES)


async def test_a_new_picture_replaces_the_old_one(project: Path) -> None:
    ended = await run("node", "pictures.mjs", folder=project)
    assert (ended.status, ended.error) == (0, "")
    [line] = ended.lines
    one = {"__typename": "Image", "url": "one.png", "width": 1}
    two = {"__typename": "Image", "url": "two.png", "caption": "Two"}
    assert json.loads(line) == [one, {**one, "caption": "One"}, two]


def _objects(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    return {
        name: type_
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
    }


def _entities(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """The types whose objects a cache stores by their ids, and the root."""
    return {
        name: type_
        for name, type_ in _objects(schema).items()
        if name == "Query" or ("id" in type_.fields and name not in SINGLETONS)
    }


def _list_fields(type_: GraphQLObjectType) -> dict[str, str]:
    kinds = {}
    for name, field in type_.fields.items():
        item = get_named_type(field.type)
        if isinstance(item, GraphQLObjectType) and _is_connection(item):
            kinds[name] = "pages"
        elif is_list_type(get_nullable_type(field.type)) and hasattr(item, "fields"):
            kinds[name] = "replaced"
    return kinds


def _part(field: GraphQLField) -> GraphQLObjectType | None:
    """The type of a field with a single object that has no id."""
    type_ = get_nullable_type(field.type)
    if isinstance(type_, GraphQLObjectType) and not _is_connection(type_):
        return None if "id" in type_.fields else type_
    return None


def _is_connection(type_: GraphQLObjectType) -> bool:
    return "pageInfo" in type_.fields
