"""The documentation: its links work, and every page can be reached."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).parents[1]
README: Final = ROOT / "README.md"
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").glob("*.md")),
    *sorted((ROOT / "examples").glob("*/*.md")),
    *sorted((ROOT / "bench").glob("*.md")),
]
ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|//")


@cache
def tokens(page: Path) -> list[Token]:
    """The Markdown tokens of a page, with those within its lines."""
    blocks = MarkdownIt().enable("table").parse(page.read_text())
    return [token for block in blocks for token in (block, *(block.children or ()))]


@cache
def links(page: Path) -> list[str]:
    """The relative links and pictures of a page."""
    found = [token.attrs.get("href") or token.attrs.get("src") for token in tokens(page)]
    inline = re.findall(r'<img src="([^"]+)"', page.read_text())
    return [str(link) for link in (*found, *inline) if link and not ELSEWHERE.match(str(link))]


@cache
def anchors(page: Path) -> set[str]:
    """The names of the headings, as GitHub and others make them."""
    names: list[str] = []
    for opening, inline in pairwise(MarkdownIt().parse(page.read_text())):
        if opening.type == "heading_open":
            text = "".join(part.content for part in inline.children or ())
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            again = sum(re.sub(r"-\d+$", "", other) == name for other in names)
            names.append(f"{name}-{again}" if again else name)
    return set(names)


def names(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_relative_link_is_valid(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether there is the file, and in it the heading, that a link names."""
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target))


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("docs/faq.md", True),
        ("docs/faq.md#how-do-i-start-over", True),
        ("#read-on", True),
        ("docs", True),
        ("docs/nothing.md", False),
        ("docs/faq.md#nothing", False),
        ("#nothing", False),
        ("../outside.md", False),
    ],
)
def test_a_link_is_valid_if_its_file_and_heading_exist(link: str, leads: bool) -> None:
    assert leads_somewhere(README, link) is leads


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [README]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(page))
            waiting += [target for target in targets if target.suffix == ".md"]
    assert names([page for page in PAGES if page not in reached]) == []


def test_the_readme_links_every_page_of_docs_and_of_the_root_folder() -> None:
    targets = {(ROOT / link.partition("#")[0]).resolve() for link in links(README)}
    beside = [page for page in PAGES if page.parent in (ROOT, ROOT / "docs") and page != README]
    assert names([page for page in beside if page not in targets]) == []
