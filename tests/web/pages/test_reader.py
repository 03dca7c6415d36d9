"""The reader: its headers, its files, their sizes, and its operations on the seeds."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from graph.app import create_app
from graph.config import Settings
from graph.demo import seeds_dir
from graph.errors import UsageError
from graph.store.driver.client import open_database
from graph.store.driver.database import Database
from graph.web.pages.reader_files import (
    FOLDER,
    OPERATIONS,
    SERVER_OPERATIONS,
    assets,
    operation_text,
    version,
)
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.builders import drop
from tests.loaders.builders import inlined
from tests.search.indexes import service_over
from tests.web.feeds.builders import client_of

BUDGET: Final = 46_080
OPERATION_FILES: Final = sorted(
    path for folder in (OPERATIONS, SERVER_OPERATIONS) for path in folder.glob("*.graphql")
)
PARSES_HTML: Final = "adopt.js"
VARIABLES: Final[dict[str, dict[str, Any]]] = {
    "Article": {"slug": "_news/2025-03-12-brannoch-array-reaches-18-mw"},
    "Front": {},
    "Masthead": {},
    "Provider": {"domain": "harbourcourier.example", "name": "The Harbour Courier"},
    "Providers": {},
    "Search": {"search": "tide", "where": {"topics": {"any": ["Climate"]}}},
    "Suggest": {"prefix": "ti"},
    "Topic": {"slug": "climate"},
    "Topics": {},
}


@pytest.fixture
def client(mock: Database) -> httpx.AsyncClient:
    return client_of(mock)


@pytest_asyncio.fixture(scope="module")
async def seeded(mongod: str | UsageError) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server over the seeds."""
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    settings = Settings(mongo_url=mongod.replace("/?", "/reader?"))
    async with open_database(settings) as database:
        with inlined():
            await load(database, settings, LoadOptions.of([seeds_dir()]))
        app = create_app(settings)
        app.state.database, app.state.search = database, await service_over(database)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client
        await drop(database)


async def ask(client: httpx.AsyncClient, name: str, **variables: Any) -> Any:
    """The result of a view's operation, requested as the page does."""
    parameters = {
        "query": operation_text(name),
        "operationName": name,
        "variables": json.dumps({**VARIABLES[name], **variables}),
    }
    answer = await client.get("/graphql", params=parameters)
    assert answer.status_code == 200
    assert "errors" not in answer.json()
    return answer.json()["data"]


@pytest.mark.parametrize(
    "address",
    [
        "/nothing",
        "/topic",
        "/article/",
        "/search/more",
        "/reader/",
        "/reader/0/main.js",
        "/index.html",
    ],
)
async def test_other_addresses_are_not_found(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address, follow_redirects=True)).status_code == 404


async def test_the_page_may_load_nothing_but_its_own_and_pictures(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/")
    (style,) = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    assert style == (FOLDER / "reader.css").read_text()
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'",
        "img-src": "'self' https: data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert page.headers["x-content-type-options"] == "nosniff"
    script = r'<script(?![^>]*( src=|"application/ld\+json"))'
    assert not re.search(script + r"|\sstyle=|\son[a-z]+=", page.text.replace(style, ""))
    assert "stylesheet" not in page.text, "a second request would delay the first paint"


async def test_all_files_of_the_page_exist_and_may_be_cached_for_ever(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/")
    named = re.findall(r'(?:href|src)="(/reader/[^"]+)"', page.text)
    assert len(named) > 10
    for address in named:
        asset = await client.get(address)
        assert asset.status_code == 200, address
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert asset.headers["content-type"].split(";")[0] in {
            "text/javascript",
            "image/svg+xml",
        }


async def test_modules_are_preloaded_with_low_priority(client: httpx.AsyncClient) -> None:
    before, template, after = re.split("</?template>", (await client.get("/")).text)
    link = r"<(?:script|link)[^>]+/([a-z]+\.js)\"[^>]*>"
    assert re.findall(link, before + after) == ["loader.js"]
    preloads = [each.group() for each in re.finditer(link, template)]
    assert len(preloads) > 10
    assert [each for each in preloads if 'fetchpriority="low"' not in each] == []


async def test_the_modules_import_each_other_and_nothing_else(client: httpx.AsyncClient) -> None:
    for path, content in assets(by_id=True).items():
        for imported in re.findall(r"(?:from |import\()'([^']+)'", content.decode()):
            target = (Path("/") / path).parent / imported
            assert str(target.resolve()).lstrip("/") in assets(by_id=True), f"{path}: {imported}"


async def test_a_head_request_gets_only_the_headers(client: httpx.AsyncClient) -> None:
    answer = await client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_all_files_of_the_reader_weigh_at_most_45_kibibytes() -> None:
    files = [path for path in FOLDER.rglob("*.*") if not path.name.endswith((".d.ts", ".json"))]
    assert {path.suffix for path in files} == {".js", ".css", ".svg", ".graphql"}
    assert sum(path.stat().st_size for path in files) <= BUDGET


def test_no_module_writes_markup_and_one_reads_pages_of_the_server() -> None:
    for path in FOLDER.rglob("*.js"):
        text = path.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|srcdoc|setHTML", text
        ), path.name
        assert ("DOMParser" in text) is (path.name == PARSES_HTML), path.name


def test_each_file_contains_the_operation_of_its_name() -> None:
    assert sorted(path.stem for path in OPERATION_FILES) == sorted(VARIABLES)
    for path in OPERATION_FILES:
        assert re.findall(r"^query (\w+)", path.read_text(), re.MULTILINE) == [path.stem]


@pytest.mark.parametrize("name", VARIABLES)
def test_an_operation_includes_the_fragments_that_it_spreads(name: str) -> None:
    text = operation_text(name)
    spread = set(re.findall(r"\.\.\.(\w+)", text))
    assert spread == set(re.findall(r"^fragment (\w+)", text, re.MULTILINE))


def test_the_modules_ask_for_operations_that_exist() -> None:
    operations = set()
    for path in FOLDER.rglob("*.js"):
        operations |= set(re.findall(r"\[\s*'([A-Z]\w+)'", path.read_text()))
    assert operations == {path.stem for path in OPERATIONS.glob("*.graphql")}


@pytest.mark.parametrize("name", VARIABLES)
async def test_each_operation_runs_on_the_seeds(seeded: httpx.AsyncClient, name: str) -> None:
    data = await ask(seeded, name)
    assert all(value is not None for value in data.values())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Front", ["articles"]),
        ("Topic", ["topic", "articles"]),
        ("Provider", ["provider", "articles"]),
        ("Search", ["articles"]),
    ],
)
async def test_later_pages_of_a_list_omit_fields_of_the_first(
    seeded: httpx.AsyncClient, name: str, path: list[str]
) -> None:
    first: Any = await ask(seeded, name)
    second: Any = await ask(seeded, name, isFirst=False)
    for key in path:
        first, second = first[key], second[key]
    assert first.keys() >= second.keys()
    assert "totalCount" not in second
    assert "topics" not in await ask(seeded, "Front", isFirst=False)
    assert second["pageInfo"].keys() == {"hasNextPage", "endCursor"}


async def test_a_section_has_the_stories_of_all_below_it(seeded: httpx.AsyncClient) -> None:
    topic = (await ask(seeded, "Topic", slug="climate"))["topic"]
    assert {child["slug"] for child in topic["children"]} == {"energy", "oceans"}
    slugs = {story["slug"] for story in topic["articles"]["nodes"]}
    below = (await ask(seeded, "Topic", slug="tidal-power"))["topic"]
    assert {story["slug"] for story in below["articles"]["nodes"]} <= slugs


async def test_operations_for_removed_objects_return_null(seeded: httpx.AsyncClient) -> None:
    for name, variables in (
        ("Article", {"slug": "_news/gone"}),
        ("Topic", {"slug": "gone"}),
        ("Provider", {"domain": "gone.example"}),
    ):
        assert list((await ask(seeded, name, **variables)).values()) == [None]


@pytest.mark.parametrize(("persisted", "parameter"), [("on", "documentId"), ("off", "query")])
async def test_pages_request_documents_by_id_where_the_server_knows_them(
    persisted: str, parameter: str
) -> None:
    settings = Settings.model_validate({"mongo_url": "mongomock://", "persisted": persisted})
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        name = version(by_id=persisted == "on")
        module = (await client.get(f"/reader/{name}/operations.js")).text
        operations = json.loads(module.removeprefix("export const operations = ").rstrip(";\n"))
        assert {key for each in operations.values() for key in each} == {parameter}
        front = {**operations["Front"], "operationName": "Front"}
        answer = await client.get("/graphql", params=front)
    assert answer.json()["data"]["articles"]["nodes"] == []
