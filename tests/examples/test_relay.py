"""examples/relay: compiled against a served schema, type-checked, and run against a server."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest_asyncio

from tests.examples import expected
from tests.examples.node import EXAMPLES, installed, making, run, run_script, succeed
from tests.examples.page import commands
from tests.examples.persisted import serving_documents
from tests.examples.serving import Served, serving

MANIFEST = "persisted-documents.json"


@pytest_asyncio.fixture(scope="module")
async def project(seeds: Served) -> Path:
    """The example, compiled against the schema of the server."""
    folder = installed("relay")
    await run_script("schema", folder=folder, NEWSGRAPH_URL=seeds.host)
    async with making(folder, (folder / "schema.graphql").read_text()) as is_needed:
        for script in ("generate", "check", "build") if is_needed else ():
            await run_script(script, folder=folder)
    return folder


async def test_1_the_front_page_is_printed(project: Path, seeds: Served) -> None:
    assert await _ask(project, seeds) == await expected.front_page(seeds.url, 5)


async def test_1_each_page_of_a_section_is_found_by_its_node_and_appended_in_the_store(
    project: Path, seeds: Served
) -> None:
    articles = await expected.section(seeds.url, "energy")
    assert len(articles) > 4
    lines = []
    for size in (*range(2, len(articles), 2), len(articles)):
        lines += [f"{size} articles", *articles[:size]]
    seeds.requests.clear()
    assert await _ask(project, seeds, "--first", "2", "--section", "energy") == lines
    first, *others = seeds.requests
    assert "topic(slug: $slug)" in first.parameters["query"]
    assert others
    for request in others:
        assert request.method == "GET"
        assert "node(id: $id)" in request.parameters["query"]


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


def test_1_the_manifest_in_the_repository_is_what_the_compiler_writes(project: Path) -> None:
    written = (project / MANIFEST).read_text()
    assert written == (EXAMPLES / "relay" / MANIFEST).read_text()
    manifest = json.loads(written)
    assert len(manifest) == 3
    for name, text in manifest.items():
        assert name == sha256(text.encode()).hexdigest()


async def test_1_trusted_documents_are_requested_by_their_hashes(
    project: Path, seeds: Served, seeds_url: str
) -> None:
    async with serving_documents(seeds_url, project / MANIFEST) as served:
        lines = await _ask(project, served, "--trusted")
        assert lines == await expected.front_page(seeds.url, 5)
        [request] = served.requests
    assert "query" not in request.parameters
    name = request.parameters["documentId"].removeprefix("sha256:")
    assert name in json.loads((project / MANIFEST).read_text())


async def _ask(project: Path, served: Served, *options: str) -> list[str]:
    return await succeed("node", "dist/main.js", "--url", served.url, *options, folder=project)


async def test_1_a_server_without_the_manifest_rejects_and_the_program_says_why(
    project: Path, seeds_url: str
) -> None:
    async with serving(seeds_url) as served:
        ended = await run("node", "dist/main.js", "--url", served.url, "--trusted", folder=project)
    assert (ended.status, ended.lines) == (1, [])
    assert "PERSISTED_QUERY_NOT_FOUND" in ended.error
    assert f"set NEWSGRAPH_TRUSTED_DOCUMENTS to {MANIFEST}" in ended.error


async def test_1_the_page_has_the_server_started_as_each_run_needs_it(
    project: Path, seeds_url: str
) -> None:
    untrusted, manifest, trusted = commands("relay", "npm start")
    assert (len(untrusted), manifest, len(trusted)) == (2, MANIFEST, 1)
    async with serving(seeds_url) as served:
        for options in untrusted:
            assert await _start(project, served, *options)
    async with serving(seeds_url, trusted_documents=project / manifest) as served:
        for options in trusted:
            assert await _start(project, served, *options)


async def _start(project: Path, served: Served, *options: str) -> list[str]:
    return await run_script("start", "--url", served.url, *options, folder=project)
