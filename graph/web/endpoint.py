"""The GraphQL endpoint: Strawberry's ASGI application with our context and our errors."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import Message, Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from graph.config import Settings
from graph.schema import Context, schema
from graph.web.errors import format_error
from graph.web.tokens import scopes_of


class Endpoint(GraphQL[Context, None]):
    """Serves the schema at one path; a browser that asks for HTML gets GraphiQL."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(schema, graphql_ide="graphiql", allow_queries_via_get=True)
        self._tokens = settings.tokens
        self._video_hosts = settings.video_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, _kept_apart(scope, send))

    async def get_context(self, request: Any, response: Any) -> Context:
        connection: HTTPConnection = request
        return Context(
            connection.app.state.database,
            scopes=scopes_of(_authorization(connection), self._tokens),
            video_hosts=self._video_hosts,
        )

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        answer: GraphQLHTTPResponse = {"data": result.data}
        if result.errors:
            answer["errors"] = [format_error(error) for error in result.errors]
        return answer


def _authorization(connection: HTTPConnection) -> str | None:
    """The Authorization header; of several, none: which one counts is not ours to guess."""
    values = connection.headers.getlist("authorization")
    return values[0] if len(values) == 1 else None


def _kept_apart(scope: Scope, send: Send) -> Send:
    """`send`, where caches learn that an answer is for its caller alone, if that one said who."""

    async def send_kept_apart(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Authorization")
            if "authorization" in HTTPConnection(scope).headers:
                headers["Cache-Control"] = "private, no-store"
        await send(message)

    return send_kept_apart
