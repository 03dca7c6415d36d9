"""The command line: python -m newsclient front | section | search | sync | manifest."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

from gql import Client
from gql.client import AsyncClientSession
from gql.transport import AsyncTransport
from gql.transport.exceptions import TransportError
from gql.transport.httpx import HTTPXAsyncTransport

from newsclient.news import Refused, front_page, manifest, may_pass, search, section
from newsclient.replica import Replica
from newsclient.transport import GetTransport

LACKS_MANIFEST: Final = (
    "it lacks this client's manifest: "
    "set NEWSGRAPH_TRUSTED_DOCUMENTS to what `python -m newsclient manifest` prints, as a file"
)


def main() -> int:
    """Run a command; 0 if all went well."""
    given = _arguments()
    if given.command == "manifest":
        print(json.dumps(manifest(), indent=2))
        return 0
    try:
        asyncio.run(_run(given))
    except Refused as refused:
        print(f"the server refused: {refused} ({refused.code})", file=sys.stderr)
        if refused.code == "PERSISTED_QUERY_NOT_FOUND":
            print(LACKS_MANIFEST, file=sys.stderr)
        return 1
    except (LookupError, TransportError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


async def _run(given: argparse.Namespace) -> None:
    async with Client(transport=_transport(given.url, given.mode)) as session:
        match given.command:
            case "front":
                await _print_front_page(session, given.first)
            case "section":
                await _print_section(session, given.slug, given.first)
            case "search":
                await _print_found(session, given.words, given.first)
            case "sync":
                await _keep_up(session, Replica(given.file), given.every)


def _transport(url: str, mode: str) -> AsyncTransport:
    if mode == "post":
        return HTTPXAsyncTransport(url)
    return GetTransport(url, by_hash=mode == "trusted")


async def _print_front_page(session: AsyncClientSession, first: int) -> None:
    page = await front_page(session, first)
    if page["articles"] is not None:
        for article in page["articles"]["nodes"]:
            print(_line(article))
            for related in article["related"]:
                print(f"    see {_line(related['article'])}")
    if page["topics"] is not None:
        sections = [f"{topic['name']} {topic['articleCount']}" for topic in page["topics"]["nodes"]]
        print(f"sections: {', '.join(sections)}")


async def _print_section(session: AsyncClientSession, slug: str, first: int) -> None:
    number = 0
    async for articles in section(session, slug, first):
        number += 1
        print(f"page {number}", *map(_line, articles), sep="\n")


async def _print_found(session: AsyncClientSession, words: str, first: int) -> None:
    found = await search(session, words, first)
    print(f"{found['totalCount']} found")
    for edge in found["edges"]:
        print(_line(edge["node"]))
        for highlight in edge["highlights"]:
            for snippet in highlight["snippets"]:
                print(f"    {highlight['field']}: {_marked(snippet['parts'])}")


async def _keep_up(session: AsyncClientSession, replica: Replica, every: float | None) -> None:
    while True:
        try:
            kinds = await replica.catch_up(session)
        except (Refused, TransportError) as error:
            if every is None or not may_pass(error):
                raise
            print(f"not now: {error}", file=sys.stderr, flush=True)
        else:
            told = ", ".join(f"{count} {kind.lower()}" for kind, count in sorted(kinds.items()))
            print(told or "nothing new", flush=True)
        if every is None:
            return
        await asyncio.sleep(every)


def _line(article: dict[str, Any]) -> str:
    date = (article["publishedDateTime"] or "undated")[:10]
    return f"{date}  {article['title']} ({article['provider']['name']})"


def _marked(parts: list[dict[str, Any]]) -> str:
    marked = (f"[{part['text']}]" if part["isMatch"] else part["text"] for part in parts)
    return " ".join("".join(marked).split())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="newsclient", description="Read a newsgraph server.")
    parser.add_argument("--url", default="http://127.0.0.1:8000/graphql")
    parser.add_argument(
        "--mode",
        choices=["post", "get", "trusted"],
        default="post",
        help="how to ask: by POST, by GET, or by GET with the hashes of the manifest",
    )
    parser.add_argument("--first", type=int, default=5, help="how many articles a page has")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("front", help="print the front page")
    by_slug = commands.add_parser("section", help="print a section, page by page")
    by_slug.add_argument("slug")
    by_words = commands.add_parser("search", help="print what a search finds")
    by_words.add_argument("words")
    copy = commands.add_parser("sync", help="keep a copy of the articles up to date")
    copy.add_argument("file", type=Path)
    copy.add_argument("--every", type=float, help="seconds between two looks; else one look")
    commands.add_parser("manifest", help="print the operations by their hashes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
