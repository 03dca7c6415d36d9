"""The audits of graphql-http 1.23.1 by their ids: requests and expected responses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

GRAPHQL: Final = "application/graphql-response+json"
JSON: Final = "application/json"
TYPENAME: Final = "{ __typename }"
UNKNOWN: Final = "{ 8f31403dfe404bccbb0e835f2629c6a7 }"
TYPE: Final = "query Type($name: String!) { __type(name: $name) { name } }"
COERCION: Final = "query CoerceFailure($id: ID!){ __typename }"
ANYTHING: Final = range(600)
CLIENT: Final = range(400, 500)
OK: Final = range(200, 201)
BAD: Final = range(400, 401)


@dataclass(frozen=True)
class Audit:
    """A request, and the statuses and contents that its answer may have.

    `absent` is a key that the answer must not have, `media_type` the one that it must be of.
    """

    id: str
    level: str
    statuses: range
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] | None = None
    absent: str | None = None
    media_type: str | None = None


def post(name: str, level: str, statuses: range, body: Any, accept: str = "", **more: Any) -> Audit:
    """An audit that sends JSON."""
    headers = {"content-type": JSON, **({"accept": accept} if accept else {})}
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    return Audit(name, level, statuses, sent, headers, **more)


def get(
    name: str,
    level: str,
    statuses: range,
    accept: str = "",
    absent: str | None = None,
    **parameters: str,
) -> Audit:
    """An audit that asks by a query string."""
    headers = {"accept": accept} if accept else {}
    return Audit(name, level, statuses, None, headers, parameters, absent)


def invalid(prefix: str, parameter: str, first: Any) -> Iterator[Audit]:
    """Four audits that send something else where a parameter should be."""
    for number, value in enumerate((first, 0, False, ["array"])):
        yield post(f"{prefix}{number}", "MAY", BAD, {"query": TYPENAME, parameter: value})


def null(number: int, parameter: str) -> Iterator[Audit]:
    """Two audits that send null for a parameter."""
    body = {"query": TYPENAME, parameter: None}
    yield post(f"94B{number}", "SHOULD", OK, body, GRAPHQL, absent="errors")
    yield post(f"022{number}", "MUST", OK, body, JSON, absent="errors")


def allowed(newer: str, older: str, body: Any) -> Iterator[Audit]:
    """Two audits of requests that must be accepted, for each of the media types."""
    yield post(newer, "SHOULD", OK, body, GRAPHQL)
    yield post(older, "MUST", OK, body, JSON, absent="errors")


def failing(ids: tuple[str, str, str], query: str) -> Iterator[Audit]:
    """Three audits that send a text which cannot be run."""
    yield post(ids[0], "SHOULD", range(400, 600), {"query": query}, GRAPHQL)
    yield post(ids[1], "SHOULD", BAD, {"query": query}, GRAPHQL)
    yield post(ids[2], "SHOULD", ANYTHING, {"query": query}, GRAPHQL, absent="data")


NAMED: Final = {"operationName": "Query", "query": "query Query { __typename }"}
TYPED: Final = {"query": TYPE, "variables": {"name": "sometype"}}
EXTENDED: Final = {"query": TYPENAME, "extensions": {"some": "value"}}
TRUNCATED: Final = b'{ "not a JSON'
RUNNERS: Final = {"query": '{ __type(name: "Run\N{RUNNER}Swim\N{SWIMMER}") { name } }'}
UTF8: Final = {"content-type": f"{JSON}; charset=utf-8"}
VARIABLES: Final = '{"name":"sometype"}'

AUDITS: Final = (
    post("22EB", "SHOULD", OK, {"query": TYPENAME}, GRAPHQL, media_type=GRAPHQL),
    post("4655", "MUST", OK, {"query": TYPENAME}, JSON, media_type=JSON),
    post("47DE", "SHOULD", OK, {"query": TYPENAME}, "*/*", media_type=JSON),
    post("80D8", "SHOULD", OK, {"query": TYPENAME}, media_type=JSON),
    post("82A3", "MUST", OK, {"query": TYPENAME}),
    Audit("BF61", "MUST", OK, orjson.dumps(RUNNERS), UTF8),
    post("78D5", "MUST", OK, {"query": TYPENAME}),
    post("2C94", "MUST", OK, {"query": TYPENAME}),
    get("5A70", "MAY", OK, query=TYPENAME),
    get("9C48", "MAY", CLIENT, GRAPHQL, query="mutation { __typename }"),
    Audit("9ABE", "SHOULD", CLIENT, orjson.dumps({"query": TYPENAME})),
    post("03D4", "MUST", OK, {"query": TYPENAME}),
    post("A5BF", "MAY", BAD, b""),
    post("423L", "MAY", BAD, {"notquery": TYPENAME}, GRAPHQL),
    *invalid("LKJ", "query", {"obj": "ect"}),
    *allowed("34A2", "13EE", {"query": TYPENAME}),
    *invalid("6C0", "operationName", {"obj": "ect"}),
    *allowed("8161", "B8B3", NAMED),
    *null(0, "variables"),
    *null(1, "operationName"),
    *null(2, "extensions"),
    *invalid("476", "variables", "string"),
    *allowed("2EA1", "28B9", TYPED),
    get("D6D5", "MAY", OK, GRAPHQL, "errors", query=TYPE, variables=VARIABLES),
    get("6A70", "MAY", OK, JSON, "errors", query=TYPE, variables=VARIABLES),
    *invalid("58B", "extensions", "string"),
    *allowed("428F", "1B7A", EXTENDED),
    post("B6DC", "MAY", ANYTHING, TRUNCATED, JSON),
    post("BCF8", "SHOULD", BAD, TRUNCATED, JSON),
    post("B7N8", "SHOULD", BAD, TRUNCATED, GRAPHQL),
    post("8764", "MAY", range(400, 600), {"qeury": TYPENAME}),
    post("3E3A", "MAY", BAD, {"qeury": TYPENAME}),
    post("572B", "SHOULD", OK, {"query": "{"}, JSON),
    post("FDE2", "SHOULD", OK, {"query": UNKNOWN}, JSON),
    post("7B9B", "SHOULD", OK, {"query": COERCION, "variables": {"id": None}}, JSON),
    *failing(("865D", "556A", "D586"), "{"),
    *failing(("51FE", "74FF", "5E5B"), UNKNOWN),
    post("86EE", "SHOULD", BAD, {"query": COERCION, "variables": {"id": None}}, GRAPHQL),
)
