"""Absolute URLs: of the server, and in documents."""

from __future__ import annotations

from typing import Any

import pytest

from graph.config import Settings
from graph.web.resources.public_url import picture_uri, public_url, uri_of


def scope_of(*hosts: bytes, scheme: str = "http") -> dict[str, Any]:
    headers = [(b"host", host) for host in hosts]
    return {"scheme": scheme, "headers": headers, "server": ("127.0.0.1", 8000)}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (b"news.example", "https://news.example"),
        (b"News.Example:8443", "https://news.example:8443"),
        (b"[::1]:8000", "https://[::1]:8000"),
        (b"news.example/x", "https://127.0.0.1:8000"),
        (b'"><script>', "https://127.0.0.1:8000"),
        (b"", "https://127.0.0.1:8000"),
    ],
)
def test_the_public_url_is_that_of_the_request_if_it_names_a_host(host: bytes, url: str) -> None:
    assert public_url(Settings(), scope_of(host, scheme="https")) == url
    configured = Settings(public_url="https://www.example")
    assert public_url(configured, scope_of(host)) == "https://www.example"


def test_without_a_host_the_public_url_is_the_address_of_the_server() -> None:
    assert public_url(Settings(), scope_of()) == "http://127.0.0.1:8000"
    assert public_url(Settings(), {**scope_of(), "server": None}) == "http://localhost"


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("https://gull.example/ferry?a=1&b=%20#top", "https://gull.example/ferry?a=1&b=%20#top"),
        (" HTTP://gull.example/å b ", "http://gull.example/%C3%A5%20b"),
        ("https://möwe.example:81/x", "https://xn--mwe-sna.example:81/x"),
        ("/media/a.jpg", "https://news.example/media/a.jpg"),
        ('https://gull.example/"<x>', "https://gull.example/%22%3Cx%3E"),
        ("//gull.example/a.jpg", None),
        ("images/a.jpg", None),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AA==", None),
        ("https://", None),
        ("https://[x", None),
        ("https://a b/", None),
        (f"https://{'ä' * 80}.example", None),
        ("", None),
        (None, None),
    ],
)
def test_a_url_of_a_document_becomes_a_uri_or_nothing(text: str | None, uri: str | None) -> None:
    assert uri_of(text, "https://news.example") == uri


@pytest.mark.parametrize(
    ("url", "page", "uri"),
    [
        ("https://cdn.example/a.jpg", None, "https://cdn.example/a.jpg"),
        ("/media/a.jpg", "https://gull.example/news/ferry", "https://news.example/media/a.jpg"),
        ("a b.jpg", "https://gull.example/news/ferry", "https://gull.example/news/a%20b.jpg"),
        ("a.jpg", "/news/ferry", None),
        ("a.jpg", None, None),
        ("javascript:alert(1)", "https://gull.example/", None),
        ("//[a.jpg", "https://gull.example/", None),
        (None, "https://gull.example/", None),
    ],
)
def test_the_url_of_a_picture_becomes_a_uri(
    url: str | None, page: str | None, uri: str | None
) -> None:
    assert picture_uri(url, page, "https://news.example") == uri


def test_entities_in_urls_are_decoded() -> None:
    assert uri_of("https://gull.example/?a=1&amp;b=2&copy=3") == (
        "https://gull.example/?a=1&b=2&copy=3"
    )
