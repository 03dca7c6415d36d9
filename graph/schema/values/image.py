"""Images, as documents and organisation files hold them."""

from __future__ import annotations

import re
from enum import Enum
from html import unescape
from html.entities import html5
from typing import Annotated, Any, Final
from urllib.parse import unquote

import strawberry

from graph.errors import BadUserInput
from graph.fields.embedded_documents import ImageDocument
from graph.schema.execution.fields.computed_fields import computed
from graph.schema.execution.fields.stored_fields import declared_fields
from graph.store.driver.read_commands import Row
from graph.store.queries.pagination.page_args import bounded

MAX_WIDTH: Final = 100_000

FirstImages = Annotated[
    int | None, strawberry.argument(description="The maximum number: 1 to 100; all by default.")
]
MinWidth = Annotated[
    int | None,
    strawberry.argument(
        description="Only pictures at least this wide, in pixels; an unknown width counts as 0."
    ),
]
MaxWidth = Annotated[
    int | None,
    strawberry.argument(
        description="Only pictures at most this wide, in pixels. Pictures of unknown width are "
        "included unless `minWidth` is above 0."
    ),
]
Width = Annotated[
    int | None,
    strawberry.argument(
        description="The width at which a picture will be shown, in pixels. The best fit comes "
        "first: the narrowest picture that is at least this wide, then wider ones, then narrower "
        "ones."
    ),
]
ExcludePlaceholders = Annotated[
    bool | None,
    strawberry.argument(description="Leave out pictures whose `isPlaceholder` is true."),
]

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:https?:)?//([^/?#]*)", re.IGNORECASE)
_SIZE: Final = r"(?:[-_]?[0-9]+x[0-9]+)?"
_STAND_IN: Final = re.compile(
    r"(?:.*[-_. ])?(?:placeholder|spacer"
    r"|no[-_ ]?(?:image|img|photo|picture|thumb|thumbnail)(?:[-_ ]available)?"
    r"|default[-_ ]?(?:image|img|logo|photo|picture|thumb|thumbnail)"
    r"|(?:image|img|photo|picture)[-_ ](?:missing|not[-_ ]found))" + _SIZE
)
_STAND_IN_WORD: Final = re.compile(r"(?:[^-_. ]*[-_. ])?(?:default|blank|missing)" + _SIZE)
"""Words that end the names of real pictures too (`bank-near-default`): in short names only."""

_UNFIT: Final = re.compile(r"\s|^,|,$")
"""What a URL in a `srcset` must not contain: white space, or a comma at an end."""

SELECTION_PATHS: Final = ("images.url", "images.width", "images.height")
"""The stored paths by which images are chosen."""

_THUMBNAIL_HOSTS: Final = frozenset({"i.ytimg.com", "img.youtube.com"})
"""Where each video's real picture is called `default.jpg`, in a folder of its own."""


@strawberry.enum(description="The orientation of a picture.")
class Orientation(Enum):
    LANDSCAPE = strawberry.enum_value("landscape", description="Wider than high.")
    PORTRAIT = strawberry.enum_value("portrait", description="Higher than wide.")
    SQUARE = strawberry.enum_value("square", description="As wide as high.")


def url_of(row: Row) -> str:
    """Return the URL with its HTML entities decoded once."""
    return decode_entities(row.get("url") or "")


def decode_entities(url: str) -> str:
    """Return a URL without HTML entities; only those that end in `;` are entities."""
    return _ENTITY.sub(_decoded, url) if "&" in url else url


def _decoded(entity: re.Match[str]) -> str:
    if entity[1] is None:
        return unescape(entity[0])
    return html5.get(f"{entity[1]};", entity[0])


def aspect_ratio_of(row: Row) -> float | None:
    width, height = row.get("width"), row.get("height")
    return width / height if width and height else None


def orientation_of(row: Row) -> Orientation | None:
    width, height = row.get("width"), row.get("height")
    if not width or not height:
        return None
    if width == height:
        return Orientation.SQUARE
    return Orientation.LANDSCAPE if width > height else Orientation.PORTRAIT


def is_placeholder(row: Row) -> bool:
    """Whether an image only says that there is no picture."""
    url = url_of(row).strip()
    scheme = _SCHEME.match(url)
    if not url or (scheme and scheme[1].lower() not in {"http", "https"}):
        return True
    if any(side is not None and side <= 1 for side in (row.get("width"), row.get("height"))):
        return True
    host = _HOST.match(url)
    if host and host[1].lower() in _THUMBNAIL_HOSTS:
        return False
    path = re.split(r"[?#]", url[host.end() :] if host else url, maxsplit=1)[0]
    name = unquote(path.rpartition("/")[2]).casefold()
    stem = name.rpartition(".")[0] or name
    return bool(_STAND_IN.fullmatch(stem) or _STAND_IN_WORD.fullmatch(stem))


@strawberry.type(description="A picture, as described by its document.")
@declared_fields(ImageDocument)
class Image:
    row: strawberry.Private[Row]

    url: str = computed(url_of, "url")
    aspect_ratio: float | None = computed(
        aspect_ratio_of,
        "width",
        "height",
        description="Width divided by height; null if either is unknown or zero.",
    )
    orientation: Orientation | None = computed(
        orientation_of,
        "width",
        "height",
        description="Landscape, portrait or square; null if the width or height is unknown or "
        "zero.",
    )
    is_placeholder: bool = computed(
        is_placeholder,
        "url",
        "width",
        "height",
        description="Whether it is a placeholder: its URL is not on the web, it claims to be at "
        "most one pixel wide or high, or its file name says so, such as `default.jpg`"
        " or `no-image.png`.",
    )


def images_of(
    row: Row,
    first: FirstImages = None,
    min_width: MinWidth = None,
    max_width: MaxWidth = None,
    exclude_placeholders: ExcludePlaceholders = False,
    width: Width = None,
) -> list[Row]:
    """Return the images within these widths, at most `first` of them; with `width`, the best fit
    first.
    """
    if not exclude_placeholders and {first, min_width, max_width, width} == {None}:
        return list(row.get("images") or ())
    if first is not None:
        bounded("first", first)
    least = bounded("minWidth", min_width or 0, maximum=MAX_WIDTH, minimum=0)
    most = None if max_width is None else bounded("maxWidth", max_width, MAX_WIDTH, minimum=0)
    if most is not None and least > most:
        message = f"minWidth: {least} is more than maxWidth, which is {most}"
        raise BadUserInput("minWidth", message, minimum=0, maximum=most)
    selected = []
    for image in row.get("images") or ():
        image_width = image.get("width") or 0
        if image_width < least or (most is not None and image_width > most):
            continue
        if not (exclude_placeholders and is_placeholder(image)):
            selected.append(image)
    if width is not None:
        target_width = bounded("width", width, MAX_WIDTH)
        selected.sort(key=lambda image: _fitness(image.get("width") or 0, target_width))
    return selected[:first]


def _fitness(width: int, target_width: int) -> tuple[bool, int]:
    return width < target_width, width if width >= target_width else -width


def images_field(description: str | None = None) -> Any:
    """Return the field with the images of an object."""
    return computed(
        images_of, *SELECTION_PATHS, nested="images", path="images", description=description
    )


def lead_image_of(row: Row, min_width: MinWidth = None) -> Row | None:
    """Return the first image of a story that is no placeholder and is at least this wide."""
    images = row.get("images") or () if min_width is None else images_of(row, min_width=min_width)
    return next((image for image in images if not is_placeholder(image)), None)


def srcset_of(row: Row) -> str | None:
    """Return the sizes of the lead image by width, as the value of HTML's attribute `srcset`.

    Images are sizes of one picture if their URLs differ only in their own width and height.
    """
    lead = lead_image_of(row)
    sizes: dict[int, str] = {}
    for image in row.get("images") or ():
        width, url = image.get("width"), url_of(image)
        is_size = lead and width and _without_size(image) == _without_size(lead)
        if is_size and not is_placeholder(image) and not _UNFIT.search(url):
            sizes.setdefault(width, f"{url} {width}w")
    return ", ".join(sizes[width] for width in sorted(sizes)) or None


def _without_size(image: Row) -> str:
    sizes = "|".join(str(image[side]) for side in ("width", "height") if image.get(side))
    url = url_of(image)
    return re.sub(rf"(?<!\d)(?:{sizes})(?!\d)", "0", url) if sizes else url
