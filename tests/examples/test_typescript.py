"""examples/typescript: generated from a served schema, type-checked, and run against a server."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import httpx
import pytest_asyncio
from graphql import get_introspection_query

from tests.examples import expected
from tests.examples.node import installed, making, run, run_script, succeed
from tests.examples.page import commands
from tests.examples.persisted import serving_documents
from tests.examples.serving import Served, serving

MANIFEST = "src/gql/persisted-documents.json"
TYPES = "src/gql/graphql.ts"
OF_THE_API = "types-of-the-api.ts"
ACCEPTED = "application/graphql-response+json, application/json, multipart/mixed"


@pytest_asyncio.fixture(scope="module")
async def project(seeds: Served) -> Path:
    """The example, generated from the schema of the server and compiled."""
    folder = installed("typescript")
    schema = f"{seeds.host}/schema.graphql"
    async with making(folder, *await _described(seeds, schema)) as is_needed:
        if is_needed:
            await run_script("generate", folder=folder, NEWSGRAPH_SCHEMA=seeds.url)
            (folder / TYPES).rename(folder / OF_THE_API)
            await run_script("generate", folder=folder, NEWSGRAPH_SCHEMA=schema)
            await run_script("build", folder=folder)
    return folder


async def _described(seeds: Served, schema: str) -> tuple[str, str]:
    """How the server describes its API: by a file, and by itself to the client's generator."""
    async with httpx.AsyncClient(verify=False, headers={"accept": ACCEPTED}) as client:
        by_itself = await client.post(seeds.url, json={"query": get_introspection_query()})
        return (await client.get(schema)).text, by_itself.text


def test_1_the_types_may_be_generated_from_the_api_itself(project: Path) -> None:
    assert (project / OF_THE_API).read_text() == (project / TYPES).read_text()


async def test_1_the_front_page_is_printed_after_one_get_that_needs_no_preflight(
    project: Path, seeds: Served
) -> None:
    seeds.requests.clear()
    lines = await _ask(project, seeds, "--first", "7")
    [asked] = seeds.requests
    assert asked.method == "GET"
    assert "query FrontPage" in asked.parameters["query"]
    assert not {"content-type", "authorization"} & asked.headers.keys()
    assert len(asked.headers["accept"]) <= 128  # longer ones are not safelisted
    assert lines == await expected.front_page(seeds.url, 7)
    assert sum("    see " in line for line in lines) > 3


async def test_1_a_section_is_printed_page_by_page(project: Path, seeds: Served) -> None:
    lines = await _ask(project, seeds, "--first", "2", "--section", "energy")
    articles = await expected.section(seeds.url, "energy")
    assert len(articles) > 4
    assert lines == expected.pages(articles, 2)


async def test_1_an_error_is_reported_with_its_code(project: Path, seeds: Served) -> None:
    command = ["node", "dist/main.js", "--url", seeds.url, "--section", "energy", "--first", "1000"]
    ended = await run(*command, folder=project)
    assert (ended.status, ended.lines) == (1, [])
    refusal = "the server refused: first: 1000 is not between 1 and 100 (BAD_USER_INPUT)"
    assert ended.error.strip() == refusal


async def test_a_front_page_is_printed_without_the_part_that_failed(
    project: Path, seeds: Served
) -> None:
    ended = await run("node", "dist/main.js", "--url", seeds.url, "--first", "1000", folder=project)
    *_, sections = await expected.front_page(seeds.url, 1)
    assert (ended.status, ended.lines) == (0, [sections])
    reason = "first: 1000 is not between 1 and 100 (BAD_USER_INPUT)"
    assert ended.error.strip() == f"articles is missing: {reason}"


async def test_1_a_missing_section_is_reported(project: Path, seeds: Served) -> None:
    command = ["node", "dist/main.js", "--url", seeds.url, "--section", "nowhere"]
    ended = await run(*command, folder=project)
    assert (ended.status, ended.error.strip()) == (1, "there is no section nowhere")


async def test_1_a_field_that_a_fragment_does_not_select_is_an_error_of_types(
    project: Path, tmp_path: Path
) -> None:
    shutil.copytree(project / "src", tmp_path / "src")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(project / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(project / "node_modules")
    source = tmp_path / "src" / "card.ts"
    written = source.read_text()
    source.write_text(
        written.replace("article);", "article);\n  readFragment(Card, article).body;")
    )
    ended = await run("node_modules/.bin/tsc", "--noEmit", "--skipLibCheck", folder=tmp_path)
    assert ended.status != 0
    [error] = [line for line in ended.lines if "error" in line]
    assert "Property 'body' does not exist" in error


def test_1_the_manifest_names_each_document_by_the_hash_of_its_text(project: Path) -> None:
    manifest = json.loads((project / MANIFEST).read_text())
    assert len(manifest) == 2
    for name, text in manifest.items():
        assert name == f"sha256:{sha256(text.encode()).hexdigest()}"


async def test_1_trusted_documents_are_requested_by_their_hashes(
    project: Path, seeds: Served, seeds_url: str
) -> None:
    manifest = project / MANIFEST
    async with serving_documents(seeds_url, manifest) as served:
        lines = await _ask(project, served, "--mode", "trusted", "--section", "energy")
        assert lines == expected.pages(await expected.section(seeds.url, "energy"), 5)
        request = served.requests[0]
    assert (request.method, "query" in request.parameters) == ("GET", False)
    name = json.loads(request.parameters["extensions"])["persistedQuery"]["sha256Hash"]
    assert f"sha256:{name}" in json.loads(manifest.read_text())


async def test_1_a_text_that_the_server_does_not_know_is_sent_once(
    project: Path, seeds_url: str, seeds: Served
) -> None:
    async with serving_documents(seeds_url) as served:
        for _ in range(2):
            lines = await _ask(project, served, "--mode", "automatic")
            assert lines == await expected.front_page(seeds.url, 5)
        texts = ["query" in request.parameters for request in served.requests]
    assert texts == [False, True, False]


async def _ask(project: Path, served: Served, *options: str) -> list[str]:
    return await succeed("node", "dist/main.js", "--url", served.url, *options, folder=project)


async def test_1_a_server_without_the_manifest_rejects_and_the_program_says_why(
    project: Path, seeds_url: str
) -> None:
    async with serving(seeds_url) as served:
        ended = await run(
            "node", "dist/main.js", "--url", served.url, "--mode", "trusted", folder=project
        )
    assert (ended.status, ended.lines) == (1, [])
    assert "PERSISTED_QUERY_NOT_FOUND" in ended.error
    assert f"set NEWSGRAPH_TRUSTED_DOCUMENTS to {MANIFEST}" in ended.error


async def test_1_the_page_has_the_server_started_as_each_run_needs_it(
    project: Path, seeds_url: str
) -> None:
    untrusted, manifest, trusted = commands("typescript", "npm start")
    assert (len(untrusted), manifest, len(trusted)) == (2, MANIFEST, 1)
    async with serving(seeds_url) as served:
        for options in untrusted:
            assert await _start(project, served, *options)
    async with serving(seeds_url, trusted_documents=project / manifest) as served:
        for options in trusted:
            assert await _start(project, served, *options)


async def _start(project: Path, served: Served, *options: str) -> list[str]:
    return await run_script("start", "--url", served.url, *options, folder=project)
