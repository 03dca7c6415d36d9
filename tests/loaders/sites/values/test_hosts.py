"""The hosts of URLs, with a fast path for the usual ones."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from loaders.sites.values.shapes import host


@pytest.mark.parametrize(
    "url",
    [
        "https://gull.example",
        "https://gull.example/",
        "http://WWW.Gull.example/a?b#c",
        "https://gull.example:8080/a",
        "https://ada@gull.example/a",
        "https://gull.example?a",
        "https://gull.example\n/a",
        "https://möwe.example/a",
        "https://localhost/a",
        "//gull.example/a",
        "ftp://gull.example/a",
    ],
)
def test_the_host_of_a_url_is_as_the_standard_library_reads_it(url: str) -> None:
    hostname = urlsplit(url).hostname
    assert hostname is not None
    assert host(url) == hostname.removeprefix("www.")


@pytest.mark.parametrize("url", ["https://", "https://[a", " ", None, 5])
def test_an_invalid_url_has_no_host(url: object) -> None:
    assert host(url) is None
