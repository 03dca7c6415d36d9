"""URLs of the same page have one key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.fields.url_key import url_key

PAGE = "https://gull.example/ferry"


@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        "http://gull.example/ferry",
        "//gull.example/ferry",
        f"{PAGE}/",
        f"{PAGE}//",
        f" {PAGE}\n",
        "HTTPS://GULL.example/ferry",
        "https://gull.example:443/ferry",
        "http://gull.example:80/ferry/",
        f"{PAGE}?utm_source=tern&UTM_medium=mail",
        f"{PAGE}/?fbclid=1&gclid=2",
        f"{PAGE}?",
        "https://gull.example/%66err%79",
    ],
)
def test_urls_of_a_page_have_one_key(url: str) -> None:
    assert url_key(url) == "//gull.example/ferry"


@pytest.mark.parametrize(
    "url",
    [
        "https://gull.example/Ferry",
        "https://www.gull.example/ferry",
        "https://gull.example:8443/ferry",
        "http://gull.example:443/ferry",
        f"{PAGE}?page=2",
        f"{PAGE}?ref=tern",
        f"{PAGE}#harbour",
        f"{PAGE}/index.html",
        "/ferry",
        "ftp://gull.example/ferry",
        "",
    ],
)
def test_other_urls_have_other_keys(url: str) -> None:
    assert url_key(url) != "//gull.example/ferry"


def test_parameters_of_the_page_stay_in_their_order() -> None:
    assert url_key(f"{PAGE}?b=1&utm_id=3&a=2") == "//gull.example/ferry?b=1&a=2"


@pytest.mark.parametrize("url", ["mailto:a@gull.example", "http://[", "javascript:1"])
def test_a_text_that_is_no_page_url_is_its_own_key(url: str) -> None:
    assert url_key(url) == url


@given(st.text() | st.from_regex(r"https?://[a-z.]{1,9}(:\d{1,3})?/[a-z/]{0,9}(\?[a-z=&_]{0,9})?"))
def test_the_key_of_a_key_is_the_key(url: str) -> None:
    assert url_key(url_key(url)) == url_key(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "https://gull.example/ü/straße?ort=köln#süd",
            "https://gull.example/%C3%BC/stra%c3%9fe?ort=k%C3%B6ln#s%C3%BCd",
        ),
        ("https://gull.example/a b", "https://gull.example/a%20b"),
        ("https://gull.example/a%2fb", "https://gull.example/a%2Fb"),
        ("https://xn--mwe-sna.example/", "https://möwe.example"),
    ],
)
def test_characters_are_equal_with_and_without_percent_encoding(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


def test_reserved_characters_stay_percent_encoded() -> None:
    assert url_key(f"{PAGE}%2Fa%3Fb%25%80") == "//gull.example/ferry%2Fa%3Fb%25%80"


@given(
    st.text(
        st.sampled_from('ab%C3c9fF/ ?#&=ü{}"<20\x80\u3000')
        | st.characters(exclude_categories=["Cs"])
    )
)
def test_a_key_is_its_own_key(path: str) -> None:
    key = url_key(f"https://gull.example/{path}")
    assert url_key(f"https:{key}") == key
