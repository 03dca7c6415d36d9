"""HTML from the templates of the reader's pages: whatever a document contains is text in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from graph.schema.values.scalars import serialize_date
from graph.web.pages.content.date_format import DateFormat
from graph.web.pages.content.document_urls import picture_url, web_url
from graph.web.pages.page_paths import article_path, provider_path, topic_path
from graph.web.resources.timestamps import timestamp_of

TEMPLATES: Final = Path(__file__).parent / "templates"

_LANGUAGES: Final = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\u1100-\u11ff\uac00-\ud7af]"), "ko"),
    (re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]{3}"), "el"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0400-\u04ff]{3}"), "und-Cyrl"),
)
"""Letters that few languages but one are written in; see `format.js`."""


def render(template: str, context: Mapping[str, Any], dates: DateFormat, root: str = "") -> bytes:
    """Return a page in UTF-8; its links to other pages begin with the root path."""
    return _environment(dates, root).get_template(template).render(context).encode()


def templates_digest() -> str:
    """Return a digest of the templates, on which all pages depend."""
    digest = hashlib.sha256()
    for path in sorted(TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def json_script(value: Any) -> Markup:
    """Return JSON that can stand in a script element: nothing in it ends the element."""
    return Markup(orjson.dumps(value).replace(b"<", b"\\u003c").decode())


def _language_of(text: str) -> str | None:
    return next((tag for letters, tag in _LANGUAGES if letters.search(text)), None)


def _iso(value: Any) -> str:
    timestamp = timestamp_of(value)
    return serialize_date(timestamp) if timestamp else ""


def _stories(count: int) -> str:
    return f"{count:,} {'story' if count == 1 else 'stories'}"


def _headline(story: Mapping[str, Any]) -> str:
    """Return the title of a story; for a related story in the corpus, that of its article."""
    title: str = (story.get("article") or story)["title"]
    return title


def _story_path(root: str, story: Mapping[str, Any]) -> str | None:
    """Return the target of a headline: the story's page in the reader, or else its publisher's."""
    slug = story.get("slug") or (story.get("article") or {}).get("slug")
    return root + article_path(slug) if slug else web_url(story.get("webUrl"), root)


@lru_cache(maxsize=8)
def _environment(dates: DateFormat, root: str) -> Environment:
    def date(value: Any) -> str:
        timestamp = timestamp_of(value)
        return dates.write(timestamp) if timestamp else ""

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        date=date,
        headline=_headline,
        iso=_iso,
        json_script=json_script,
        language=_language_of,
        number="{:,}".format,
        picture_url=partial(picture_url, root=root),
        provider_path=lambda provider: root + provider_path(provider["domain"], provider["name"]),
        stories=_stories,
        story_path=partial(_story_path, root),
        topic_path=lambda topic: root + topic_path(topic["slug"]),
        web_url=partial(web_url, root=root),
    )
    environment.globals["root"] = root
    return environment
