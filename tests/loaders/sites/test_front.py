"""Documents without front matter, in sites of generators that do not require it."""

from __future__ import annotations

import pytest

from loaders.frontmatter.parse import Front, NoFrontMatter
from loaders.sites.front import front_of
from loaders.sites.generators.facts import SiteFacts
from tests.loaders.sites.building import GULL, mapping

OPTIONAL = mapping("generic", facts=SiteFacts("generic", GULL, has_pages_without_front_matter=True))


@pytest.mark.parametrize("path", ["a.md", "a.MDX", "b/a.qmd", "a.markdown.gz"])
def test_markdown_is_a_page(path: str) -> None:
    assert front_of(path, "# Ferry\n", OPTIONAL) == Front("", "# Ferry\n", 1)


@pytest.mark.parametrize("path", ["a.html", "a.txt", "b/a.htm"])
def test_other_files_are_pages_only_with_front_matter(path: str) -> None:
    with pytest.raises(NoFrontMatter):
        front_of(path, "# Ferry\n", OPTIONAL)


@pytest.mark.parametrize("text", ["# Ferry\n", "Ferry\n"])
def test_other_generators_require_front_matter(text: str) -> None:
    for other in (None, mapping("jekyll"), mapping("plain")):
        with pytest.raises(NoFrontMatter):
            front_of("a.md", text, other)


@pytest.mark.parametrize(
    "text",
    [
        "--\ntitle: A\ndraft: true\n---\n",
        "—\ntitle: A\n---\n",
        "draft: true\ndate: 2024-05-01\n\nText.\n",
        "\n<<<<<<< HEAD\n---\n",
        "---js\n{ title: 'A', draft: true }\n---\n",
        "---coffee\n{ title: 'A' }\n---\n",
        ';;;\n"title": "A",\n"published": false\n;;;\n',
        "",
        "\n \n",
    ],
)
def test_a_document_with_possibly_damaged_front_matter_is_not_published(text: str) -> None:
    with pytest.raises(NoFrontMatter):
        front_of("a.md", text, OPTIONAL)
