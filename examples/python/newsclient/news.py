"""What can be asked for, and what is done where the server refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from importlib.resources import files
from typing import Any, Final

from gql import GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError

from newsclient.transport import hash_of, text_of

Row = dict[str, Any]

_log = logging.getLogger(__name__)

PASSING: Final = {"DATABASE_UNAVAILABLE", "TIMEOUT"}
"""The codes of errors that may be gone a moment later: all others are the caller's to mend."""

ATTEMPTS: Final = 3
FIRST_PAUSE: Final = 0.25


class Refused(Exception):
    """The server gave an error; `code` says what kind of mistake it was."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def may_pass(error: Exception) -> bool:
    """Whether an error may be gone when the same is asked a little later."""
    if isinstance(error, Refused):
        return error.code in PASSING
    return isinstance(error, TransportConnectionFailed)


def _operation(name: str) -> GraphQLRequest:
    return gql((files(__package__) / "operations" / f"{name}.graphql").read_text())


FRONT_PAGE: Final = _operation("front_page")
SECTION_PAGE: Final = _operation("section_page")
SEARCH: Final = _operation("search")
CHANGES: Final = _operation("changes")


def manifest() -> dict[str, str]:
    """All operations by their hashes, as NEWSGRAPH_TRUSTED_DOCUMENTS takes them."""
    texts = [text_of(request) for request in (FRONT_PAGE, SECTION_PAGE, SEARCH, CHANGES)]
    return {hash_of(text): text for text in texts}


async def front_page(session: AsyncClientSession, first: int) -> Row:
    """The newest articles with their related ones, and the largest topics; None for what failed."""
    return await _ask(session, FRONT_PAGE, {"first": first})


async def search(session: AsyncClientSession, words: str, first: int) -> Row:
    """What a search finds, the best first, and where the words are."""
    data = await _ask(session, SEARCH, {"search": words, "first": first})
    found: Row = data["articles"]
    return found


async def section(session: AsyncClientSession, slug: str, first: int) -> AsyncIterator[list[Row]]:
    """The articles of a section, page by page: each begins at the cursor of the one before."""
    after: str | None = None
    while True:
        page = await _ask(session, SECTION_PAGE, {"slug": slug, "first": first, "after": after})
        if page["topic"] is None:
            raise LookupError(f"there is no section {slug}")
        articles = page["topic"]["articles"]
        yield articles["nodes"]
        if not articles["pageInfo"]["hasNextPage"]:
            return
        after = articles["pageInfo"]["endCursor"]


async def changes(session: AsyncClientSession, since: str | None) -> AsyncIterator[Row]:
    """Pages of what changed since a token, or of everything, until the last."""
    after: str | None = None
    while True:
        page = (await _ask(session, CHANGES, {"since": since, "after": after}))["changes"]
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


async def _ask(
    session: AsyncClientSession, request: GraphQLRequest, variables: Mapping[str, Any]
) -> Row:
    """The data of an answer; tried again where the error may pass."""
    attempt = GraphQLRequest(request.document, variable_values=dict(variables))
    for pause in [FIRST_PAUSE * 2**number for number in range(ATTEMPTS - 1)]:
        try:
            return await _ask_once(session, attempt)
        except Refused as refused:
            if not may_pass(refused):
                raise
        await asyncio.sleep(pause)
    return await _ask_once(session, attempt)


async def _ask_once(session: AsyncClientSession, request: GraphQLRequest) -> Row:
    """The data of a response. If only a part of it failed, that is logged, and None in the data."""
    try:
        data: Row = await session.execute(request)
    except TransportQueryError as error:
        errors = error.errors or [{}]
        partial: Row = error.data or {}
        if any(value is not None for value in partial.values()):
            for each in errors:
                path = ".".join(map(str, each.get("path", [])))
                _log.warning("%s is missing: %s (%s)", path, each.get("message"), _code(each))
            return partial
        raise Refused(errors[0].get("message", str(error)), _code(errors[0])) from error
    return data


def _code(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code", ""))
