"""Parsing of GraphQL documents."""

from __future__ import annotations

from graphql import DocumentNode, parse


def parse_text(text: str) -> DocumentNode:
    """Parse a text. Raises GraphQLSyntaxError, and RecursionError if it is nested too deeply.

    graphql-core links tokens in both directions, so that every document is a reference cycle: only
    the garbage collector would free rejected ones. The links are not needed after parsing and are
    removed.
    """
    document = parse(text)
    token = document.loc and document.loc.start_token
    while token:
        following = token.next
        token.prev = token.next = None
        token = following
    return document
