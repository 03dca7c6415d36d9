"""The first heading and the first paragraph of a body."""

from __future__ import annotations

import pytest

from loaders.sites.values.bodies import (
    CHARACTERS,
    first_heading,
    first_paragraph,
    without_html,
    without_markup,
)
from tests.builders import Stopwatch


@pytest.mark.parametrize(
    ("body", "heading"),
    [
        ("# Ferry sails\n", "Ferry sails"),
        ("Text.\n\n## The *old* `ferry` ##\n", "The old ferry"),
        ("Ferry sails\n===========\n", "Ferry sails"),
        ('<h1 class="a">Ferry <b>sails</b></h1>\n', "Ferry sails"),
        ("```\n# no heading\n```\n\n# Ferry", "Ferry"),
        ("# [Ferry](https://a.example)\n", "Ferry"),
        ("# Ferry {#the-ferry}\n", "Ferry"),
        ("# Ferry { #the-ferry .wide }\n", "Ferry"),
        ("# The set {a, b}\n", "The set {a, b}"),
        ("<h1>Ferries &amp; mills</h1>\n", "Ferries & mills"),
        ("# {{ site.title }}\n\n# Ferry {{ page.name }}\n", "Ferry"),
        ("# {{ site.title }}\n", None),
        ("No heading.\n", None),
        ("", None),
        ("x\n\n" * 2_000 + "# Ferry\n", "Ferry"),
        ("x\n\n" * CHARACTERS + "# Ferry\n", None),
    ],
)
def test_the_first_heading_is_found(body: str, heading: str | None) -> None:
    assert first_heading(body) == heading


@pytest.mark.parametrize(
    ("body", "paragraph"),
    [
        ("# Ferry\n\nThe *ferry*\nsails [today](/a).\n\nMore.\n", "The ferry sails today."),
        ("![Picture](/a.jpg)\n\nThe ferry.\n", "The ferry."),
        ("The ferry\nsails.\n\nMore.\n", "The ferry sails."),
        ("\n\nThe ferry.", "The ferry."),
        ("The ferry\n===\n\nSails.\n", "Sails."),
        ("The ferry\n---\n\nSails.\n", "Sails."),
        ("The ferry\n# sails\n\nMore.\n", "The ferry"),
        ("The ferry\n- sails\n\nMore.\n", "The ferry"),
        ("The ferry &amp; `a` <b>b</b>.\n", "The ferry & a b."),
        ("- a\n- b\n\n> c\n\nThe ferry.\n", "The ferry."),
        ("{{< figure src=a.jpg >}}\n\nThe {% raw %}ferry{% endraw %}.\n", "The ferry."),
        ('import Map from "./Map.astro"\n\nThe ferry.\n', "The ferry."),
        ("<div>\nx\n</div>\n\nThe ferry.\n", "The ferry."),
        (
            "<p>The <b>ferry</b><br>sails &amp; more.</p>\n<p>Mill.</p>\n\nMore.\n",
            "The ferry sails & more.",
        ),
        (
            "<!-- wp:image -->\n<p><img src='a.jpg'></p>\n<p class='x'>The ferry.</p>\n",
            "The ferry.",
        ),
        ("<pre>x</pre>\n\nThe ferry.\n", "The ferry."),
        ('!!! note "Tides"\n    High.\n\nThe ferry.\n', "The ferry."),
        (":::note\nHigh tide.\n:::\n\nThe ferry.\n", "The ferry."),
        ("[TOC]\n\nThe ferry.\n", "The ferry."),
        ("The ferry.\n{: .lead}\n\nMore.\n", "The ferry."),
        ("# Only a heading\n", None),
        ("", None),
        ("a " * 2_000, ("a " * 2_000).strip()),
        ("# H\n\n" * 500 + "The ferry.\n\nMore.", "The ferry."),
    ],
)
def test_the_first_paragraph_is_found(body: str, paragraph: str | None) -> None:
    assert first_paragraph(body) == paragraph


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "<h1", "<h1>", "{{ a ", "[", "A\n", "<h1>\n\n", "<p>", "<p>\n", "{:"]
)
def test_repetitive_text_takes_linear_time(piece: str) -> None:
    body = f"x {piece * (CHARACTERS // len(piece))}"
    with Stopwatch() as watch:
        first_heading(body)
        first_paragraph(body)
    assert watch.seconds < 2


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**Ferries** &amp; more&mdash;it&#8217;s _fun_", "Ferries & more—it’s fun"),
        ("See [the `mill`](/mill/) at <a href='/quay/'>the quay</a>.", "See the mill at the quay."),
        ("Ferry<br>\nand **mill**", "Ferry and mill"),
    ],
)
def test_markup_becomes_text(markdown: str, text: str) -> None:
    assert without_markup(markdown) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Ferries &amp; mills &#8211; part 2", "Ferries & mills – part 2"),
        ("The <em>old</em> <strong>ferry</strong>", "The old ferry"),
        ("The ferry<br/>sails", "The ferry sails"),
        ("1 < 2 &amp; 3 > 2", "1 < 2 & 3 > 2"),
        ("The `<em>` tag", "The `<em>` tag"),
        ("Vec<T> &amp; Box<T>", "Vec<T> &amp; Box<T>"),
        ("*old*  & new; AT&T", "*old*  & new; AT&T"),
        ("<br>", "<br>"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert without_html(html) == text


@pytest.mark.parametrize(
    "text",
    [
        "Ferries  and\nmills",
        "snake_case & 5 * 3 * 2 < 40!",
        "[sic] ~ C:\\temp\\a_b",
        "List<String> has **items**",
        "<!-- hidden -->",
        "![](ferry.jpg)",
        "AT&T",
        "*a" * CHARACTERS,
    ],
)
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    assert without_markup(text) == text
