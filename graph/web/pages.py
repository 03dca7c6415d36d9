"""What is served beside the API."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse

from graph.schema import print_schema


async def explorer(request: Request) -> RedirectResponse:
    """The way to GraphiQL."""
    return RedirectResponse("/graphql")


async def schema_text(request: Request) -> PlainTextResponse:
    """The schema in the schema definition language."""
    return PlainTextResponse(print_schema())
