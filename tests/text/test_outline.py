"""What a body says of itself: its heading, its first paragraph and its links."""

from __future__ import annotations

import pytest

from graph.text.outline import BodyLink, first_paragraph, heading, links


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("# The *tide* mill\n\nText", "The tide mill"),
        ("Text\n\n## Second {#two} \n", "Second"),
        ("The mill\n========\n\nText", "The mill"),
        ("<h1 class='a'>The <b>mill</b></h1>", "The mill"),
        ("```\n# code\n```\n\n# `Real`", "Real"),
        ("No heading, just #text", None),
        ("", None),
    ],
)
def test_heading(body: str, expected: str | None) -> None:
    assert heading(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("# Title\n\nThe **first**\nparagraph.\n\nThe second.", "The first paragraph."),
        ("![A picture](a.jpg)\n\n- a list\n\nWords, `code`.", "Words, code."),
        ('{{< figure src="x" >}}\n\nimport a from "b"\n\nWords.', "Words."),
        ("```\ncode\n\nmore\n```\n\nWords.", "Words."),
        ("<p>First.</p>\n\n<p>Second.</p>", "First."),
        ("Title\n---\n\nWords.", "Words."),
        ("# Only a title", None),
        ("", None),
    ],
)
def test_first_paragraph(body: str, expected: str | None) -> None:
    assert first_paragraph(body) == expected


def test_links_in_order_as_they_are_written() -> None:
    body = """[one](/a "Title"), ![no](b.jpg), `[no](c)`, [two](<d e>).

```
[no](f)
```
<a class="x" href="/g?h=1&amp;i=2">three</a> <https://gull.example/j>
[four]({% post_url 2020-01-01-k %}) [five]({{< ref "l.md" >}})
[![picture](m.png)](/n) [six](/o_(p))

[seven]: https://gull.example/q
"""
    assert list(links(body)) == [
        BodyLink("/a", "one"),
        BodyLink("d e", "two"),
        BodyLink("/g?h=1&i=2", "three"),
        BodyLink("https://gull.example/j", ""),
        BodyLink("{% post_url 2020-01-01-k %}", "four"),
        BodyLink('{{< ref "l.md" >}}', "five"),
        BodyLink("/n", "![picture](m.png)"),
        BodyLink("/o_(p)", "six"),
        BodyLink("https://gull.example/q", "seven"),
    ]


@pytest.mark.parametrize("piece", ["[", "[a](", "<a ", "<a href=", "`", "` ", "[a]({{", "[a](("])
def test_hostile_bodies_take_linear_time(piece: str) -> None:
    assert list(links(piece * (200_000 // len(piece)))) == []
