"""Images: their URLs, their shape, and which are placeholders."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadUserInput
from graph.schema.values.image import (
    Image,
    Orientation,
    images_of,
    is_placeholder,
    lead_image_of,
    orientation_of,
    srcset_of,
    url_of,
)

Row = dict[str, Any]


def picture(url: str = "https://gull.example/tide.jpg", **fields: Any) -> Row:
    return {"url": url, **fields}


def urls(images: list[Row]) -> list[str]:
    return [url_of(image) for image in images]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("/tide.jpg?fit=1&#038;ssl=1", "/tide.jpg?fit=1&ssl=1"),
        ("/tide.jpg?a=1&amp;b=2", "/tide.jpg?a=1&b=2"),
        ("/tide.jpg?a=1&#x26;b=2", "/tide.jpg?a=1&b=2"),
        ("/tide.jpg?a=1&amp;amp;b=2", "/tide.jpg?a=1&amp;b=2"),
        ("/tide.jpg?a=1&copy=2", "/tide.jpg?a=1&copy=2"),
        ("/tide.jpg?a=1&notit;b", "/tide.jpg?a=1&notit;b"),
        ("/tide.jpg?a=1&b;c", "/tide.jpg?a=1&b;c"),
        ("/tide.jpg", "/tide.jpg"),
    ],
)
def test_entities_of_a_url_that_end_in_a_semicolon_are_decoded_once(written: str, url: str) -> None:
    assert url_of(picture(written)) == url


@given(st.text(st.characters(exclude_characters=";")))
def test_a_url_without_semicolons_stays_as_it_is(url: str) -> None:
    assert url_of(picture(url)) == url


@pytest.mark.parametrize(
    ("width", "height", "orientation"),
    [
        (1200, 800, Orientation.LANDSCAPE),
        (800, 1200, Orientation.PORTRAIT),
        (50, 50, Orientation.SQUARE),
        (1200, None, None),
        (None, 800, None),
        (0, 800, None),
        (1200, 0, None),
    ],
)
def test_an_image_has_an_orientation_if_width_and_height_are_known(
    width: int | None, height: int | None, orientation: Orientation | None
) -> None:
    assert orientation_of(picture(width=width, height=height)) is orientation


@pytest.mark.parametrize(
    "url",
    [
        "",
        "  ",
        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        "DATA:image/png,x",
        "javascript:alert(1)",
        "ftp://gull.example/tide.jpg",
        "about:blank",
        "https://gull.example/files/images/default.jpg",
        "https://gull.example/gull_default_logo.png",
        "https://gull.example/plugins/SD-default-image.png",
        "https://gull.example/Placeholder.PNG?v=3",
        "https://gull.example/news-placeholder-300x200.jpg#top",
        "https://gull.example/no-image.png",
        "https://gull.example/gull_noimage.gif",
        "https://gull.example/no-image-available.png",
        "https://gull.example/no%20image.png",
        "https://gull.example/spacer.gif",
        "https://gull.example/blank.gif",
        "https://gull.example/og-default.png",
        "https://gull.example/default",
        "//gull.example/missing.png",
        "/assets/image-missing.png",
        "assets/default-logo.svg",
    ],
)
def test_an_image_named_like_a_placeholder_is_one(url: str) -> None:
    assert is_placeholder(picture(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://gull.example/tide.jpg",
        "HTTP://gull.example/tide.jpg",
        "//cdn.gull.example/tide.jpg",
        "/assets/tide.jpg",
        "assets/tide.jpg",
        "https://i.ytimg.com/vi/gull/maxresdefault.jpg",
        "https://i.ytimg.com/vi/gull/hqdefault.jpg",
        "https://i.ytimg.com/vi/gull/default.jpg",
        "https://img.youtube.com/vi/gull/default.jpg",
        "https://gull.example/sites/default/files/tide.jpg",
        "https://gull.example/default/tide_620.jpg",
        "https://default.example/tide.jpg",
        "https://gull.example/tide.jpg?fallback=default.jpg",
        "https://gull.example/bank-near-default.jpg",
        "https://gull.example/hiker-still-missing.jpg",
        "https://gull.example/default-settings-explained.jpg",
        "https://gull.example/placeholders-win-an-award.jpg",
        "https://gull.example",
    ],
)
def test_other_images_are_no_placeholders(url: str) -> None:
    assert not is_placeholder(picture(url))


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(1, 1, True), (0, 300, True), (600, 1, True), (2, 2, False), (None, 300, False)],
)
def test_an_image_of_one_pixel_is_a_placeholder(
    width: int | None, height: int | None, expected: bool
) -> None:
    assert is_placeholder(picture(width=width, height=height)) is expected


WIDTHS = [
    picture("/small.jpg", width=100),
    picture("/unknown.jpg"),
    picture("/wide.jpg", width=1200),
    picture("/null.jpg", width=None),
    picture("/default.jpg", width=600),
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["small", "unknown", "wide", "null", "default"]),
        ({"first": 2}, ["small", "unknown"]),
        ({"min_width": 0}, ["small", "unknown", "wide", "null", "default"]),
        ({"min_width": 101}, ["wide", "default"]),
        ({"max_width": 600}, ["small", "unknown", "null", "default"]),
        ({"min_width": 100, "max_width": 600}, ["small", "default"]),
        ({"min_width": 600, "max_width": 600}, ["default"]),
        ({"exclude_placeholders": True}, ["small", "unknown", "wide", "null"]),
        ({"exclude_placeholders": True, "min_width": 101, "first": 1}, ["wide"]),
    ],
)
def test_images_are_those_within_the_widths(arguments: Any, expected: list[str]) -> None:
    assert urls(images_of({"images": WIDTHS}, **arguments)) == [f"/{name}.jpg" for name in expected]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "first: 0 is not between 1 and 100"),
        ({"first": 101}, "first: 101 is not between 1 and 100"),
        ({"min_width": -1}, "minWidth: -1 is not between 0 and 100000"),
        ({"max_width": 100_001}, "maxWidth: 100001 is not between 0 and 100000"),
        ({"min_width": 9, "max_width": 8}, "minWidth: 9 is more than maxWidth, which is 8"),
    ],
)
def test_invalid_bounds_of_widths_are_rejected(arguments: Any, message: str) -> None:
    with pytest.raises(BadUserInput, match=f"^{message}$"):
        images_of({}, **arguments)


def test_the_lead_image_is_the_first_that_is_no_placeholder() -> None:
    rows = [picture("/default.jpg"), picture("/pixel.gif", width=1), picture("/tide.jpg")]

    assert lead_image_of({"images": rows}) is rows[2]
    assert lead_image_of({"images": rows[:2]}) is None
    assert lead_image_of({"images": None}) is None


def test_an_image_has_its_fields() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def images(self) -> list[Image]:
            pictures = [picture("/a.jpg?b=1&amp;c=2", width=3, height=4), {"url": None}]
            return [Image(row=each) for each in pictures]

    result = strawberry.Schema(Query).execute_sync(
        "{ images { url aspectRatio orientation isPlaceholder } }"
    )

    assert result.errors is None
    assert result.data == {
        "images": [
            {
                "url": "/a.jpg?b=1&c=2",
                "aspectRatio": 0.75,
                "orientation": "PORTRAIT",
                "isPlaceholder": False,
            },
            {"url": "", "aspectRatio": None, "orientation": None, "isPlaceholder": True},
        ]
    }


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (1, [320, 640, 1280, 0]),
        (320, [320, 640, 1280, 0]),
        (500, [640, 1280, 320, 0]),
        (1280, [1280, 640, 320, 0]),
        (5000, [1280, 640, 320, 0]),
    ],
)
def test_the_images_that_fit_a_width_best_come_first(width: int, expected: list[int]) -> None:
    images = [picture(width=each) for each in (640, 320, None, 1280)]
    found = images_of({"images": images}, width=width)
    assert [image["width"] or 0 for image in found] == expected
    assert images_of({"images": images}, first=1, width=width) == found[:1]


@pytest.mark.parametrize("width", [0, -1, 100_001])
def test_an_invalid_width_is_rejected(width: int) -> None:
    with pytest.raises(BadUserInput, match="width"):
        images_of({"images": []}, width=width)


@pytest.mark.parametrize(("least", "expected"), [(None, 320), (0, 320), (321, 640), (641, None)])
def test_the_lead_image_may_have_a_minimum_width(least: int | None, expected: int | None) -> None:
    images = [picture("/default.jpg", width=900), picture(width=320), picture(width=640)]
    found = lead_image_of({"images": images}, least)
    assert (found and found["width"]) == expected


@pytest.mark.parametrize(
    ("images", "srcset"),
    [
        ([], None),
        ([picture("/a.jpg")], None),
        ([picture("/a.jpg", width=640)], "/a.jpg 640w"),
        (
            [picture("/a-640.jpg", width=640), picture("/a-320.jpg", width=320)],
            "/a-320.jpg 320w, /a-640.jpg 640w",
        ),
        (
            [
                picture("/a-640x360.jpg", width=640, height=360),
                picture("/b-320x180.jpg", width=320, height=180),
                picture("/a-320x180.jpg", width=320, height=180),
            ],
            "/a-320x180.jpg 320w, /a-640x360.jpg 640w",
        ),
        ([picture("/a1.jpg", width=640), picture("/a2.jpg", width=320)], "/a1.jpg 640w"),
        (
            [picture("/a.jpg?w=640", width=640), picture("/a.jpg?w=32", width=32)],
            "/a.jpg?w=32 32w, /a.jpg?w=640 640w",
        ),
        ([picture("/a b.jpg", width=640)], None),
        ([picture("/a.jpg,", width=640)], None),
        ([picture("/a.jpg?x=1&amp;y=2", width=640)], "/a.jpg?x=1&y=2 640w"),
        ([picture("/default.jpg", width=900), picture("/a.jpg", width=640)], "/a.jpg 640w"),
    ],
)
def test_the_srcset_has_the_sizes_of_the_lead_image(images: list[Row], srcset: str | None) -> None:
    assert srcset_of({"images": images}) == srcset
