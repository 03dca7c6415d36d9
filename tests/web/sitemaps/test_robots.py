"""The contents of robots.txt."""

from __future__ import annotations

from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest

from graph.app import create_app
from graph.config import Settings
from graph.errors import SettingsError
from graph.store.driver.database import Database
from tests.web.feeds.builders import SITE, client_of


async def test_crawlers_may_read_everything_and_learn_of_the_sitemap(mock: Database) -> None:
    async with client_of(mock) as client:
        response = await client.get("/robots.txt")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(response.text.splitlines())
    # The reader's pages need the API, so crawlers that run scripts do, too.
    for path in ("/", "/article/a", "/graphql", "/feeds/all.atom"):
        assert rules.can_fetch("Anybot", SITE + path)
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]


async def test_a_file_of_the_operator_replaces_robots_txt(mock: Database, tmp_path: Path) -> None:
    file = tmp_path / "robots.txt"
    file.write_text("User-agent: *\nDisallow: /\n")
    async with client_of(mock, robots_txt=file) as client:
        assert (await client.get("/robots.txt")).text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        (b"\xff", "is not UTF-8"),
        (b"#" * 512_001, "has more than 512,000 bytes"),
    ],
)
def test_an_unusable_file_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "robots.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        create_app(Settings(mongo_url="mongomock://", robots_txt=file))
    assert str(caught.value) == f"NEWSGRAPH_ROBOTS_TXT={file}: {message}"
