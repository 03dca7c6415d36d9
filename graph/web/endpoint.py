"""The GraphQL endpoint: Strawberry's ASGI application with our context and our errors."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from graph.schema import Context, schema
from graph.web.errors import format_error


class Endpoint(GraphQL[Context, None]):
    """Serves the schema at one path; a browser that asks for HTML gets GraphiQL."""

    def __init__(self) -> None:
        super().__init__(schema, graphql_ide="graphiql", allow_queries_via_get=True)

    async def get_context(self, request: Any, response: Any) -> Context:
        connection: Request | WebSocket = request
        return Context(connection.app.state.database)

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        answer: GraphQLHTTPResponse = {"data": result.data}
        if result.errors:
            answer["errors"] = [format_error(error) for error in result.errors]
        return answer
