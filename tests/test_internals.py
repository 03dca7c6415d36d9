"""The private APIs of dependencies: each test names the one that changed.

CONTRIBUTING.md lists the modules that use them.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, parse
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous import pool as asynchronous
from pymongo.pool_options import PoolOptions
from pymongo.synchronous import pool as synchronous
from starlette.applications import Starlette
from strawberry.types.field import StrawberryField
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from graph.schema import schema
from graph.schema.execution.fields import strawberry_internals

ROOT: Final = Path(__file__).parent.parent
NOWHERE: Final = "mongodb://127.0.0.1:1"


def missing(instance: object, names: str) -> list[str]:
    """Which of these attributes an instance lacks."""
    return [name for name in names.split() if not hasattr(instance, name)]


async def test_uvicorn_has_the_http_protocol_that_ours_inherits() -> None:
    protocol = HttpToolsProtocol(Config(Starlette()), ServerState(), {})
    protocol.on_message_begin()
    state = "connections cycle flow headers loop pipeline server_state tasks transport url"
    callbacks = "on_message_begin on_headers_complete on_message_complete on_response_complete"
    connection = "connection_made connection_lost data_received _unset_keepalive_if_required"
    assert missing(protocol, f"{state} parser {callbacks} {connection}") == []
    assert [*inspect.signature(protocol._start_asgi_task).parameters] == ["cycle", "app"]
    assert STATUS_LINE[200] == b"HTTP/1.1 200 OK\r\n"


async def test_uvicorn_has_the_websocket_protocol_that_ours_inherits() -> None:
    protocol = WebSocketsSansIOProtocol(Config(Starlette()), ServerState(), {})
    state = "app_state close_sent close_timeout conn curr_msg_data_type frames transport writable"
    methods = "shutdown keepalive_timeout run_asgi send_receive_event_to_app"
    assert missing(protocol, f"{state} {methods} handle_parser_exception") == []
    assert missing(HttpToolsProtocol, "handle_websocket_upgrade _should_upgrade") == []


async def test_uvicorn_has_the_cycle_of_a_request_that_ours_answers() -> None:
    make: Any = RequestResponseCycle
    cycle = make(**dict.fromkeys(inspect.signature(make).parameters))
    state = "response_started response_complete disconnected keep_alive message_event"
    assert missing(cycle, f"{state} default_headers transport scope on_response run_asgi") == []


def test_uvicorn_has_the_server_and_the_supervisor_that_ours_inherit() -> None:
    server = Server(Config(Starlette()))
    assert missing(server, "capture_signals shutdown _captured_signals config") == []
    assert missing(Multiprocess, "terminate_all join_all keep_subprocess_alive run") == []
    assert missing(Process, "start ping is_ready kill join exitcode pid") == []
    config = Config(Starlette())
    assert missing(config, "timeout_worker_healthcheck timeout_graceful_shutdown") == []
    assert missing(Process(config, []), "process parent_conn") == []


@pytest.mark.parametrize("kind", [MongoClient, AsyncMongoClient])
def test_pymongo_has_the_topology_in_which_connections_are_counted(kind: Any) -> None:
    client = kind(NOWHERE, connect=False)
    assert missing(client, "_topology") == []
    assert missing(client._topology, "_servers") == []
    for module in (synchronous, asynchronous):
        pool: Any = module.Pool
        assert missing(pool(("127.0.0.1", 1), PoolOptions()), "conns active_sockets") == []


def test_motor_has_the_blocking_client_that_it_covers() -> None:
    client = AsyncIOMotorClient[Any](NOWHERE, connect=False)
    assert isinstance(vars(client)["delegate"], MongoClient)
    assert callable(vars(client["news"])["delegate"].command)


def test_strawberry_has_the_definitions_behind_a_schema() -> None:
    graphql = strawberry_internals.graphql_schema(schema)
    assert graphql.query_type is not None
    field = graphql.query_type.fields["article"]
    definition = strawberry_internals.field_definition(field)
    assert isinstance(definition, StrawberryField)
    parts = "arguments base_resolver extensions metadata permission_classes python_name"
    assert missing(definition, parts) == []
    assert missing(definition.base_resolver, "info_parameter is_async wrapped_func") == []
    typename: Any = graphql.get_field(graphql.query_type, "__typename")
    assert strawberry_internals.field_definition(typename) is None
    assert strawberry_internals.python_type(graphql.query_type).__name__ == "Query"
    assert strawberry_internals.executor_class(schema) is not None


def test_strawberry_creates_its_info_from_that_of_graphql_core() -> None:
    graphql = strawberry_internals.graphql_schema(schema)
    assert graphql.query_type is not None
    raw: Any = object()
    info = strawberry_internals.make_info(graphql.query_type.fields["article"], raw)
    assert strawberry_internals.resolve_info(info) is raw


def test_strawberry_converts_coerced_arguments() -> None:
    graphql = strawberry_internals.graphql_schema(schema)
    assert graphql.query_type is not None
    definition = strawberry_internals.field_definition(graphql.query_type.fields["article"])
    assert definition is not None
    convert = strawberry_internals.argument_converter(schema, definition)
    assert convert({"webUrl": "https://gull.example/a"}) == {"web_url": "https://gull.example/a"}


def test_graphql_core_has_the_collector_of_fields() -> None:
    document = parse("{ a ...F a } fragment F on Query { b c @skip(if: true) x: a }")
    operation, fragment = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert isinstance(fragment, FragmentDefinitionNode)
    graphql = build_schema("type Query { a: Int, b: Int, c: Int }")
    assert graphql.query_type is not None
    selected: Any = [FieldDetails(operation, None)]  # type: ignore[arg-type]  # as the compiler gives it
    nobody: Any = None
    found = collect_subfields(
        graphql,
        {"F": FragmentDetails(fragment)},
        VariableValues({}, {}),
        nobody,
        graphql.query_type,
        selected,
    )
    counts = {key: len(each) for key, each in found.grouped_field_set.items()}
    assert [*counts.items()] == [("a", 2), ("b", 1), ("x", 1)]


def test_each_private_api_is_used_only_in_its_documented_module() -> None:
    patterns = {
        "HttpToolsProtocol": "graph/web/server/protocol.py",
        "RequestResponseCycle": "graph/web/server/exchange.py",
        "uvicorn.protocols.websockets": "graph/web/server/websocket_protocol.py",
        "_captured_signals": "graph/serving.py",
        "uvicorn.supervisors": "graph/worker_supervisor.py",
        "_topology": "graph/store/telemetry/connection_pool.py",
        '"delegate"': "graph/store/driver/calls/motor.py",
        "_raw_info": "graph/schema/execution/fields/strawberry_internals.py",
        "strawberry-definition": "graph/schema/execution/fields/strawberry_internals.py",
        "graphql.execution.collect_fields": "graph/compiler/collect.py",
    }
    files = [path for folder in ("graph", "loaders") for path in (ROOT / folder).rglob("*.py")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in files}
    found = {
        pattern: [name for name, text in texts.items() if pattern in text] for pattern in patterns
    }
    assert found == {pattern: [name] for pattern, name in patterns.items()}
    table = (ROOT / "CONTRIBUTING.md").read_text()
    assert {*patterns.values()} <= {*re.findall(r"`(graph/\S+\.py)` \|", table)}
