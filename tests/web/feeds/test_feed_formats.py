"""The formats of feeds: what their specifications require, for any text."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.web.feeds.atom import to_atom
from graph.web.feeds.feed import EPOCH, Entry, Feed, Picture, entry_of
from graph.web.feeds.json_feed import to_json_feed
from graph.web.feeds.rss import to_rss
from tests.thorough import examples

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
MEDIA = "{http://search.yahoo.com/mrss/}"

ODD = "كتاب \u202eabc\u202c \U0001f30a\U0001f3fd <b>]]></b> &amp; \"x\" 'y'"
CREATED = datetime(2025, 3, 1, 8, 30, tzinfo=UTC)
CHANGED = datetime(2025, 3, 2, 8, 30, 0, 250_000, tzinfo=UTC)

FULL = Entry(
    id="urn:uuid:00000000-0000-5000-8000-000000000001",
    title=ODD,
    url="https://gull.example/ferry?a=1&b=2",
    summary=f"Summary of {ODD}",
    html=f"<p>{ODD}</p>",
    published=CREATED,
    updated=CHANGED,
    authors=("Ida Holm", "Tam Ruddock"),
    topics=("Ferries", "Islands & tides"),
    language="ar",
    picture=Picture("https://gull.example/ferry.jpg?a=1&b=2", "image/jpeg", 640, 360),
)
BARE = Entry(
    id="urn:uuid:00000000-0000-5000-8000-000000000002",
    title="Bare",
    url="https://news.example/article/bare",
    summary=None,
    html=None,
    published=None,
    updated=EPOCH,
    authors=("The Gull",),
    topics=(),
    language=None,
    picture=Picture("https://gull.example/picture", None, None, None),
)


def feed_of(*entries: Entry) -> Feed:
    site = "https://news.example"
    return Feed(
        title="The Site",
        description="All its news",
        url=f"{site}/feeds/all?a=1&b=2",
        home=f"{site}/",
        icon=f"{site}/favicon.ico",
        language="en",
        entries=entries,
    )


def text_of(element: Element, path: str) -> str:
    found = element.find(path)
    assert found is not None
    return found.text or ""


def test_an_atom_feed_has_all_that_rfc_4287_requires_and_more() -> None:
    root = fromstring(to_atom(feed_of(FULL, BARE)))
    assert root.tag == f"{ATOM}feed"
    assert text_of(root, f"{ATOM}id") == "https://news.example/feeds/all?a=1&b=2"
    assert text_of(root, f"{ATOM}updated") == "2025-03-02T08:30:00.250Z"
    full, bare = root.findall(f"{ATOM}entry")
    assert full.attrib == {"{http://www.w3.org/XML/1998/namespace}lang": "ar"}
    assert [(child.tag, child.text, dict(child.attrib)) for child in full] == [
        (f"{ATOM}id", FULL.id, {}),
        (f"{ATOM}title", ODD, {}),
        (f"{ATOM}link", None, {"rel": "alternate", "type": "text/html", "href": FULL.url}),
        (f"{ATOM}published", "2025-03-01T08:30:00Z", {}),
        (f"{ATOM}updated", "2025-03-02T08:30:00.250Z", {}),
        (f"{ATOM}author", None, {}),
        (f"{ATOM}author", None, {}),
        (f"{ATOM}category", None, {"term": "Ferries"}),
        (f"{ATOM}category", None, {"term": "Islands & tides"}),
        (f"{ATOM}summary", FULL.summary, {}),
        (f"{ATOM}content", FULL.html, {"type": "html"}),
        (
            f"{ATOM}link",
            None,
            {"rel": "enclosure", "type": "image/jpeg"}
            | {"href": "https://gull.example/ferry.jpg?a=1&b=2"},
        ),
        (
            f"{MEDIA}thumbnail",
            None,
            {"url": "https://gull.example/ferry.jpg?a=1&b=2", "width": "640", "height": "360"},
        ),
    ]
    assert [child.tag for child in bare] == [
        f"{ATOM}{name}" for name in ("id", "title", "link", "updated", "author", "link")
    ] + [f"{MEDIA}thumbnail"]


def test_an_rss_feed_has_all_that_rss_2_requires_and_more() -> None:
    channel = fromstring(to_rss(feed_of(FULL, BARE))).find("channel")
    assert channel is not None
    assert text_of(channel, "title") == "The Site"
    assert text_of(channel, "link") == "https://news.example/"
    assert text_of(channel, "description") == "All its news"
    assert text_of(channel, "lastBuildDate") == "Sun, 02 Mar 2025 08:30:00 +0000"
    full, bare = channel.findall("item")
    picture = {"url": "https://gull.example/ferry.jpg?a=1&b=2"}
    size = {"width": "640", "height": "360"}
    assert [(child.tag, child.text, dict(child.attrib)) for child in full] == [
        ("guid", FULL.id, {"isPermaLink": "false"}),
        ("title", ODD, {}),
        ("link", FULL.url, {}),
        ("pubDate", "Sat, 01 Mar 2025 08:30:00 +0000", {}),
        (f"{ATOM}updated", "2025-03-02T08:30:00.250Z", {}),
        (CREATOR, "Ida Holm", {}),
        (CREATOR, "Tam Ruddock", {}),
        ("category", "Ferries", {}),
        ("category", "Islands & tides", {}),
        ("description", FULL.summary, {}),
        (f"{CONTENT}encoded", FULL.html, {}),
        ("enclosure", None, {**picture, "length": "0", "type": "image/jpeg"}),
        (f"{MEDIA}content", None, {**picture, "medium": "image", "type": "image/jpeg", **size}),
        (f"{MEDIA}thumbnail", None, {**picture, **size}),
    ]
    assert parsedate_to_datetime(text_of(full, "pubDate")) == CREATED
    # An enclosure needs a media type, which the URL of this picture does not tell.
    assert bare.find("enclosure") is None
    assert bare.find(f"{MEDIA}content") is not None


def test_a_json_feed_has_all_that_version_1_1_requires_and_more() -> None:
    feed = json.loads(to_json_feed(feed_of(FULL, BARE)))
    full, bare = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Site",
        "description": "All its news",
        "home_page_url": "https://news.example/",
        "feed_url": "https://news.example/feeds/all?a=1&b=2",
        "icon": "https://news.example/favicon.ico",
        "language": "en",
    }
    assert full == {
        "id": FULL.id,
        "url": FULL.url,
        "title": ODD,
        "content_html": FULL.html,
        "summary": FULL.summary,
        "image": "https://gull.example/ferry.jpg?a=1&b=2",
        "date_published": "2025-03-01T08:30:00Z",
        "date_modified": "2025-03-02T08:30:00.250Z",
        "authors": [{"name": "Ida Holm"}, {"name": "Tam Ruddock"}],
        "tags": ["Ferries", "Islands & tides"],
        "language": "ar",
    }
    assert bare["content_text"] == "Bare"  # an item needs a content


@pytest.mark.parametrize("render", [to_atom, to_rss])
def test_a_feed_reader_understands_the_feed(render: type) -> None:
    parsed = feedparser.parse(render(feed_of(FULL, BARE)))
    assert not parsed.bozo
    full, bare = parsed.entries
    assert (full.id, full.link) == (FULL.id, FULL.url)
    assert full.published_parsed[:6] == (2025, 3, 1, 8, 30, 0)
    assert full.updated_parsed[:6] == (2025, 3, 2, 8, 30, 0)
    assert {author.name for author in full.authors} == {"Ida Holm", "Tam Ruddock"}
    assert [tag.term for tag in full.tags] == list(FULL.topics)
    assert full.media_thumbnail[0]["url"] == "https://gull.example/ferry.jpg?a=1&b=2"
    assert full.enclosures[0]["href"] == "https://gull.example/ferry.jpg?a=1&b=2"
    assert bare.title == "Bare"


@pytest.mark.parametrize("render", [to_atom, to_rss, to_json_feed])
def test_a_feed_without_entries_is_complete(render: type) -> None:
    content = render(feed_of())
    if render is to_json_feed:
        assert json.loads(content)["items"] == []
    else:
        assert feedparser.parse(content).feed.updated_parsed[0] == 1970


@given(st.text(st.characters(codec="utf-8")))
@examples(50)
def test_any_text_is_well_formed_xml_without_what_xml_forbids(text: str) -> None:
    entry = FULL._replace(title=text, html=text, topics=(text,), url=text)
    allowed = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    lines = re.sub("\r\n?", "\n", allowed)  # as parsers read them
    for render in (to_atom, to_rss):
        root = fromstring(render(feed_of(entry)))
        titles = [each.text or "" for each in root.iter() if each.tag in (f"{ATOM}title", "title")]
        assert titles[1] == lines


NODE: dict[str, Any] = {
    "slug": "_news/ferry",
    "title": "A new ferry",
    "excerpt": None,
    "publishedDateTime": None,
    "updatedDateTime": None,
    "language": "pt_BR",
    "webUrl": "https://gull.example/ferry",
    "provider": {"name": "The Gull"},
    "authors": [],
    "topics": [],
    "leadImage": None,
}


def test_the_id_of_an_entry_depends_on_its_slug_only() -> None:
    entry = entry_of(NODE, "https://news.example")
    other = {**NODE, "title": "x", "webUrl": None, "publishedDateTime": CREATED}
    assert entry.id == "urn:uuid:39a8763e-7cac-500f-91f1-04b69a7bb104"  # for ever
    assert entry_of(other, "https://www.example").id == entry.id
    assert entry_of({**NODE, "slug": "_news/ferries"}, "https://news.example").id != entry.id


def test_missing_or_unsafe_fields_of_an_article_are_replaced() -> None:
    entry = entry_of(NODE, "https://news.example")
    assert (entry.authors, entry.updated, entry.language) == (("The Gull",), EPOCH, "pt-BR")
    unsafe = {**NODE, "webUrl": "javascript:alert(1)", "language": "the local dialect"}
    entry = entry_of(
        {**unsafe, "publishedDateTime": "2025-03-01T08:30:00Z"}, "https://news.example"
    )
    assert entry.url == "https://news.example/article/_news/ferry"
    assert (entry.updated, entry.language) == (CREATED, None)


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        ("https://gull.example/a.JPG?width=640", "image/jpeg"),
        ("/media/a.webp", "image/webp"),
        ("https://gull.example/a.avif", "image/avif"),
        ("https://gull.example/a.html", None),
        ("https://gull.example/picture?name=a.png", None),
    ],
)
def test_the_media_type_of_a_picture_is_that_of_its_ending(
    url: str, media_type: str | None
) -> None:
    image = {"url": url, "width": 640, "height": None}
    picture = entry_of({**NODE, "leadImage": image}, "https://news.example").picture
    assert picture is not None
    assert (picture.media_type, picture.width, picture.height) == (media_type, 640, None)


def test_a_picture_without_an_absolute_url_is_left_out() -> None:
    image = {"url": "images/a.jpg", "width": 640, "height": 360}
    node = {**NODE, "leadImage": image, "webUrl": None}
    assert entry_of(node, "https://news.example").picture is None


def test_a_picture_with_a_relative_url_is_that_of_the_articles_page() -> None:
    image = {"url": "images/a.jpg", "width": 640, "height": 360}
    picture = entry_of({**NODE, "leadImage": image}, "https://news.example").picture
    assert picture is not None
    assert picture.url == "https://gull.example/images/a.jpg"
