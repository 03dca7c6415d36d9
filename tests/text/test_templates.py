"""Template tags: those left out of a body, and those shown as code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.text.markup import render_html, render_text
from graph.text.templates import strip_templates


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('A {{< figure src="x.jpg" >}}B', "A B"),
        ("{{% notice tip %}}Inside{{% /notice %}}", "Inside"),
        ("{{< figure\n  src=x\n>}}After", "After"),
        ("{% include nav.html %}A {{ page.title | escape }}B", "A B"),
        ("{%- if a -%}B{%- else -%}C{%- endif -%}", "BC"),
        ("A{# of Jinja #}B{% comment %} of {{ Liquid }} {% endcomment %}C", "ABC"),
        ("{% raw %}{{ shown }}{% endraw %}", "{{ shown }}"),
        ("A {/* of MDX */}B", "A B"),
        ("import Chart from '../chart.js'\n\nText", "Text"),
        ('import "./styles.css";\n\nText', "Text"),
        ("export const meta = {\n  a: 1,\n};\n\nText", "Text"),
        ('<Card title="x" at={1 > 0}>Inside</Card>', "Inside"),
        ("# Heading {#anchor .wide}\n\nText", "Heading\n\nText"),
        ("Text\n{: .lead}\n", "Text"),
        ("::: {.callout-note}\nInside\n:::\n", "Inside"),
        (":::tip\n\nInside\n\n:::\n", "Inside"),
    ],
)
def test_template_tags_are_left_out(source: str, text: str) -> None:
    assert render_text(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "`{{ code }}` and ``{% a ` b %}``",
        "```\n{{ code }}\n{% raw %}\nimport a from 'b'\n```",
        "~~~liquid\n{% if a %}\n~~~",
        "<pre>{{ code }}</pre>",
        "{{ never closed",
        "{{ not closed in\n\nits paragraph }}",
        "A { b } and 100 % of {c: 1}.",
        "import duties rise from Monday on",
        "a < B and c > D",
    ],
)
def test_code_and_text_stay(source: str) -> None:
    assert strip_templates(source) == source


def test_highlighted_text_is_code() -> None:
    source = "{% highlight html %}\n<b>{{ x }}</b>\n{% endhighlight %}"
    assert render_html(source) == "<pre><code>&lt;b&gt;{{ x }}&lt;/b&gt;\n</code></pre>\n"
    assert render_text("{{< highlight go >}}\na\n{{< /highlight >}}") == "a"


def test_the_end_tag_of_a_raw_block_is_left_out_of_code_too() -> None:
    source = "{% raw %}\n```\n{{ x }}\n{% endraw %}\n```\n{{ y }}"
    assert render_text(source) == "{{ x }}"


def test_a_link_whose_target_is_a_tag_is_its_text() -> None:
    source = "See [this]({{ page.next }}), ![not]({{ this }})[that]({{ site.url }}/b)."
    assert render_html(source) == (
        '<p>See this, <a href="/b" rel="noopener noreferrer">that</a>.</p>\n'
    )


@pytest.mark.parametrize(
    ("tag", "path"),
    [
        ('{{< ref "tides.md" >}}', "tides.md"),
        ('{{< ref "../tides.md#low" >}}', "../tides.md#low"),
        ("{{% relref tides %}}", "tides.md"),
        ('{{< ref "/topics/sea/" >}}', "/topics/sea.md"),
        ("{{< ref `guides/_index.md` >}}", "/guides/_index.md"),
        ("{% link _posts/2024-05-01-tides.md %}", "/_posts/2024-05-01-tides.md"),
        ("{%- link docs/tides.pdf -%}", "/docs/tides.pdf"),
        ("{% post_url 2024-05-01-tides %}", "/_posts/2024-05-01-tides.md"),
        ("{% post_url sea/2024-05-01-tides %}", "/_posts/sea/2024-05-01-tides.md"),
        ("{{ site.baseurl }}{% link a.md %}", "/a.md"),
        ("{{ site.baseurl }}{{ site.path }}{% post_url a %}", "/_posts/a.md"),
    ],
)
def test_a_link_tag_links_to_the_file_that_it_names(tag: str, path: str) -> None:
    link = f'<a href="{path}" rel="noopener noreferrer">it</a>'
    for source in (f"[it]({tag})", f"[it]( {tag} )", f"[it]\n\n[it]: {tag}", f"[it](<{tag}>)"):
        assert render_html(source) == f"<p>{link}</p>\n"
    if '"' not in tag:
        assert render_html(f'<p><a href="{tag}">it</a></p>') == f"<p>{link}</p>"
    assert render_text(f"[it]({tag})") == "it"


@pytest.mark.parametrize(
    "source",
    ["it{{< ref a.md >}}", "it{% link a.md %}", "![a]({% link a.png %})it", "[it]({% link %})"],
)
def test_a_link_tag_elsewhere_is_left_out(source: str) -> None:
    assert render_html(source) == "<p>it</p>\n"


def test_indented_html_is_no_code() -> None:
    source = "<div>\n\n    <p>Text</p>\n\n</div>"
    assert "<code>" in render_html(source)
    assert render_text(source, is_html=True) == "Text"


_PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{{<",
        ">}}",
        "{#",
        "#}",
        "{% raw %}",
        "{% endraw %}",
        "`",
        "```\n",
        "{% comment %}",
        "{% endcomment %}",
        "a",
        "\n",
        "\n\n",
        "<A {",
        "import a from 'b'\n",
        "{:",
        "}",
        "<pre>",
        "</pre>",
        "[a](",
        ")",
        "~~~\n",
        ":::\n",
        "\0",
        "{/*",
        "*/}",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_words_before_a_tag_are_never_lost(source: str) -> None:
    assert strip_templates(f"first\n\n{source}").startswith("first")


@pytest.mark.parametrize(
    "piece",
    [
        "{{",
        "{%",
        "`",
        "``` `",
        "<A {",
        "{% raw %}",
        "{% comment %}{% endcomment %}",
        "{#a",
        "[a](",
        "{{a}}\n\n",
        "```\n~~~\n",
        "<code>",
        "export const\n",
        "![a]({{a}}",
        "{% highlight %}",
    ],
)
def test_hostile_bodies_take_linear_time(piece: str) -> None:
    """A pass that looked ahead for each of these would take minutes."""
    strip_templates(piece * (300_000 // len(piece)))
