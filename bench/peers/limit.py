"""The limit: the same answers by a handler per query, without GraphQL.

    python limit.py MONGO_URL PORT [--reads pymongo|motor|memory]

One command with an exact projection for each query, two where related articles are resolved, and
orjson over dictionaries. It knows the four queries by their names, checks nothing, and serves
nothing else: an API that answers what it is asked can hardly be faster without remembering.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Awaitable, Callable
from functools import partial
from html import unescape
from typing import Final

import orjson
from host import App, Receive, Scope, Send, serve
from stored_articles import BY_URL, PAGE, Reads, Row, reads_of, write_cursor

RELATED: Final = 5

_OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
_ENTITY: Final = re.compile("&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);")

_STORY: Final = (
    *("title", "webUrl", "provider.name", "provider.domain"),
    *("images.url", "images.width", "images.height"),
)
_OWN: Final = ("excerpt", "publishedDateTime", "type", "topics")
CARD: Final = dict.fromkeys((*_STORY, *_OWN), 1)
BY_ID: Final = {**CARD, "quality": 1, "heat": 1}
WITH_RELATED: Final = {**CARD, **{f"related.{name}": 1 for name in _STORY}}
POINTERS: Final = dict.fromkeys(
    ("title", "publishedDateTime", "related.title", "related.webUrl"), 1
)
TARGETS: Final = {**BY_URL, "title": 1, "heat": 1}


async def by_id(reads: Reads, variables: Row) -> Row:
    """One article."""
    row = await reads.by_slug(variables["slug"], BY_ID)
    if row is None:
        return {"article": None}
    return {"article": {**card(row), "quality": row.get("quality"), "heat": row.get("heat")}}


async def front_page(reads: Reads, variables: Row) -> Row:
    """A page of cards."""
    rows = await reads.newest(variables.get("after"), CARD)
    return connection(rows, [card(row) for row in rows[:PAGE]])


async def with_related(reads: Reads, variables: Row) -> Row:
    """A page of cards with the stories that they point at, as they describe them."""
    rows = await reads.newest(variables.get("after"), WITH_RELATED)
    nodes = []
    for row in rows[:PAGE]:
        stories = [
            {
                "title": story["title"],
                "webUrl": story.get("webUrl"),
                "provider": provider(story),
                "images": images(story),
            }
            for story in (row.get("related") or ())[:RELATED]
        ]
        nodes.append({**card(row), "related": stories})
    return connection(rows, nodes)


async def related_resolved(reads: Reads, variables: Row) -> Row:
    """A page with the articles that its related stories stand for, if they are here."""
    rows = await reads.newest(variables.get("after"), POINTERS)
    related = [(row.get("related") or ())[:RELATED] for row in rows[:PAGE]]
    urls = {url for stories in related for story in stories if (url := story.get("webUrl"))}
    found = {
        url: {"slug": target["_id"], "title": target["title"], "heat": target.get("heat")}
        for url, target in (await reads.by_urls(list(urls), TARGETS) if urls else {}).items()
    }
    nodes = [
        {
            "slug": row["_id"],
            "title": row["title"],
            "related": [
                {"title": story["title"], "article": found.get(story.get("webUrl"))}
                for story in stories
            ],
        }
        for row, stories in zip(rows[:PAGE], related, strict=True)
    ]
    return connection(rows, nodes)


HANDLERS: Final[dict[str, Callable[[Reads, Row], Awaitable[Row]]]] = {
    "ById": by_id,
    "FrontPage": front_page,
    "WithRelated": with_related,
    "RelatedResolved": related_resolved,
}


def card(row: Row) -> Row:
    """What every list shows of an article."""
    return {
        "slug": row["_id"],
        "title": row["title"],
        "excerpt": row.get("excerpt"),
        "publishedDateTime": row.get("publishedDateTime"),
        "webUrl": row.get("webUrl"),
        "type": row.get("type"),
        "topics": [{"name": name} for name in row.get("topics") or ()],
        "provider": provider(row),
        "images": images(row),
    }


def provider(row: Row) -> Row:
    """Who published an article or a story."""
    found = row["provider"]
    return {"name": found["name"], "domain": found["domain"]}


def images(row: Row) -> list[Row]:
    """The pictures of an article or a story."""
    return [
        {
            "url": decoded(image["url"]),
            "width": image.get("width"),
            "height": image.get("height"),
        }
        for image in row.get("images") or ()
    ]


def decoded(url: str) -> str:
    """The URL without HTML entities; most have none."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), url) if ";" in url else url


def connection(rows: list[Row], nodes: list[Row]) -> Row:
    """A page; a row more than it has room for says that more follow."""
    end = write_cursor(rows[len(nodes) - 1]) if nodes else None
    return {
        "articles": {
            "edges": [{"node": node} for node in nodes],
            "pageInfo": {"hasNextPage": len(rows) > len(nodes), "endCursor": end},
        }
    }


async def answer(reads: Reads, scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application: a request in, an answer out."""
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    request = orjson.loads(body)
    data = await HANDLERS[request["operationName"]](reads, request["variables"])
    said = orjson.dumps({"data": data}, option=_OPTIONS)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    parser.add_argument("--reads", choices=["pymongo", "motor", "memory"], default="pymongo")
    given = parser.parse_args()

    async def make() -> App:
        return partial(answer, await reads_of(given.reads, given.url))

    serve(make, given.port)


if __name__ == "__main__":
    main()
