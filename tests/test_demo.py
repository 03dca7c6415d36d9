"""The demo: the database and the images of a folder, and rejected options."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from graph.cli import app
from graph.demo import Demo, database_of, seeds_dir
from graph.store.driver.client import database_name
from loaders.sites.rules.rules import SiteSettings
from tests.loaders.builders import write


def test_each_folder_has_a_database_of_its_own() -> None:
    names = ["site", "Site", "my site.example", "блог", 'a/$"*', "x" * 255, "a/site", "b/site"]
    databases = [database_of(Path("/srv") / name) for name in names]
    assert len({name.lower() for name in databases}) == len(names)
    assert [database_name(f"embedded:{name}") for name in databases] == databases
    assert databases[2].startswith("demo-my-site-example-")


def test_a_folder_has_the_same_database_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert {database_of(Path(each)) for each in (".", tmp_path, link)} == {database_of(tmp_path)}


def test_images_are_those_of_the_loaded_folder_or_of_the_root_of_its_site(tmp_path: Path) -> None:
    write(tmp_path / "hugo.toml", "")
    write(tmp_path / "content" / "a.md")
    demo = Demo.of_site(tmp_path / "content", SiteSettings(), None)
    found = [demo.media_dir]
    for folder in (tmp_path, tmp_path / "content"):
        (folder / "images").mkdir()
        found.append(demo.media_dir)
    assert found == [None, tmp_path / "images", tmp_path / "content" / "images"]
    assert Demo.of_seeds().media_dir == seeds_dir() / "images"


@pytest.mark.parametrize("option", ["--preset", "--site-name", "--site-url"])
def test_options_of_a_site_need_a_site(option: str) -> None:
    result = CliRunner().invoke(app, ["demo", option, "hugo"])
    expected = f"newsgraph: {option} applies to a site of your own: name its folder with --site\n"
    assert (result.exit_code, result.stderr) == (2, expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "newsgraph: missing: cannot be read: No such file or directory\n"),
        ([".", "--preset", "hugi"], "newsgraph: --preset hugi: unknown preset"),
        ([".", "--site-url", "gull.example"], "newsgraph: --site-url gull.example: expected a URL"),
    ],
)
def test_a_site_that_cannot_be_read_is_named(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["demo", "--site", *arguments])
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
