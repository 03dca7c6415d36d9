"""Metadata without delimiters, as in Pelican, MkDocs and Nikola."""

from __future__ import annotations

import pytest

from loaders.frontmatter.parse import FrontMatterError, NoFrontMatter, locate, parse, split

PELICAN = "Title: Ferry\nTags: sea, ship\nSummary: Long\n    and longer\nEmpty:\n\nText.\n"
NIKOLA = "<!--\n.. title: Ferry\n.. tags: sea, ship\n-->\n\nText.\n"
HEXO = "title: Ferry\ntags:\n  - sea\n---\nText.\n"


@pytest.mark.parametrize(
    ("text", "tree", "body"),
    [
        (
            PELICAN,
            {"title": "Ferry", "tags": "sea, ship", "summary": "Long and longer", "empty": None},
            "\nText.\n",
        ),
        (PELICAN.replace("\n", "\r\n"), None, "\r\nText.\r\n"),
        (NIKOLA, {"title": "Ferry", "tags": "sea, ship"}, "\nText.\n"),
        (".. title: Ferry\n\nText.\n", {"title": "Ferry"}, "\nText.\n"),
        (HEXO, {"title": "Ferry", "tags": ["sea"]}, "Text.\n"),
        ("Título: x\nTitle: Ferry", {"título": "x", "title": "Ferry"}, ""),
    ],
    ids=["pelican", "crlf", "nikola", "nikola without a comment", "hexo", "no body"],
)
def test_metadata_is_read_up_to_an_empty_line(
    text: str, tree: dict[str, object] | None, body: str
) -> None:
    front = split(text, takes_bare=True)
    assert front.body == body
    if tree is not None:
        assert parse(front) == tree


@pytest.mark.parametrize(
    "text", ["Note: this has no title\n\nText.\n", "# Title: a heading\n", "Just text.\n", ""]
)
def test_other_text_is_no_metadata(text: str) -> None:
    with pytest.raises(NoFrontMatter):
        split(text, takes_bare=True)


def test_metadata_is_read_only_where_it_may_have_no_delimiters() -> None:
    with pytest.raises(NoFrontMatter):
        split(PELICAN)


def test_values_have_their_places_in_the_file() -> None:
    front = split(f"\n{NIKOLA}", takes_bare=True)
    assert locate(front, [("tags",)])[("tags",)] == (4, 10)


def test_a_character_that_is_not_allowed_is_a_fault() -> None:
    with pytest.raises(FrontMatterError, match=r"U\+0001"):
        parse(split("Title: a\x01\n\n", takes_bare=True))
