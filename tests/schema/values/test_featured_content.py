"""Featured content: which frames are embedded, and how."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.values.featured_content import (
    Embed,
    FeaturedContent,
    embed_of,
    featured_content_of,
)

VIDEO_HOSTS = Settings.model_fields["video_hosts"].default

WATCH = "https://www.youtube.com/embed/gull-cam"


def frame(src: str, rest: str = "") -> str:
    return f'<iframe src="{src}" {rest}></iframe>'


@pytest.mark.parametrize(
    "markup",
    [
        frame(WATCH),
        f"<div><p>Live:</p>{frame(WATCH)}</div>",
        f"<IFRAME SRC='{WATCH}'>",
        f"<iframe allowfullscreen src={WATCH} ></iframe>",
        frame("//www.youtube.com/embed/gull-cam"),
        frame("http://www.youtube.com/embed/gull-cam"),
        frame("https://WWW.YouTube.com:443/embed/gull-cam"),
        frame(f"\n {WATCH} "),
        frame("https&#58;//www.youtube.com/embed/gull-cam"),
        frame("https://gull.example/embed/1") + frame(WATCH),
        f"<iframe></iframe>{frame(WATCH)}",
        f"<!-- {frame('https://player.vimeo.com/video/1')} -->{frame(WATCH)}",
    ],
)
def test_the_first_frame_of_a_known_host_is_embedded_over_https(markup: str) -> None:
    assert embed_of(markup, VIDEO_HOSTS) == Embed(WATCH, "www.youtube.com")


@pytest.mark.parametrize(
    "src",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,www.youtube.com",
        "ftp://www.youtube.com/embed/1",
        "https://gull.example/embed/1",
        "https://youtube.com/embed/1",
        "https://www.youtube.com.gull.example/embed/1",
        "https://gull.example/?https://www.youtube.com/",
        "https://gull.example#@www.youtube.com/",
        "https://www.youtube.com@gull.example/embed/1",
        "https://reader@www.youtube.com/embed/1",
        "https://@www.youtube.com/embed/1",
        "https://www.youtube.com:8443/embed/1",
        "https://www.youtube.com:/embed/1",
        "https://www.youtube.com./embed/1",
        "https:\\\\www.youtube.com\\embed",
        "https://gull.example\\@www.youtube.com/embed/1",
        "https://www.youtube.com/em\tbed",
        "https://www.you\ntube.com/embed/1",
        "https://www.youtube.com/\x00",
        "https://www.yоutube.com/embed/1",
        "https://www.youtube-nocoo\u212aie.com/embed/1",
        "https://www.youtube。com/embed/1",
        "https://ｗｗｗ.youtube.com/embed/1",
        "https:www.youtube.com/embed/1",
        "https:///www.youtube.com/embed/1",
        "/www.youtube.com/embed/1",
        "www.youtube.com/embed/1",
        "https://[www.youtube.com/embed/1",
    ],
)
def test_a_host_that_only_resembles_a_known_one_is_not_embedded(src: str) -> None:
    assert embed_of(frame(escape(src)), VIDEO_HOSTS) is None


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "Live soon",
        f'<a href="{WATCH}">Live</a>',
        f'<video src="{WATCH}"></video>',
        f"<!-- {frame(WATCH)} -->",
        f"<script>'{frame(WATCH)}'</script>",
        f'<iframe src="{WATCH}',
        f'<iframe title="src={WATCH}">',
        frame("https://gull.example/", f'src="{WATCH}"'),
    ],
)
def test_only_frames_are_embedded(markup: str) -> None:
    assert embed_of(markup, VIDEO_HOSTS) is None


@pytest.mark.parametrize(
    ("written", "width"),
    [("800", 800), ("100%", None), ("0", None), ("-1", None), ("٨٠٠", None), ("99999", None)],
)
def test_a_size_is_a_number_of_pixels(written: str, width: int | None) -> None:
    embed = embed_of(frame(WATCH, f'width="{written}" height="500"'), VIDEO_HOSTS)

    assert embed is not None
    assert (embed.width, embed.height) == (width, 500)


def test_only_the_configured_hosts_are_embedded() -> None:
    assert embed_of(frame(WATCH), frozenset({"video.gull.example"})) is None
    assert embed_of(frame("//video.gull.example/1"), frozenset({"video.gull.example"}))


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@given(st.text(st.characters(codec="utf-8")))
def test_nothing_of_the_documents_markup_is_in_the_new_frame(path: str) -> None:
    embed = embed_of(frame(escape(f"{WATCH}/{path}"), 'onload="alert(1)"'), VIDEO_HOSTS)

    if embed is not None:
        [(tag, attributes)] = Reader(embed.html).tags
        assert tag == "iframe"
        assert attributes == {
            "src": embed.url,
            "sandbox": "allow-scripts allow-same-origin allow-presentation",
            "allowfullscreen": None,
            "loading": "lazy",
            "referrerpolicy": "strict-origin-when-cross-origin",
        }
        assert embed.url.startswith("https://www.youtube.com/")


@pytest.mark.parametrize("piece", ["<iframe ", "<iframe src=", "<!--", "<", frame("x"), "&", '"'])
def test_a_long_hostile_markup_is_read_in_linear_time(piece: str) -> None:
    assert embed_of(piece * (1_000_000 // len(piece)), VIDEO_HOSTS) is None


def ask(row: dict[str, Any]) -> Any:
    @strawberry.type
    class Query:
        content: FeaturedContent | None = computed(
            lambda _, info: featured_content_of(row, info), description=""
        )

    result = strawberry.Schema(Query).execute_sync(
        "{ content { embedUrl host width height html raw } }",
        context_value=SimpleNamespace(video_hosts=VIDEO_HOSTS),
    )
    assert result.errors is None
    assert result.data is not None
    return result.data["content"]


def test_a_player_is_given_with_its_host_size_and_frame() -> None:
    raw = frame(f"{WATCH}?a=1&amp;b=2", 'width="640" height="360"')

    assert ask({"featuredContent": raw}) == {
        "embedUrl": f"{WATCH}?a=1&b=2",
        "host": "www.youtube.com",
        "width": 640,
        "height": 360,
        "html": f'<iframe src="{WATCH}?a=1&amp;b=2" width="640" height="360" '
        'sandbox="allow-scripts allow-same-origin allow-presentation" allowfullscreen '
        'loading="lazy" referrerpolicy="strict-origin-when-cross-origin"></iframe>',
        "raw": raw,
    }


def test_content_of_an_unknown_host_is_given_only_as_raw_markup() -> None:
    raw = frame("https://gull.example/1", 'width="640"')
    nothing = dict.fromkeys(["embedUrl", "host", "width", "height", "html"])

    assert ask({"featuredContent": raw}) == {**nothing, "raw": raw}


@pytest.mark.parametrize("row", [{}, {"featuredContent": None}, {"featuredContent": ""}])
def test_an_article_without_content_has_none(row: dict[str, Any]) -> None:
    assert ask(row) is None
