"""The settings for readers that the sources of a corpus give."""

from __future__ import annotations

from graph.documents import SourceSite
from graph.store.driver.database import Database
from graph.store.load.sites import record_sites
from graph.store.revision import common_site, read_corpus
from tests.builders import article, change, source, store

GULL: SourceSite = {"root": "/gull", "name": "The Gull", "language": "en"}
TERN: SourceSite = {"root": "/tern", "name": "The Tern", "language": "en", "timeZone": "UTC"}


async def site_of(database: Database) -> dict[str, str]:
    return dict(common_site(await read_corpus(database)))


async def test_the_site_is_what_its_source_says(mock: Database) -> None:
    await store(mock, article("a", source={**source("a"), "root": "/gull"}))
    before = await read_corpus(mock)
    await record_sites(mock, [GULL])
    assert await site_of(mock) == {"name": "The Gull", "language": "en"}
    await record_sites(mock, [{"root": "/gull", "name": "The Gull Online"}])
    assert await site_of(mock) == {"name": "The Gull Online"}
    assert (await read_corpus(mock))["revision"] == before["revision"]


async def test_of_several_sources_only_settings_without_contradiction_are_shown(
    mock: Database,
) -> None:
    articles = [
        article(slug, source={**source(slug), "root": f"/{slug}"}) for slug in ("gull", "tern")
    ]
    await store(mock, *articles)
    await record_sites(mock, [GULL])
    await record_sites(mock, [TERN])
    assert await site_of(mock) == {"language": "en", "timeZone": "UTC"}


async def test_a_source_without_documents_is_forgotten(mock: Database) -> None:
    await store(mock, article("a", source={**source("a"), "root": "/gull"}))
    await record_sites(mock, [GULL, TERN])
    assert await site_of(mock) == {"name": "The Gull", "language": "en"}
    await change(mock, [], ["a"])
    await record_sites(mock, [TERN])
    assert await site_of(mock) == {}
    await record_sites(mock, [])
    assert "sites" not in await read_corpus(mock)


async def test_an_empty_database_has_no_site(mock: Database) -> None:
    await record_sites(mock, [GULL])
    assert await site_of(mock) == {}
