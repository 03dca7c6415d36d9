"""Featured content: what an article embeds, such as a player."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urlsplit

import strawberry

from graph.schema.execution.context import Info
from graph.schema.execution.fields.computed_fields import computed
from graph.store.driver.read_commands import Row
from graph.text.markup import Tag, element, tokens

_ATTRIBUTE: Final = re.compile(
    r"""([^\s/>="'][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?+"""
)
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_SIZE: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Embed:
    """A frame: an https URL on a known host, and the size in pixels that its document claims."""

    url: str
    host: str
    width: int | None = None
    height: int | None = None

    @property
    def html(self) -> str:
        """The frame as new HTML, which contains none of the document's own markup."""
        return element(
            "iframe",
            {
                "src": self.url,
                "width": self.width,
                "height": self.height,
                "sandbox": "allow-scripts allow-same-origin allow-presentation",
                "allowfullscreen": "",
                "loading": "lazy",
                "referrerpolicy": "strict-origin-when-cross-origin",
            },
        )


def embed_of(markup: str, hosts: frozenset[str]) -> Embed | None:
    """Return the first embed from one of these hosts; None if there is none."""
    for token in tokens(markup):
        if isinstance(token, Tag) and token.name == "iframe" and not token.is_end:
            embed = _embed(_attributes(token), hosts)
            if embed is not None:
                return embed
    return None


def _embed(attributes: dict[str, str], hosts: frozenset[str]) -> Embed | None:
    url = attributes.get("src", "").strip("\t\n\f\r ")
    if _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # no URL: brackets that do not pair, and the like
        return None
    host = parts.netloc.lower().removesuffix(":443")
    if parts.scheme not in {"", "http", "https"} or host not in hosts or not parts.netloc.isascii():
        return None
    return Embed(
        url=parts._replace(scheme="https", netloc=host).geturl(),
        host=host,
        width=_size(attributes.get("width", "")),
        height=_size(attributes.get("height", "")),
    )


def _attributes(tag: Tag) -> dict[str, str]:
    """Return the attributes by name. Of several with the same name, the first counts."""
    values: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag.attributes):
        values.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
    return values


def _size(text: str) -> int | None:
    return int(text) if _SIZE.fullmatch(text) else None


@strawberry.type(
    description="The embedded content of an article, such as a player. `html` is safe to show."
)
class FeaturedContent:
    row: strawberry.Private[Row]
    """The `embed`, which may be None, and the `raw` markup."""

    embed_url: str | None = computed(
        lambda row: row["embed"] and row["embed"].url,
        description="The player's https URL; null if its host is not one of the allowed hosts.",
    )
    host: str | None = computed(
        lambda row: row["embed"] and row["embed"].host,
        description="The host of the player.",
    )
    width: int | None = computed(
        lambda row: row["embed"] and row["embed"].width,
        description="The width in pixels, according to the document.",
    )
    height: int | None = computed(
        lambda row: row["embed"] and row["embed"].height,
        description="The height in pixels, according to the document.",
    )
    html: str | None = computed(
        lambda row: row["embed"] and row["embed"].html,
        description="The player as a sandboxed iframe, rebuilt by newsgraph; null if `embedUrl` "
        "is null.",
    )
    raw: str = computed(
        lambda row: row["raw"],
        description="The HTML as it is in the document. It is unsafe to show.",
    )


def featured_content_of(row: Row, info: Info) -> Row | None:
    """Return what an article embeds; None if it embeds nothing."""
    raw = row.get("featuredContent")
    return {"embed": embed_of(raw, info.context.video_hosts), "raw": str(raw)} if raw else None
