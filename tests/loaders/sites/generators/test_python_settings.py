"""Settings of a site in a configuration in Python, which is not executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.sites.generators.programs.python_settings import is_nikola, read_pelican
from tests.loaders.sites.building import write_site


@pytest.mark.parametrize(
    "text",
    ["raise SystemExit", "SITENAME = (", "\0", "SITENAME = " + "(" * 5000, "SITENAME = 1 + 1"],
)
def test_a_configuration_in_python_is_not_executed(tmp_path: Path, text: str) -> None:
    facts = read_pelican(str(write_site(tmp_path, {"pelicanconf.py": text})))
    assert facts.settings.name is None


@pytest.mark.parametrize(
    ("setting", "pattern"),
    [
        ("{slug}.html", ":slug.html"),
        ("posts/{date:%Y}/{date:%b}/{date:%d}/{slug}/", "posts/:year/:short_month/:day/:slug/"),
        ("{category}/{slug}", ":category/:slug"),
    ],
)
def test_patterns_of_pelican_are_read(tmp_path: Path, setting: str, pattern: str) -> None:
    files = {"pelicanconf.py": f"ARTICLE_URL = {setting!r}\n"}
    assert read_pelican(str(write_site(tmp_path, files))).permalinks[""] == pattern


def test_documentation_of_sphinx_is_no_site_of_nikola(tmp_path: Path) -> None:
    assert not is_nikola(str(write_site(tmp_path, {"conf.py": "project = 'A'\n"})))
    assert is_nikola(str(write_site(tmp_path, {"conf.py": "BLOG_TITLE = 'A'\n"})))
