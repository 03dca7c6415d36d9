"""A change of stored results requires a new version, so that loads store them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import pytest

from graph.documents import ARTICLES, TAXONOMY
from graph.search.analysis import terms_of
from graph.search.index import columns
from graph.search.index.columns import IndexSchema, texts_at
from graph.store.driver.database import Database
from graph.store.load.derivation import derive
from loaders.files.places import has_extension
from loaders.files.read import DOCUMENT_VERSION
from loaders.records.convert import convert
from loaders.sites.mapping import mapping
from loaders.sites.mapping.mapping import MappedDocument, SiteMapping
from loaders.sites.site import read_site
from tests import recorded_versions
from tests.loaders.builders import source_file_of
from tests.loaders.sites.building import GULL, write_site
from tests.loaders.sites.starters import SITES, files_of
from tests.recorded_versions import COMMAND, Record, case, changed, digest
from tests.store.load.derivation.test_derive import derived, some_article, some_file

SEEDS: Final = Path(__file__).parents[1] / "seeds"
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)

_PROVIDER: Final = "provider: {name: The Gull, domain: Gull.example}"
ODD: Final = {
    "dates.md": f"""---
title:  "  A   title "
publishedDateTime: 1 March 2025 8:30 pm
updatedDateTime: 2025-03-02 07:00:00.123456 +02:00
expiryDate: 2030-01-01
{_PROVIDER}
topics: [Ferries, ferries, "", Ferries]
---
""",
    "values.md": f"""---
title: 0123
published: no
draft: false
{_PROVIDER}
webUrl: HTTPS://Gull.example:443/a b?utm_source=x#top
readingTimeInSeconds: "1_200"
heat: 1e1
authors: [Ida Holm, {{name: ida holm}}, {{name: Bo, url: /bo}}]
related: [{{title: A copy, provider: {{name: Tern, domain: tern.example}}, webUrl: /copy}}]
extraKey: {{a: [1, 0x10, 1.50, ~, true, 2025-01-01]}}
---
Text with *marks*.
""",
    "toml.md": """+++
title = "In TOML"
publishedDateTime = 2025-03-01T08:30:00Z
number = 1_000
[provider]
name = "The Gull"
domain = "gull.example"
+++
""",
    "json.md": """{
  "title": "In JSON", "provider": {"name": "The Gull", "domain": "gull.example"},
  "quality": 71, "nothing": null, "float": 1.0
}
Text.
""",
    "page.html": f"---\ntitle: <b>Bold</b> &amp; plain\n{_PROVIDER}\n---\n<p>Text</p>\n",
    "aliases.md": f"""---
title: &title "Ånd, Straße"
excerpt: >
  folded
  text
note: *title
{_PROVIDER}
---
""",
}
"""Values that are written in unusual ways."""

Row = dict[str, Any]
Check = Callable[[str, str, str, dict[str, str]], None]


class Converted(NamedTuple):
    """The converted files: the documents by name, and the cases of both versions."""

    documents: dict[str, Row]
    conversions: dict[str, str]
    mappings: dict[str, str]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """The documents of the seeds and of the sites of starter projects."""
    done = Converted({}, {}, {})
    sites = {"odd": ODD, **{site: files_of(site) for site in SITES}}
    folders = {"seeds": SEEDS}
    for site, files in sites.items():
        folders[site] = write_site(tmp_path_factory.mktemp(site), files)
    for site, folder in folders.items():
        site_mapping = read_site(str(folder), GULL).mapping
        for path in files_below(folder):
            if not site_mapping.ignores(path):
                convert_file(folder, path, site_mapping, f"{site}/{path}", done)
    return done


def files_below(folder: Path) -> Iterator[str]:
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return (path for path in paths if has_extension(path) and "/." not in f"/{path}")


def convert_file(
    folder: Path, path: str, site_mapping: SiteMapping, name: str, done: Converted
) -> None:
    def apply(path: str, tree: Row, body: str) -> MappedDocument:
        given = digest([site_mapping.packed[1], path, tree, body])
        mapped = SiteMapping.apply(site_mapping, path, tree, body)
        done.mappings[name] = case(given, [mapped.kind, mapped.fields, mapped.extra])
        return mapped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_mapping, "apply", apply)
        file = source_file_of(folder / path, folder)
        document = convert(file, frozenset(), None, site_mapping, NOW).document
    due = None
    if document is not None:
        due = document.pop("source").get("due")  # the rest are hashes and where the file is
        done.documents[name] = document
    given = [path, (folder / path).read_bytes(), site_mapping.fingerprint]
    done.conversions[name] = case(given, [document, due])


def is_recording(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--record-versions"))


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Check:
    """Compare a version and its cases with the recorded ones, or record them."""

    def check(name: str, current_version: str, number: str, cases: dict[str, str]) -> None:
        current = Record(current_version, cases)
        recorded = recorded_versions.read(name)
        outdated = changed(recorded, current)
        assert not outdated, f"What is stored has changed: raise {number}, then run {COMMAND}"
        if is_recording(request):
            recorded_versions.write(name, current)
        else:
            assert recorded == current, f"The {name} or its tests' documents are new: run {COMMAND}"

    return check


def test_a_file_yields_the_same_document_under_the_same_version(
    converted: Converted, check: Check
) -> None:
    number = "_CONVERSION_RULES in loaders/files/read.py"
    check("conversion", DOCUMENT_VERSION, number, converted.conversions)


def test_a_site_maps_a_document_alike_under_the_same_version(
    converted: Converted, check: Check
) -> None:
    number = "VERSION in loaders/sites/mapping/mapping.py"
    check("mapping", str(mapping.VERSION), number, converted.mappings)


async def test_the_same_is_derived_under_the_same_version(
    converted: Converted, server: Database, check: Check
) -> None:
    random = Random(0)
    rows = [{**row, "_id": name} for name, row in sorted(converted.documents.items())]
    rows += [some_article(random, slug) for slug in "abcdefghijklmnop"]
    rows += [some_file(random, f"_data/{slug}") for slug in "abcdefghijkl"]
    for name, is_taxonomy in ((ARTICLES, False), (TAXONOMY, True)):
        await server.replace(name, [row for row in rows if ("kind" in row) is is_taxonomy])
    given = digest(rows)
    await derive.rebuild(server, 1)
    cases = {name: case(given, found) for name, found in (await derived(server)).items()}
    number = "DERIVED_VERSION in graph/store/load/derivation/derive.py"
    check("derivation", str(derive.DERIVED_VERSION), number, cases)


def test_an_article_is_indexed_alike_under_the_same_version(
    converted: Converted, check: Check, request: pytest.FixtureRequest
) -> None:
    schema = IndexSchema(("en", "de", "fr"))
    cases = {}
    for name, row in converted.documents.items():
        if "kind" not in row:
            terms = [
                terms_of(text, field.analyzer)
                for field in schema.texts
                for text in texts_at(row, field.path)
            ]
            indexed = sorted(schema.document(row).to_dict().items())
            cases[name] = case(row, [indexed, terms])
    made_of = f"{columns.VERSION}-{digest([columns.COLUMNS, schema.texts])}"
    # With each release of tantivy, too, all indexes are made again.
    name = f"search index of tantivy {version('tantivy')}"
    if recorded_versions.read(name) == Record("", {}) and not is_recording(request):
        pytest.skip(f"not recorded with tantivy {version('tantivy')}")
    check(name, made_of, "VERSION in graph/search/index/columns.py", cases)


def test_only_another_result_of_the_same_input_needs_another_version() -> None:
    recorded = Record("1", {"a": case("in", "out"), "b": case("in", "out")})
    other_result = {"a": case("in", "out"), "b": case("in", "other")}
    assert changed(recorded, Record("1", other_result)) == ["b"]
    assert changed(recorded, Record("2", other_result)) == []
    new_input = {"a": case("new", "other"), "c": case("in", "out")}
    assert changed(recorded, Record("1", new_input)) == []
