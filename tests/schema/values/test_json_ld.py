"""Articles as JSON-LD."""

from __future__ import annotations

from typing import Any

import pytest

from graph.schema.values.json_ld import JSON_LD_PATHS, json_ld_of
from graph.store.driver.database import Database
from tests.builders import article, authors, moment, provider
from tests.compiler.sameness import Watched, compare
from tests.stored import store


async def test_a_complete_article_is_a_news_article_of_schema_org(mock: Database) -> None:
    pictures: list[dict[str, Any]] = [
        {"url": "https://gull.example/default.jpg"},
        {"url": "/of-some-server.jpg"},
        {"url": "quay.jpg"},
        {"url": "https://gull.example/ferry.jpg?a=1&amp;b=2", "width": 640, "height": 360}
        | {"title": "The new ferry", "attribution": "Ida Holm"},
    ]
    logos = [{"url": f"https://gull.example/{size}.png", "width": size} for size in (16, 128, 64)]
    row = article(
        "ferry",
        title="A new ferry",
        excerpt="It is electric.",
        updatedDateTime=moment(2),
        language="en",
        category="news",
        topics=["Ferries", "Islands"],
        authors=authors("Ida Holm"),
        provider={**provider(), "images": logos},
        images=pictures,
    )
    await store(mock, row)
    answer = await compare(Watched(), mock, '{ article(slug: "ferry") { jsonLd } }')
    assert not answer.errors
    assert answer.data is not None
    assert answer.data["article"]["jsonLd"] == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "A new ferry",
        "description": "It is electric.",
        "url": "https://gull.example/ferry",
        "mainEntityOfPage": {"@type": "WebPage", "@id": "https://gull.example/ferry"},
        "image": [
            {"@type": "ImageObject", "url": "https://gull.example/quay.jpg"},
            {
                "@type": "ImageObject",
                "url": "https://gull.example/ferry.jpg?a=1&b=2",
                "width": 640,
                "height": 360,
                "caption": "The new ferry",
                "creditText": "Ida Holm",
            },
        ],
        "datePublished": "2025-03-01T00:00:00Z",
        "dateModified": "2025-03-02T00:00:00Z",
        "author": [{"@type": "Person", "name": "Ida Holm"}],
        "publisher": {
            "@type": "Organization",
            "name": "The Gull",
            "url": "https://gull.example",
            "logo": {"@type": "ImageObject", "url": "https://gull.example/128.png", "width": 128},
        },
        "articleSection": "news",
        "keywords": ["Ferries", "Islands"],
        "inLanguage": "en",
    }


def test_properties_without_a_value_are_left_out() -> None:
    row = article("bare", title="Bare", webUrl=None, publishedDateTime=None)
    assert json_ld_of(row) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Bare",
        "publisher": {
            "@type": "Organization",
            "name": "The Gull",
            "url": "https://gull.example",
        },
    }


def test_an_article_without_a_page_has_the_url_at_which_it_was_found() -> None:
    row = article("clip", webUrl=None, originalUrl="https://reel.example/?clip=1&amp;at=2")
    assert json_ld_of(row)["url"] == "https://reel.example/?clip=1&at=2"
    script = article("script", webUrl="javascript:alert(1)", originalUrl=None)
    assert "url" not in json_ld_of(script)


@pytest.mark.parametrize(
    ("page", "url", "absolute"),
    [
        ("https://gull.example/news/ferry", "../a.jpg", "https://gull.example/a.jpg"),
        ("https://gull.example/news/ferry", "//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("https://gull.example/news/ferry", "/media/a.jpg", None),
        ("https://gull.example/news/ferry", "data:image/png;base64,AA", None),
        ("https://gull.example/news/ferry", "//[a.jpg", None),
        ("/news/ferry", "a.jpg", None),
        (None, "a.jpg", None),
    ],
)
def test_a_picture_is_shown_if_its_absolute_url_is_known(
    page: str | None, url: str, absolute: str | None
) -> None:
    images = json_ld_of(article("ferry", webUrl=page, images=[{"url": url}])).get("image", [])
    assert [image["url"] for image in images] == [absolute][: len(images)]
    assert bool(images) is (absolute is not None)


def test_nothing_but_the_declared_paths_is_read() -> None:
    roots = {path.partition(".")[0] for path in JSON_LD_PATHS}
    row = article("ferry", topics=["Ferries"], secured="a secret", extra={"a": 1})
    narrow = {name: value for name, value in row.items() if name in roots}
    assert json_ld_of(narrow) == json_ld_of(row)
