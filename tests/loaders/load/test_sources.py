"""Named sources: the same documents, whatever folder they are checked out to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from graph.documents import ARTICLES
from graph.errors import UsageError
from graph.store.driver.database import Database
from tests.loaders.builders import article, counts, faults, loaded, write

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return write(tmp_path / "one/a.md", article("heat: 1")).parent


async def test_a_checkout_in_another_folder_is_the_same_source(
    memory: Database, one: Path, tmp_path: Path
) -> None:
    assert counts(await loaded(memory, one, source="gull")) == {"added": 1, "revision": 1}
    two = tmp_path / "two"
    shutil.copytree(one, two)
    again = await loaded(memory, two, source="gull", prune=True)
    assert counts(again) == {"unchanged": 1, "revision": 1}
    [row] = await memory.find(ARTICLES, {})
    assert row["source"]["root"] == "gull"
    write(two / "b.md")
    (two / "a.md").unlink()
    report = await loaded(memory, two, source="gull", prune=True)
    assert (report.added, report.removed) == (1, 1)


async def test_a_slug_of_another_source_is_rejected_with_its_name(
    memory: Database, one: Path, tmp_path: Path
) -> None:
    await loaded(memory, one, source="gull")
    two = write(tmp_path / "two/a.md", article("heat: 2")).parent
    for source in ("heron", None):
        report = await loaded(memory, two, source=source)
        assert faults(report, two) == {
            "a.md": "the slug belongs to a document from gull; --take-over replaces it"
        }
    shutil.rmtree(one)  # nobody knows where the files of a name are
    assert (await loaded(memory, two, source="heron")).loaded == 0
    assert (await loaded(memory, two, source="heron", take_over=True)).updated == 1


async def test_a_folder_that_becomes_a_named_source_keeps_its_documents(
    memory: Database, one: Path
) -> None:
    await loaded(memory, one)
    report = await loaded(memory, one, source="gull", prune=True)
    assert (report.rejected, report.removed) == ([], 0)
    [row] = await memory.find(ARTICLES, {})
    assert row["source"]["root"] == "gull"


@pytest.mark.parametrize("source", ["", " ", " gull", "/srv/site"])
async def test_an_invalid_source_name_is_rejected(memory: Database, one: Path, source: str) -> None:
    with pytest.raises(UsageError, match="a name must not be empty or begin with a slash"):
        await loaded(memory, one, source=source)


async def test_a_source_name_is_for_one_root(memory: Database, one: Path, tmp_path: Path) -> None:
    two = write(tmp_path / "two/b.md").parent
    with pytest.raises(UsageError, match="the paths have 2 roots"):
        await loaded(memory, one, two, source="gull")
    report = await loaded(memory, one, two, root=tmp_path, source="gull")
    assert report.added == 2
