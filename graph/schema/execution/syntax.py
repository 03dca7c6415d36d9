"""Syntax: texts become documents."""

from __future__ import annotations

from graphql import DocumentNode, parse


def parse_text(text: str) -> DocumentNode:
    """The document of a text. Raises GraphQLSyntaxError, and RecursionError where it is too deep.

    graphql-core's tokens know those beside them, which makes a circle of every text: refused ones
    would fill the heap until the garbage collector comes by, and kept ones keep their punctuation.
    Nobody asks a token for its neighbours any more, so they are forgotten.
    """
    document = parse(text)
    token = document.loc and document.loc.start_token
    while token:
        following = token.next
        token.prev = token.next = None
        token = following
    return document
